// Package mlsread walks over MLS structures, and writes their vectors. What they mean is known to those who read them.
package mlsread

import "encoding/binary"

// Reader walks over a structure in the presentation language of MLS. It copies nothing: what it gives lies in the bytes
// that it was made of. After the first fault everything reads as zero, and Done is false for good.
// Source: RFC 9420 section 2.1.
type Reader struct {
	rest   []byte
	failed bool
}

// New reads b from its beginning. Owner: b is lent, and what is read of it lies in it.
func New(b []byte) *Reader { return &Reader{rest: b} }

// Rest is what was not read yet.
func (r *Reader) Rest() []byte { return r.rest }

// Failed tells whether there was a fault.
func (r *Reader) Failed() bool { return r.failed }

// Done tells whether all was read, and well.
func (r *Reader) Done() bool { return !r.failed && len(r.rest) == 0 }

// Fail makes it a fault.
func (r *Reader) Fail() { r.failed, r.rest = true, nil }

// Must fails unless the condition holds.
func (r *Reader) Must(holds bool) {
	if !holds {
		r.Fail()
	}
}

// Bytes takes n bytes.
func (r *Reader) Bytes(n int) []byte {
	if r.failed || n < 0 || n > len(r.rest) {
		r.Fail()
		return nil
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

// U8 takes a uint8.
func (r *Reader) U8() byte {
	if b := r.Bytes(1); b != nil {
		return b[0]
	}
	return 0
}

// U16 takes a uint16.
func (r *Reader) U16() uint16 {
	if b := r.Bytes(2); b != nil {
		return binary.BigEndian.Uint16(b)
	}
	return 0
}

// U32 takes a uint32.
func (r *Reader) U32() uint32 {
	if b := r.Bytes(4); b != nil {
		return binary.BigEndian.Uint32(b)
	}
	return 0
}

// U64 takes a uint64.
func (r *Reader) U64() uint64 {
	if b := r.Bytes(8); b != nil {
		return binary.BigEndian.Uint64(b)
	}
	return 0
}

// Flag takes the byte that tells whether an optional value follows. Source: RFC 9420 section 2.1.1.
func (r *Reader) Flag() bool {
	b := r.U8()
	r.Must(b <= 1)
	return b == 1
}

// Vector takes a vector with its length before it, which must be in the shortest form. Source: RFC 9420 section 2.1.2.
func (r *Reader) Vector() []byte {
	first := r.U8()
	size := 1 << (first >> 6)
	if size == 8 {
		r.Fail()
		return nil
	}
	n := int(first & 0x3f)
	for _, b := range r.Bytes(size - 1) {
		n = n<<8 | int(b)
	}
	if size == 2 && n < 1<<6 || size == 4 && n < 1<<14 {
		r.Fail()
		return nil
	}
	return r.Bytes(n)
}

// Each calls f for the items of a vector until it is empty or broken.
func (r *Reader) Each(f func(items *Reader)) {
	items := New(r.Vector())
	for !items.failed && len(items.rest) > 0 {
		f(items)
	}
	if items.failed {
		r.Fail()
	}
}
