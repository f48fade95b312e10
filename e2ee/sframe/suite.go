package sframe

import (
	"crypto/sha256"
	"crypto/sha512"
	"hash"
)

// Suite is a cipher suite by its registered number. Source: RFC 9605 section 8.1.
type Suite uint16

// The registered suites. Browsers of a room use AES128GCM; the others are there to be RFC 9605 whole.
const (
	AES128CTRHMAC80 Suite = 1 + iota // AES_128_CTR_HMAC_SHA256_80
	AES128CTRHMAC64                  // AES_128_CTR_HMAC_SHA256_64
	AES128CTRHMAC32                  // AES_128_CTR_HMAC_SHA256_32
	AES128GCM                        // AES_128_GCM_SHA256_128
	AES256GCM                        // AES_256_GCM_SHA512_128
)

// nonceSize is Nn of all suites, bytes.
const nonceSize = 12

// Overhead is how much longer a ciphertext is than its plaintext, bytes: the authentication tag. 0 for an unknown suite.
func (s Suite) Overhead() int { return s.shape().tag }

// shape of a suite. Source: RFC 9605 section 4.5, table 1 (Nk, Nt, Nka) and the hash of its key derivation.
type shape struct {
	key, tag int
	aes      int // of key, what belongs to AES-CTR; 0 = AES-GCM, which takes all
	hash     func() hash.Hash
}

// shape is zero for an unknown suite.
func (s Suite) shape() shape {
	switch s {
	case AES128CTRHMAC80:
		return shape{key: 48, tag: 10, aes: 16, hash: sha256.New}
	case AES128CTRHMAC64:
		return shape{key: 48, tag: 8, aes: 16, hash: sha256.New}
	case AES128CTRHMAC32:
		return shape{key: 48, tag: 4, aes: 16, hash: sha256.New}
	case AES128GCM:
		return shape{key: 16, tag: 16, hash: sha256.New}
	case AES256GCM:
		return shape{key: 32, tag: 16, hash: sha512.New}
	default:
		return shape{}
	}
}
