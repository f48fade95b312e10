package e2eetest

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"

	"legroom/e2ee"
)

// Browser is one page load in a meeting, as it shows itself to a delivery service. What only members check (tags, the
// signature of a commit, what is encrypted) is made of zeros.
type Browser struct {
	// Identity key, and the Leaf of this page load.
	Identity ed25519.PrivateKey
	Leaf     Leaf

	node []byte
}

// NewBrowser makes a page load of an identity, whose leaf key is Seeded(leaf).
func (m *Meeting) NewBrowser(identity ed25519.PrivateKey, leaf byte) *Browser {
	b := &Browser{Identity: identity, Leaf: m.NewLeaf(identity, Seeded(leaf))}
	// A leaf node. Source: RFC 9420 section 7.2.
	key := Public(b.Leaf.Key)
	n := vector(nil, Count(32, leaf))
	n = vector(n, key[:])
	n = vector(append(n, 0, 1), b.Leaf.Credential)
	n = append(n, 2, 0, 1, 2, 0, 1, 2, 0xf0, 0xa1, 0, 2, 0, 1) // capabilities
	n = append(n, 1)                                           // of a KeyPackage
	n = append(n, u64(uint64(m.Now.Unix()-600))...)
	n = append(n, u64(uint64(m.Now.Unix()+3600))...)
	n = vector(n, nil)
	b.node = vector(n, withLabel(b.Leaf.Key, "LeafNodeTBS", n))
	return b
}

// KeyPackage of the page load, an MLSMessage. Source: RFC 9420 section 10.
func (b *Browser) KeyPackage() []byte { return append([]byte{0, 1, 0, 5}, b.keyPackage()...) }

func (b *Browser) keyPackage() []byte {
	p := vector([]byte{0, 1, 0, 1}, Count(32, 0x77))
	p = vector(append(p, b.node...), nil)
	return vector(p, withLabel(b.Leaf.Key, "KeyPackageTBS", p))
}

// Ref of the KeyPackage. Source: RFC 9420 section 5.2.
func (b *Browser) Ref() [32]byte {
	return sha256.Sum256(vector(vector(nil, []byte("MLS 1.0 KeyPackage Reference")), b.keyPackage()))
}

// GroupInfo of the first epoch of a group that the browser founded, an MLSMessage. Source: RFC 9420 section 12.4.3.
func (m *Meeting) GroupInfo(founder *Browser) []byte {
	group := m.Group()
	tree := sha256.Sum256(append(append([]byte{1}, 0, 0, 0, 0, 1), founder.node...))
	g := vector([]byte{0, 1, 0, 1}, group[:])
	g = vector(append(g, u64(0)...), tree[:])
	g = vector(vector(g, nil), m.extensions(m.Policy))
	g = vector(vector(g, nil), make([]byte, 32))
	g = append(g, u32(0)...)
	return append([]byte{0, 1, 0, 4}, vector(g, withLabel(founder.Leaf.Key, "GroupInfoTBS", g))...)
}

// Commit is what a commit does, and who makes it.
type Commit struct {
	// Epoch that it ends, and Sender, the leaf of who makes it.
	Epoch  uint64
	Sender uint32
	// Add and Remove members, or put a Policy in force.
	Add    []*Browser
	Remove []uint32
	Policy *e2ee.Policy
}

// Commit gives the PublicMessage of a commit, an MLSMessage. Source: RFC 9420 sections 6.2 and 12.4.
func (m *Meeting) Commit(c Commit) []byte {
	var list []byte
	for _, b := range c.Add {
		list = append(append(list, 1, 0, 1), b.keyPackage()...)
	}
	for _, leaf := range c.Remove {
		list = append(append(list, 1, 0, 3), u32(leaf)...)
	}
	if c.Policy != nil {
		list = vector(append(list, 1, 0, 7), m.extensions(c.Policy))
	}
	group := m.Group()
	b := vector([]byte{0, 1, 0, 1}, group[:])
	b = append(append(append(b, u64(c.Epoch)...), 1), u32(c.Sender)...)
	b = append(vector(b, nil), 3)
	b = append(vector(b, list), 0)
	for _, size := range []int{64, 32, 32} {
		b = vector(b, make([]byte, size))
	}
	return b
}

// Proposal is the PublicMessage, an MLSMessage, by which a browser that is no member asks to be added, signed as it has to be.
// A library that keeps what it is given puts it into the next commit of a member. Source: RFC 9420 sections 6.1 and 12.1.8.2.
func (m *Meeting) Proposal(epoch uint64, b *Browser) []byte {
	group := m.Group()
	p := vector([]byte{0, 1, 0, 1}, group[:])
	p = append(append(p, u64(epoch)...), 3) // from who would be new
	p = append(vector(p, nil), 2, 0, 1)
	p = append(p, b.keyPackage()...)
	return vector(p, withLabel(b.Leaf.Key, "FramedContentTBS", p))
}

// Welcome for those who are added, an MLSMessage. Source: RFC 9420 section 12.4.3.1.
func Welcome(added ...*Browser) []byte {
	var list []byte
	for _, b := range added {
		ref := b.Ref()
		list = vector(vector(vector(list, ref[:]), make([]byte, 32)), make([]byte, 48))
	}
	return vector(vector([]byte{0, 1, 0, 3, 0, 1}, list), make([]byte, 64))
}

// Message is an encrypted application message of an epoch, an MLSMessage. Source: RFC 9420 section 6.3.
func (m *Meeting) Message(epoch uint64) []byte {
	group := m.Group()
	b := vector([]byte{0, 1, 0, 2}, group[:])
	b = vector(append(append(b, u64(epoch)...), 1), nil)
	return vector(vector(b, make([]byte, 12)), make([]byte, 40))
}

func (m *Meeting) extensions(p *e2ee.Policy) []byte {
	b, err := p.Encode()
	if err != nil {
		panic(err) // a test's own input
	}
	return vector([]byte{e2ee.PolicyExtension >> 8, e2ee.PolicyExtension & 0xff}, b)
}

// withLabel signs as MLS does. Source: RFC 9420 section 5.1.2.
func withLabel(key ed25519.PrivateKey, label string, content []byte) []byte {
	return ed25519.Sign(key, vector(vector(nil, []byte("MLS 1.0 "+label)), content))
}

// vector writes a length in its shortest form, and the bytes. Source: RFC 9420 section 2.1.2.
func vector(b, v []byte) []byte {
	switch n := len(v); {
	case n < 1<<6:
		b = append(b, byte(n))
	case n < 1<<14:
		b = binary.BigEndian.AppendUint16(b, uint16(n)|1<<14)
	default:
		b = binary.BigEndian.AppendUint32(b, uint32(n)|2<<30)
	}
	return append(b, v...)
}
