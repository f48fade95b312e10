package sframe

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"encoding/binary"
	"fmt"
)

// Key seals and opens under one base key and one key id. It keeps the cipher and its buffers, so that a frame allocates
// nothing; for that reason one goroutine at a time may use it. Source: RFC 9605 section 4.4.
type Key struct {
	id    uint64
	aead  cipher.AEAD
	salt  [nonceSize]byte
	nonce [nonceSize]byte
	aad   []byte // header and metadata, kept between frames
}

// NewKey derives the key and the salt of a key id from a base key, which is not kept. Errors: ErrConfig for a suite that
// is not registered and for an empty base key.
func NewKey(suite Suite, baseKey []byte, keyID uint64) (*Key, error) {
	shape := suite.shape()
	if shape.hash == nil {
		return nil, fmt.Errorf("cipher suite %d: %w", suite, ErrConfig)
	}
	if len(baseKey) == 0 {
		return nil, fmt.Errorf("base key of no bytes: %w", ErrConfig)
	}
	secret, err := hkdf.Extract(shape.hash, baseKey, nil)
	if err != nil {
		return nil, fmt.Errorf("deriving a key: %w", err)
	}
	key, err := hkdf.Expand(shape.hash, secret, label("key", suite, keyID), shape.key)
	if err != nil {
		return nil, fmt.Errorf("deriving a key: %w", err)
	}
	salt, err := hkdf.Expand(shape.hash, secret, label("salt", suite, keyID), nonceSize)
	if err != nil {
		return nil, fmt.Errorf("deriving a salt: %w", err)
	}
	aead, err := newAEAD(shape, key)
	if err != nil {
		return nil, fmt.Errorf("cipher suite %d: %w", suite, err)
	}
	return &Key{id: keyID, aead: aead, salt: [nonceSize]byte(salt)}, nil
}

// label of a derivation. Source: RFC 9605 section 4.4.2.
func label(what string, suite Suite, keyID uint64) string {
	b := []byte("SFrame 1.0 Secret " + what + " ")
	b = binary.BigEndian.AppendUint64(b, keyID)
	return string(binary.BigEndian.AppendUint16(b, uint16(suite)))
}

func newAEAD(shape shape, key []byte) (cipher.AEAD, error) {
	if shape.aes != 0 {
		return newCTRHMAC(shape, key)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// ID is the key id that the key was derived for.
func (k *Key) ID() uint64 { return k.id }

// Overhead is how many bytes the ciphertext is longer than its plaintext, header not counted.
func (k *Key) Overhead() int { return k.aead.Overhead() }

// Seal appends header, ciphertext and authentication tag. The caller never uses a counter twice.
// Owner: all buffers are lent; dst may have no part in common with plaintext or metadata.
// Source: RFC 9605 section 4.4.3.
func (k *Key) Seal(dst []byte, counter uint64, plaintext, metadata []byte) []byte {
	at := len(dst)
	dst = Header{KeyID: k.id, Counter: counter}.Append(dst)
	k.aad = append(append(k.aad[:0], dst[at:]...), metadata...)
	return k.seal(dst, counter, plaintext, k.aad)
}

// Open appends the plaintext of a frame that Seal made. On an error dst comes back as it was.
// Owner: as of Seal. Errors: ErrMalformed, ErrKeyID, ErrAuth. Source: RFC 9605 section 4.4.4.
func (k *Key) Open(dst, frame, metadata []byte) ([]byte, error) {
	h, n, err := ParseHeader(frame)
	if err != nil {
		return dst, err
	}
	if h.KeyID != k.id {
		return dst, fmt.Errorf("key id %#x, not %#x: %w", h.KeyID, k.id, ErrKeyID)
	}
	if len(frame) < n+k.Overhead() {
		return dst, fmt.Errorf("frame of %d bytes: %w", len(frame), ErrMalformed)
	}
	k.aad = append(append(k.aad[:0], frame[:n]...), metadata...)
	return k.open(dst, h.Counter, frame[n:], k.aad)
}

// seal appends ciphertext and tag; aad is the header and the metadata.
func (k *Key) seal(dst []byte, counter uint64, plaintext, aad []byte) []byte {
	k.count(counter)
	return k.aead.Seal(dst, k.nonce[:], plaintext, aad)
}

func (k *Key) open(dst []byte, counter uint64, ciphertext, aad []byte) ([]byte, error) {
	k.count(counter)
	out, err := k.aead.Open(dst, k.nonce[:], ciphertext, aad)
	if err != nil {
		return dst, ErrAuth
	}
	return out, nil
}

// count sets the nonce of a counter: the salt with the counter in its last bytes.
func (k *Key) count(counter uint64) {
	tail := binary.BigEndian.Uint64(k.salt[nonceSize-8:]) ^ counter
	copy(k.nonce[:], k.salt[:nonceSize-8])
	binary.BigEndian.PutUint64(k.nonce[nonceSize-8:], tail)
}
