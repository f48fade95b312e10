package sframe

import "fmt"

// A trailer ends in a byte that holds this bit and the length of the header before it. The bit keeps the last byte of a
// NAL unit from being zero, which would be taken for padding.
const trailerMark = 0x80

// unit is one sealed piece of a frame before it is opened. Its parts lie in the frame.
type unit struct {
	id      KeyID
	counter uint64
	header  []byte
	body    []byte // ciphertext, authentication tag and sender tag
}

// cutPrefix reads header, then body.
func cutPrefix(b []byte) (unit, error) {
	h, n, err := ParseHeader(b)
	if err != nil {
		return unit{}, err
	}
	return newUnit(h, b[:n], b[n:])
}

// cutTrailer reads body, then header and its marked length.
func cutTrailer(b []byte) (unit, error) {
	if len(b) == 0 {
		return unit{}, fmt.Errorf("trailer of no bytes: %w", ErrMalformed)
	}
	last := b[len(b)-1]
	n := int(last &^ trailerMark)
	if last&trailerMark == 0 || n == 0 || n >= len(b) {
		return unit{}, fmt.Errorf("trailer: %w", ErrMalformed)
	}
	body, header := b[:len(b)-1-n], b[len(b)-1-n:len(b)-1]
	h, used, err := ParseHeader(header)
	if err != nil {
		return unit{}, err
	}
	if used != n {
		return unit{}, fmt.Errorf("header of %d bytes in %d: %w", used, n, ErrMalformed)
	}
	return newUnit(h, header, body)
}

func newUnit(h Header, header, body []byte) (unit, error) {
	if h.KeyID >= 1<<keyIDBits || h.Counter >= counters {
		return unit{}, fmt.Errorf("key id or counter out of range: %w", ErrMalformed)
	}
	return unit{id: KeyID(h.KeyID), counter: h.Counter, header: header, body: body}, nil
}
