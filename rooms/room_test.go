package rooms_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"legroom/media"
	"legroom/rooms"
)

func host(l *leg) rooms.JoinRequest {
	return rooms.JoinRequest{Leg: l, Kind: rooms.Browser, Role: rooms.Host, Name: "Host"}
}

func guest(l *leg) rooms.JoinRequest {
	return rooms.JoinRequest{Leg: l, Kind: rooms.Phone, Name: "Guest"}
}

// TestJoinRules: who gets in, who waits, who is refused and why.
func TestJoinRules(t *testing.T) {
	for name, c := range map[string]struct {
		adjust func(*rooms.Policy)
		before func(t *testing.T, h *house)
		req    rooms.JoinRequest
		state  rooms.State
		err    error
	}{
		"guest without lobby": {nil, nil, guest(phone(pcmu)), rooms.Joined, nil},
		"guest with lobby":    {func(p *rooms.Policy) { p.Lobby = true }, nil, guest(phone(pcmu)), rooms.Waiting, nil},
		"host with lobby":     {func(p *rooms.Policy) { p.Lobby = true }, nil, host(browser()), rooms.Joined, nil},
		"guest, locked":       {func(p *rooms.Policy) { p.Locked = true }, nil, guest(phone(pcmu)), 0, rooms.ErrLocked},
		"host, locked":        {func(p *rooms.Policy) { p.Locked = true }, nil, host(browser()), rooms.Joined, nil},
		"full": {func(p *rooms.Policy) { p.Capacity = 1 }, func(t *testing.T, h *house) {
			h.join(t, guest(phone(pcmu)))
		}, host(browser()), 0, rooms.ErrFull},
		"the waiting fill it for guests": {func(p *rooms.Policy) { p.Capacity, p.Lobby = 1, true }, func(t *testing.T, h *house) {
			h.join(t, guest(phone(pcmu)))
		}, guest(phone(pcmu)), 0, rooms.ErrFull},
		"the waiting keep no host out": {func(p *rooms.Policy) { p.Capacity, p.Lobby = 1, true }, func(t *testing.T, h *house) {
			h.join(t, guest(phone(pcmu)))
		}, host(browser()), rooms.Joined, nil},
		"no codec in common": {nil, nil, guest(phone(media.Codec{Name: "G729", ClockRate: 8000})), 0, rooms.ErrNoCodec},
	} {
		t.Run(name, func(t *testing.T) {
			adjust := func(_ *rooms.Config, p *rooms.Policy) {
				if c.adjust != nil {
					c.adjust(p)
				}
			}
			inHouse(t, adjust, func(t *testing.T, h *house) {
				if c.before != nil {
					c.before(t, h)
				}
				room, err := h.Room("1000")
				is(t, err, nil)
				p, err := room.Join(c.req)
				is(t, err, c.err)
				if p != nil && p.State() != c.state {
					t.Errorf("state %v, want %v", p.State(), c.state)
				}
				closeRoom(t, h)
			})
		})
	}
}

