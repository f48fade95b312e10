package rooms_test

import (
	"sync"
	"testing"
	"time"

	"legroom/e2ee/sframe"
	"legroom/rooms"
)

// TestPutBack: whose admission was taken back waits like who has never been in: nothing is sent to it, nothing it says is
// passed on or opened, it commands nobody. Let in again it goes on with what it publishes.
func TestPutBack(t *testing.T) {
	inMixed(t, func(t *testing.T, h *house, m *meeting) {
		ear, hand := phone(full), browser()
		p := h.letIn(t, ear, rooms.Phone, rooms.Sender{Grant: 1})
		h.letIn(t, hand, rooms.Browser, rooms.Sender{Leaf: 4})
		own := browser()
		web := h.letIn(t, own, rooms.Browser, rooms.Sender{Leaf: 3})
		mic, src := speak(t, web, full).sealed(t, sframe.Audio, 3, 7), tone(full, 600)
		p.Room().Grant(m.ask(t, sounds, 1).take(t, 7).Grant)
		say := func() { mic.say(src) }
		hears := func(want bool, when string) {
			t.Helper()
			talk(500*time.Millisecond, say)
			ear.last(t).forget()
			talk(time.Second, say)
			if s := ear.last(t).share(600); (s > .95) != want {
				t.Errorf("%s: %g of what the telephone hears is the browser", when, s)
			}
			if open := len(hand.open()) > 1; open != want { // one is the telephone's
				t.Errorf("%s: the other browser is sent it: %v", when, open)
			}
		}
		speak(t, p, full)
		hears(true, "let in")

		before := web.Admitted()
		web.PutBack()
		web.PutBack()
		if web.State() != rooms.Waiting || len(own.open()) != 0 {
			t.Errorf("%v, and %d tracks are sent to it", web.State(), len(own.open()))
		}
		is(t, web.MuteAll(), rooms.ErrWaiting)
		web.SetSender(nil)
		hears(false, "put back")
		select {
		case <-web.Admitted():
			t.Error("it waits, and is admitted")
		default:
		}
		await(t, before, "the first admission stays what it was")

		web.SetSender(&rooms.Sender{Leaf: 3})
		is(t, web.LetIn(), nil)
		await(t, web.Admitted(), "let in again")
		hears(true, "let in again")
	})
}

// TestNobodyElseIsPutBack: a telephone leaves when its grant ends, and an open room has no group.
func TestNobodyElseIsPutBack(t *testing.T) {
	inMixed(t, func(t *testing.T, h *house, _ *meeting) {
		p := h.letIn(t, phone(pcmu), rooms.Phone, rooms.Sender{Grant: 1})
		p.PutBack()
		if p.State() != rooms.Joined {
			t.Errorf("a telephone is %v", p.State())
		}
		late := h.join(t, guest(browser()))
		late.PutBack()
		late.Leave(nil)
		late.PutBack()
		if late.State() != rooms.Left {
			t.Errorf("who has left is %v", late.State())
		}
	})
	inHouse(t, nil, func(t *testing.T, h *house) {
		p := h.join(t, host(browser()))
		p.PutBack()
		p.SetRole(rooms.Guest)
		if p.State() != rooms.Joined || p.Role() != rooms.Host {
			t.Errorf("in an open room: %v, %v", p.State(), p.Role())
		}
		closeRoom(t, h)
	})
}

// TestRoleFollowsTheGroup: who was made host in the group commands, who is none there does not, whatever its link said. The
// role of a telephone is that of its PIN.
func TestRoleFollowsTheGroup(t *testing.T) {
	inMixed(t, func(t *testing.T, h *house, _ *meeting) {
		web := h.letIn(t, browser(), rooms.Browser, rooms.Sender{Leaf: 3})
		other := h.letIn(t, browser(), rooms.Browser, rooms.Sender{Leaf: 4})
		web.SetRole(rooms.Guest)
		is(t, web.MuteOther(other.ID()), rooms.ErrNotHost)
		is(t, web.Lock(true), rooms.ErrNotHost)
		web.SetRole(rooms.Host)
		is(t, web.MuteOther(other.ID()), nil)
		caller := h.letIn(t, phone(pcmu), rooms.Phone, rooms.Sender{Grant: 1})
		caller.SetRole(rooms.Guest)
		is(t, caller.MuteAll(), nil)
	})
}

// TestPutBackAtAnyTime is for the race detector, and for what is left behind: browsers are let in and put back while they
// speak, the grant comes and goes, and they leave.
func TestPutBackAtAnyTime(t *testing.T) {
	inMixed(t, func(t *testing.T, h *house, m *meeting) {
		ear := phone(full)
		p := h.letIn(t, ear, rooms.Phone, rooms.Sender{Grant: 1})
		grant := m.ask(t, sounds, 1).take(t, 7).Grant
		var all sync.WaitGroup
		for leaf := range 4 {
			web := h.letIn(t, browser(), rooms.Browser, rooms.Sender{Leaf: uint32(leaf)})
			mic, src := speak(t, web, full).sealed(t, sframe.Audio, leaf, 7), tone(full, 600)
			all.Go(func() {
				for range 100 {
					<-time.After(20 * time.Millisecond)
					mic.say(src)
				}
			})
			all.Go(func() {
				for i := range 40 {
					<-time.After(time.Duration(leaf+1) * 7 * time.Millisecond)
					web.PutBack()
					web.SetSender(nil)
					web.SetRole(rooms.Role(i % 2))
					web.SetSender(&rooms.Sender{Leaf: uint32(leaf)})
					_ = web.LetIn()
					<-web.Admitted()
				}
				web.PutBack()
				web.Leave(nil)
			})
		}
		all.Go(func() {
			for range 40 {
				<-time.After(31 * time.Millisecond)
				p.Room().Grant(grant)
				p.Room().Grant(nil)
				p.Room().Snapshot()
				p.Room().Levels(nil)
				p.Room().Streams()
			}
		})
		all.Wait()
		talk(100*time.Millisecond, func() {})
		if n := ports(p.Room()); n != 1 {
			t.Errorf("%d ports at the mixer when all have left but the telephone", n)
		}
	})
}
