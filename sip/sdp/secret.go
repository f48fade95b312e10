package sdp

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
)

// Secret is what the SDES keys of one session are derived from, so that Answer and Offer stay pure: the same input
// gives the same keys, and a peer that brings a new key gets a new key. Never log it.
type Secret [32]byte

// NewSecret makes one for a session.
func NewSecret() Secret {
	var s Secret
	_, _ = rand.Read(s[:]) // never fails (Go 1.24)
	return s
}

// key derives the master key and salt of a media line. context tells keys of one line apart.
func (s Secret) key(suite Suite, index int, context string) []byte {
	k, err := hkdf.Key(sha256.New, s[:], nil, fmt.Sprintf("sdes %d %s %s", index, suite, context), suite.KeyLen()+suite.SaltLen())
	if err != nil {
		panic("sdp: hkdf: " + err.Error()) // only for a length no suite has
	}
	return k
}
