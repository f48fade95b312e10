package gateway_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"legroom/configs"
	"legroom/gateway"
	"legroom/gateway/meeting"
	"legroom/rooms"
	"legroom/sip/siptest"
)

// hosts play the meeting of an encrypted room: they let telephones in, or do not.
type hosts struct {
	t       *testing.T
	mu      sync.Mutex
	sealed  bool
	pleas   []*pleaOf
	present bool // there is a host's browser
	code    string
	at      time.Time
}

// pleaOf is one telephone that asks.
type pleaOf struct {
	of      *hosts
	who     *rooms.Participant
	line    meeting.Line
	changed chan struct{}

	state    meeting.PleaState // all below guarded by the hosts' lock
	reminded int
	closed   bool
}

func (h *hosts) Ask(p *rooms.Participant, l meeting.Line) (gateway.Plea, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.sealed {
		return nil, meeting.ErrSealed
	}
	plea := &pleaOf{of: h, who: p, line: l, changed: make(chan struct{}, 1), state: meeting.NobodyHere}
	if h.present {
		plea.state = meeting.Asked
	}
	h.pleas = append(h.pleas, plea)
	return plea, nil
}

func (h *hosts) seal() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.sealed = true
}

func (h *hosts) Code() (string, time.Time, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.code, h.at, h.code != ""
}

func (p *pleaOf) State() meeting.PleaState {
	p.of.mu.Lock()
	defer p.of.mu.Unlock()
	return p.state
}

func (p *pleaOf) Changed() <-chan struct{} { return p.changed }

func (p *pleaOf) Remind() {
	p.of.mu.Lock()
	defer p.of.mu.Unlock()
	p.reminded++
}

func (p *pleaOf) Close() {
	p.of.mu.Lock()
	defer p.of.mu.Unlock()
	p.closed = true
}

func (p *pleaOf) become(s meeting.PleaState) {
	p.of.mu.Lock()
	p.state = s
	p.of.mu.Unlock()
	select {
	case p.changed <- struct{}{}:
	default:
	}
}

func (p *pleaOf) isClosed() bool {
	p.of.mu.Lock()
	defer p.of.mu.Unlock()
	return p.closed
}

// grant lets a telephone in, as the meeting does.
func (p *pleaOf) grant(line uint16) {
	p.of.t.Helper()
	p.who.SetSender(&rooms.Sender{Grant: 1, Line: line})
	if err := p.who.LetIn(); err != nil {
		p.of.t.Errorf("let in: %v", err)
	}
	p.become(meeting.Granted)
}

// asks waits for the plea number n, from 0.
func (h *hosts) asks(n int) *pleaOf {
	h.t.Helper()
	var found *pleaOf
	eventually(h.t, "a telephone asks", func() bool {
		h.mu.Lock()
		defer h.mu.Unlock()
		if len(h.pleas) > n {
			found = h.pleas[n]
		}
		return found != nil
	})
	return found
}

// startEncrypted runs a gateway with a room of a mode, and hosts for it.
func startEncrypted(t *testing.T, mode rooms.Mode, present bool, change ...func(*configs.Config)) (*rig, *hosts) {
	t.Helper()
	h := &hosts{t: t, present: present}
	r := prepare(t, append([]func(*configs.Config){func(c *configs.Config) {
		c.Rooms[0].Mode, c.Rooms[0].Lobby, c.Rooms[0].Announce = mode, true, true
		c.SIP.RTP.MediaTimeout = 0 // the phones of these tests only listen
	}}, change...)...)
	r.GatherIn(func(*rooms.Room) gateway.Gathering { return h })
	r.run()
	return r, h
}

func TestSealedRoomTakesNoTelephone(t *testing.T) {
	t.Parallel()
	r, h := startEncrypted(t, rooms.Sealed, true)
	book := newPhrasebook(t, "en")
	call := r.phone(siptest.Options{User: "+4930123456789"}).Invite("1000." + guestPIN).Answered()
	call.WaitEnded()
	hears(t, book, call.Media, "sealed-meeting, goodbye")
	if got := r.refusal("room takes no telephones"); !strings.Contains(got.Fix, "mode to mixed") || got.Status != 200 {
		t.Errorf("refusal %+v", got)
	}
	if len(h.pleas) > 0 {
		t.Error("the hosts of a sealed room were asked")
	}
	wrong := r.phone(siptest.Options{User: "other"}).Invite("1000.999999").Answered()
	hears(t, book, wrong.Media, "welcome, wrong-pin, tries-left 2, enter-pin") // and nothing of what kind of room it is
	wrong.Bye()
}

// TestGroupSealedItself: the hosts made the meeting stricter than the room was set up.
func TestGroupSealedItself(t *testing.T) {
	t.Parallel()
	r, h := startEncrypted(t, rooms.Mixed, true)
	h.seal()
	call := r.phone(siptest.Options{User: "guest"}).Invite("1000." + guestPIN).Answered()
	call.WaitEnded()
	r.refusal("room takes no telephones")
}

