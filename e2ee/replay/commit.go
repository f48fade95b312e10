package replay

import (
	"fmt"

	"legroom/e2ee"
)

// Numbers of RFC 9420: sections 6 (senders and contents), 12.4 (proposals in commits), 17.4 (proposals).
const (
	senderMember    = 1
	contentCommit   = 3
	itemInline      = 1
	proposalAdd     = 1
	proposalRemove  = 3
	proposalContext = 7
)

// Limits of what is read, so that memory stays bounded.
const (
	maxCommit    = 64 << 10
	maxLeaves    = 256
	maxPathNodes = 8 // the depth of a tree of maxLeaves
)

// commit is a commit in a PublicMessage. Source: RFC 9420 sections 6.2 and 12.4.
type commit struct {
	group           e2ee.Group
	epoch           uint64
	sender          uint32
	attached        []byte // authenticated data
	adds            []*keyPackage
	removes         []uint32
	contexts        [][]byte // extensions of each GroupContextExtensions
	path            *path
	content         []byte // FramedContent
	signature       []byte
	confirmationTag []byte
}

// path is an UpdatePath without its secrets. Source: RFC 9420 section 7.6.
type path struct {
	leaf *Leaf
	keys []e2ee.Key
}

// parseCommit reads a commit of the only form that rooms know. Whatever else it may be breaks rule R1 or is malformed:
// no member looks at the difference. Errors: ErrMalformed.
func parseCommit(b []byte) (*commit, error) {
	if len(b) > maxCommit {
		return nil, fmt.Errorf("replay: commit of %d bytes: %w", len(b), ErrMalformed)
	}
	r := message(b, wirePublic)
	all, c := r.rest, &commit{}
	r.group(&c.group)
	c.epoch = r.u64()
	r.must(r.u8() == senderMember)
	c.sender = r.u32()
	c.attached = r.vector()
	r.must(r.u8() == contentCommit)
	r.each(func(items *reader) { items.proposal(c) })
	if r.flag() {
		c.path = r.path()
	}
	c.content = all[:len(all)-len(r.rest)]
	c.signature = r.vector()
	c.confirmationTag = r.vector()
	r.vector() // membership tag
	if !r.done() {
		return nil, fmt.Errorf("replay: commit: %w", ErrMalformed)
	}
	return c, nil
}

func (r *reader) group(g *e2ee.Group) {
	id := r.vector()
	r.must(len(id) == len(g))
	copy(g[:], id)
}

func (r *reader) flag() bool {
	b := r.u8()
	r.must(b <= 1)
	return b == 1
}

func (r *reader) proposal(c *commit) {
	r.must(r.u8() == itemInline)
	switch r.u16() {
	case proposalAdd:
		r.must(len(c.adds) < maxLeaves)
		c.adds = append(c.adds, r.keyPackage())
	case proposalRemove:
		r.must(len(c.removes) < maxLeaves)
		c.removes = append(c.removes, r.u32())
	case proposalContext:
		r.must(len(c.contexts) == 0)
		c.contexts = append(c.contexts, r.vector())
	default:
		r.fail()
	}
}

func (r *reader) path() *path {
	p := &path{leaf: r.leaf(sourceCommit)}
	r.each(func(items *reader) {
		items.must(len(p.keys) < maxPathNodes)
		var k e2ee.Key
		items.key(&k)
		items.each(func(secrets *reader) {
			secrets.vector() // encapsulated key
			secrets.vector() // ciphertext
		})
		p.keys = append(p.keys, k)
	})
	return p
}

// roomData reads the extensions of a group context, which hold the room's policy and nothing else.
func roomData(extensions []byte) (data []byte, ok bool) {
	r := read(extensions)
	r.must(r.u16() == e2ee.PolicyExtension)
	data = r.vector()
	return data, r.done()
}
