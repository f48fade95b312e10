package meeting

import (
	"slices"
	"time"

	"legroom/e2ee"
	"legroom/e2ee/sframe"
	"legroom/internal/logkey"
	"legroom/rooms"
)

const (
	// requestLife is how long a grant can last, and renewBefore how long before its end another one is asked for.
	requestLife = 8 * time.Hour
	renewBefore = 30 * time.Minute
	// mostLines is how many legs one request can name, and lineNumbers how many numbers there are for them.
	mostLines   = 256
	lineNumbers = 1 << 10
	// mostFormer is how many requests are remembered that were taken back: a commit for one may be under way.
	mostFormer = 4
)

// phones are the legs of this gateway in one room, what was asked for them, and what was granted. There is one request at a
// time, for all of them; what was granted stays in force until the grant of a newer request takes its place.
// The lock of the Meeting guards it.
type phones struct {
	m     *Meeting
	pleas map[uint16]*Plea // by the number of the line
	next  uint16
	// asked is the request that hosts are shown, and former those that were taken back.
	asked  *request
	former []*request
	// turnedDown are the lines of a request that a host declined; the very same are not asked for again.
	turnedDown []uint16
	grant      *granted
	timer      *time.Timer
	at         time.Time // of timer
}

// request that was made.
type request struct {
	*e2ee.LiveRequest
	lines []uint16
	// due is when another one has to be made.
	due time.Time
}

// ask seats a leg on a line.
func (f *phones) ask(p person, l Line) (*Plea, error) {
	if f.m.space.Policy().Mode == rooms.Sealed || f.m.group != nil && f.m.group.policy.Mode == e2ee.Sealed {
		return nil, ErrSealed
	}
	no, free := f.freeLine()
	if !free {
		return nil, ErrLines
	}
	pl := &Plea{
		m: f.m, person: p, changed: make(chan struct{}, 1), wants: true,
		leg: e2ee.RequestLeg{No: no, Kind: l.Kind, Label: cut(l.Label, maxLabel), Number: cut(l.Number, maxNumber)},
	}
	f.pleas[no] = pl
	f.renew()
	return pl, nil
}

// freeLine finds a number that nobody has and that nothing in force names: what one line said must not look like another's.
func (f *phones) freeLine() (no uint16, free bool) {
	if len(f.pleas) >= mostLines {
		return 0, false
	}
	taken := make(map[uint16]bool)
	for no := range f.pleas {
		taken[no] = true
	}
	lines := [][]uint16{f.inPolicy()}
	for _, r := range append([]*request{f.asked}, f.former...) {
		if r != nil {
			lines = append(lines, r.lines)
		}
	}
	if f.grant != nil {
		lines = append(lines, f.grant.lines)
	}
	for _, list := range lines {
		for _, no := range list {
			taken[no] = true
		}
	}
	for range lineNumbers {
		no, f.next = f.next, (f.next+1)%lineNumbers
		if !taken[no] {
			return no, true
		}
	}
	return 0, false
}

// inPolicy lists the lines that grants of ours name in the group, whoever holds them here.
func (f *phones) inPolicy() []uint16 {
	var lines []uint16
	if f.m.group == nil {
		return nil
	}
	for i := range f.m.group.policy.Grants {
		if r, err := e2ee.DecodeRequest(f.m.group.policy.Grants[i].Request); err == nil && r.Gateway == f.m.owner.cfg.Identity.Key() {
			lines = append(lines, linesOf(r.Legs)...)
		}
	}
	return lines
}

func linesOf(legs []e2ee.RequestLeg) []uint16 {
	lines := make([]uint16, len(legs))
	for i, l := range legs {
		lines[i] = l.No
	}
	return lines
}

// hungUp takes a leg away.
func (f *phones) hungUp(pl *Plea) {
	delete(f.pleas, pl.leg.No)
	if f.grant != nil && !slices.ContainsFunc(f.grant.lines, f.here) {
		f.giveBack()
	}
	f.renew()
}

// here tells whether somebody is on a line.
func (f *phones) here(no uint16) bool { return f.pleas[no] != nil }

// again has hosts asked once more for a leg: by the very request that they are shown, where it names the leg.
func (f *phones) again(pl *Plea) {
	if f.asked != nil && slices.Contains(f.asked.lines, pl.leg.No) {
		f.m.tellMembers(asked(f.asked.LiveRequest), nil)
		return
	}
	pl.wants, f.turnedDown = true, nil
	f.renew()
}

// renew brings what is asked for in line with who is here.
func (f *phones) renew() {
	defer f.arm()
	lines, now := f.wanted(), time.Now()
	switch {
	case len(lines) == 0:
		f.takeBack()
		f.drop()
	case f.m.group == nil || !f.hostHere():
		f.waiting(NobodyHere)
	case !slices.Contains(f.m.group.policy.Gateways, f.m.owner.cfg.Identity.Key()):
		f.takeBack() // browsers forget what was asked by somebody who is not listed
		f.waiting(NobodyHere)
	case f.grant != nil && f.grant.broken:
	case !f.mayAsk():
		f.takeBack()
		f.refuse()
	case f.asked != nil && slices.Equal(f.asked.lines, lines) && now.Before(f.asked.due):
		f.waiting(Asked)
	case f.grant != nil && slices.Equal(f.grant.lines, lines) && now.Before(f.grant.due):
		f.takeBack()
	case slices.Equal(f.turnedDown, lines):
		f.takeBack()
	default:
		f.request(lines)
	}
}

