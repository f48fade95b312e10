package replay

import (
	"bytes"
	"reflect"
	"slices"

	"legroom/e2ee"
)

// maxConsenting is how many leaves a room can have in which everybody has to consent.
const maxConsenting = 25

// judge holds a commit to rules R1 to R6, which are a function of the state before and the commit's bytes only. It does
// not prove who signed it. Errors: *RuleError.
func (s *State) judge(c *commit) (*Step, *e2ee.Policy, error) {
	sender := s.tree.at(c.sender)
	switch {
	case c.group != s.Group:
		return nil, nil, breaks(1, "another group")
	case c.epoch != s.Epoch:
		return nil, nil, breaks(1, "another epoch")
	case sender == nil:
		return nil, nil, breaks(1, "sent from a blank leaf")
	}
	step := &Step{Sender: Member{c.sender, sender}}
	if err := s.pathKeepsLeaf(c, sender); err != nil {
		return nil, nil, err
	}
	next, err := s.shape(c, step)
	if err != nil {
		return nil, nil, err
	}
	if next == nil {
		if len(c.attached) > 0 {
			return nil, nil, breaks(5, "something attached without need")
		}
		return step, nil, s.leavesFit(c)
	}
	if err := s.policyFollows(step.Shape, next); err != nil {
		return nil, nil, err
	}
	return step, next, s.grantsFollow(next, c)
}

// pathKeepsLeaf is rule R2: a path brings new keys to the committer's leaf and nothing else.
func (s *State) pathKeepsLeaf(c *commit, old *Leaf) error {
	if c.path == nil {
		return nil
	}
	l := c.path.leaf
	if !bytes.Equal(l.identity, old.identity) || l.Key != old.Key || !bytes.Equal(l.capabilities, old.capabilities) ||
		len(l.extensions) > 0 || l.hpke == old.hpke || !l.proven(s.Group, c.sender) {
		return breaks(2, "the path changes its leaf")
	}
	return nil
}

// policyOf reads a policy; what it is worth, whole tells.
func policyOf(data []byte) (*e2ee.Policy, error) { return e2ee.DecodePolicy(data) }

// whole tells whether a policy holds by itself: charter, hosts and requests are signed.
func whole(p *e2ee.Policy) bool {
	if _, err := e2ee.VerifyHosts(p, p.Charter.Owner, p.Charter.Room, p.Charter.Group); err != nil {
		return false
	}
	for i := range p.Grants {
		g := &p.Grants[i]
		r, err := e2ee.DecodeRequest(g.Request)
		if err != nil || !e2ee.VerifyRequest(g.Request, r.Gateway, g.Signature) {
			return false
		}
	}
	return true
}

// policyFollows is rule R4: what a policy may be after the one before.
func (s *State) policyFollows(shape Shape, next *e2ee.Policy) error {
	if !whole(next) {
		return breaks(4, "not signed")
	}
	if shape != PolicyChange {
		return nil // compared byte for byte already
	}
	old := s.Policy
	switch {
	case next.Revision != old.Revision+1:
		return breaks(4, "revision does not count on")
	case !reflect.DeepEqual(next.Charter, old.Charter):
		return breaks(4, "another charter")
	case old.Locked && !narrower(old, next):
		return breaks(4, "wider, in a locked room")
	case !s.hostsGrow(next):
		return breaks(4, "hosts")
	}
	if !slices.ContainsFunc(s.Members(), func(m Member) bool {
		return (&State{Policy: next}).Host(m.Credential.Identity)
	}) {
		return breaks(4, "no host remains")
	}
	return nil
}

// narrower tells whether what a lock holds only got narrower.
func narrower(old, next *e2ee.Policy) bool {
	strict := []e2ee.VetoRule{e2ee.VetoHost, e2ee.VetoAny, e2ee.VetoAll}
	if !next.Locked || next.Mode == e2ee.Mixed && old.Mode == e2ee.Sealed || !next.MaxScope.Within(old.MaxScope) ||
		slices.Index(strict, next.VetoRule) < slices.Index(strict, old.VetoRule) {
		return false
	}
	return !slices.ContainsFunc(next.Gateways, func(k e2ee.Key) bool { return !slices.Contains(old.Gateways, k) })
}

