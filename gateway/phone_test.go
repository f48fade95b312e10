package gateway_test

import (
	"fmt"
	"net/http"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"legroom/configs"
	"legroom/media/mediatest"
	"legroom/sip"
	"legroom/sip/siptest"
)

func TestPINByKeys(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ dial, keys, role string }{
		"guest":         {"1000", guestPIN + "#", "guest"},
		"host":          {"1000", hostPIN + "#", "host"},
		"common number": {"meet", "1000#" + guestPIN + "#", "guest"},
		"after a slip":  {"1000", "12**" + guestPIN + "#", "guest"},
		"second try":    {"1000", "1#" + guestPIN + "#", "guest"},
		"one touch":     {"1000." + guestPIN, "", "guest"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := start(t)
			call := r.phone(siptest.Options{}).Invite(c.dial).Answered()
			call.Media.Press(c.keys)
			r.phase("in the room")
			if got := r.calls()[0]; got.Role != c.role || got.Room != "1000" || got.Codec != "PCMU/8000 20ms" || got.Security != "clear" {
				t.Errorf("call %+v", got)
			}
			call.Bye()
			eventually(t, "no call left", func() bool { return len(r.calls()) == 0 })
			if !strings.Contains(r.log.String(), `msg="leg closed"`) {
				t.Error("no summary line")
			}
		})
	}
}

func TestLobbyWallAndAdmission(t *testing.T) {
	t.Parallel()
	r := start(t, func(c *configs.Config) {
		c.Rooms[0].Lobby, c.Audio.ComfortNoise = true, false
	})
	host := r.phone(siptest.Options{User: "host"}).Invite("1000." + hostPIN).Answered()
	r.phase("in the room")
	defer host.Media.Tone(1000)()
	guest := r.phone(siptest.Options{User: "guest"}).Invite("1000." + guestPIN).Answered()
	defer guest.Media.Tone(440)()
	eventually(t, "guest waits", func() bool {
		calls := r.calls()
		return len(calls) == 2 && calls[1].Phase == "in the lobby"
	})
	// Once the words are over neither side hears one sample of the other's full tone: nothing but the code of silence.
	for _, m := range []*siptest.Media{guest.Media, host.Media} {
		eventually(t, "words are over", func() bool { return silent(m, 4000) })
	}
	guest.Media.WaitPackets(guest.Media.Packets() + 100)
	for side, m := range map[string]*siptest.Media{"guest": guest.Media, "host": host.Media} {
		if !silent(m, 2*8000-800) {
			t.Errorf("%s hears something through the wall", side)
		}
	}
	host.Media.Press("#")
	eventually(t, "guest is in", func() bool { return r.calls()[1].Phase == "in the room" })
	eventually(t, "guest hears the host", func() bool { return tone(guest.Media, 1000) > .99 })
	eventually(t, "host hears the guest", func() bool { return tone(host.Media, 440) > .99 })
	host.Bye()
	guest.Bye()
}

// silent tells whether the last n samples are the code of silence.
func silent(m *siptest.Media, n int) bool {
	heard, _ := m.Heard()
	return len(heard) >= n && !slices.ContainsFunc(heard[len(heard)-n:], func(s int16) bool { return s != 0 })
}

// tone is the share of a frequency in the last 300 ms.
func tone(m *siptest.Media, hz float64) float64 {
	heard, rate := m.Heard()
	n := rate * 3 / 10
	if n == 0 || len(heard) < n {
		return 0
	}
	return mediatest.ToneShare(heard[len(heard)-n:], rate, hz)
}

func TestMuteAllByKeys(t *testing.T) {
	t.Parallel()
	r := start(t)
	host := r.phone(siptest.Options{User: "host"}).Invite("1000." + hostPIN).Answered()
	r.phase("in the room")
	guest := r.phone(siptest.Options{User: "guest"}).Invite("1000." + guestPIN).Answered()
	eventually(t, "two in the room", func() bool {
		calls := r.calls()
		return len(calls) == 2 && calls[1].Phase == "in the room"
	})
	browser := r.browser("1000", "h."+hostSecret)
	defer browser.close()
	host.Media.Press("*7")
	browser.until("guest is muted", func() bool {
		p, ok := browser.named("g***")
		return ok && p.Muted && p.MutedByHost
	})
	guest.Media.Press("*6")
	browser.until("guest unmutes itself", func() bool {
		p, ok := browser.named("g***")
		return ok && !p.Muted && !p.MutedByHost
	})
	guest.Media.Press("*9")
	browser.until("hand is up", func() bool {
		p, ok := browser.named("g***")
		return ok && p.Hand != 0
	})
	host.Media.Press("*5")
	browser.until("room is locked", func() bool { return browser.roomInfo().Locked })
	host.Bye()
	guest.Bye()
}

