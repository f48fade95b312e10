package meeting

import (
	"errors"
	"slices"
	"time"

	"legroom/e2ee"
	"legroom/internal/logkey"
	"legroom/rooms"
)

// keyWithin is how long the keys of an epoch may take. A host that sees them missing has sealed them anew by then.
const keyWithin = 2 * time.Second

// granted is what hosts gave to the legs of this gateway.
type granted struct {
	*e2ee.Grant
	// before is the one in whose place it comes, until it has keys of its own.
	before *e2ee.Grant
	id     [16]byte // of its request
	lines  []uint16
	// taken tells that there was a first bundle, and that its legs were let in.
	taken bool
	// broken tells that the group is proven to be split: nobody knows which half the legs would speak to.
	broken bool
	// due is when another request has to be made, end when it ends by itself, keyBy when the keys of an epoch have to be there.
	due, end, keyBy time.Time
}

// follow looks what a new policy grants.
func (f *phones) follow(p *e2ee.Policy) {
	if r, g := f.newest(p); g != nil {
		f.replace(r, g)
	} else if f.grant != nil && !f.grant.in(p) {
		f.revoked()
	}
	if f.grant != nil && !f.grant.broken && f.grant.keyBy.IsZero() {
		f.grant.keyBy = time.Now().Add(keyWithin) // of the first epoch whose keys are missing
	}
	f.disown(p)
}

// in tells whether a policy still holds the grant, and ends it when it does not.
func (g *granted) in(p *e2ee.Policy) bool {
	if !g.broken {
		return g.Follow(p) == nil
	}
	for i := range p.Grants {
		if p.Grants[i].N == g.N() {
			return true
		}
	}
	return false
}

// newest finds a request of ours that the policy grants and did not before.
func (f *phones) newest(p *e2ee.Policy) (*request, *e2ee.Grant) {
	all := f.former
	if f.asked != nil {
		all = append(all[:len(all):len(all)], f.asked)
	}
	for _, r := range all {
		if g, err := r.Granted(p, f.m.group.owner); err == nil {
			return r, g
		}
	}
	return nil, nil
}

// replace puts a grant in the place of the one before. Its keys come with its first bundle.
func (f *phones) replace(r *request, g *e2ee.Grant) {
	old := f.grant
	made := r.Request()
	end := g.NotAfter() // hosts who narrow a grant by themselves do not make it longer than the one before
	f.grant = &granted{Grant: g, id: made.ID, lines: r.lines, due: end.Add(-renewBefore), end: end}
	if r == f.asked {
		f.asked = nil
	}
	f.former = slices.DeleteFunc(f.former, func(o *request) bool { return o == r })
	f.turnedDown = nil
	if old != nil {
		old.dropBefore()
		f.grant.before = old.Grant
		f.each(old.lines, func(pl *Plea) {
			if !f.holds(pl.leg.No) {
				f.putOut(pl) // an older request was granted, made before this leg came
			}
		})
	}
	f.m.log.Info("telephone lines are granted", logkey.Count, len(r.lines))
	if !slices.ContainsFunc(r.lines, f.here) {
		f.giveBack()
	}
}

// disown has a grant taken away by its hosts that names this gateway and that it does not use: its last leg has gone, or
// the process is not the one that asked.
func (f *phones) disown(p *e2ee.Policy) {
	for i := range p.Grants {
		e := &p.Grants[i]
		if f.grant != nil && f.grant.N() == e.N {
			continue
		}
		if r, err := e2ee.DecodeRequest(e.Request); err == nil && r.Gateway == f.m.owner.cfg.Identity.Key() {
			f.m.tellMembers(withdrawn(r.ID), nil)
		}
	}
}

