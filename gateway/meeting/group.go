package meeting

import (
	"legroom/e2ee"
	"legroom/e2ee/delivery"
	"legroom/e2ee/replay"
	"legroom/internal/logkey"
	"legroom/rooms"
)

// group is one MLS group, from its first epoch to its end.
type group struct {
	*delivery.Meeting
	id     e2ee.Group
	owner  e2ee.Key
	log    *archive
	policy *e2ee.Policy // of the present epoch
	proven proven
}

// proven are the hosts of a policy whose signatures lead to the owner; none where they do not.
type proven struct {
	policy *e2ee.Policy
	hosts  *e2ee.Hosts
}

// seats of the group now, in which somebody is host only where that is proven: a commit that members refuse must not move
// what the server obeys, however short.
func (g *group) seats(room string) []delivery.Seat {
	_, p, ok := g.Epoch()
	if !ok {
		return nil
	}
	if p != g.proven.policy {
		hosts, err := e2ee.VerifyHosts(p, g.owner, room, g.id)
		if err != nil {
			hosts = new(e2ee.Hosts)
		}
		g.proven = proven{p, hosts}
	}
	all := g.Seats()
	for i := range all {
		all[i].Host = g.proven.hosts.Has(all[i].Identity)
	}
	return all
}

// found begins a group, if there is none. s is what its first messages prove.
func (m *Meeting) found(by *visit, q *message, s *replay.State) error {
	switch {
	case m.closed:
		return errClosed
	case m.group != nil:
		return delivery.ErrGroup
	case by.came != rooms.Host:
		return delivery.ErrRole
	case s.Policy.Charter.Room != m.space.Number():
		return delivery.ErrMalformed
	}
	owner, owners := s.Policy.Charter.Owner, m.owner.cfg.Owners
	before, pinned, known := owners.Owner(m.space.Number())
	if known && pinned && before != owner {
		return delivery.ErrRole
	}
	g, err := m.newGroup(s.Group, owner)
	if err != nil {
		return err
	}
	err = g.Found(by.id, q.KeyPackage, q.GroupInfo)
	if err == nil && (!known || before != owner) {
		err = owners.Claim(m.space.Number(), owner)
	}
	if err != nil {
		m.later = nil
		m.discard(g)
		return err
	}
	m.group = g
	m.log.Info("meeting begins")
	m.later = append(m.later, func() {
		for _, v := range m.visits {
			if v != by {
				m.hello(v)
			}
		}
	})
	return nil
}

// newGroup makes one that has not begun, to which everybody is connected.
func (m *Meeting) newGroup(id e2ee.Group, owner e2ee.Key) (*group, error) {
	log, err := m.owner.archive(m.space.Number(), id)
	if err != nil {
		return nil, err
	}
	g := &group{id: id, owner: owner, log: log}
	g.Meeting, err = delivery.New(delivery.Config{
		Room: m.space.Number(), Owner: owner, Outlet: outlet{m}, Log: log, Now: m.owner.cfg.Now,
	})
	if err != nil {
		m.discard(g)
		return nil, err
	}
	for _, v := range m.visits {
		if v.member != nil {
			g.Connect(v.id)
		}
	}
	return g, nil
}

// discard lets a group go that did not begin.
func (m *Meeting) discard(g *group) {
	if err := g.log.end(true); err != nil {
		m.log.Warn("the log of a meeting that did not begin stays", logkey.Err, err)
	}
}

// dead tells whether nobody can come back to the group: of each leaf the visit is over, or its own browser waits to be let
// in anew, having lost what the leaf needs. A browser that is connected otherwise, or may be again, is alive.
func (m *Meeting) dead() bool {
	if m.group == nil {
		return false
	}
	waiting := m.group.Waiting()
	for _, s := range m.group.Seats() {
		v := m.visits[s.Member]
		if v == nil {
			continue
		}
		anew := false
		for who, identity := range waiting {
			anew = anew || identity == s.Identity && (who == v.id || v.member == nil)
		}
		if !anew {
			return false
		}
	}
	return true
}

// end forgets the group. Whoever is connected is told, and may begin another one.
func (m *Meeting) end() {
	g := m.group
	waiting := g.Waiting()
	m.group, m.note, m.later = nil, nil, nil
	m.phones.groupEnded()
	if err := g.log.end(false); err != nil {
		m.log.Warn("the log of a meeting has no end", logkey.Err, err)
	}
	m.log.Info("meeting is over")
	for _, v := range m.visits {
		if v.seated {
			_, anew := waiting[v.id]
			m.unseat(v, !anew && !m.closed)
		}
		if !m.closed {
			m.hello(v)
		}
	}
}

// unseat takes the leaf of a visit, whose group is over or whose Add was taken back: it waits again, like anybody whom no
// group has let in. replaced tells that the same person came again as another visit.
func (m *Meeting) unseat(v *visit, replaced bool) {
	v.stand()
	p, role := v.person, v.role()
	m.out.put(func() {
		p.SetSender(nil)
		if replaced {
			p.Leave(rooms.ErrReplaced)
			return
		}
		p.PutBack()
		p.SetRole(role)
	})
}
