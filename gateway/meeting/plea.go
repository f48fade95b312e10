package meeting

import (
	"sync/atomic"
	"time"

	"legroom/e2ee"
	"legroom/rooms"
)

// remindEvery is how often a leg can ask again.
const remindEvery = 5 * time.Second

// Limits of what a request says of a leg, bytes. See e2ee.RequestLeg.
const (
	maxLabel  = 64
	maxNumber = 32
)

// PleaState is how far a leg has come with its wish to be let in.
type PleaState int32

// States of a Plea.
const (
	// NobodyHere: there is no group, or no host of it is connected, or it does not know this gateway.
	NobodyHere PleaState = iota
	// Asked: the hosts have been asked.
	Asked
	// Granted: the leg is in, and hears and speaks.
	Granted
	// Declined: a host said no, or the group is sealed.
	Declined
	// Revoked: what was granted was taken away. A leg that was in leaves with rooms.ErrRevoked.
	Revoked
	// Interrupted: the keys of the group have not come for two seconds, or the group is split; nothing is heard either way.
	Interrupted
)

// String gives the name for logs.
func (s PleaState) String() string {
	switch s {
	case NobodyHere:
		return "nobodyHere"
	case Asked:
		return "asked"
	case Granted:
		return "granted"
	case Declined:
		return "declined"
	case Revoked:
		return "revoked"
	case Interrupted:
		return "interrupted"
	default:
		return "unknown"
	}
}

// Line is what the hosts are told of a leg: the claim of this gateway.
type Line struct {
	// Kind of leg.
	Kind e2ee.LegKind
	// Label is what it is called, cut to 64 bytes, and Number its number, masked, cut to 32 bytes.
	Label, Number string
}

// Plea is the wish of one leg to be let in, from Ask to Close. Many goroutines may use it.
type Plea struct {
	m       *Meeting
	person  person
	leg     e2ee.RequestLeg
	changed chan struct{}
	state   atomic.Int32

	// The lock of the Meeting guards the rest.
	wants    bool // it is to be named in requests
	in       bool // it was let in
	closed   bool
	reminded time.Time
}

// Ask asks the hosts for a leg that waits in the room. Errors: ErrSealed, ErrLines.
func (m *Meeting) Ask(p *rooms.Participant, l Line) (*Plea, error) { return m.ask(p, l) }

func (m *Meeting) ask(p person, l Line) (*Plea, error) {
	m = m.owner.lock(m)
	pl, err := m.phones.ask(p, l)
	m.release()
	if err != nil {
		m.owner.forget(m)
		return nil, err
	}
	return pl, nil
}

// State it is in now.
func (pl *Plea) State() PleaState { return PleaState(pl.state.Load()) }

// Changed has something in it when the state has changed since it was last read: at most one thing, whatever happened.
func (pl *Plea) Changed() <-chan struct{} { return pl.changed }

// Remind asks again, and has the browsers of hosts show it anew, by a new request for a leg that was declined. It does nothing for a leg
// that is in, and within five seconds of the last time.
func (pl *Plea) Remind() {
	pl.m.mu.Lock()
	defer pl.m.release()
	now := time.Now()
	if pl.closed || pl.in || now.Sub(pl.reminded) < remindEvery {
		return
	}
	pl.reminded = now
	pl.m.phones.again(pl)
}

// Close tells that the leg hung up. After the last one nothing can be opened any more when it returns. It may be called twice.
func (pl *Plea) Close() {
	func() {
		pl.m.mu.Lock()
		defer pl.m.release()
		if !pl.closed {
			pl.closed = true
			pl.m.phones.hungUp(pl)
		}
	}()
	pl.m.owner.forget(pl.m)
}

// set is called locked.
func (pl *Plea) set(s PleaState) {
	if PleaState(pl.state.Swap(int32(s))) == s {
		return
	}
	select {
	case pl.changed <- struct{}{}:
	default:
	}
}

// cut shortens a text to so many bytes, between characters.
func cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	end := 0
	for i := range s {
		if i > most {
			break
		}
		end = i
	}
	return s[:end]
}
