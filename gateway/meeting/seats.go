package meeting

import (
	"legroom/e2ee"
	"legroom/e2ee/delivery"
	"legroom/internal/logkey"
	"legroom/rooms"
)

// seat brings the room in line with the leaves of the group, and with who is host in it. reopened tells that the group may
// have gone back to an epoch before: who was let in since then waits again. Called locked.
func (m *Meeting) seat(reopened bool) {
	if m.group == nil {
		return
	}
	now := make(map[delivery.Member]delivery.Seat)
	identities := make(map[e2ee.Key]bool)
	for _, s := range m.group.seats(m.space.Number()) {
		now[s.Member], identities[s.Identity] = s, true
	}
	for id, v := range m.visits {
		s, seated := now[id]
		switch {
		case seated && v.seated && s.Leaf == v.seat.Leaf:
			m.reseat(v, s)
		case seated:
			v.sit(s)
			m.letIn(v)
		case v.seated && reopened:
			m.unseat(v, false)
		case v.seated:
			cause := rooms.ErrRemoved
			if identities[v.seat.Identity] {
				cause = rooms.ErrReplaced
			}
			v.stand()
			p := v.person
			m.out.put(func() { p.Leave(cause) })
		}
	}
}

// reseat takes up whether a visit is host, which may have changed while its leaf is the same.
func (m *Meeting) reseat(v *visit, s delivery.Seat) {
	changed := v.seat.Host != s.Host
	v.seat = s
	if changed {
		p, role := v.person, v.role()
		m.out.put(func() { p.SetRole(role) })
	}
}

// letIn shows a browser's leaf to the room, and lets it in if it waits.
func (m *Meeting) letIn(v *visit) {
	p, sender, role := v.person, &rooms.Sender{Leaf: v.seat.Leaf}, v.role()
	m.out.put(func() {
		p.SetSender(sender)
		p.SetRole(role)
		if err := p.LetIn(); err != nil {
			m.log.Info("whom the group let in does not come into the room", logkey.Participant, p.ID(), logkey.Reason, err)
			p.Leave(err)
		}
	})
}
