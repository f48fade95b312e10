package api

import (
	"context"
	"time"

	"legroom/internal/run"
	"legroom/rooms"
)

// teller is the part of a visit that tells its client what happens. Only the visit's own goroutine uses it.
type teller struct {
	*visit
	changed  <-chan struct{}
	unwatch  func()
	admitted <-chan struct{} // nil once it is
	running  bool            // media does
	levels   *time.Ticker
	patience *time.Timer // runs while the connection is broken

	roster   *Roster // what the client knows; nil before it knows anything
	position int
	heard    *Levels
	buffer   []rooms.LevelOf
}

func newTeller(v *visit) *teller {
	t := &teller{visit: v, admitted: v.who.Admitted(), levels: time.NewTicker(levelPeriod)}
	t.changed, t.unwatch = v.who.Room().Watch()
	t.patience = time.NewTimer(ResumeSeconds * time.Second)
	return t
}

func (t *teller) stop() {
	t.unwatch()
	t.levels.Stop()
	t.patience.Stop()
}

// step waits for one thing to happen and tells of it. It answers true when the visit is over.
func (t *teller) step(life context.Context, g *run.Group) (over bool) {
	select {
	case <-t.who.Done():
		return true
	case <-life.Done():
		t.who.Leave(context.Cause(life))
	case <-t.leg.Done():
		t.who.Leave(t.leg.Cause())
	case <-t.patience.C:
		t.who.Leave(ErrMediaLost)
	case h := <-t.take:
		t.taken(h)
	case s := <-t.lost:
		if t.connection() == s {
			t.connect(nil)
			s.leaveMeeting()
			t.patience.Reset(ResumeSeconds * time.Second)
		}
	case <-t.admitted:
		t.admitted = nil
		if !t.running {
			t.running = true
			g.Go("browser leg", t.media)
		}
		t.tell(&Admitted{})
		t.tellRoster()
	case <-t.changed:
		t.lookBack()
		t.tellRoster()
		t.tellPosition()
	case <-t.slots:
		t.tell(slotsOf(t.leg.Slots()))
	case <-t.levels.C:
		t.tellLevels()
	}
	return false
}

// taken welcomes a connection: it knows nothing, whoever was told before.
func (t *teller) taken(h handover) {
	defer close(h.done)
	if old := t.connect(h.socket); old != nil {
		old.bye(ErrReplaced)
	}
	t.patience.Stop()
	t.lookBack()
	t.token = t.hub.retoken(t.visit, t.token)
	t.roster, t.position, t.heard = nil, 0, nil
	t.tell(t.welcome())
	t.tellRoster()
	if t.admitted != nil {
		t.tellPosition()
	} else {
		t.tell(&Admitted{})
		t.tell(slotsOf(t.leg.Slots()))
	}
	t.enterMeeting(h.socket)
}

// lookBack sees whether the participant was put back into the lobby of an encrypted room. Its media connection stays.
func (t *teller) lookBack() {
	if t.admitted == nil && t.who.State() == rooms.Waiting {
		t.admitted = t.who.Admitted()
	}
}

func (t *teller) welcome() *Welcome {
	snapshot := t.who.Room().Snapshot()
	w := &Welcome{
		Protocol: ProtocolVersion, Participant: t.who.ID(), Resume: t.token, Role: roleOf(t.who.Role()), Room: roomOf(snapshot),
		ICEServers: []ICEServer{}, Slots: t.hub.cfg.Slots, Phone: t.entrance.Phone, GuestKey: t.entrance.GuestKey, Server: t.hub.cfg.Version,
		Now: time.Now().UnixMilli(), Encryption: t.encryption(t.who.Room().Policy()),
	}
	if w.Role != RoleHost {
		w.Phone.PIN, w.GuestKey = "", ""
	}
	for _, s := range t.hub.cfg.Engine.ICEServers(time.Now()) {
		w.ICEServers = append(w.ICEServers, ICEServer{URLs: s.URLs, Username: s.Username, Credential: s.Credential})
	}
	return w
}

func (t *teller) tellRoster() {
	after := rosterOf(t.who.Room().Snapshot(), t.who.ID())
	before := t.roster
	if t.connection() == nil {
		return
	}
	t.roster = after
	if before == nil {
		t.tell(after)
		return
	}
	if change := changeOf(before, after); change != nil {
		t.tell(change)
	}
	for _, n := range noticesOf(before, after, t.who.ID()) {
		t.tell(n)
	}
}

func (t *teller) tellPosition() {
	position := positionOf(t.who.Room().Snapshot(), t.who.ID())
	if position != 0 && position != t.position {
		t.tell(&Waiting{Position: position})
	}
	t.position = position
}

func (t *teller) tellLevels() {
	if t.admitted != nil || t.connection() == nil || t.who.Room().Policy().HideLevels {
		return
	}
	t.buffer = t.who.Room().Levels(t.buffer[:0])
	levels := levelsOf(t.buffer)
	if sameLevels(t.heard, levels) {
		return
	}
	t.heard = levels
	t.tell(levels)
}
