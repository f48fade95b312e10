package sframe

// whole seals all of a frame in the prefix form: h || C || t.
type whole struct{}

func (whole) seal(s *Sealer, dst, frame []byte) ([]byte, error) {
	return s.prefix(dst, nil, frame)
}

func (whole) open(o *Opener, dst, frame []byte) ([]byte, error) {
	u, err := cutPrefix(frame)
	if err != nil {
		return dst, err
	}
	return o.open(dst, nil, u)
}

func (whole) keyID(frame []byte) (KeyID, error) {
	u, err := cutPrefix(frame)
	return u.id, err
}