// TestCommands: what hosts may do, and guests may not.
func TestCommands(t *testing.T) {
	type cast struct{ host, guest, waiting *rooms.Participant }
	for name, c := range map[string]struct {
		do    func(by *rooms.Participant, all cast) error
		check func(all cast) bool
		err   error
	}{
		"admit": {func(by *rooms.Participant, all cast) error { return by.Admit(all.waiting.ID()) },
			func(all cast) bool { return all.waiting.State() == rooms.Joined }, nil},
		"admit next": {func(by *rooms.Participant, _ cast) error { return by.AdmitNext() },
			func(all cast) bool { return all.waiting.State() == rooms.Joined }, nil},
		"admit who is in": {func(by *rooms.Participant, all cast) error { return by.Admit(all.guest.ID()) },
			nil, rooms.ErrNoParticipant},
		"deny": {func(by *rooms.Participant, all cast) error { return by.Deny(all.waiting.ID()) },
			func(all cast) bool { return errors.Is(all.waiting.Cause(), rooms.ErrDenied) }, nil},
		"remove": {func(by *rooms.Participant, all cast) error { return by.Remove(all.guest.ID(), false) },
			func(all cast) bool { return errors.Is(all.guest.Cause(), rooms.ErrRemoved) }, nil},
		"remove nobody": {func(by *rooms.Participant, _ cast) error { return by.Remove("nobody", false) },
			nil, rooms.ErrNoParticipant},
		"mute": {func(by *rooms.Participant, all cast) error { return by.MuteOther(all.guest.ID()) },
			func(all cast) bool { i := info(all.guest); return i.Muted && i.MutedByHost }, nil},
		"mute all": {func(by *rooms.Participant, _ cast) error { return by.MuteAll() },
			func(all cast) bool { return info(all.guest).MutedByHost && !info(all.host).Muted }, nil},
		"lock": {func(by *rooms.Participant, _ cast) error { return by.Lock(true) },
			func(all cast) bool {
				_, err := all.host.Room().Join(guest(phone(pcmu)))
				return errors.Is(err, rooms.ErrLocked) && all.host.Room().Snapshot().Locked
			}, nil},
		"pass host": {func(by *rooms.Participant, all cast) error { return by.PassHost(all.guest.ID()) },
			func(all cast) bool { return all.guest.Role() == rooms.Host && all.host.Role() == rooms.Guest }, nil},
		"pass host to who waits": {func(by *rooms.Participant, all cast) error { return by.PassHost(all.waiting.ID()) },
			nil, rooms.ErrNoParticipant},
	} {
		t.Run(name, func(t *testing.T) {
			inHouse(t, func(_ *rooms.Config, p *rooms.Policy) { p.Lobby = true }, func(t *testing.T, h *house) {
				all := cast{host: h.join(t, host(browser()))}
				all.guest = h.join(t, guest(phone(pcmu)))
				is(t, all.host.Admit(all.guest.ID()), nil)
				all.waiting = h.join(t, guest(phone(pcma)))
				is(t, c.do(all.guest, all), rooms.ErrNotHost)
				is(t, c.do(all.waiting, all), rooms.ErrWaiting)
				before := all.host.Room().Snapshot().Revision
				is(t, c.do(all.host, all), c.err)
				if c.check != nil && !c.check(all) {
					t.Error("it was not done")
				}
				if after := all.host.Room().Snapshot().Revision; (after > before) != (c.err == nil) {
					t.Errorf("revision %d after %d", after, before)
				}
				closeRoom(t, h)
				is(t, c.do(all.host, all), rooms.ErrLeft)
			})
		})
	}
}

// info of a participant in the Snapshot.
func info(p *rooms.Participant) rooms.Info {
	for _, i := range p.Room().Snapshot().Participants {
		if i.ID == p.ID() {
			return i
		}
	}
	return rooms.Info{}
}

// TestBan: who was banned does not come in again, by whatever leg, until the meeting is over.
func TestBan(t *testing.T) {
	inHouse(t, nil, func(t *testing.T, h *house) {
		chair := h.join(t, host(browser()))
		bad := guest(phone(pcmu))
		bad.Identity = "the same person"
		p := h.join(t, bad)
		is(t, chair.Remove(p.ID(), true), nil)
		await(t, p.Done(), "who is removed has left")
		bad.Leg = browser()
		_, err := chair.Room().Join(bad)
		is(t, err, rooms.ErrBanned)
		other := guest(phone(pcmu))
		other.Identity = "somebody else"
		h.join(t, other)
		closeRoom(t, h)
		h.join(t, bad)
		closeRoom(t, h)
	})
}

// TestLastHostLeaves: the room stays, who waits goes on waiting and can see why.
func TestLastHostLeaves(t *testing.T) {
	inHouse(t, func(_ *rooms.Config, p *rooms.Policy) { p.Lobby = true }, func(t *testing.T, h *house) {
		chair := h.join(t, host(browser()))
		in := h.join(t, guest(phone(pcmu)))
		is(t, chair.AdmitNext(), nil)
		out := h.join(t, guest(phone(pcmu)))
		chair.Leave(nil)
		is(t, chair.Cause(), rooms.ErrLeft)
		if in.State() != rooms.Joined || out.State() != rooms.Waiting {
			t.Errorf("states %v and %v, want joined and waiting", in.State(), out.State())
		}
		for _, i := range in.Room().Snapshot().Participants {
			if i.Role == rooms.Host {
				t.Error("there is a host")
			}
		}
		again := h.join(t, host(browser()))
		is(t, again.AdmitNext(), nil)
		closeRoom(t, h)
	})
}

