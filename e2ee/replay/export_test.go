package replay

import "encoding/hex"

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
