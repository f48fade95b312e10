package delivery

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"legroom/e2ee"
)

// Numbers of RFC 9420: section 17.1 (suites), 17.2 (wire formats), 17.4 (proposals), 17.3 (extensions), 6 (senders and
// contents), 7.2 (leaf nodes), 5.3 (credentials).
const (
	mls10             = 1
	suiteX25519AES128 = 1

	wirePublic     = 1
	wirePrivate    = 2
	wireWelcome    = 3
	wireGroupInfo  = 4
	wireKeyPackage = 5

	senderMember       = 1
	contentApplication = 1
	contentCommit      = 3

	itemInline      = 1
	proposalAdd     = 1
	proposalRemove  = 3
	proposalContext = 7

	extensionExternalPub = 4

	credentialBasic  = 1
	sourceKeyPackage = 1
	sourceCommit     = 3
)

// maxAdds bounds the people one commit lets in.
const maxAdds = 200

// Ref names a KeyPackage. Source: RFC 9420 section 5.2.
type Ref [sha256.Size]byte

// keyPackage is what is read of a KeyPackage.
type keyPackage struct {
	ref        Ref
	credential *e2ee.Credential
}

// commit is what is read of a commit in a PublicMessage.
type commit struct {
	group   e2ee.Group
	epoch   uint64
	sender  uint32
	adds    []keyPackage
	removes []uint32
	policy  *e2ee.Policy // nil when it changes no policy
}

// privateMessage is what is read of an application message.
type privateMessage struct {
	group e2ee.Group
	epoch uint64
}

// groupInfo is what is read of a GroupInfo.
type groupInfo struct {
	group  e2ee.Group
	epoch  uint64
	policy *e2ee.Policy
}

// message reads the head of an MLSMessage. Source: RFC 9420 section 6.
func message(b []byte, wire uint16) *reader {
	r := read(b)
	r.Must(r.U16() == mls10)
	r.Must(r.U16() == wire)
	return r
}

func (r *reader) end(what string) error {
	if !r.Done() {
		return fmt.Errorf("delivery: %s: %w", what, ErrMalformed)
	}
	return nil
}

// parseCommit reads a commit of a member whose proposals are all inside it and are of the three kinds that rooms use:
// everything else is refused by all members, so it need not come to them. Source: RFC 9420 sections 6.2 and 12.4.
func parseCommit(b []byte) (*commit, error) {
	r := message(b, wirePublic)
	c := &commit{}
	r.group(&c.group)
	c.epoch = r.U64()
	r.Must(r.U8() == senderMember)
	c.sender = r.U32()
	r.Vector() // authenticated data
	r.Must(r.U8() == contentCommit)
	r.each(func(items *reader) { items.proposal(c) })
	if r.Flag() {
		r.leafNode(sourceCommit)
		r.Vector() // the keys of the path
	}
	r.Vector() // signature
	r.Vector() // confirmation tag
	r.Vector() // membership tag
	if err := r.end("commit"); err != nil {
		return nil, err
	}
	return c, nil
}

func (r *reader) group(g *e2ee.Group) {
	id := r.Vector()
	r.Must(len(id) == len(g))
	copy(g[:], id)
}

func (r *reader) proposal(c *commit) {
	r.Must(r.U8() == itemInline)
	switch r.U16() {
	case proposalAdd:
		k := r.keyPackage()
		r.Must(len(c.adds) < maxAdds)
		c.adds = append(c.adds, k)
	case proposalRemove:
		r.Must(len(c.removes) < maxLeaves)
		c.removes = append(c.removes, r.U32())
	case proposalContext:
		r.Must(c.policy == nil)
		c.policy = r.policy()
	default:
		r.Fail()
	}
}

// policy reads the extensions of a group context, which hold the room's policy and nothing else.
func (r *reader) policy() *e2ee.Policy {
	var p *e2ee.Policy
	r.each(func(items *reader) {
		items.Must(items.U16() == e2ee.PolicyExtension && p == nil)
		var err error
		if p, err = e2ee.DecodePolicy(items.Vector()); err != nil {
			items.Fail()
		}
	})
	r.Must(p != nil)
	return p
}

