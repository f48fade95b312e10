package replay

import (
	"bytes"
	"fmt"
	"slices"

	"legroom/e2ee"
)

// parseTree reads a ratchet tree as it stands in a GroupInfo: without the blank nodes at its end. Source: RFC 9420 section 12.4.3.3.
func parseTree(b []byte) (tree, error) {
	r, t := read(b), tree{}
	r.each(func(items *reader) {
		items.Must(len(t) < 2*maxLeaves-1)
		t = append(t, items.node(len(t)))
	})
	if !r.Done() || len(t) == 0 || t[len(t)-1].blank() {
		return nil, fmt.Errorf("replay: tree: %w", ErrMalformed)
	}
	full := 1
	for full < len(t) {
		full = 2*full + 1
	}
	return append(t, make(tree, full-len(t))...), nil
}

// node reads the node of a place: leaves have even ones. Source: RFC 9420 section 12.4.3.3.
func (r *reader) node(at int) (n node) {
	if !r.Flag() {
		return n
	}
	switch kind := r.U8(); {
	case kind == nodeLeaf && at%2 == 0:
		n.leaf = r.leaf(sourceKeyPackage, sourceCommit)
	case kind == nodeParent && at%2 == 1:
		n.parent = r.parent()
	default:
		r.Fail()
	}
	return n
}

func (r *reader) parent() *parentNode {
	p := &parentNode{}
	r.key(&p.hpke)
	p.parentHash = r.Vector()
	r.each(func(items *reader) {
		items.Must(len(p.unmerged) < maxLeaves)
		p.unmerged = append(p.unmerged, items.U32())
	})
	return p
}

// holds tells whether a tree could have come about by commits, as far as it shows: no key twice, unmerged leaves in their
// places, and every parent node confirmed from below. Source: RFC 9420 sections 7.9.2, 12.4.3.1.
func (t tree) holds() bool {
	keys := make(map[e2ee.Key]bool)
	fresh := func(k e2ee.Key) bool {
		before := keys[k]
		keys[k] = true
		return !before
	}
	for x, n := range t {
		switch {
		case n.leaf != nil && (!fresh(n.leaf.hpke) || !fresh(n.leaf.Key)):
			return false
		case n.parent != nil && (!fresh(n.parent.hpke) || !t.unmergedHold(x)):
			return false
		}
	}
	// Only now every unmerged leaf is known to be one.
	for x, n := range t {
		if n.parent != nil && !t.confirmed(x) {
			return false
		}
	}
	return true
}

// unmergedHold tells whether the unmerged leaves of x are there, in order, below it, and unmerged in what lies between.
func (t tree) unmergedHold(x int) bool {
	last := -1
	for _, leaf := range t[x].parent.unmerged {
		if int(leaf) <= last || t.at(leaf) == nil {
			return false
		}
		last = int(leaf)
		path := t.direct(leaf)
		depth := slices.Index(path, x)
		if depth < 0 || slices.ContainsFunc(path[:depth], func(y int) bool {
			return t[y].parent != nil && !slices.Contains(t[y].parent.unmerged, leaf)
		}) {
			return false
		}
	}
	return true
}

// confirmed tells whether a node below x bears its parent hash, and everybody else on that side came after it.
func (t tree) confirmed(x int) bool {
	for _, side := range [][2]int{{left(x), right(x)}, {right(x), left(x)}} {
		hash := t.parentHash(x, side[1])
		below := t.resolution(side[0])
		for i, y := range below {
			if bytes.Equal(t[y].parentHash(), hash) && t.unmergedBelow(x, side[0], slices.Delete(slices.Clone(below), i, i+1)) {
				return true
			}
		}
	}
	return false
}

// unmergedBelow tells whether the unmerged leaves of x below y are just these nodes.
func (t tree) unmergedBelow(x, y int, nodes []int) bool {
	var have []int
	half := 1<<level(y) - 1
	for _, leaf := range t[x].parent.unmerged {
		if at := int(leaf) * 2; at >= y-half && at <= y+half {
			have = append(have, at)
		}
	}
	slices.Sort(nodes)
	return slices.Equal(have, nodes)
}

// parentHash of x for its child beside the sibling: as both were when x was made. Source: RFC 9420 section 7.9.
func (t tree) parentHash(x, sibling int) []byte {
	p, then := t[x].parent, slices.Clone(t)
	for _, leaf := range p.unmerged {
		then[leaf*2] = node{}
		for _, y := range t.direct(leaf) {
			if n := then[y].parent; n != nil {
				old := *n
				old.unmerged = slices.DeleteFunc(slices.Clone(n.unmerged), func(u uint32) bool { return u == leaf })
				then[y] = node{parent: &old}
			}
		}
	}
	return digest(vector(vector(vector(nil, p.hpke[:]), p.parentHash), then.hash(sibling)))
}

// parentHash that a node bears; nil where it bears none.
func (n node) parentHash() []byte {
	switch {
	case n.leaf != nil:
		return n.leaf.parentHash
	case n.parent != nil:
		return n.parent.parentHash
	default:
		return nil
	}
}

// resolution of x: the nodes that stand for all below it. Source: RFC 9420 section 4.1.1.
func (t tree) resolution(x int) []int {
	switch n := t[x]; {
	case n.leaf != nil:
		return []int{x}
	case n.parent != nil:
		all := []int{x}
		for _, leaf := range n.parent.unmerged {
			all = append(all, int(leaf)*2)
		}
		return all
	case level(x) == 0:
		return nil
	default:
		return append(t.resolution(left(x)), t.resolution(right(x))...)
	}
}
