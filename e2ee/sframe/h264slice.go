package sframe

import "fmt"

// Limits of the values read. Source: ITU-T H.264 sections 7.4.3 and 7.4.2.2, and 9.1 for the length of a code.
const (
	maxSliceType = 9
	maxPPS       = 255
	maxCodeZeros = 31
)

// cutSlice parts the clear bytes of a slice, NAL header and slice header up to pic_parameter_set_id, from the rest; zeros
// is the run of zeros that the clear bytes end in. Both are as in the stream, escapes included. Errors: ErrMalformed.
func cutSlice(nal []byte) (clear, rest []byte, zeros int, err error) {
	r := sliceReader{b: nal, at: 1}
	_, ok := r.code()
	kind, ok2 := r.code()
	pps, ok3 := r.code()
	if !ok || !ok2 || !ok3 || kind > maxSliceType || pps > maxPPS || r.at == len(nal) {
		return nil, nil, 0, fmt.Errorf("slice header: %w", ErrMalformed)
	}
	return nal[:r.at], nal[r.at:], r.zeros, nil
}

// sliceReader reads bits of a NAL unit, over the escapes.
type sliceReader struct {
	b     []byte
	at    int  // next byte
	left  int  // bits of cur not read
	cur   byte // b[at-1]
	zeros int  // run of zeros before at
}

func (r *sliceReader) bit() (bit uint32, ok bool) {
	if r.left == 0 {
		if r.zeros >= 2 && r.at < len(r.b) && r.b[r.at] == 3 {
			r.at++
			r.zeros = 0
		}
		if r.at >= len(r.b) {
			return 0, false
		}
		r.cur, r.left = r.b[r.at], 8
		r.at++
		r.zeros++
		if r.cur != 0 {
			r.zeros = 0
		}
	}
	r.left--
	return uint32(r.cur>>r.left) & 1, true
}

// code reads an Exp-Golomb code, ue(v). Source: ITU-T H.264 section 9.1.
func (r *sliceReader) code() (v uint32, ok bool) {
	zeros := 0
	for {
		b, ok := r.bit()
		if !ok || zeros > maxCodeZeros {
			return 0, false
		}
		if b == 1 {
			break
		}
		zeros++
	}
	if zeros > maxCodeZeros {
		return 0, false
	}
	v = 1
	for range zeros {
		b, ok := r.bit()
		if !ok {
			return 0, false
		}
		v = v<<1 | b
	}
	return v - 1, true
}
