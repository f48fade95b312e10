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
	membershipTag   []byte
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
	all, c := r.Rest(), &commit{}
	r.group(&c.group)
	c.epoch = r.U64()
	r.Must(r.U8() == senderMember)
	c.sender = r.U32()
	c.attached = r.Vector()
	r.Must(r.U8() == contentCommit)
	r.each(func(items *reader) { items.proposal(c) })
	if r.Flag() {
		c.path = r.path()
	}
	c.content = all[:len(all)-len(r.Rest())]
	c.signature = r.Vector()
	c.confirmationTag = r.Vector()
	c.membershipTag = r.Vector()
	if !r.Done() {
		return nil, fmt.Errorf("replay: commit: %w", ErrMalformed)
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
		r.Must(len(c.adds) < maxLeaves)
		c.adds = append(c.adds, r.keyPackage())
	case proposalRemove:
		r.Must(len(c.removes) < maxLeaves)
		c.removes = append(c.removes, r.U32())
	case proposalContext:
		r.Must(len(c.contexts) == 0)
		c.contexts = append(c.contexts, r.Vector())
	default:
		r.Fail()
	}
}

func (r *reader) path() *path {
	p := &path{leaf: r.leaf(sourceCommit)}
	r.each(func(items *reader) {
		items.Must(len(p.keys) < maxPathNodes)
		var k e2ee.Key
		items.key(&k)
		items.each(func(secrets *reader) {
			secrets.Vector() // encapsulated key
			secrets.Vector() // ciphertext
		})
		p.keys = append(p.keys, k)
	})
	return p
}

// roomData reads the extensions of a group context, which hold the room's policy and nothing else.
func roomData(extensions []byte) (data []byte, ok bool) {
	r := read(extensions)
	r.Must(r.U16() == e2ee.PolicyExtension)
	data = r.Vector()
	return data, r.Done()
}
