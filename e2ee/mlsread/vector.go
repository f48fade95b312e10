package mlsread

import "encoding/binary"

// AppendVector writes a length in its shortest form, and the bytes v, of which there are fewer than 2^30.
// Source: RFC 9420 section 2.1.2.
func AppendVector(b, v []byte) []byte {
	switch n := len(v); {
	case n < 1<<6:
		b = append(b, byte(n))
	case n < 1<<14:
		b = binary.BigEndian.AppendUint16(b, uint16(n)|1<<14)
	default:
		b = binary.BigEndian.AppendUint32(b, uint32(n)|2<<30)
	}
	return append(b, v...)
}
