package sframe

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/subtle"
	"encoding/binary"
	"hash"
	"slices"
)

// ctrHMAC is AES-CTR with a truncated HMAC over lengths, nonce, associated data and ciphertext, as a cipher.AEAD.
// Source: RFC 9605 section 4.5.1.
type ctrHMAC struct {
	block cipher.Block
	mac   hash.Hash
	tag   int
}

var _ cipher.AEAD = (*ctrHMAC)(nil)

func newCTRHMAC(shape shape, key []byte) (*ctrHMAC, error) {
	block, err := aes.NewCipher(key[:shape.aes])
	if err != nil {
		return nil, err
	}
	return &ctrHMAC{block: block, mac: hmac.New(shape.hash, key[shape.aes:]), tag: shape.tag}, nil
}

// NonceSize in bytes.
func (c *ctrHMAC) NonceSize() int { return nonceSize }

// Overhead in bytes.
func (c *ctrHMAC) Overhead() int { return c.tag }

// Seal appends ciphertext and tag, as cipher.AEAD says.
func (c *ctrHMAC) Seal(dst, nonce, plaintext, aad []byte) []byte {
	at := len(dst)
	dst = slices.Grow(dst, len(plaintext)+c.mac.Size())[:at+len(plaintext)]
	c.stream(nonce).XORKeyStream(dst[at:], plaintext)
	return c.appendTag(dst, nonce, aad, dst[at:])
}

// Open appends the plaintext, as cipher.AEAD says. Errors: ErrAuth.
func (c *ctrHMAC) Open(dst, nonce, ciphertext, aad []byte) ([]byte, error) {
	if len(ciphertext) < c.tag {
		return nil, ErrAuth
	}
	body, tag := ciphertext[:len(ciphertext)-c.tag], ciphertext[len(ciphertext)-c.tag:]
	if subtle.ConstantTimeCompare(tag, c.appendTag(nil, nonce, aad, body)) != 1 {
		return nil, ErrAuth
	}
	at := len(dst)
	dst = slices.Grow(dst, len(body))[:at+len(body)]
	c.stream(nonce).XORKeyStream(dst[at:], body)
	return dst, nil
}

// stream begins with the nonce and a block counter of zero.
func (c *ctrHMAC) stream(nonce []byte) cipher.Stream {
	var first [aes.BlockSize]byte
	copy(first[:], nonce)
	return cipher.NewCTR(c.block, first[:])
}

func (c *ctrHMAC) appendTag(dst, nonce, aad, body []byte) []byte {
	var lengths [24]byte
	binary.BigEndian.PutUint64(lengths[0:], uint64(len(aad)))
	binary.BigEndian.PutUint64(lengths[8:], uint64(len(body)))
	binary.BigEndian.PutUint64(lengths[16:], uint64(c.tag))
	c.mac.Reset()
	for _, part := range [][]byte{lengths[:], nonce, aad, body} {
		c.mac.Write(part)
	}
	return c.mac.Sum(dst)[:len(dst)+c.tag]
}
