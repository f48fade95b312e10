package meeting

import (
	"legroom/e2ee"
	"legroom/e2ee/delivery"
	"legroom/internal/logkey"
	"legroom/rooms"
)

// seat brings the room in line with the leaves of the group. reopened tells that the group may have gone back to an epoch
// before: who was let in since then stays in the room without a leaf, and so without a voice, until it is let in again.
// Called locked.
func (m *Meeting) seat(reopened bool) {
	if m.group == nil {
		return
	}
	now := make(map[delivery.Member]delivery.Seat)
	identities := make(map[e2ee.Key]bool)
	for _, s := range m.group.Seats() {
		now[s.Member], identities[s.Identity] = s, true
	}
	for id, v := range m.visits {
		s, seated := now[id]
		switch {
		case seated && v.seated && s.Leaf == v.seat.Leaf:
			v.seat = s // who is host may have changed
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

// letIn shows a browser's leaf to the room, and lets it in if it waits.
func (m *Meeting) letIn(v *visit) {
	p, sender := v.person, &rooms.Sender{Leaf: v.seat.Leaf}
	m.out.put(func() {
		p.SetSender(sender)
		if err := p.LetIn(); err != nil {
			m.log.Info("whom the group let in does not come into the room", logkey.Participant, p.ID(), logkey.Reason, err)
			p.Leave(err)
		}
	})
}
