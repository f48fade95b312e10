package replay

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"

	"legroom/e2ee"
	"legroom/e2ee/mlsread"
)

func vector(b, v []byte) []byte { return mlsread.AppendVector(b, v) }

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
