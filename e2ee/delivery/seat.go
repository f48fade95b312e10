package delivery

import (
	"cmp"
	"slices"

	"legroom/e2ee"
)

// Seat is a leaf of the group and who holds it.
type Seat struct {
	// Leaf in the tree.
	Leaf uint32
	// Member whose commits and messages are taken under it; it may have gone.
	Member Member
	// Identity key in the leaf's credential, and Host, whether the policy makes it one.
	Identity e2ee.Key
	Host     bool
}

// Seats of the group by their leaves; none before there is a group.
func (m *Meeting) Seats() []Seat {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.state == nil {
		return nil
	}
	all := make([]Seat, 0, len(m.state.leaves))
	for i, l := range m.state.leaves {
		all = append(all, Seat{Leaf: i, Member: l.member, Identity: l.identity, Host: m.state.isHost(l.identity)})
	}
	slices.SortFunc(all, func(a, b Seat) int { return cmp.Compare(a.Leaf, b.Leaf) })
	return all
}

// Waiting are those in the lobby, with the identities that their KeyPackages claim.
func (m *Meeting) Waiting() map[Member]e2ee.Key {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := make(map[Member]e2ee.Key, len(m.lobby))
	for who, a := range m.lobby {
		all[who] = a.identity
	}
	return all
}
