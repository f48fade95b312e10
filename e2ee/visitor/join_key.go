package visitor

import (
	"crypto/ecdh"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"time"

	"legroom/e2ee"
	"legroom/e2ee/mlsread"
	"legroom/e2ee/replay"
)

// Numbers of RFC 9420: sections 5.3 (credentials), 6 (versions, wire formats), 7.2 (leaf nodes), 17.1 (suites).
const (
	mls10           = 1
	suite1          = 1
	wireWelcome     = 3
	wireKeyPackage  = 5
	credentialBasic = 1
	ofKeyPackage    = 1
)

// How long a KeyPackage may be added and a credential holds, and how far clocks may be apart: as the browsers have it.
const (
	keyPackageLife = time.Hour
	credentialLife = 24 * time.Hour
	clockSkew      = 10 * time.Minute
)

// Claim is what a visitor says of itself.
type Claim struct {
	// Room to join, and Name that its people see: 1 to 160 bytes.
	Room, Name string
	// Link by which it comes; nil without one.
	Link *Link
}

// JoinKey is one KeyPackage, which waits for one Welcome, and the key that opens it. The keys that could sign or follow
// paths are let go as soon as the KeyPackage is made: a visitor only listens. One goroutine at a time may use it.
type JoinKey struct {
	init     *ecdh.PrivateKey // nil once it was used
	leaf     e2ee.Key
	ref      [sha256.Size]byte
	packaged []byte
}

// NewJoinKey makes a guest with an identity of its own, for this once. Errors: e2ee.ErrInvalid where the name is too long.
func NewJoinKey(c Claim, now time.Time) (*JoinKey, error) {
	_, identity, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("visitor: make a key: %w", err)
	}
	public, leaf, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("visitor: make a key: %w", err)
	}
	credential, err := c.credential(identity, e2ee.Key(public), now)
	if err != nil {
		return nil, err
	}
	tree, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("visitor: make a key: %w", err)
	}
	init, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("visitor: make a key: %w", err)
	}
	body := keyPackage(init.PublicKey(), leafNode(tree.PublicKey(), leaf, credential, now), leaf)
	return newJoinKey(init, e2ee.Key(public), body), nil
}

func newJoinKey(init *ecdh.PrivateKey, leaf e2ee.Key, keyPackage []byte) *JoinKey {
	// Source: RFC 9420 section 5.2.
	ref := mlsread.AppendVector(mlsread.AppendVector(nil, []byte("MLS 1.0 KeyPackage Reference")), keyPackage)
	return &JoinKey{init: init, leaf: leaf, ref: sha256.Sum256(ref), packaged: append(u16(u16(nil, mls10), wireKeyPackage), keyPackage...)}
}

func (c Claim) credential(identity ed25519.PrivateKey, leaf e2ee.Key, now time.Time) ([]byte, error) {
	out := &e2ee.Credential{
		Version: 1, Kind: e2ee.Guest, Name: c.Name, Identity: e2ee.Key(identity.Public().(ed25519.PublicKey)),
		NotAfter: e2ee.SecondsOf(now.Add(credentialLife)),
	}
	out.Certify(identity, c.Room, leaf)
	if c.Link != nil {
		proof := e2ee.LinkProof(c.Link.Secret, c.Room, leaf)
		out.Link = &proof
	}
	return out.Encode()
}

// leafNode of a KeyPackage. Source: RFC 9420 section 7.2.
func leafNode(hpke *ecdh.PublicKey, leaf ed25519.PrivateKey, credential []byte, now time.Time) []byte {
	b := mlsread.AppendVector(nil, hpke.Bytes())
	b = mlsread.AppendVector(b, leaf.Public().(ed25519.PublicKey))
	b = mlsread.AppendVector(u16(b, credentialBasic), credential)
	b = append(append(b, replay.Capabilities()...), ofKeyPackage)
	b = binary.BigEndian.AppendUint64(b, uint64(e2ee.SecondsOf(now.Add(-clockSkew))))
	b = binary.BigEndian.AppendUint64(b, uint64(e2ee.SecondsOf(now.Add(keyPackageLife))))
	b = mlsread.AppendVector(b, nil) // extensions
	return mlsread.AppendVector(b, signWithLabel(leaf, "LeafNodeTBS", b))
}

// keyPackage around a leaf node. Source: RFC 9420 section 10.
func keyPackage(init *ecdh.PublicKey, node []byte, leaf ed25519.PrivateKey) []byte {
	b := mlsread.AppendVector(u16(u16(nil, mls10), suite1), init.Bytes())
	b = mlsread.AppendVector(append(b, node...), nil) // extensions
	return mlsread.AppendVector(b, signWithLabel(leaf, "KeyPackageTBS", b))
}

// signWithLabel is SignWithLabel. Source: RFC 9420 section 5.1.2.
func signWithLabel(key ed25519.PrivateKey, label string, content []byte) []byte {
	return ed25519.Sign(key, mlsread.AppendVector(mlsread.AppendVector(nil, []byte("MLS 1.0 "+label)), content))
}

func u16(b []byte, v uint16) []byte { return binary.BigEndian.AppendUint16(b, v) }

// KeyPackage as it is sent, an MLSMessage. Owner: the caller must not change it.
func (k *JoinKey) KeyPackage() []byte { return k.packaged }

// take gives the init key once.
func (k *JoinKey) take() *ecdh.PrivateKey {
	key := k.init
	k.init = nil
	return key
}
