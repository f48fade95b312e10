package visitor

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hpke"
	"fmt"

	"legroom/e2ee/mlsread"
)

// maxWelcome bounds a Welcome, bytes, and maxNewcomers whom it may be for.
const (
	maxWelcome   = 256 << 10
	maxNewcomers = 256
)

// Sizes of AES-128-GCM.
const (
	gcmKey   = 16
	gcmNonce = 12
)

// welcome is a Welcome. Source: RFC 9420 section 12.4.3.1.
type welcome struct {
	enc, ciphertext []byte // of the secrets that are for us
	groupInfo       []byte // encrypted
}

// parseWelcome finds in a Welcome what is for a KeyPackage. Errors: ErrMalformed, ErrForeign.
func parseWelcome(b, ref []byte) (*welcome, error) {
	if len(b) > maxWelcome {
		return nil, fmt.Errorf("%w: %d bytes", ErrMalformed, len(b))
	}
	r, w, n := mlsread.New(b), &welcome{}, 0
	r.Must(r.U16() == mls10)
	r.Must(r.U16() == wireWelcome)
	r.Must(r.U16() == suite1)
	r.Each(func(items *mlsread.Reader) {
		items.Must(n < maxNewcomers)
		n++
		to, enc, ciphertext := items.Vector(), items.Vector(), items.Vector()
		if bytes.Equal(to, ref) && w.enc == nil {
			w.enc, w.ciphertext = enc, ciphertext
		}
	})
	w.groupInfo = r.Vector()
	switch {
	case !r.Done():
		return nil, ErrMalformed
	case w.enc == nil:
		return nil, ErrForeign
	}
	return w, nil
}

// joiner opens the secrets and gives the joiner secret. Errors: ErrSeal.
func (w *welcome) joiner(init *ecdh.PrivateKey) (secret, error) {
	key, err := hpke.NewDHKEMPrivateKey(init)
	if err != nil {
		return secret{}, fmt.Errorf("%w: %w", ErrSeal, err)
	}
	// EncryptWithLabel binds the secrets to the group info. Source: RFC 9420 section 5.1.3.
	info := mlsread.AppendVector(mlsread.AppendVector(nil, []byte("MLS 1.0 Welcome")), w.groupInfo)
	recipient, err := hpke.NewRecipient(w.enc, key, hpke.HKDFSHA256(), hpke.AES128GCM(), info)
	if err != nil {
		return secret{}, fmt.Errorf("%w: %w", ErrSeal, err)
	}
	clear, err := recipient.Open(nil, w.ciphertext)
	if err != nil {
		return secret{}, fmt.Errorf("%w: %w", ErrSeal, err)
	}
	return parseSecrets(clear)
}

// parseSecrets reads GroupSecrets. The secret of a path in it is for whoever keeps a tree.
func parseSecrets(b []byte) (joiner secret, err error) {
	r := mlsread.New(b)
	joined := r.Vector()
	r.Must(len(joined) == secretSize)
	if r.Flag() {
		r.Vector()
	}
	r.Must(len(r.Vector()) == 0) // pre-shared keys, which rooms do not know
	if !r.Done() {
		return secret{}, fmt.Errorf("%w: secrets", ErrSeal)
	}
	return secret(joined), nil
}

// info opens the group info. Source: RFC 9420 section 12.4.3.1. Errors: ErrSeal.
func (w *welcome) info(member secret) ([]byte, error) {
	root := deriveSecret(member, "welcome")
	block, err := aes.NewCipher(expand(root, "key", nil, gcmKey))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSeal, err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSeal, err)
	}
	clear, err := aead.Open(nil, expand(root, "nonce", nil, gcmNonce), w.groupInfo, nil)
	if err != nil {
		return nil, fmt.Errorf("%w: group info", ErrSeal)
	}
	return clear, nil
}
