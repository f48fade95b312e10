package sframe

import (
	"bytes"
	"fmt"
)

// startCode separates NAL units. Source: ITU-T H.264 annex B.1.
var startCode = []byte{0, 0, 1}

// skipToNAL goes behind the first start code; before it only zeros may be. Errors: ErrMalformed.
func skipToNAL(frame []byte) ([]byte, error) {
	at := bytes.Index(frame, startCode)
	if at < 0 || trailingZeros(frame[:at]) != at {
		return nil, fmt.Errorf("frame without a start code: %w", ErrMalformed)
	}
	return frame[at+len(startCode):], nil
}

// cutNAL takes the NAL unit at the start of b, without the zeros before the next start code; rest is nil behind the last
// one. Errors: ErrMalformed for a unit of no bytes.
func cutNAL(b []byte) (nal, rest []byte, err error) {
	nal = b
	if at := bytes.Index(b, startCode); at >= 0 {
		nal, rest = b[:at], b[at+len(startCode):]
	}
	if nal = nal[:len(nal)-trailingZeros(nal)]; len(nal) == 0 {
		return nil, nil, fmt.Errorf("NAL unit of no bytes: %w", ErrMalformed)
	}
	return nal, rest, nil
}

func trailingZeros(b []byte) int {
	n := 0
	for n < len(b) && b[len(b)-1-n] == 0 {
		n++
	}
	return n
}

// escape appends b with a 3 before every byte of 0 to 3 that follows two zeros, so that no start code can arise; zeros is
// the run that dst ends in. Source: ITU-T H.264 section 7.4.1, emulation_prevention_three_byte.
func escape(dst []byte, zeros int, b []byte) []byte {
	for len(b) > 0 {
		if zeros >= 2 {
			if b[0] <= 3 {
				dst = append(dst, 3)
			}
			zeros = 0
		}
		dst, b, zeros = copyToZero(dst, b, zeros)
	}
	return dst
}

// unescape appends b as it was before escape. It is strict: what escape cannot have made is refused.
func unescape(dst []byte, zeros int, b []byte) (out []byte, ok bool) {
	for len(b) > 0 {
		if zeros >= 2 {
			switch {
			case b[0] < 3:
				return dst, false
			case b[0] == 3:
				if b = b[1:]; len(b) == 0 || b[0] > 3 {
					return dst, false
				}
			}
			zeros = 0
		}
		dst, b, zeros = copyToZero(dst, b, zeros)
	}
	return dst, true
}

// copyToZero copies up to the first zero and with it, and counts the run of zeros on.
func copyToZero(dst, b []byte, zeros int) (out, rest []byte, run int) {
	at := bytes.IndexByte(b, 0)
	if at < 0 {
		return append(dst, b...), nil, 0
	}
	if at > 0 {
		zeros = 0
	}
	return append(dst, b[:at+1]...), b[at+1:], zeros + 1
}