// wanted are the lines of those who are in or want in, in their order.
func (f *phones) wanted() []uint16 {
	var lines []uint16
	for no, pl := range f.pleas {
		if pl.wants {
			lines = append(lines, no)
		}
	}
	slices.Sort(lines)
	return lines
}

// waiting puts all into a state who want in and have no grant.
func (f *phones) waiting(s PleaState) {
	for no, pl := range f.pleas {
		if pl.wants && !f.holds(no) {
			pl.set(s)
		}
	}
}

// refuse is for those who want in where nobody can be let in.
func (f *phones) refuse() {
	for no, pl := range f.pleas {
		if pl.wants && !f.holds(no) {
			pl.wants = false
			pl.set(Declined)
		}
	}
}

// holds tells whether the grant in force names the line.
func (f *phones) holds(no uint16) bool { return f.grant != nil && slices.Contains(f.grant.lines, no) }

// hostHere tells whether a host of the group is connected.
func (f *phones) hostHere() bool {
	for _, v := range f.m.visits {
		if v.member != nil && v.seat.Host {
			return true
		}
	}
	return false
}

// mayAsk tells whether the group can grant sound at all.
func (f *phones) mayAsk() bool {
	p := f.m.group.policy
	return p.Mode == e2ee.Mixed && p.MaxScope.Has(sframe.Audio)
}

// request asks for lines, in place of what was asked for before.
func (f *phones) request(lines []uint16) {
	f.takeBack()
	g := f.m.group
	a := e2ee.Ask{
		Room: f.m.space.Number(), Group: g.id, Scope: e2ee.ScopeOf(sframe.Audio, sframe.ScreenAudio) & g.policy.MaxScope,
		Speak: e2ee.ScopeOf(sframe.Audio), NotAfter: time.Now().Add(requestLife),
	}
	for _, no := range lines {
		a.Legs = append(a.Legs, f.pleas[no].leg)
	}
	live, err := f.m.owner.cfg.Identity.Ask(a)
	if err != nil {
		f.m.log.Error("hosts cannot be asked", logkey.Err, err)
		return
	}
	f.asked = &request{LiveRequest: live, lines: lines, due: a.NotAfter.Add(-renewBefore)}
	f.m.tellMembers(asked(live), nil)
	f.waiting(Asked)
}

// remind tells a member who has just come what is asked.
func (f *phones) remind(v *visit) {
	if f.asked != nil {
		f.m.tell(v, asked(f.asked.LiveRequest))
	}
}

// takeBack takes back what is asked for. A commit that grants it may be under way, so it is remembered.
func (f *phones) takeBack() {
	if f.asked == nil {
		return
	}
	f.m.tellMembers(withdrawn(f.asked.Request().ID), nil)
	f.former = append(f.former, f.asked)
	f.asked = nil
	if len(f.former) > mostFormer {
		f.former[0].Close()
		f.former = slices.Delete(f.former, 0, 1)
	}
}

// drop forgets all requests: nobody wants in.
func (f *phones) drop() {
	for _, r := range f.former {
		r.Close()
	}
	f.former = nil
}

// decline is a host's no: for all who wait in the request that it is shown.
func (f *phones) decline(by *visit, id []byte) {
	if f.asked == nil || !by.seat.Host {
		return
	}
	if own := f.asked.Request().ID; string(own[:]) != string(id) {
		return
	}
	for _, no := range f.asked.lines {
		if pl := f.pleas[no]; pl != nil && !f.holds(no) {
			pl.wants = false
			pl.set(Declined)
		}
	}
	f.asked.Close()
	f.asked = nil
	f.turnedDown = f.wanted()
}

// groupEnded: who is in has lost what the grant was of, and who waits goes on waiting for another group.
func (f *phones) groupEnded() {
	switch {
	case f.grant == nil:
	case f.m.closed:
		f.end() // the room ends too, and says so
	default:
		f.revoked()
	}
	if f.asked != nil {
		f.asked.Close()
		f.asked = nil
	}
	f.drop()
	f.turnedDown = nil
}

// stop ends the timer, as the gateway ends.
func (f *phones) stop() {
	if f.timer != nil {
		f.timer.Stop()
	}
}

// arm sets the timer to the next moment at which something has to be looked at.
func (f *phones) arm() {
	var at time.Time
	now := time.Now()
	for _, t := range f.moments() {
		if t.After(now) && (at.IsZero() || t.Before(at)) {
			at = t
		}
	}
	if at.Equal(f.at) {
		return
	}
	f.stop()
	f.timer, f.at = nil, at
	if !at.IsZero() && !f.m.closed {
		f.timer = time.AfterFunc(at.Sub(now), f.look)
	}
}

func (f *phones) moments() []time.Time {
	var list []time.Time
	if f.asked != nil {
		list = append(list, f.asked.due)
	}
	if f.grant != nil {
		list = append(list, f.grant.due, f.grant.keyBy, f.grant.end)
	}
	return slices.DeleteFunc(list, time.Time.IsZero)
}

// look is called by the timer.
func (f *phones) look() {
	f.m.mu.Lock()
	defer f.m.release()
	if f.m.closed {
		return
	}
	f.at = time.Time{}
	f.missing()
	f.renew()
}

// each calls do for the legs that a list of lines names and that are here, in order.
func (f *phones) each(lines []uint16, do func(*Plea)) {
	for _, no := range lines {
		if pl := f.pleas[no]; pl != nil {
			do(pl)
		}
	}
}