// keyPackage reads one. Source: RFC 9420 section 10.
func (r *reader) keyPackage() keyPackage {
	all := r.Rest()
	r.Must(r.U16() == mls10)
	r.Must(r.U16() == suiteX25519AES128)
	r.Vector() // init key
	credential := r.leafNode(sourceKeyPackage)
	r.Vector() // extensions
	r.Vector() // signature
	c, err := e2ee.DecodeCredential(credential)
	if r.Failed() || err != nil {
		r.Fail()
		return keyPackage{}
	}
	return keyPackage{ref: refOf(all[:len(all)-len(r.Rest())]), credential: c}
}

// leafNode reads one and gives the identity of its credential. Source: RFC 9420 section 7.2.
func (r *reader) leafNode(source byte) (identity []byte) {
	r.Vector() // encryption key
	r.Vector() // signature key
	r.Must(r.U16() == credentialBasic)
	identity = r.Vector()
	for range 5 {
		r.Vector() // capabilities
	}
	r.Must(r.U8() == source)
	switch source {
	case sourceKeyPackage:
		r.Bytes(16) // lifetime
	case sourceCommit:
		r.Vector() // parent hash
	}
	r.Vector() // extensions
	r.Vector() // signature
	return identity
}

// refOf hashes a KeyPackage under its label. Source: RFC 9420 section 5.2.
func refOf(encoded []byte) Ref {
	const name = "MLS 1.0 KeyPackage Reference"
	b := append([]byte{byte(len(name))}, name...)
	switch n := len(encoded); {
	case n < 1<<6:
		b = append(b, byte(n))
	case n < 1<<14:
		b = binary.BigEndian.AppendUint16(b, uint16(n)|1<<14)
	default:
		b = binary.BigEndian.AppendUint32(b, uint32(n)|2<<30)
	}
	return sha256.Sum256(append(b, encoded...))
}

// parseKeyPackage reads a KeyPackage that came by itself.
func parseKeyPackage(b []byte) (keyPackage, error) {
	r := message(b, wireKeyPackage)
	k := r.keyPackage()
	return k, r.end("key package")
}

// parseWelcome gives the KeyPackages for which a Welcome is. Source: RFC 9420 section 12.4.3.1.
func parseWelcome(b []byte) ([]Ref, error) {
	r := message(b, wireWelcome)
	r.Must(r.U16() == suiteX25519AES128)
	var refs []Ref
	r.each(func(items *reader) {
		ref := items.Vector()
		items.Must(len(ref) == len(Ref{}) && len(refs) < maxAdds)
		items.Vector() // encapsulated key
		items.Vector() // ciphertext
		if !items.Failed() {
			refs = append(refs, Ref(ref))
		}
	})
	r.Vector() // group info
	return refs, r.end("welcome")
}

// parseGroupInfo reads a GroupInfo by which nobody can let himself in. Source: RFC 9420 section 12.4.3.
func parseGroupInfo(b []byte) (*groupInfo, error) {
	r := message(b, wireGroupInfo)
	g := &groupInfo{}
	r.Must(r.U16() == mls10)
	r.Must(r.U16() == suiteX25519AES128)
	r.group(&g.group)
	g.epoch = r.U64()
	r.Vector() // tree hash
	r.Vector() // confirmed transcript hash
	g.policy = r.policy()
	r.each(func(items *reader) {
		items.Must(items.U16() != extensionExternalPub)
		items.Vector()
	})
	r.Vector() // confirmation tag
	r.U32()    // signer
	r.Vector() // signature
	if err := r.end("group info"); err != nil {
		return nil, err
	}
	return g, nil
}

// parsePrivate reads the head of an encrypted application message. Source: RFC 9420 section 6.3.
func parsePrivate(b []byte) (*privateMessage, error) {
	r := message(b, wirePrivate)
	m := &privateMessage{}
	r.group(&m.group)
	m.epoch = r.U64()
	r.Must(r.U8() == contentApplication)
	r.Vector() // authenticated data
	r.Vector() // sender, encrypted
	r.Vector() // ciphertext
	if err := r.end("message"); err != nil {
		return nil, err
	}
	return m, nil
}
