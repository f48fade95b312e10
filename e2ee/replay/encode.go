package replay

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"

	"legroom/e2ee"
)

// vector writes a length in its shortest form, and the bytes. Source: RFC 9420 section 2.1.2.
func vector(b, v []byte) []byte {
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

func u16(b []byte, v uint16) []byte { return binary.BigEndian.AppendUint16(b, v) }

func u32(b []byte, v uint32) []byte { return binary.BigEndian.AppendUint32(b, v) }

// verifyWithLabel proves a signature of MLS's own. Source: RFC 9420 section 5.1.2.
func verifyWithLabel(key e2ee.Key, label string, content, sig []byte) bool {
	text := vector(vector(nil, []byte("MLS 1.0 "+label)), content)
	return len(sig) == ed25519.SignatureSize && ed25519.Verify(key[:], text, sig)
}

func digest(b []byte) []byte {
	sum := sha256.Sum256(b)
	return sum[:]
}
