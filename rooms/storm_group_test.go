package rooms_test

import (
	"sync/atomic"
	"testing"
	"time"

	"legroom/e2ee"
	"legroom/e2ee/sframe"
	"legroom/rooms"
)

// stormLines is how many legs of the gateway a grant of the storm names.
const stormLines = 4

// stormGroup is the group of the encrypted room of a storm.
type stormGroup struct {
	*meeting
	lobby  chan stay // who came and waits
	epoch  atomic.Uint64
	leaves atomic.Int64

	// Of the one who convenes it:
	grant          *granted
	letIn, granted int64
}

func newStormGroup() *stormGroup {
	g := &stormGroup{meeting: newMeeting(), lobby: make(chan stay, 4096)}
	g.epoch.Store(1)
	return g
}

// sealer of somebody who begins to speak: a leaf of its own, in the epoch of now.
func (g *stormGroup) sealer(t *testing.T) *sframe.Sealer {
	t.Helper()
	return sealer(t, sframe.Audio, int(g.leaves.Add(1)%sframe.MaxLeaf), g.epoch.Load())
}

// convene lets in who comes, and has grants come, change and go, until the last guest has gone home.
func (a *actor) convene() {
	room, err := a.Room(mixedRoom)
	if err != nil {
		a.t.Error(err)
		return
	}
	for {
		select {
		case <-a.over:
			room.Grant(nil)
			return
		case s := <-a.group.lobby:
			a.group.change(a, room)
			a.group.seat(a, s)
		}
	}
}

// seat lets one in, in whatever order and with whatever line.
func (g *stormGroup) seat(a *actor, who stay) {
	p, s := who.p, &rooms.Sender{Leaf: a.rng.Uint32N(100)}
	if who.leg.sounds == 1 && g.grant != nil {
		s = &rooms.Sender{Grant: g.grant.N(), Line: uint16(a.rng.IntN(stormLines + 1))}
		if a.chance(4) {
			s.Grant++
		}
	}
	switch a.rng.IntN(6) {
	case 0:
		p.SetSender(nil)
	case 1:
		defer p.SetSender(s)
	default:
		p.SetSender(s)
	}
	if a.expect(p.LetIn(), "let in", rooms.ErrLeft, rooms.ErrFull, rooms.ErrRemoved, rooms.ErrRoomClosed) {
		g.letIn++
	}
}

// change does something to the grant, mostly.
func (g *stormGroup) change(a *actor, room *rooms.Room) {
	switch a.rng.IntN(8) {
	case 0:
		room.Grant(nil)
	case 1:
		if g.grant != nil {
			g.grant.Close(nil)
		}
	case 2, 3, 4:
		scope := sounds
		if a.chance(3) {
			scope = e2ee.ScopeOf(sframe.ScreenAudio)
		}
		g.grant = g.ask(a.t, scope, stormLines)
		g.granted++
		room.Grant(g.grant.Grant)
		g.take(a)
	default:
		g.take(a)
	}
}

// take begins an epoch, which the gateway learns of first, last, or not at all.
func (g *stormGroup) take(a *actor) {
	next := g.epoch.Load() + 1
	if a.chance(2) {
		g.epoch.Store(next)
	}
	if g.grant != nil && g.grant.Err() == nil && !a.chance(6) {
		g.grant.take(a.t, next)
	}
	g.epoch.Store(next)
}

// confer brings a telephone and a browser into the encrypted room. What they hear of each other is a matter of the
// grants of the moment.
func (a *actor) confer() {
	for range stormRounds / 2 {
		if a.broken.Load() {
			return
		}
		one, other := stormPhone(a.t, a.codec()), stormBrowser(a.t)
		p, q := a.enter(mixedRoom, one, rooms.JoinRequest{Name: a.name}), a.enter(mixedRoom, other, rooms.JoinRequest{Name: a.name})
		if p != nil && q != nil && a.until(p.Admitted(), p.Done(), "a telephone is let in") && a.until(q.Admitted(), q.Done(), "a browser is let in") {
			a.exchange(p, one, q, other)
		}
		for _, who := range []*rooms.Participant{p, q} {
			if who != nil {
				a.leave(who)
			}
		}
	}
}

// exchange is a few words, of which the browser hears the sealed ones.
func (a *actor) exchange(p *rooms.Participant, one *stormLeg, q *rooms.Participant, other *stormLeg) {
	mic, reply := a.speak(p, one, nil), a.speak(q, other, nil)
	for range 20 {
		if mic == nil || reply == nil || mic.say(1) != nil || reply.say(1) != nil {
			return
		}
		select {
		case <-one.news: // the room goes on
		case <-p.Done():
			return
		case <-time.After(time.Millisecond):
		}
	}
}
