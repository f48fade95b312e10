package replay

import (
	"bytes"
	"slices"

	"legroom/e2ee"
)

// Numbers of RFC 9420: sections 5.3 (credentials) and 7.2 (leaf nodes).
const (
	credentialBasic  = 1
	sourceKeyPackage = 1
	sourceCommit     = 3
)

// Capabilities is what every leaf of a room says it can do: MLS 1.0, suite 1, the room's extension, no proposal of its
// own, basic credentials. Owner: the caller. Source: RFC 9420 section 7.2.
func Capabilities() []byte { return []byte{2, 0, 1, 2, 0, 1, 2, 0xf0, 0xa1, 0, 2, 0, 1} }

// Leaf is one member as the tree holds it. A Leaf does not change.
type Leaf struct {
	// Credential of the member, and Key, with which it signs.
	Credential *e2ee.Credential
	Key        e2ee.Key

	hpke         e2ee.Key
	identity     []byte // the credential as it is encoded
	capabilities []byte
	source       byte
	parentHash   []byte
	extensions   []byte
	signature    []byte
	encoded      []byte // all of it
	signed       []byte // without the signature
}

// leaf reads a leaf node that came in one of these ways. Source: RFC 9420 section 7.2.
func (r *reader) leaf(sources ...byte) *Leaf {
	all, l := r.Rest(), &Leaf{}
	r.key(&l.hpke)
	r.key(&l.Key)
	r.Must(r.U16() == credentialBasic)
	l.identity = r.Vector()
	before := r.Rest()
	for range 5 {
		r.Vector()
	}
	l.capabilities = before[:len(before)-len(r.Rest())]
	l.source = r.U8()
	r.Must(slices.Contains(sources, l.source))
	switch l.source {
	case sourceKeyPackage:
		r.Bytes(16) // lifetime
	case sourceCommit:
		l.parentHash = r.Vector()
	}
	l.extensions = r.Vector()
	l.signed = all[:len(all)-len(r.Rest())]
	l.signature = r.Vector()
	l.encoded = all[:len(all)-len(r.Rest())]
	c, err := e2ee.DecodeCredential(l.identity)
	if err != nil {
		r.Fail()
	}
	l.Credential = c
	return l
}

func (r *reader) key(k *e2ee.Key) {
	b := r.Vector()
	r.Must(len(b) == len(k))
	copy(k[:], b)
}

// proven tells whether the leaf signed itself; group and index count where it came by a commit. Source: RFC 9420 section 7.2.
func (l *Leaf) proven(group e2ee.Group, index uint32) bool {
	text := bytes.Clone(l.signed)
	if l.source == sourceCommit {
		text = u32(vector(text, group[:]), index)
	}
	return verifyWithLabel(l.Key, "LeafNodeTBS", text, l.signature)
}

// fits holds what a leaf says by itself to rule R6.
func (l *Leaf) fits(room string) error {
	switch {
	case !bytes.Equal(l.capabilities, Capabilities()):
		return breaks(6, "other capabilities")
	case len(l.extensions) > 0:
		return breaks(6, "a leaf with extensions")
	case l.Credential.Certified(room, l.Key) != nil:
		return breaks(6, "an identity that did not let this key in")
	}
	return nil
}
