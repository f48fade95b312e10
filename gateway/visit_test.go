package gateway_test

import (
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"legroom/configs"
	"legroom/gateway/api"
	"legroom/sip/siptest"
)

func TestVisit(t *testing.T) {
	t.Parallel()
	r := start(t)
	host := r.browser("1000", "h."+hostSecret)
	w := host.greeting()
	if w.Role != api.RoleHost || w.Phone.PIN != guestPIN || w.GuestKey != "g."+guestSecret || w.Room.Mode != api.ModeOpen || w.Slots.Audio != 8 || w.Protocol != 1 {
		t.Errorf("welcome %+v", w)
	}
	host.await("admitted", nil)
	guest := r.browser("1000", "g."+guestSecret, "name", "Grace")
	if w := guest.greeting(); w.Role != api.RoleGuest || w.Phone.PIN != "" || w.GuestKey != "" {
		t.Errorf("welcome %+v", w)
	}
	host.until("host sees the guest", func() bool { p, ok := host.named("Grace"); return ok && p.Security == api.SecurityDTLS })
	host.await("notice", func(m message) bool { return m.Code == "joined" })
	guest.send(map[string]any{"type": "lock", "locked": true, "re": 7})
	if m := guest.await("error", nil); m.Code != "notHost" || *m.Re != 7 {
		t.Errorf("error %s", m.raw)
	}
	host.send(map[string]any{"type": "lock", "locked": true, "re": 8})
	if m := host.await("ok", nil); *m.Re != 8 {
		t.Errorf("ok %s", m.raw)
	}
	guest.await("notice", func(m message) bool { return m.Code == "locked" })
	guest.send(map[string]any{"type": "leave"})
	guest.await("bye", func(m message) bool { return m.Code == "left" })
	if got := guest.closed(); got != 1000 {
		t.Errorf("close code %d", got)
	}
	host.until("guest is gone", func() bool { return host.people() == 1 })
}

func TestWaitingVisitorKnowsNothingOfTheRoom(t *testing.T) {
	t.Parallel()
	r := start(t, func(c *configs.Config) { c.Rooms[0].Lobby = true })
	host := r.browser("1000", "h."+hostSecret)
	host.await("admitted", nil)
	guest := r.browser("1000", "g."+guestSecret, "name", "Grace")
	if m := guest.await("waiting", nil); m.Position != 1 {
		t.Errorf("waiting %s", m.raw)
	}
	if guest.people() != 1 {
		t.Errorf("who waits is told of %d people", guest.people())
	}
	guest.send(map[string]any{"type": "offer", "id": 1, "sdp": "v=0", "tracks": []any{}, "re": 1})
	if m := guest.await("error", nil); m.Code != "notAdmitted" {
		t.Errorf("error %s", m.raw)
	}
	host.until("host sees who waits", func() bool { p, ok := host.named("Grace"); return ok && p.State == api.StateWaiting })
	p, _ := host.named("Grace")
	host.send(map[string]any{"type": "admit", "participant": p.ID})
	guest.await("admitted", nil)
	guest.until("guest sees all", func() bool { return guest.people() == 2 })
}

func TestResume(t *testing.T) {
	t.Parallel()
	r := start(t)
	first := r.browser("1000", "g."+guestSecret)
	w := first.greeting()
	first.close()
	second := r.browser("1000", "g."+guestSecret, "resume", w.Resume)
	again := second.greeting()
	if again.Participant != w.Participant || again.Resume == w.Resume {
		t.Errorf("came back as %s with token new: %v", again.Participant, again.Resume != w.Resume)
	}
	second.await("admitted", nil)
	third := r.browser("1000", "g."+guestSecret, "resume", again.Resume)
	third.await("welcome", nil)
	second.await("bye", func(m message) bool { return m.Code == "replaced" })
	if got := second.closed(); got != 4010 {
		t.Errorf("close code %d", got)
	}
	// A token that was used is worth nothing: it makes a new participant.
	fourth := r.browser("1000", "g."+guestSecret, "resume", w.Resume)
	if fourth.greeting().Participant == w.Participant {
		t.Error("an old token came back as the participant")
	}
}

func TestTurnedAway(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		room, key, code string
		close           int
		change          func(*configs.Config)
	}{
		"wrong key":    {"1000", "g.WrongWrongWrongWrong", "badLink", 4001, nil},
		"no such room": {"4242", "g." + guestSecret, "badLink", 4001, nil},
		"role swapped": {"1000", "h." + guestSecret, "badLink", 4001, nil},
		"no key":       {"1000", "", "badLink", 4001, nil},
		"locked":       {"1000", "g." + guestSecret, "locked", 4003, func(c *configs.Config) { c.Rooms[0].Locked = true }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			change := c.change
			if change == nil {
				change = func(*configs.Config) {}
			}
			r := start(t, change)
			b := r.browser(c.room, c.key)
			b.await("bye", func(m message) bool { return m.Code == c.code })
			if got := b.closed(); int(got) != c.close {
				t.Errorf("close code %d, want %d", got, c.close)
			}
		})
	}
}

