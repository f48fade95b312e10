package delivery

import (
	"slices"

	"legroom/e2ee"
)

// allows tells whether somebody in the role of the committer can make such a commit at all. Members judge more than
// this; what is refused here would only have cost everybody an epoch.
func (s *state) allows(who Member, c *commit) bool {
	roster := len(c.adds)+len(c.removes) > 0
	switch {
	case roster && c.policy != nil:
		return false
	case s.host(who):
		return true
	case roster:
		return s.rejoins(c)
	case c.policy != nil:
		return s.revokes(c) || s.takesOver(c)
	default:
		// While a gateway listens, every epoch needs a bundle, which only hosts make.
		return len(s.policy.Grants) == 0
	}
}

// rejoins tells whether a commit brings somebody back who lost the state of his leaf; while a gateway listens, only a
// host, since others can wait for one.
func (s *state) rejoins(c *commit) bool {
	back := s.returns(c)
	return back != nil && (len(s.policy.Grants) == 0 || s.isHost(*back))
}

// returns tells whom a commit gives another leaf in the place of his own, and does nothing else; nil for any other commit.
func (s *state) returns(c *commit) *e2ee.Key {
	if len(c.adds) != 1 || len(c.removes) != 1 || c.policy != nil {
		return nil
	}
	identity := c.adds[0].credential.Identity
	if old, taken := s.leaves[c.removes[0]]; !taken || old.identity != identity {
		return nil
	}
	return &identity
}

// takesOver tells whether the committer is one of those who may follow when all hosts are gone.
func (s *state) takesOver(c *commit) bool {
	identity := s.leaves[c.sender].identity
	return slices.ContainsFunc(s.policy.Fallback, func(h e2ee.HostEntry) bool { return h.Identity == identity })
}

// revokes tells whether a commit takes grants away and does nothing else.
func (s *state) revokes(c *commit) bool {
	if c.policy == nil || len(c.adds)+len(c.removes) > 0 || len(c.policy.Grants) >= len(s.policy.Grants) {
		return false
	}
	// With the old grants put in place of those that stay, and the old revision, it must be the old policy.
	like := *c.policy
	like.Grants, like.Revision = slices.Clone(s.policy.Grants), s.policy.Revision
	for _, g := range c.policy.Grants {
		i := slices.IndexFunc(like.Grants, func(o e2ee.GrantEntry) bool { return o.N == g.N })
		if i < 0 {
			return false
		}
		like.Grants[i] = g
	}
	a, errA := like.Encode()
	b, errB := s.policy.Encode()
	return errA == nil && errB == nil && slices.Equal(a, b)
}
