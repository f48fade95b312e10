package e2ee

import (
	"crypto/ed25519"
	"fmt"
	"time"
)

// CredentialKind tells how lasting an identity is.
type CredentialKind string

// Kinds of credentials. The zero value is refused.
const (
	Guest   CredentialKind = "guest"
	Account CredentialKind = "account"
	Device  CredentialKind = "device"
)

// maxCredentialLife is how long a credential may be valid, and clockSkew how wrong the clock of its maker may be.
const (
	maxCredentialLife = 24 * time.Hour
	clockSkew         = 10 * time.Minute
)

// Credential is the content of a leaf's basic credential (RFC 9420 section 5.3). It proves that two leaves are of the
// same browser profile and nothing about names.
type Credential struct {
	// Version is 1.
	Version uint8 `cbor:"v"`
	// Kind of identity.
	Kind CredentialKind `cbor:"kind"`
	// Name and Subject as the browser claims them.
	Name    string `cbor:"name"`
	Subject string `cbor:"subject"`
	// Identity key.
	Identity Key `cbor:"identity"`
	// NotAfter is at most a day ahead.
	NotAfter Seconds `cbor:"notAfter"`
	// Certificate is the identity's signature on the leaf key.
	Certificate Signature `cbor:"cert"`
	// Link shows that the holder has the room's link, to those who have it.
	Link *[16]byte `cbor:"link,omitempty"`
}

// DecodeCredential reads a credential. The certificate is not looked at. Errors: ErrEncoding, ErrInvalid.
func DecodeCredential(b []byte) (*Credential, error) {
	c := new(Credential)
	if err := decode("credential", b, c); err != nil {
		return nil, err
	}
	switch {
	case c.Version != version:
		return nil, &InvalidError{"credential", "version"}
	case c.Kind != Guest && c.Kind != Account && c.Kind != Device:
		return nil, &InvalidError{"credential", "kind"}
	case len(c.Name) == 0 || len(c.Name) > maxName || len(c.Subject) > maxSubject:
		return nil, &InvalidError{"credential", "length of a name"}
	case c.NotAfter > maxInteger:
		return nil, &InvalidError{"credential", "time out of range"}
	}
	return c, nil
}

// Encode gives the identity of a basic credential.
func (c *Credential) Encode() ([]byte, error) { return encode("credential", c) }

// Certify signs the leaf key as the identity.
func (c *Credential) Certify(identity ed25519.PrivateKey, room string, leaf Key) {
	c.Certificate = sign(identity, labelLeaf, counted(room), leaf[:], u64(uint64(c.NotAfter)))
}

// verify proves that the leaf key is of the identity, in this room, at this time. Errors: ErrExpired, ErrSignature.
func (c *Credential) verify(room string, leaf Key, now time.Time) error {
	end := c.NotAfter.Time()
	if now.After(end.Add(clockSkew)) || end.After(now.Add(maxCredentialLife+clockSkew)) {
		return fmt.Errorf("e2ee: credential: %w", ErrExpired)
	}
	if !verify(c.Identity, c.Certificate, labelLeaf, counted(room), leaf[:], u64(uint64(c.NotAfter))) {
		return fmt.Errorf("e2ee: credential: %w", ErrSignature)
	}
	return nil
}
