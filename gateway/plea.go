package gateway

import (
	"errors"
	"time"

	"legroom/e2ee"
	"legroom/gateway/meeting"
	"legroom/menu"
	"legroom/rooms"
)

// errNoGathering: the room is encrypted, and there is nobody who could ask its hosts.
var errNoGathering = errors.New("gateway: encrypted room without a meeting")

// plea is a caller's wish to be let into an encrypted room, as long as the call lasts.
type plea interface {
	State() meeting.PleaState
	Changed() <-chan struct{}
	Remind()
	Close()
}

var _ plea = (*meeting.Plea)(nil)

// gathering is the meeting of an encrypted room, as far as a caller needs it.
type gathering interface {
	// Ask has the hosts asked to let a caller in. Errors: meeting.ErrSealed.
	Ask(*rooms.Participant, meeting.Line) (plea, error)
	// Code that people in browsers compared last.
	Code() (code string, at time.Time, ok bool)
}

// gatherIn finds the gathering of a room; nil for an open one.
func gatherIn(all *meeting.Meetings) func(*rooms.Room) gathering {
	return func(r *rooms.Room) gathering {
		if m := all.Of(r); m != nil {
			return convened{m}
		}
		return nil
	}
}

// convened is a meeting as a gathering.
type convened struct{ *meeting.Meeting }

// Ask gives no plea where there is an error, and no interface that holds a nil.
func (c convened) Ask(p *rooms.Participant, l meeting.Line) (plea, error) {
	asked, err := c.Meeting.Ask(p, l)
	if err != nil {
		return nil, err
	}
	return asked, nil
}

// wish is what a caller has asked for in an encrypted room. The zero value is that of an open one.
type wish struct {
	at      gathering
	plea    plea
	changed <-chan struct{}
	heard   func() // takes it out of those whose hosts can be reminded
}

// end gives the wish up, and with it what was granted.
func (w wish) end() {
	if w.plea != nil {
		w.heard()
		w.plea.Close()
	}
}

// ask has the hosts of an encrypted room asked to let the caller in. Errors: meeting.ErrSealed.
func (c *caller) ask() error {
	room := c.room.who.Room()
	at := c.host.cfg.Gather(room)
	if at == nil {
		return errNoGathering
	}
	from := c.dialog.From()
	asked, err := at.Ask(c.room.who, meeting.Line{Kind: c.legKind(), Label: nameOf(from), Number: from.Masked()})
	if err != nil {
		return err
	}
	c.room.wish = wish{at: at, plea: asked, changed: asked.Changed(), heard: c.host.knocks.add(room.Number(), asked)}
	return nil
}

// answered tells the menu what became of the caller's wish. What ends the call ends the participation, which the caller
// hears of like of any other end.
func (c *caller) answered() menu.Event {
	switch c.room.wish.plea.State() {
	case meeting.Declined:
		c.room.who.Leave(rooms.ErrDenied)
		return nil
	case meeting.Revoked:
		c.room.who.Leave(rooms.ErrRevoked)
		return nil
	case meeting.Interrupted:
		return menu.EncryptionChanged{Interrupted: true}
	case meeting.Granted:
		return menu.EncryptionChanged{}
	default:
		return menu.PleaChanged{Plea: c.room.wish.waitsFor()}
	}
}

// waitsFor is what a caller in the lobby waits for.
func (w wish) waitsFor() menu.Plea {
	switch {
	case w.plea == nil:
		return menu.NoPlea
	case w.plea.State() == meeting.NobodyHere:
		return menu.PleaUnheard
	default:
		return menu.PleaAsked
	}
}

// encryption is what the caller may be told of the room it is in.
func (c *caller) encryption(s *rooms.Snapshot) menu.Encryption {
	if c.room.wish.plea == nil {
		return menu.Encryption{}
	}
	return menu.Encryption{
		On: true, Interrupted: c.room.wish.plea.State() == meeting.Interrupted, Hearers: peopleIn(s).All - 1,
	}
}

// tellEncryption answers *3.
func (c *caller) tellEncryption() menu.Event {
	told := menu.EncryptionTold{Encryption: c.encryption(c.room.who.Room().Snapshot())}
	if c.room.wish.at != nil {
		if code, at, ok := c.room.wish.at.Code(); ok {
			told.Compared = comparedAt(code, at)
		}
	}
	return told
}

// comparedAt is a code as it can be spoken; nil for what is no code of eight digits. It comes from a host's browser.
func comparedAt(code string, at time.Time) *menu.Compared {
	at = at.Local()
	c := &menu.Compared{Hour: at.Hour(), Minute: at.Minute()}
	digits := 0
	for _, r := range code {
		switch {
		case r == ' ':
			continue
		case r < '0' || r > '9' || digits == 2*len(c.Pairs):
			return nil
		}
		c.Pairs[digits/2] = 10*c.Pairs[digits/2] + int(r-'0')
		digits++
	}
	if digits != 2*len(c.Pairs) {
		return nil
	}
	return c
}

// askHosts is # of a host on the telephone in an encrypted room: it lets nobody in, it has those asked who can.
func (c *caller) askHosts() menu.Result {
	who := c.room.who
	if who.Role() != rooms.Host {
		return menu.NotHost
	}
	snapshot := who.Room().Snapshot()
	if !somebodyWaits(snapshot) {
		return menu.Nobody
	}
	reminded := c.host.knocks.remind(who.Room().Number())
	if hostInBrowser(snapshot) && c.host.cfg.AskHosts(who) || reminded {
		return menu.HostsWereAsked
	}
	return menu.NobodyAdmits
}

// legKind is what the hosts are asked to let in.
func (c *caller) legKind() e2ee.LegKind {
	if c.kind() == rooms.RoomSystem {
		return e2ee.RoomSystem
	}
	return e2ee.Phone
}
