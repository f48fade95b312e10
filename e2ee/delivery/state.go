package delivery

import (
	"maps"
	"slices"

	"legroom/e2ee"
)

// maxLeaves is how large the tree can be, maxMembers how many people: the rest is room for leaves on their way out.
const (
	maxLeaves  = 256
	maxMembers = 200
)

// leaf is who sits on it.
type leaf struct {
	member   Member
	identity e2ee.Key
}

// state is the group in one epoch as far as it is known here. A state does not change: a commit makes a new one.
type state struct {
	epoch     uint64
	leaves    map[uint32]leaf
	policy    *e2ee.Policy
	groupInfo []byte
}

// leafOf finds the leaf of a member.
func (s *state) leafOf(m Member) (uint32, bool) {
	for i, l := range s.leaves {
		if l.member == m {
			return i, true
		}
	}
	return 0, false
}

// host tells whether the member's leaf is one of a host.
func (s *state) host(m Member) bool {
	i, ok := s.leafOf(m)
	return ok && s.isHost(s.leaves[i].identity)
}

func (s *state) isHost(identity e2ee.Key) bool {
	return slices.ContainsFunc(s.policy.Hosts, func(h e2ee.HostEntry) bool { return !h.Out && h.Identity == identity })
}

// seats tells whether the identity is on a leaf.
func (s *state) seats(identity e2ee.Key) bool {
	for _, l := range s.leaves {
		if l.identity == identity {
			return true
		}
	}
	return false
}

// members on leaves, each once.
func (s *state) members() map[Member]bool {
	all := make(map[Member]bool, len(s.leaves))
	for _, l := range s.leaves {
		all[l.member] = true
	}
	return all
}

// joined is somebody whom a commit added.
type joined struct {
	member Member
	leaf   uint32
	ref    Ref
}

// after gives the state that a commit makes: removes free leaves, then each add takes the leftmost free one. waiting
// finds who waits under a KeyPackage. Source: RFC 9420 sections 12.3 and 12.1.1. Errors: ErrRoster, ErrGroup.
func (s *state) after(c *commit, waiting func(Ref) (Member, bool)) (*state, []joined, error) {
	next := &state{epoch: s.epoch + 1, leaves: s.leaves, policy: s.policy}
	if c.policy != nil {
		if c.policy.Charter.Group != s.policy.Charter.Group || c.policy.Charter.Room != s.policy.Charter.Room {
			return nil, nil, ErrGroup
		}
		next.policy = c.policy
	}
	if len(c.adds)+len(c.removes) == 0 {
		return next, nil, nil
	}
	next.leaves = maps.Clone(s.leaves)
	for _, i := range c.removes {
		if _, taken := next.leaves[i]; !taken || i == c.sender {
			return nil, nil, ErrRoster
		}
		delete(next.leaves, i)
	}
	var all []joined
	for _, k := range c.adds {
		m, ok := waiting(k.ref)
		_, seated := next.leafOf(m)
		i, free := next.firstFree()
		if !ok || seated || !free || len(next.leaves) >= maxMembers {
			return nil, nil, ErrRoster
		}
		next.leaves[i] = leaf{member: m, identity: k.credential.Identity}
		all = append(all, joined{member: m, leaf: i, ref: k.ref})
	}
	return next, all, nil
}

func (s *state) firstFree() (uint32, bool) {
	for i := range uint32(maxLeaves) {
		if _, taken := s.leaves[i]; !taken {
			return i, true
		}
	}
	return 0, false
}
