package replay

import (
	"encoding/hex"
	"fmt"
	"slices"
)

// Parents of all nodes of a tree with n places for leaves; that of the root is -1.
func Parents(n int) (parents []int, root int) {
	t := make(tree, 2*n-1)
	for x := range t {
		if x != t.root() {
			parents = append(parents, parent(x))
		} else {
			parents = append(parents, -1)
		}
	}
	return parents, t.root()
}

// Vector writes a length and zeros, as hex of the length.
func Vector(n int) string {
	b := vector(nil, make([]byte, n))
	return hex.EncodeToString(b[:len(b)-n])
}

// TreeSize is the number of places for leaves.
func (s *State) TreeSize() int { return len(s.tree)/2 + 1 }

// TreeIn is the tree in a GroupInfo, and the hash of it that stands there.
func TreeIn(groupInfo []byte) (t tree, hash []byte, err error) {
	g, err := read(groupInfo).groupInfo()
	if err != nil {
		return nil, nil, err
	}
	r := read(g.extensions)
	r.U16()
	t, err = parseTree(r.Vector())
	return t, g.treeHash, err
}

// Holds tells whether a tree could have come about by commits.
func (t tree) Holds() bool { return t.holds() }

// Hash of the tree.
func (t tree) Hash() []byte { return t.hash(t.root()) }

// Broken are trees like this one, each with one thing in it another, by what that is.
func (t tree) Broken() map[string]tree {
	all := make(map[string]tree)
	for x, n := range t {
		if n.parent == nil {
			continue
		}
		change := func(what string, f func(p *parentNode)) {
			fresh := *n.parent
			f(&fresh)
			other := append(tree(nil), t...)
			other[x] = node{parent: &fresh}
			all[fmt.Sprintf("%s of node %d", what, x)] = other
		}
		change("the key", func(p *parentNode) { p.hpke[0] ^= 1 })
		if x != t.root() {
			change("the parent hash", func(p *parentNode) { p.parentHash = digest(p.parentHash) })
		}
		change("one unmerged leaf more", func(p *parentNode) { p.unmerged = append(slices.Clone(p.unmerged), 0) })
		change("one far unmerged leaf", func(p *parentNode) { p.unmerged = append(slices.Clone(p.unmerged), 1<<31) })
		if len(n.parent.unmerged) > 0 {
			change("one unmerged leaf fewer", func(p *parentNode) { p.unmerged = p.unmerged[1:] })
			change("an unmerged leaf twice", func(p *parentNode) { p.unmerged = append(slices.Clone(p.unmerged), p.unmerged[0]) })
		}
	}
	return all
}
