package sframe

// whole seals all of a frame in the prefix form: h || C || t.
type whole struct{}

func (whole) seal(s *Sealer, dst, frame []byte) ([]byte, error) {
	return s.prefix(dst, nil, frame)
}

func (whole) open(o *Opener, dst, frame []byte) ([]byte, error) {
	var u unit
	if err := u.cutPrefix(frame); err != nil {
		return dst, err
	}
	return o.open(dst, nil, &u)
}

func (whole) keyID(frame []byte) (KeyID, error) {
	h, _, err := ParseHeader(frame)
	if err != nil {
		return 0, err
	}
	return h.keyID()
}
