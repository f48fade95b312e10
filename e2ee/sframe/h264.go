package sframe

import (
	"bytes"
	"fmt"
)

// h264 seals each slice in the trailer form, with the NAL header and the slice header up to pic_parameter_set_id in
// clear, and escapes the result. Parameter sets stay clear: packetizers, forwarders and the depacketizer of browsers
// read them. Frames are byte streams (ITU-T H.264 annex B), and come out with start codes of four bytes throughout.
type h264 struct{}

// Types of NAL units. Source: ITU-T H.264 table 7-1.
const (
	nalSlice  = 1
	nalIDR    = 5
	nalSEI    = 6
	nalSPS    = 7
	nalPPS    = 8
	nalAUD    = 9
	nalFiller = 12

	nalType      = 0x1f
	nalForbidden = 0x80
)

// fate of a NAL unit.
type fate uint8

const (
	refuse fate = iota // the frame is dropped
	leave              // the unit is left out
	pass               // the unit is clear
	closed             // the unit is sealed
)

func nalFate(nal []byte) fate {
	if nal[0]&nalForbidden != 0 {
		return refuse
	}
	switch nal[0] & nalType {
	case nalSlice, nalIDR:
		return closed
	case nalSPS, nalPPS:
		return pass
	case nalSEI, nalAUD, nalFiller:
		return leave
	default:
		return refuse
	}
}

func (h h264) seal(s *Sealer, dst, frame []byte) ([]byte, error) {
	return h.walk(dst, frame, func(dst, nal []byte) ([]byte, error) { return h.sealSlice(s, dst, nal) })
}

func (h h264) open(o *Opener, dst, frame []byte) ([]byte, error) {
	return h.walk(dst, frame, func(dst, nal []byte) ([]byte, error) { return h.openSlice(o, dst, nal) })
}

// walk copies a frame with its slices changed by f. A frame without a slice says nothing of who sent it.
func (h264) walk(dst, frame []byte, f func(dst, nal []byte) ([]byte, error)) ([]byte, error) {
	slices := 0
	rest, err := skipToNAL(frame)
	for err == nil && rest != nil {
		var nal []byte
		if nal, rest, err = cutNAL(rest); err != nil {
			break
		}
		switch nalFate(nal) {
		case closed:
			slices++
			dst, err = f(append(dst, 0, 0, 0, 1), nal)
		case pass:
			dst = append(append(dst, 0, 0, 0, 1), nal...)
		case leave:
		case refuse:
			err = fmt.Errorf("NAL unit %#02x: %w", nal[0], ErrUnit)
		}
	}
	if err == nil && slices == 0 {
		err = ErrEmpty
	}
	return dst, err
}

func (h264) sealSlice(s *Sealer, dst, nal []byte) ([]byte, error) {
	clear, rest, zeros, err := cutSlice(nal)
	if err != nil {
		return dst, err
	}
	s.unit, err = s.trailer(s.unit[:0], clear, rest)
	if err != nil {
		return dst, err
	}
	return escape(append(dst, clear...), zeros, s.unit), nil
}

func (h264) openSlice(o *Opener, dst, nal []byte) ([]byte, error) {
	clear, rest, zeros, err := cutSlice(nal)
	if err != nil {
		return dst, err
	}
	var ok bool
	if o.unit, ok = unescape(o.unit[:0], zeros, rest); !ok {
		return dst, fmt.Errorf("escaping of a slice: %w", ErrMalformed)
	}
	var u unit
	if err := u.cutTrailer(o.unit); err != nil {
		return dst, err
	}
	at := len(dst)
	if dst, err = o.open(append(dst, clear...), clear, &u); err != nil {
		return dst, err
	}
	// A member's altered program must not get units past the rule inside a slice.
	if bytes.Contains(dst[at:], startCode) {
		return dst, fmt.Errorf("start code inside a slice: %w", ErrUnit)
	}
	return dst, nil
}

// keyID reads the trailer of the first slice; only the end of the slice is looked at.
func (h264) keyID(frame []byte) (KeyID, error) {
	rest, err := skipToNAL(frame)
	for err == nil && rest != nil {
		var nal []byte
		if nal, rest, err = cutNAL(rest); err != nil {
			break
		}
		switch nalFate(nal) {
		case closed:
			return sliceKeyID(nal)
		case refuse:
			return 0, fmt.Errorf("NAL unit %#02x: %w", nal[0], ErrUnit)
		case leave, pass:
		}
	}
	if err == nil {
		err = ErrEmpty
	}
	return 0, err
}

// sliceTail is what a trailer takes at most: a first byte, 24 bits of key id, 32 of counter and the length, escaped no
// more than every second byte, and some bytes before it.
const sliceTail = 2 * (1 + keyIDBits/8 + 4 + 1)

// sliceKeyID unescapes no more than the trailer needs. Where the cut falls into a run of zeros its first bytes may come
// out wrong, but no run is longer than two, and the trailer begins further on.
func sliceKeyID(nal []byte) (KeyID, error) {
	_, rest, zeros, err := cutSlice(nal)
	if err != nil {
		return 0, err
	}
	if from := len(rest) - sliceTail; from > 0 {
		rest, zeros = rest[from:], 0
	}
	tail, ok := unescape(make([]byte, 0, sliceTail), zeros, rest)
	if !ok {
		return 0, fmt.Errorf("escaping of a slice: %w", ErrMalformed)
	}
	h, _, err := trailerHeader(tail)
	if err != nil {
		return 0, err
	}
	return h.keyID()
}
