package sdp

import (
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/hex"
	"strings"
)

// Fingerprint of a certificate (RFC 8122). The zero value is none.
type Fingerprint struct {
	// Hash is the function in lower case: "sha-256".
	Hash string
	// Value is hex in upper case with colons.
	Value string
}

// FingerprintOf makes the SHA-256 fingerprint of a certificate in DER.
func FingerprintOf(der []byte) Fingerprint {
	sum := sha256.Sum256(der)
	return Fingerprint{Hash: "sha-256", Value: colons(sum[:])}
}

// Matches tells whether a certificate in DER has this fingerprint. Unknown hash functions, SHA-1 among them, never match.
func (f Fingerprint) Matches(der []byte) bool {
	var sum []byte
	switch f.Hash {
	case "sha-256":
		s := sha256.Sum256(der)
		sum = s[:]
	case "sha-384":
		s := sha512.Sum384(der)
		sum = s[:]
	case "sha-512":
		s := sha512.Sum512(der)
		sum = s[:]
	default:
		return false
	}
	return subtle.ConstantTimeCompare([]byte(colons(sum)), []byte(f.Value)) == 1
}

// String is the attribute's value.
func (f Fingerprint) String() string { return f.Hash + " " + f.Value }

func colons(b []byte) string {
	h := strings.ToUpper(hex.EncodeToString(b))
	var out strings.Builder
	for i := 0; i < len(h); i += 2 {
		if i > 0 {
			out.WriteByte(':')
		}
		out.WriteString(h[i : i+2])
	}
	return out.String()
}
