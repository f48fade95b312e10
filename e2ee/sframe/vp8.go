package sframe

import "fmt"

// vp8 keeps the first bytes clear and seals the rest in the trailer form: P || C || t || h || len. Forwarders and the
// browser's own depacketizer tell key frames by the first payload byte; the uncompressed part of a key frame ends with
// the size of the picture. Source: RFC 6386 section 9.1.
type vp8 struct{}

// Clear bytes.
const (
	vp8Delta = 1
	vp8Key   = 10
)

// cut parts the clear bytes from the rest, the same before and after sealing since the first byte is clear.
func (vp8) cut(frame []byte) (clear, rest []byte, err error) {
	n := vp8Delta
	if frame[0]&1 == 0 {
		n = vp8Key
	}
	if len(frame) <= n {
		return nil, nil, fmt.Errorf("frame of %d bytes: %w", len(frame), ErrMalformed)
	}
	return frame[:n], frame[n:], nil
}

func (v vp8) seal(s *Sealer, dst, frame []byte) ([]byte, error) {
	clear, rest, err := v.cut(frame)
	if err != nil {
		return dst, err
	}
	return s.trailer(append(dst, clear...), clear, rest)
}

func (v vp8) open(o *Opener, dst, frame []byte) ([]byte, error) {
	clear, rest, err := v.cut(frame)
	if err != nil {
		return dst, err
	}
	var u unit
	if err := u.cutTrailer(rest); err != nil {
		return dst, err
	}
	return o.open(append(dst, clear...), clear, &u)
}

func (v vp8) keyID(frame []byte) (KeyID, error) {
	_, rest, err := v.cut(frame)
	if err != nil {
		return 0, err
	}
	h, _, err := trailerHeader(rest)
	if err != nil {
		return 0, err
	}
	return h.keyID()
}