func TestRemovedCallerHearsWhy(t *testing.T) {
	t.Parallel()
	r := start(t)
	guest := r.phone(siptest.Options{User: "guest"}).Invite("1000." + guestPIN).Answered()
	r.phase("in the room")
	browser := r.browser("1000", "h."+hostSecret)
	defer browser.close()
	browser.until("guest is there", func() bool { _, ok := browser.named("g***"); return ok })
	p, _ := browser.named("g***")
	before := guest.Media.Packets()
	browser.send(map[string]any{"type": "remove", "participant": p.ID, "ban": true})
	guest.WaitEnded()
	if heard := guest.Media.Packets() - before; heard < 50 {
		t.Errorf("%d packets after the removal, want words", heard)
	}
	r.phone(siptest.Options{User: "guest"}).Invite("1000." + guestPIN).Answered().WaitEnded()
	r.refusal("banned")
}

func TestDrain(t *testing.T) {
	t.Parallel()
	r := start(t, func(c *configs.Config) { c.Calls.Drain = time.Minute })
	inRoom := r.phone(siptest.Options{User: "inside"}).Invite("1000." + guestPIN).Answered()
	r.phase("in the room")
	asked := r.phone(siptest.Options{User: "asked"}).Invite("1000").Answered()
	eventually(t, "two calls", func() bool { return len(r.calls()) == 2 })
	before := inRoom.Media.Packets()
	r.stop()
	eventually(t, "not ready", func() bool { code, _ := r.get("/readyz"); return code == http.StatusServiceUnavailable })
	if code, _ := r.get("/healthz"); code != http.StatusOK {
		t.Errorf("healthz %d while draining", code)
	}
	if got := r.phone(siptest.Options{User: "late"}).Invite("1000").Final().Status(); got != 503 {
		t.Errorf("new call answered %d, want 503", got)
	}
	asked.WaitEnded() // with words, while who is in the room stays
	inRoom.Media.WaitPackets(before + 50)
	for _, c := range r.refused() {
		if c.Status == 200 {
			t.Errorf("a call that was answered before the drain is told of as refused: %+v", c)
		}
	}
	eventually(t, "only the call in the room", func() bool { return len(r.calls()) == 1 })
	inRoom.Bye()
	r.end()
}

func TestManyCallsLeaveNothing(t *testing.T) {
	n := 100
	if testing.Short() {
		n = 10
	}
	r := start(t, func(c *configs.Config) { c.SIP.Limits.Dialogs = 2 * n })
	phones := make([]*siptest.Phone, 5)
	for i := range phones {
		phones[i] = r.phone(siptest.Options{User: fmt.Sprintf("phone%d", i)})
	}
	round := func(n int) {
		for batch := 0; batch < n; batch += len(phones) {
			calls := make([]*siptest.Call, 0, len(phones))
			for _, p := range phones {
				calls = append(calls, p.Invite("1000."+guestPIN))
			}
			for _, c := range calls {
				c.Answered()
			}
			for _, c := range calls {
				c.Bye()
			}
		}
		eventually(t, "no call left", func() bool { return len(r.calls()) == 0 })
	}
	round(len(phones)) // what is made once is made now
	before := settled()
	round(n)
	eventually(t, fmt.Sprintf("no more than %d goroutines", before), func() bool { return runtime.NumGoroutine() <= before })
	_, body := r.get("/metrics")
	if !regexp.MustCompile(`(?m)^legroom_calls 0$`).MatchString(body) || strings.Contains(body, `legroom_legs{`) {
		t.Error("metrics still show calls")
	}
}

// settled is the number of goroutines once it has stopped falling.
func settled() int {
	n := runtime.NumGoroutine()
	for range 50 {
		runtime.Gosched()
		n = min(n, runtime.NumGoroutine())
	}
	return n + 2
}

func TestDigestAndDeny(t *testing.T) {
	t.Parallel()
	r := start(t, func(c *configs.Config) {
		c.SIP.Access.Allow = nil
		c.SIP.Access.Users = []sip.UserConfig{{Name: "alice", Password: "correct horse"}}
	})
	call := r.phone(siptest.Options{DigestUser: "alice", Password: "correct horse"}).Invite("1000." + guestPIN).Answered()
	r.phase("in the room")
	call.Bye()
	if strings.Contains(r.log.String(), "correct horse") {
		t.Error("password in the log")
	}
}