// TestWatch: every change is told, several at once as one, and a Snapshot never changes.
func TestWatch(t *testing.T) {
	inHouse(t, nil, func(t *testing.T, h *house) {
		p := h.join(t, guest(phone(pcmu)))
		room := p.Room()
		changed, stop := room.Watch()
		await(t, changed, "the beginning is told")
		for name, do := range map[string]func(){
			"mute":    func() { p.SetMuted(true) },
			"hand":    func() { p.SetHand(true) },
			"name":    func() { p.Rename("  " + strings.Repeat("ä", 100)) },
			"publish": func() { speak(t, p, pcmu) },
			"several": func() { p.SetHand(false); p.SetHand(true); p.SetMuted(false) },
		} {
			before := room.Snapshot()
			was := fmt.Sprint(*before)
			do()
			await(t, changed, name+" is told")
			after := room.Snapshot()
			if after.Revision <= before.Revision || fmt.Sprint(*before) != was {
				t.Errorf("%s: revision %d after %d, and the old Snapshot is %v", name, after.Revision, before.Revision, *before)
			}
			if room.Snapshot() != after {
				t.Errorf("%s: a Snapshot is made anew without a change", name)
			}
		}
		i := info(p)
		if i.Name != strings.Repeat("ä", 64) || !i.Hand || i.HandSince.IsZero() || !slices.Equal(i.Sources, []media.Source{media.Microphone}) {
			t.Errorf("the Snapshot has %+v", i)
		}
		stop()
		p.SetHand(false)
		select {
		case <-changed:
			t.Error("told after stop")
		default:
		}
		p.Leave(nil)
	})
}

// TestNothingLeft: a hundred joins and leaves of each kind leave no room, no beat and no goroutine behind.
func TestNothingLeft(t *testing.T) {
	inHouse(t, nil, func(t *testing.T, h *house) {
		stays := h.join(t, guest(phone(pcmu)))
		for i := range 100 {
			l := []*leg{phone(pcmu), phone(full), browser()}[i%3]
			p := h.join(t, guest(l))
			m := speak(t, p, l.Accepts(media.Audio)[0])
			src := tone(m.codec, 500)
			talk(60*time.Millisecond, func() { m.say(src) })
			p.Leave(nil)
			await(t, p.Done(), "who leaves has left")
			is(t, m.sink.Write(&media.Packet{}), media.ErrClosed)
			for _, n := range l.open() {
				t.Errorf("%s is still open after %v left", n.info.ID, l)
			}
			if _, err := p.Publish(media.TrackInfo{Source: media.Camera, Codec: vp8}); !errors.Is(err, rooms.ErrLeft) {
				t.Errorf("publishing after leaving answers %v", err)
			}
		}
		stays.Leave(nil)
		if n := len(h.Rooms()); n != 0 {
			t.Errorf("%d rooms are left", n)
		}
	})
}

// TestRegistry: rooms on demand come with their first participant and go with the last, others stay.
func TestRegistry(t *testing.T) {
	inHouse(t, nil, func(t *testing.T, h *house) {
		_, err := h.Room("10")
		is(t, err, rooms.ErrNoRoom)
		one, _ := h.Room("1000")
		two, _ := h.Room("1000")
		if len(h.Rooms()) != 0 {
			t.Error("a room that nobody joined is listed")
		}
		p, err := one.Join(guest(phone(pcmu)))
		is(t, err, nil)
		q, err := two.Join(guest(phone(pcmu)))
		is(t, err, nil)
		if p.Room() != q.Room() {
			t.Error("two rooms of one number")
		}
		p.Leave(nil)
		q.Leave(nil)
		h.policy.OnDemand = false
		fixed, _ := h.Room("2000")
		p, err = fixed.Join(host(browser()))
		is(t, err, nil)
		is(t, p.Lock(true), nil)
		p.Leave(nil)
		if list := h.Rooms(); len(list) != 1 || list[0] != fixed || fixed.Snapshot().Locked {
			t.Errorf("rooms %v, locked %v; want the fixed one, and its lock forgotten", list, fixed.Snapshot().Locked)
		}
	})
}

// TestShutdown: when the registry ends everybody is told so, and nobody comes in.
func TestShutdown(t *testing.T) {
	var p *rooms.Participant
	var room *rooms.Room
	inHouse(t, nil, func(t *testing.T, h *house) {
		p = h.join(t, guest(phone(pcmu)))
		room = p.Room()
	})
	is(t, p.Cause(), rooms.ErrRoomClosed)
	_, err := room.Join(guest(phone(pcmu)))
	is(t, err, rooms.ErrClosing)
}

// TestBrokenLeg: a leg that cannot be sent anything is closed, and leaves nothing.
func TestBrokenLeg(t *testing.T) {
	inHouse(t, nil, func(t *testing.T, h *house) {
		broken := phone(pcmu)
		l := &refusing{leg: broken, err: errors.New("no port")}
		room, _ := h.Room("1000")
		_, err := room.Join(rooms.JoinRequest{Leg: l, Kind: rooms.Phone})
		is(t, err, l.err)
		is(t, broken.cause(), l.err)
		if len(h.Rooms()) != 0 {
			t.Error("the room is left behind")
		}
	})
}

