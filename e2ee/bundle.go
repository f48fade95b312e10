package e2ee

import (
	"crypto/hpke"
	"crypto/sha256"
	"fmt"
	"time"
)

// baseKey is the key of one kind in one epoch, of which SFrame derives its own.
type baseKey [16]byte

// SealedBundle carries the keys of one epoch from a host to one grant.
type SealedBundle struct {
	// N is the number of the grant.
	N uint32 `cbor:"n"`
	// Epoch of the keys, and Transcript, the confirmed transcript hash of the group in it.
	Epoch      uint64 `cbor:"epoch"`
	Transcript Hash   `cbor:"transcript"`
	// Credential of the host that sealed it, encoded, and its Leaf key.
	Credential []byte `cbor:"credential"`
	Leaf       Key    `cbor:"leaf"`
	// Enc and Ciphertext of HPKE.
	Enc        [32]byte `cbor:"enc"`
	Ciphertext []byte   `cbor:"ct"`
	// Signature of the leaf key.
	Signature Signature `cbor:"sig"`
}

// bundle is what is sealed.
type bundle struct {
	Version uint8              `cbor:"v"`
	Epoch   uint64             `cbor:"epoch"`
	K       map[string]baseKey `cbor:"K"`
	G       map[string]baseKey `cbor:"G"`
}

// DecodeBundle reads a sealed bundle without opening it; nothing in it is proven. Errors: ErrEncoding, ErrInvalid.
func DecodeBundle(b []byte) (*SealedBundle, error) {
	s := new(SealedBundle)
	if err := decode("bundle", b, s); err != nil {
		return nil, err
	}
	if s.N == 0 || s.Epoch > maxInteger {
		return nil, &InvalidError{"bundle", "number out of range"}
	}
	return s, nil
}

// info binds the seal to group, epoch, history, grant and request.
func (s *SealedBundle) info(l label, group Group, request Hash) []byte {
	return l.over(group[:], u64(s.Epoch), s.Transcript[:], u32(s.N), request[:])
}

// verify proves that a present host sealed it. Of the credential only identity, leaf key and time are proven by that: a
// name in it may be anybody's. Errors: ErrSignature, ErrExpired, ErrChain.
func (s *SealedBundle) verify(hosts *Hosts, l label, info []byte, now time.Time) error {
	hash := sha256.Sum256(info)
	if !verify(s.Leaf, s.Signature, l, hash[:], s.Enc[:], s.Ciphertext) {
		return fmt.Errorf("e2ee: bundle: %w", ErrSignature)
	}
	c, err := DecodeCredential(s.Credential)
	if err != nil {
		return err
	}
	if err := c.verify(hosts.room, s.Leaf, now); err != nil {
		return err
	}
	if !hosts.Has(c.Identity) {
		return fmt.Errorf("e2ee: sealer of a bundle: %w", ErrChain)
	}
	return nil
}

// decrypt gives what is sealed. Errors: ErrSeal.
func (s *SealedBundle) decrypt(private hpke.PrivateKey, info []byte) ([]byte, error) {
	r, err := hpke.NewRecipient(s.Enc[:], private, hpke.HKDFSHA256(), hpke.AES128GCM(), info)
	if err != nil {
		return nil, ErrSeal
	}
	clear, err := r.Open(nil, s.Ciphertext)
	if err != nil {
		return nil, ErrSeal
	}
	return clear, nil
}

// open decrypts, and holds that there is a key for each kind that was granted and none for another.
func (s *SealedBundle) open(private hpke.PrivateKey, info []byte, scope, speak Scope) (*bundle, error) {
	clear, err := s.decrypt(private, info)
	if err != nil {
		return nil, err
	}
	defer wipe(clear)
	b := new(bundle)
	if err := decode("opened bundle", clear, b); err != nil {
		return nil, err
	}
	if b.Version != version || b.Epoch != s.Epoch {
		return nil, &InvalidError{"opened bundle", "version or epoch"}
	}
	if !exactly(b.K, scope) || !exactly(b.G, speak) {
		return nil, &InvalidError{"opened bundle", "not the keys that were granted"}
	}
	return b, nil
}

// exactly tells whether there is a key for each kind of the scope and no other.
func exactly(keys map[string]baseKey, s Scope) bool {
	list := s.Kinds()
	for _, k := range list {
		if _, ok := keys[k.String()]; !ok {
			return false
		}
	}
	return len(keys) == len(list)
}

// wipe overwrites what is not needed any more. The runtime may have made copies; they go with the next collection.
func wipe(b []byte) { clear(b) }
