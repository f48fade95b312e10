package replay

import (
	"bytes"
	"slices"

	"legroom/e2ee"
)

// Shape is what a commit does; each does exactly one of these.
type Shape string

// Shapes of commits.
const (
	// Roster adds and removes people.
	Roster Shape = "roster"
	// Rejoin puts the new leaf of somebody in place of the old one.
	Rejoin Shape = "rejoin"
	// PolicyChange changes the policy.
	PolicyChange Shape = "policy"
	// Revoke takes grants away and does nothing else.
	Revoke Shape = "revoke"
	// Takeover makes its committer a host, who may follow when all hosts are gone.
	Takeover Shape = "takeover"
	// Refresh brings new keys.
	Refresh Shape = "refresh"
)

// shape is rule R3: exactly one shape, by somebody who may. The policy is nil where it stays.
func (s *State) shape(c *commit, step *Step) (*e2ee.Policy, error) {
	host := s.Host(step.Sender.Credential.Identity)
	switch {
	case len(c.contexts) > 0:
		return s.policyShape(c, step, host)
	case len(c.adds)+len(c.removes) > 0:
		return nil, s.rosterShape(c, step, host)
	case c.path == nil:
		return nil, breaks(3, "neither a proposal nor a path")
	case !host && len(s.Policy.Grants) > 0:
		return nil, breaks(3, "a refresh by a guest while a grant is in force")
	}
	step.Shape = Refresh
	return nil, nil
}

func (s *State) policyShape(c *commit, step *Step, host bool) (*e2ee.Policy, error) {
	if len(c.adds)+len(c.removes) > 0 || c.path != nil {
		return nil, breaks(3, "policy beside something else")
	}
	data, ok := roomData(c.contexts[0])
	if !ok {
		return nil, breaks(4, "another extension than the room")
	}
	next, err := policyOf(data)
	if err != nil {
		return nil, breaks(4, "policy")
	}
	switch {
	case host:
		step.Shape = PolicyChange
	case bytes.Equal(data, s.takenOver(step.Sender.Credential.Identity)):
		step.Shape = Takeover
	case bytes.Equal(data, s.revoked(next)):
		step.Shape = Revoke
	default:
		return nil, breaks(3, "policy by a guest")
	}
	return next, nil
}

// takenOver is the one policy that somebody in Fallback may commit; nil for others.
func (s *State) takenOver(identity e2ee.Key) []byte {
	i := slices.IndexFunc(s.Policy.Fallback, func(e e2ee.HostEntry) bool { return e.Identity == identity })
	if i < 0 {
		return nil
	}
	next := *s.Policy
	next.Revision++
	next.Hosts = append(slices.Clone(next.Hosts), next.Fallback[i])
	next.Fallback = slices.Delete(slices.Clone(next.Fallback), i, i+1)
	return encoded(&next)
}

// revoked is the one policy that any member may commit which leaves just the grants that wish leaves.
func (s *State) revoked(wish *e2ee.Policy) []byte {
	next := *s.Policy
	next.Revision++
	next.Grants = slices.DeleteFunc(slices.Clone(next.Grants), func(g e2ee.GrantEntry) bool {
		return !slices.ContainsFunc(wish.Grants, func(o e2ee.GrantEntry) bool { return o.N == g.N })
	})
	if len(next.Grants) == len(s.Policy.Grants) {
		return nil
	}
	return encoded(&next)
}

func encoded(p *e2ee.Policy) []byte {
	b, err := p.Encode()
	if err != nil {
		return nil
	}
	return b
}

func (s *State) rosterShape(c *commit, step *Step, host bool) error {
	if (c.path != nil) != (len(c.removes) > 0) {
		return breaks(3, "a remove needs a path, and only a remove")
	}
	for i, index := range c.removes {
		l := s.tree.at(index)
		switch {
		case slices.Contains(c.removes[:i], index):
			return breaks(3, "a leaf removed twice")
		case index == c.sender:
			return breaks(3, "the committer removes itself")
		case l == nil:
			return breaks(3, "a blank leaf removed")
		}
		step.Removed = append(step.Removed, Member{index, l})
	}
	if host {
		step.Shape = Roster
		return nil
	}
	step.Shape = Rejoin
	if len(c.adds) != 1 || len(c.removes) != 1 {
		return breaks(3, "roster change by a guest")
	}
	old, fresh := step.Removed[0].Credential, c.adds[0].leaf.Credential
	if old.Identity != fresh.Identity || old.Kind != fresh.Kind || old.Name != fresh.Name || old.Subject != fresh.Subject {
		return breaks(3, "somebody else brought back")
	}
	if len(s.Policy.Grants) > 0 && !s.Host(old.Identity) {
		return breaks(3, "a guest brought back while a grant is in force")
	}
	return nil
}
