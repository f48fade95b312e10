package sframe

import (
	"encoding/binary"
	"fmt"
)

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

// cutPrefix reads header, then body. A unit is filled in place: it is long, and copying it is much of what opening a
// short frame costs beside the cipher.
func (u *unit) cutPrefix(b []byte) error {
	h, n, err := ParseHeader(b)
	if err != nil {
		return err
	}
	u.header, u.body = b[:n], b[n:]
	return u.name(h)
}

// cutTrailer reads body, then header and its marked length.
func (u *unit) cutTrailer(b []byte) error {
	h, n, err := trailerHeader(b)
	if err != nil {
		return err
	}
	at := len(b) - 1 - n
	u.header, u.body = b[at:len(b)-1], b[:at]
	return u.name(h)
}

// longTrailer reads what nearly all trailers have: both numbers behind the first byte. With a frame before the header each
// is one load. It is not ok for anything else.
func longTrailer(b []byte, n int) (h Header, ok bool) {
	const most = MaxHeader + 1
	if len(b) < most+8 || n >= most {
		return h, false
	}
	first := b[len(b)-1-n]
	id, counter := uint(first>>4&inline), uint(first&inline)
	if first&bothLong != bothLong || uint(n) != 3+id+counter {
		return h, false
	}
	b = b[:len(b)-1]
	h.Counter = binary.BigEndian.Uint64(b[len(b)-8:]) << ((56 - 8*counter) & 63) >> ((56 - 8*counter) & 63)
	b = b[:len(b)-int(counter)-1]
	h.KeyID = binary.BigEndian.Uint64(b[len(b)-8:]) << ((56 - 8*id) & 63) >> ((56 - 8*id) & 63)
	return h, shortest(h.KeyID, id) && shortest(h.Counter, counter)
}

// name sets what the header says.
func (u *unit) name(h Header) (err error) {
	u.id, err = h.keyID()
	u.counter = h.Counter
	return err
}

// trailerHeader reads the header of the trailer form, which has n bytes and ends one byte before b does.
func trailerHeader(b []byte) (h Header, n int, err error) {
	if len(b) == 0 {
		return h, 0, fmt.Errorf("trailer of no bytes: %w", ErrMalformed)
	}
	last := b[len(b)-1]
	n = int(last &^ trailerMark)
	if last&trailerMark == 0 || n == 0 || n >= len(b) {
		return h, 0, fmt.Errorf("trailer: %w", ErrMalformed)
	}
	if h, ok := longTrailer(b, n); ok {
		return h, n, nil
	}
	h, used, err := ParseHeader(b[len(b)-1-n : len(b)-1])
	if err != nil {
		return h, 0, err
	}
	if used != n {
		return h, 0, fmt.Errorf("header of %d bytes in %d: %w", used, n, ErrMalformed)
	}
	return h, n, nil
}

// keyID is the key id of a header as we use them. Errors: ErrMalformed for a key id or counter out of its range.
func (h Header) keyID() (KeyID, error) {
	if h.KeyID >= 1<<keyIDBits || h.Counter >= counters {
		return 0, errRange
	}
	return KeyID(h.KeyID), nil
}