// take opens a bundle. The first one of a grant lets its legs in.
func (f *phones) take(sealed []byte, p *e2ee.Policy) {
	b, err := e2ee.DecodeBundle(sealed)
	if err != nil || f.grant == nil || b.N != f.grant.N() {
		return
	}
	switch err := f.grant.Take(sealed, p); {
	case errors.Is(err, e2ee.ErrFork):
		f.fork()
		return
	case err != nil:
		f.m.log.Warn("the keys of an epoch are refused", logkey.Epoch, b.Epoch, logkey.Reason, err)
		return
	}
	f.m.tellMembers(encode(bundledNotice{"bundled", b.Epoch, b.N}), nil)
	f.grant.keyBy = time.Time{}
	if before := f.grant.before; before != nil {
		f.grant.before = nil
		f.grant.Succeed(before)
	}
	if !f.grant.taken {
		f.grant.taken = true
		f.letIn()
	}
	f.each(f.grant.lines, func(pl *Plea) { pl.set(Granted) })
}

// letIn gives the grant to the room, and lets its legs in.
func (f *phones) letIn() {
	g, space, n := f.grant.Grant, f.m.space, f.grant.N()
	f.each(f.grant.lines, func(pl *Plea) {
		p, sender := pl.person, &rooms.Sender{Grant: n, Line: pl.leg.No}
		f.m.out.put(func() { p.SetSender(sender) })
	})
	f.m.out.put(func() { space.Grant(g) })
	f.each(f.grant.lines, func(pl *Plea) {
		if pl.in {
			return
		}
		pl.in = true
		p, log := pl.person, f.m.log
		f.m.out.put(func() {
			if err := p.LetIn(); err != nil {
				log.Info("a granted line does not come into the room", logkey.Participant, p.ID(), logkey.Reason, err)
				p.Leave(err)
			}
		})
	})
}

// missing is called when time has passed: keys did not come, or the grant is over.
func (f *phones) missing() {
	g, now := f.grant, time.Now()
	switch {
	case g == nil:
	case !now.Before(g.end) || !g.broken && g.Err() != nil:
		f.revoked()
	case !g.keyBy.IsZero() && !now.Before(g.keyBy):
		g.keyBy = time.Time{}
		g.dropBefore()
		f.each(g.lines, func(pl *Plea) { pl.set(Interrupted) })
	}
}

// dropBefore ends what the grant came in the place of.
func (g *granted) dropBefore() {
	if g.before != nil {
		g.before.Close(nil)
		g.before = nil
	}
}

// giveBack ends the grant as its last leg hangs up: at once here, and by a commit of the hosts.
func (f *phones) giveBack() {
	g := f.end()
	f.m.tellMembers(withdrawn(g.id), nil)
}

// fork: the grant has ended by itself. Its legs stay, and hear that they are cut off, until hosts have taken it away.
func (f *phones) fork() {
	g := f.grant
	g.broken, g.keyBy = true, time.Time{}
	f.m.log.Warn("the group of the meeting is split, its telephone lines are cut off")
	f.closeRoom()
	f.each(g.lines, func(pl *Plea) { pl.set(Interrupted) })
	f.m.tellMembers(withdrawn(g.id), nil)
}

// revoked: the grant was taken away, or is over. Its legs leave.
func (f *phones) revoked() {
	f.each(f.end().lines, f.putOut)
}

// putOut is for a leg whose grant has ended.
func (f *phones) putOut(pl *Plea) {
	pl.wants = false
	pl.set(Revoked)
	p, in := pl.person, pl.in
	f.m.out.put(func() {
		p.SetSender(nil)
		if in {
			p.Leave(rooms.ErrRevoked)
		}
	})
}

// end lets the grant go. Its keys are gone when it returns.
func (f *phones) end() *granted {
	g := f.grant
	f.grant = nil
	g.dropBefore()
	g.Close(nil)
	f.closeRoom()
	return g
}

// closeRoom has the room open nothing any more.
func (f *phones) closeRoom() {
	space := f.m.space
	f.m.out.put(func() { space.Grant(nil) })
}
