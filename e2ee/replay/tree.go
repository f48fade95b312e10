package replay

import (
	"bytes"
	"math/bits"
	"slices"

	"legroom/e2ee"
)

// Kinds of nodes in tree hashes. Source: RFC 9420 section 7.8.
const (
	nodeLeaf   = 1
	nodeParent = 2
)

// parentNode is an inner node. Source: RFC 9420 section 7.1.
type parentNode struct {
	hpke       e2ee.Key
	parentHash []byte
	unmerged   []uint32
}

// node of the tree; both are nil in a blank one.
type node struct {
	leaf   *Leaf
	parent *parentNode
}

func (n node) blank() bool { return n.leaf == nil && n.parent == nil }

// tree is a ratchet tree without secrets, as an array (RFC 9420 appendix C) of 2n-1 nodes, n a power of two. Its methods
// change the array and never what its nodes point to, so that a clone is a snapshot.
type tree []node

func level(x int) int  { return bits.TrailingZeros(^uint(x)) }
func left(x int) int   { return x ^ 1<<(level(x)-1) }
func right(x int) int  { return x ^ 3<<(level(x)-1) }
func parent(x int) int { k := level(x); return (x | 1<<k) &^ (1 << (k + 1)) }
func (t tree) root() int {
	return len(t) / 2
}

// sibling of x below p, its parent.
func sibling(x, p int) int {
	if x < p {
		return right(p)
	}
	return left(p)
}

// direct path of a leaf, from below.
func (t tree) direct(leaf uint32) []int {
	var all []int
	for x := int(leaf) * 2; x != t.root(); {
		x = parent(x)
		all = append(all, x)
	}
	return all
}

// at gives a leaf, nil for a blank or none.
func (t tree) at(leaf uint32) *Leaf {
	if int64(leaf)*2 >= int64(len(t)) {
		return nil
	}
	return t[leaf*2].leaf
}

// add puts a leaf on the leftmost blank place, or extends the tree. Source: RFC 9420 section 12.1.1.
func (t tree) add(l *Leaf) tree {
	at := -1
	for x := 0; x < len(t) && at < 0; x += 2 {
		if t[x].blank() {
			at = x
		}
	}
	if at < 0 {
		at = len(t) + 1
		t = append(t, make(tree, len(t)+1)...)
	}
	index := uint32(at / 2)
	for _, p := range t.direct(index) {
		if old := t[p].parent; old != nil {
			fresh := *old
			fresh.unmerged = append(slices.Clone(old.unmerged), index)
			t[p] = node{parent: &fresh}
		}
	}
	t[at] = node{leaf: l}
	return t
}

// remove blanks a leaf and what is above it, and cuts off an empty right half. Source: RFC 9420 section 12.1.3.
func (t tree) remove(leaf uint32) tree {
	for _, p := range t.direct(leaf) {
		t[p] = node{}
	}
	t[leaf*2] = node{}
	for len(t) > 1 && t.empty(len(t)/2, len(t)) {
		t = t[:len(t)/2]
	}
	return t
}

func (t tree) empty(from, to int) bool {
	return !slices.ContainsFunc(t[from:to], func(n node) bool { return !n.blank() })
}

// below tells whether anything is in the subtree of x.
func (t tree) below(x int) bool {
	half := 1<<level(x) - 1
	return !t.empty(x-half, x+half+1)
}

// merge puts a path in its place; false when it does not fit. Source: RFC 9420 sections 7.5, 7.9.
func (t tree) merge(leaf uint32, p *path) bool {
	type step struct{ node, sibling int }
	var steps []step
	for x := int(leaf) * 2; x != t.root(); x = parent(x) {
		if up := parent(x); t.below(sibling(x, up)) {
			steps = append(steps, step{up, sibling(x, up)})
		}
	}
	if len(steps) != len(p.keys) || t.known(p.keys) {
		return false
	}
	for _, x := range t.direct(leaf) {
		t[x] = node{}
	}
	hash := []byte(nil)
	for i, s := range slices.Backward(steps) {
		fresh := &parentNode{hpke: p.keys[i], parentHash: hash}
		t[s.node] = node{parent: fresh}
		input := vector(nil, fresh.hpke[:])
		input = vector(vector(input, fresh.parentHash), t.hash(s.sibling))
		hash = digest(input)
	}
	t[leaf*2] = node{leaf: p.leaf}
	return bytes.Equal(hash, p.leaf.parentHash)
}

// known tells whether one of the keys is an inner node's already.
func (t tree) known(keys []e2ee.Key) bool {
	return slices.ContainsFunc(t, func(n node) bool { return n.parent != nil && slices.Contains(keys, n.parent.hpke) })
}

// hash of the subtree of x. Source: RFC 9420 section 7.8.
func (t tree) hash(x int) []byte {
	n := t[x]
	if level(x) == 0 {
		b := u32([]byte{nodeLeaf}, uint32(x/2))
		if n.leaf == nil {
			return digest(append(b, 0))
		}
		return digest(append(append(b, 1), n.leaf.encoded...))
	}
	b := []byte{nodeParent, 0}
	if p := n.parent; p != nil {
		b[1] = 1
		b = vector(vector(b, p.hpke[:]), p.parentHash)
		var list []byte
		for _, u := range p.unmerged {
			list = u32(list, u)
		}
		b = vector(b, list)
	}
	return digest(vector(vector(b, t.hash(left(x))), t.hash(right(x))))
}