func TestBadLinksAreThrottled(t *testing.T) {
	t.Parallel()
	r := start(t, func(c *configs.Config) { c.Calls.Throttle.Links = 2 })
	for range 2 {
		r.browser("1000", "g.WrongWrongWrongWrong").await("bye", func(m message) bool { return m.Code == "badLink" })
	}
	r.browser("1000", "g."+guestSecret).await("bye", func(m message) bool { return m.Code == "throttled" })
}

func TestFaultyMessagesEndTheVisit(t *testing.T) {
	t.Parallel()
	r := start(t)
	b := r.browser("1000", "g."+guestSecret)
	b.await("admitted", nil)
	for range api.MaxFaults {
		b.send(map[string]any{"type": "mute", "muted": true, "sudo": true})
	}
	b.await("error", func(m message) bool { return m.Code == "badMessage" })
	if got := b.closed(); got != 4012 {
		t.Errorf("close code %d", got)
	}
	wrong := r.connect()
	wrong.send(map[string]any{"type": "hello", "protocol": 2, "room": "1000", "key": "", "name": "x", "language": "", "muted": false})
	if got := wrong.closed(); got != 4000 {
		t.Errorf("close code %d", got)
	}
}

func TestBrowsersAreToldOfTheEnd(t *testing.T) {
	t.Parallel()
	r := start(t)
	b := r.browser("1000", "g."+guestSecret)
	b.await("admitted", nil)
	r.end()
	b.await("bye", func(m message) bool { return m.Code == "draining" })
}

func TestPhoneInTheRoster(t *testing.T) {
	t.Parallel()
	r := start(t)
	b := r.browser("1000", "h."+hostSecret)
	b.await("admitted", nil)
	call := r.phone(siptest.Options{User: "+4930123456789"}).Invite("1000." + guestPIN).Answered()
	b.until("phone is there", func() bool { _, ok := b.named("+49 *** 6789"); return ok })
	p, _ := b.named("+49 *** 6789")
	if p.Kind != api.KindPhone || p.Security != api.SecurityClear || p.State != api.StateJoined {
		t.Errorf("phone %+v", p)
	}
	call.Bye()
	b.until("phone is gone", func() bool { return b.people() == 1 })
}

func TestPages(t *testing.T) {
	t.Parallel()
	r := start(t)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true}}
	get := func(path string) (*http.Response, string) {
		resp, err := client.Get(fmt.Sprintf("https://%s%s", r.WebAddr(), path))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp, string(body)
	}
	known, page := get("/r/1000")
	unknown, same := get("/r/4242")
	if known.StatusCode != 200 || unknown.StatusCode != 200 || page != same || !strings.Contains(page, "<html") {
		t.Error("a room's page tells whether the room exists")
	}
	for header, want := range map[string]string{
		"Content-Security-Policy": "default-src 'none'", "Permissions-Policy": "microphone=(self)", "Cross-Origin-Opener-Policy": "same-origin",
		"Cross-Origin-Embedder-Policy": "require-corp", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff",
	} {
		if !strings.Contains(known.Header.Get(header), want) {
			t.Errorf("%s is %q", header, known.Header.Get(header))
		}
	}
	if known.Header.Get("Strict-Transport-Security") != "" || strings.Contains(known.Header.Get("Content-Security-Policy"), "unsafe") {
		t.Error("HSTS with a certificate of our own, or inline code")
	}
	if resp, body := get("/api/v1/config"); resp.StatusCode != 200 || !strings.Contains(body, `"languages":["en"]`) {
		t.Errorf("config %s", body)
	}
	for _, path := range []string{"/metrics", "/api/v1/calls", "/api/v1/identity", "/api/v1/meetings", "/api/v1/meetings/1000/log", "/nothing", "/assets/"} {
		if resp, _ := get(path); resp.StatusCode != http.StatusNotFound {
			t.Errorf("%s on the public listener: %d", path, resp.StatusCode)
		}
	}
	if code, body := r.get("/openapi.json"); code != 200 || !strings.Contains(body, "/api/v1/calls/refused") {
		t.Errorf("openapi %d", code)
	}
}

func TestMutingByAHostStandsAcrossABreak(t *testing.T) {
	t.Parallel()
	r := start(t)
	host := r.browser("1000", "h."+hostSecret)
	host.await("admitted", nil)
	guest := r.browser("1000", "g."+guestSecret, "name", "Grace")
	w := guest.greeting()
	guest.close()
	host.send(map[string]any{"type": "muteOther", "participant": w.Participant})
	host.until("guest is muted", func() bool { p, ok := host.named("Grace"); return ok && p.MutedByHost })
	again := r.browser("1000", "g."+guestSecret, "name", "Grace", "resume", w.Resume)
	again.await("admitted", nil)
	again.send(map[string]any{"type": "hand", "raised": true, "re": 1})
	again.await("ok", nil)
	if p, ok := again.named("Grace"); !ok || !p.MutedByHost {
		t.Errorf("the break undid the host's muting: %+v", p)
	}
}
