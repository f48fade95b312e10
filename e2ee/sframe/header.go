package sframe

import (
	"encoding/binary"
	"fmt"
	"math/bits"
)

// MaxHeader is the length of the longest header, bytes.
const MaxHeader = 17

// Header is what stands in clear with every sealed unit. Source: RFC 9605 section 4.3.
type Header struct {
	// KeyID names the key (KID).
	KeyID uint64
	// Counter names the use of the key (CTR); it never repeats under one key.
	Counter uint64
}

// Bits of the first byte.
const (
	longKeyID   = 0x80 // X: the key id follows, the field K is its length less one
	longCounter = 0x08 // Y: the same of the counter and the field C
	bothLong    = longKeyID | longCounter
	inline      = 7 // largest value of a field
)

// Whoever floods with what is malformed does not have it answered by memory.
var (
	errNoHeader = fmt.Errorf("header of no bytes: %w", ErrMalformed)
	errKeyID    = fmt.Errorf("key id of a header: %w", ErrMalformed)
	errCounter  = fmt.Errorf("counter of a header: %w", ErrMalformed)
	errRange    = fmt.Errorf("key id or counter out of range: %w", ErrMalformed)
)

// Append appends the header in its only allowed form, the shortest.
func (h Header) Append(dst []byte) []byte {
	var first byte
	if h.KeyID <= inline {
		first = byte(h.KeyID) << 4
	} else {
		first = longKeyID | byte(width(h.KeyID)-1)<<4
	}
	if h.Counter <= inline {
		first |= byte(h.Counter)
	} else {
		first |= longCounter | byte(width(h.Counter)-1)
	}
	dst = append(dst, first)
	if h.KeyID > inline {
		dst = appendShortest(dst, h.KeyID)
	}
	if h.Counter > inline {
		dst = appendShortest(dst, h.Counter)
	}
	return dst
}

// ParseHeader reads the header at the start of b and gives its length in bytes. A header that could be shorter is
// refused, so that one frame has one form. Errors: ErrMalformed.
func ParseHeader(b []byte) (Header, int, error) {
	if len(b) >= MaxHeader && b[0]&bothLong == bothLong {
		// What nearly all frames have. With a frame behind the header each number is one load.
		id, counter := uint(b[0]>>4&inline), uint(b[0]&inline)
		next := 2 + id
		h := Header{binary.BigEndian.Uint64(b[1:9]) >> ((56 - 8*id) & 63), binary.BigEndian.Uint64(b[next:next+8]) >> ((56 - 8*counter) & 63)}
		if shortest(h.KeyID, id) && shortest(h.Counter, counter) {
			return h, int(next+counter) + 1, nil
		}
	}
	return parseSlowly(b)
}

// shortest tells whether a number that was read from last + 1 bytes needs them.
func shortest(v uint64, last uint) bool { return v > inline && v>>(8*last&63) != 0 }

func parseSlowly(b []byte) (Header, int, error) {
	if len(b) == 0 {
		return Header{}, 0, errNoHeader
	}
	first, rest := b[0], b[1:]
	id, rest, ok := cutField(first&longKeyID != 0, first>>4&inline, rest)
	if !ok {
		return Header{}, 0, errKeyID
	}
	counter, rest, ok := cutField(first&longCounter != 0, first&inline, rest)
	if !ok {
		return Header{}, 0, errCounter
	}
	return Header{KeyID: id, Counter: counter}, len(b) - len(rest), nil
}

// cutField takes one number: the field itself or, if it is long, the field + 1 bytes that follow.
func cutField(long bool, field byte, b []byte) (v uint64, rest []byte, ok bool) {
	if !long {
		return uint64(field), b, true
	}
	n := int(field) + 1
	if len(b) < n {
		return 0, nil, false
	}
	for _, x := range b[:n] {
		v = v<<8 | uint64(x)
	}
	return v, b[n:], shortest(v, uint(field))
}

// width is the number of bytes that v needs.
func width(v uint64) int { return max(1, (bits.Len64(v)+7)/8) }

func appendShortest(dst []byte, v uint64) []byte {
	for i := width(v) - 1; i >= 0; i-- {
		dst = append(dst, byte(v>>(8*i)))
	}
	return dst
}