// refusing answers Send with an error.
type refusing struct {
	*leg
	err error
}

func (r *refusing) Send(media.TrackInfo) (media.Sink[*media.Packet], error) { return nil, r.err }

// TestWhisper: a prompt reaches one phone only; browsers have none.
func TestWhisper(t *testing.T) {
	inHouse(t, nil, func(t *testing.T, h *house) {
		one, other := phone(pcmu), phone(pcmu)
		p := h.join(t, guest(one))
		h.join(t, guest(other))
		web := h.join(t, host(browser()))
		_, err := web.Whisper(&beep{left: 8000})
		is(t, err, rooms.ErrNoMix)
		w, err := p.Whisper(&beep{left: 8000})
		is(t, err, nil)
		await(t, w.Done(), "the prompt is over")
		synctest.Wait()
		if s := one.last(t).share(1000); s < 0.9 {
			t.Errorf("the prompt is %g of what the phone hears", s)
		}
		if s := other.last(t).share(1000); s > 0.1 {
			t.Errorf("another phone hears it with a share of %g", s)
		}
		w, _ = p.Whisper(&beep{left: 1 << 30})
		p.Leave(nil)
		await(t, w.Done(), "the prompt ends with its port")
		closeRoom(t, h)
	})
}

// TestAsManyAsCanBe: capacity 0 is no bound in an open room, and what the cost of a group allows in an encrypted one.
func TestAsManyAsCanBe(t *testing.T) {
	for mode, want := range map[rooms.Mode]int{rooms.Open: 230, rooms.Mixed: 200, rooms.Sealed: 200} {
		inHouse(t, func(_ *rooms.Config, p *rooms.Policy) { p.Mode, p.Capacity = mode, 0 }, func(t *testing.T, h *house) {
			room, err := h.Room("1000")
			is(t, err, nil)
			got := 0
			for range 230 {
				if _, err = room.Join(guest(browser())); err != nil {
					break
				}
				got++
			}
			if got != want || got == 200 && !errors.Is(err, rooms.ErrFull) {
				t.Errorf("%v: %d people, %v", mode, got, err)
			}
			room.Close(nil)
		})
	}
}

// TestEncryptedRoomRules: who comes waits, hosts too; nobody inside lets anybody in, or passes the role on.
func TestEncryptedRoomRules(t *testing.T) {
	for _, mode := range []rooms.Mode{rooms.Mixed, rooms.Sealed} {
		inHouse(t, func(_ *rooms.Config, p *rooms.Policy) { p.Mode, p.Capacity = mode, 3 }, func(t *testing.T, h *house) {
			chair := h.letIn(t, browser(), rooms.Browser, rooms.Sender{Leaf: 0})
			waiting := h.join(t, guest(phone(pcmu)))
			is(t, chair.Admit(waiting.ID()), rooms.ErrEncrypted)
			is(t, chair.AdmitNext(), rooms.ErrEncrypted)
			is(t, chair.PassHost(chair.ID()), rooms.ErrEncrypted)
			if waiting.State() != rooms.Waiting || chair.Role() != rooms.Host {
				t.Errorf("guest %v, host %v", waiting.State(), chair.Role())
			}
			s := &rooms.Sender{Grant: 4, Line: 9}
			waiting.SetSender(s)
			s.Line = 1
			if got := info(waiting).Sender; got == nil || *got != (rooms.Sender{Grant: 4, Line: 9}) {
				t.Errorf("the Snapshot has sender %v", got)
			}
			is(t, waiting.LetIn(), nil)
			is(t, waiting.LetIn(), nil)
			_, err := waiting.Publish(media.TrackInfo{Source: media.Camera, Codec: vp8})
			is(t, err, rooms.ErrEncrypted)
			is(t, chair.MuteOther(waiting.ID()), nil)
			is(t, chair.Lock(true), nil)
			_, err = chair.Room().Join(guest(phone(pcmu)))
			is(t, err, rooms.ErrLocked)
			is(t, chair.Lock(false), nil)
			third, late := h.join(t, host(browser())), h.join(t, host(browser()))
			is(t, third.LetIn(), nil)
			is(t, late.LetIn(), rooms.ErrFull)
			is(t, chair.Deny(late.ID()), nil)
			is(t, late.LetIn(), rooms.ErrLeft)
			is(t, chair.Remove(waiting.ID(), false), nil)
			waiting.SetSender(nil)
			if !errors.Is(waiting.Cause(), rooms.ErrRemoved) {
				t.Errorf("removed with %v", waiting.Cause())
			}
			closeRoom(t, h)
		})
	}
}