func TestTelephoneInAMixedRoom(t *testing.T) {
	t.Parallel()
	r, h := startEncrypted(t, rooms.Mixed, false)
	call := r.phone(siptest.Options{User: "+4930123456789"}).Invite("1000." + guestPIN).Answered()
	caller := &ear{t: t, book: newPhrasebook(t, "en"), media: call.Media}
	plea := h.asks(0)
	if plea.line.Label != "+49 *** 6789" || plea.line.Number != "+49 *** 6789" || plea.line.Kind != "phone" {
		t.Errorf("asked for %+v", plea.line)
	}
	caller.hears("welcome, nobody-to-ask")
	plea.become(meeting.Asked)
	caller.hears("host-asked")
	r.phase("in the lobby")
	if plea.who.State() != rooms.Waiting {
		t.Fatal("a telephone is in before it was granted anything")
	}
	plea.grant(0)
	caller.hears("line-not-encrypted, alone, video-private")
	r.phase("in the room")
	plea.become(meeting.Interrupted)
	caller.hears("interrupted")
	plea.become(meeting.Granted)
	caller.hears("encryption-back")
	h.mu.Lock()
	h.code, h.at = "12345678", time.Date(2026, 11, 22, 14, 3, 0, 0, time.Local)
	h.mu.Unlock()
	call.Media.Press("*3")
	caller.hears("line-not-encrypted, alone, video-private, code-compared 14, number 0, number 3, code-was, number 12, number 34, number 56, number 78")
	plea.who.Leave(rooms.ErrRevoked)
	call.WaitEnded()
	hears(t, caller.book.only("telephones-ended", "goodbye"), call.Media, "telephones-ended, goodbye")
	if !plea.isClosed() {
		t.Error("the meeting goes on to ask for who has left")
	}
	for _, c := range r.refused() {
		t.Errorf("who was let in was not refused: %+v", c)
	}
}

func TestSecondTelephoneIsHeardAndNotAnnounced(t *testing.T) {
	t.Parallel()
	r, h := startEncrypted(t, rooms.Mixed, true)
	book := newPhrasebook(t, "en")
	call := r.phone(siptest.Options{User: "first"}).Invite("1000." + guestPIN).Answered()
	first := &ear{t: t, book: book, media: call.Media}
	first.hears("welcome, host-asked")
	h.asks(0).grant(0)
	first.hears("line-not-encrypted, alone, video-private")
	another := r.phone(siptest.Options{User: "second"}).Invite("1000." + guestPIN).Answered()
	second := &ear{t: t, book: book, media: another.Media}
	second.hears("welcome, host-asked")
	h.asks(1).grant(1)
	second.hears("line-not-encrypted, people-hear 1, video-private")
	first.hears("")
	call.Bye()
	another.Bye()
	eventually(t, "both pleas are over", func() bool { return h.asks(0).isClosed() && h.asks(1).isClosed() })
}

func TestWaysOutOfTheLobby(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		end  func(*pleaOf)
		says string
		rule string
	}{
		"declined":                      {func(p *pleaOf) { p.become(meeting.Declined) }, "denied, goodbye", "denied by the host"},
		"telephones are wanted no more": {func(p *pleaOf) { p.become(meeting.Revoked) }, "telephones-ended, goodbye", "access of telephones ended"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, h := startEncrypted(t, rooms.Mixed, true)
			call := r.phone(siptest.Options{User: "guest"}).Invite("1000." + guestPIN).Answered()
			plea := h.asks(0)
			book := newPhrasebook(t, "en")
			hears(t, book, call.Media, "welcome, host-asked")
			c.end(plea)
			call.WaitEnded()
			hears(t, book, call.Media, "welcome, host-asked, "+c.says)
			r.refusal(c.rule)
			if !plea.isClosed() {
				t.Error("the meeting goes on to ask for who has left")
			}
		})
	}
	t.Run("hung up", func(t *testing.T) {
		t.Parallel()
		r, h := startEncrypted(t, rooms.Mixed, true)
		call := r.phone(siptest.Options{User: "guest"}).Invite("1000." + guestPIN).Answered()
		plea := h.asks(0)
		r.phase("in the lobby")
		call.Bye()
		eventually(t, "the plea is over", plea.isClosed)
	})
}

// TestHostOnTheTelephone: it locks and mutes, and lets nobody in.
func TestHostOnTheTelephone(t *testing.T) {
	t.Parallel()
	r, h := startEncrypted(t, rooms.Mixed, true)
	host := r.phone(siptest.Options{User: "host"}).Invite("1000." + hostPIN).Answered()
	caller := &ear{t: t, book: newPhrasebook(t, "en"), media: host.Media}
	caller.hears("welcome, host-asked")
	h.asks(0).grant(0)
	caller.hears("line-not-encrypted, alone, video-private")
	host.Media.Press("#")
	caller.hears("nobody-waits")
	call := r.phone(siptest.Options{User: "guest"}).Invite("1000." + guestPIN).Answered()
	plea := h.asks(1)
	caller.hears("someone-waits-encrypted")
	host.Media.Press("#")
	caller.hears("hosts-asked")
	plea.of.mu.Lock()
	reminded := plea.reminded
	plea.of.mu.Unlock()
	if reminded != 1 || plea.who.State() != rooms.Waiting {
		t.Errorf("reminded %d times, and the guest is %v", reminded, plea.who.State())
	}
	plea.become(meeting.NobodyHere)
	host.Media.Press("#")
	caller.hears("nobody-lets-in")
	host.Media.Press("*5")
	caller.hears("locked")
	call.Bye()
	host.Bye()
}

func TestTapOfARunningGateway(t *testing.T) {
	t.Parallel()
	r, h := startEncrypted(t, rooms.Mixed, true)
	if code, _ := r.get("/api/v1/rooms/1000/tap?seconds=1"); code != http.StatusNotFound {
		t.Errorf("a room that nobody has been in: %d", code)
	}
	call := r.phone(siptest.Options{User: "guest"}).Invite("1000." + guestPIN).Answered()
	h.asks(0)
	code, body := r.get("/api/v1/rooms/1000/tap?seconds=1")
	if code != http.StatusOK || !strings.Contains(body, `"mode":"mixed"`) || !strings.Contains(body, `"streams":[]`) {
		t.Errorf("%d: %s", code, body)
	}
	call.Bye()
}
