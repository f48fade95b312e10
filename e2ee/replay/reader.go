package replay

import "encoding/binary"

// reader walks over an MLS structure in the presentation language of RFC 9420 section 2.1. It copies nothing. After the
// first fault everything reads as zero and ok is false for good.
type reader struct {
	rest   []byte
	failed bool
}

func read(b []byte) *reader { return &reader{rest: b} }

// bytes takes n bytes.
func (r *reader) bytes(n int) []byte {
	if r.failed || n < 0 || n > len(r.rest) {
		r.failed, r.rest = true, nil
		return nil
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

func (r *reader) u8() byte {
	if b := r.bytes(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *reader) u16() uint16 {
	if b := r.bytes(2); b != nil {
		return binary.BigEndian.Uint16(b)
	}
	return 0
}

func (r *reader) u32() uint32 {
	if b := r.bytes(4); b != nil {
		return binary.BigEndian.Uint32(b)
	}
	return 0
}

func (r *reader) u64() uint64 {
	if b := r.bytes(8); b != nil {
		return binary.BigEndian.Uint64(b)
	}
	return 0
}

// vector takes a vector with its length before it, which must be in the shortest form. Source: RFC 9420 section 2.1.2.
func (r *reader) vector() []byte {
	first := r.u8()
	size := 1 << (first >> 6)
	if size == 8 {
		r.fail()
		return nil
	}
	n := int(first & 0x3f)
	for _, b := range r.bytes(size - 1) {
		n = n<<8 | int(b)
	}
	if size == 2 && n < 1<<6 || size == 4 && n < 1<<14 {
		r.fail()
		return nil
	}
	return r.bytes(n)
}

// each calls f for the items of a vector until it is empty or broken.
func (r *reader) each(f func(items *reader)) {
	items := read(r.vector())
	for !items.failed && len(items.rest) > 0 {
		f(items)
	}
	if items.failed {
		r.fail()
	}
}

// must fails unless the condition holds.
func (r *reader) must(holds bool) {
	if !holds {
		r.fail()
	}
}

func (r *reader) fail() { r.failed, r.rest = true, nil }

// done tells whether all was read, and well.
func (r *reader) done() bool { return !r.failed && len(r.rest) == 0 }