// hostsGrow tells whether old entries stay in their places, and new ones come from a host who is present.
func (s *State) hostsGrow(next *e2ee.Policy) bool {
	old := s.Policy
	if len(next.Hosts) < len(old.Hosts) {
		return false
	}
	for i, e := range old.Hosts {
		now := next.Hosts[i]
		e.Out, now.Out = false, false
		if e != now {
			return false
		}
	}
	fresh := slices.Clone(next.Hosts[len(old.Hosts):])
	for _, e := range next.Fallback {
		if !slices.Contains(old.Fallback, e) {
			fresh = append(fresh, e)
		}
	}
	members := s.Members()
	return !slices.ContainsFunc(fresh, func(e e2ee.HostEntry) bool {
		present := slices.ContainsFunc(members, func(m Member) bool { return m.Credential.Identity == e.By })
		return !present || !s.Host(e.By)
	})
}

// grantsFollow is rule R5: old grants stay as they are or go, new ones count on and are of new requests.
func (s *State) grantsFollow(next *e2ee.Policy, c *commit) error {
	var kept, fresh []e2ee.GrantEntry
	for _, g := range next.Grants {
		i := slices.IndexFunc(s.Policy.Grants, func(o e2ee.GrantEntry) bool { return o.N == g.N })
		switch {
		case i < 0:
			fresh = append(fresh, g)
		case reflect.DeepEqual(s.Policy.Grants[i], g):
			kept = append(kept, g)
		default:
			return breaks(5, "a grant in force changes")
		}
	}
	count := s.Policy.NextGrant
	for _, g := range fresh {
		if g.N != nextNumber(count, kept) {
			return breaks(5, "not the next number")
		}
		if slices.ContainsFunc(s.Policy.Grants, func(o e2ee.GrantEntry) bool { return sameRequest(&o, &g) }) {
			return breaks(5, "a request used before")
		}
		kept, count = append(kept, g), g.N+1
	}
	if next.NextGrant != count {
		return breaks(5, "next number does not count on")
	}
	if len(fresh) > 0 && (s.Policy.VetoRule == e2ee.VetoAll || next.VetoRule == e2ee.VetoAll) {
		return s.allConsent(fresh, c.attached)
	}
	if len(c.attached) > 0 {
		return breaks(5, "something attached without need")
	}
	return nil
}

// nextNumber is the first from n on that differs from all in force in the five bits that key ids hold.
func nextNumber(n uint32, inForce []e2ee.GrantEntry) uint32 {
	for slices.ContainsFunc(inForce, func(g e2ee.GrantEntry) bool { return g.N%32 == n%32 }) {
		n++
	}
	return n
}

func sameRequest(a, b *e2ee.GrantEntry) bool {
	x, errX := e2ee.DecodeRequest(a.Request)
	y, errY := e2ee.DecodeRequest(b.Request)
	return errX != nil || errY != nil || x.ID == y.ID || x.HPKE == y.HPKE
}

func (s *State) allConsent(fresh []e2ee.GrantEntry, attached []byte) error {
	members := s.Members()
	if len(fresh) > 1 || len(members) > maxConsenting {
		return breaks(5, "too many to consent")
	}
	var leaves []e2ee.ConsentingLeaf
	for _, m := range members {
		leaves = append(leaves, e2ee.ConsentingLeaf{Leaf: m.Index, Key: m.Key})
	}
	if e2ee.VerifyConsents(attached, s.Group, s.Epoch, fresh[0].Request, leaves) != nil {
		return breaks(5, "not everybody consented")
	}
	return nil
}

// leavesFit is rule R6: added leaves are signed, let in by their identities, new in all their keys, and not too many.
func (s *State) leavesFit(c *commit) error {
	members := s.Members()
	if len(members)-len(c.removes)+len(c.adds) > maxLeaves {
		return breaks(6, "too many leaves")
	}
	identities, keys := make(map[e2ee.Key]bool), make(map[e2ee.Key]bool)
	for _, m := range members {
		if !slices.Contains(c.removes, m.Index) {
			identities[m.Credential.Identity] = true
		}
		keys[m.Key], keys[m.hpke] = true, true
	}
	for _, k := range c.adds {
		if err := k.fits(s.Policy.Charter.Room); err != nil {
			return err
		}
		if identities[k.leaf.Credential.Identity] {
			return breaks(6, "an identity twice")
		}
		identities[k.leaf.Credential.Identity] = true
		for _, key := range []e2ee.Key{k.leaf.Key, k.leaf.hpke, k.init} {
			if keys[key] {
				return breaks(6, "a key twice")
			}
			keys[key] = true
		}
	}
	return nil
}
