//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"legroom/e2ee"
	"legroom/gateway/api"
	"legroom/test/e2e/chromium"
	"legroom/test/e2e/hostile"
	"legroom/test/e2e/server"
	"legroom/test/e2e/words"
)

// scene is an encrypted meeting of two honest browsers behind a server that is none of that: Anna is the host.
type scene struct {
	gateway  *server.Server
	evil     *hostile.Server
	words    words.Catalogue
	rooms    int
	browsers map[string]*chromium.Browser
	pages    map[string]*chromium.Page
}

// What the two say.
const (
	annaTone = 440
	benTone  = 700
	openRoom = "2000"
)

// A server that does not keep to the rules gets nothing: whatever it tries is refused by the people's browsers, or ends
// their sending, and they say so in words. What it tries, it tries on the pages themselves: it stands in front of the real
// gateway, changes what both sides say, and has their media where that is the matter.
//
// Each attack leaves the meeting as it was. Those of which another test says something on a smaller stage are tried with
// LEGROOM_SOAK set only.
func TestAMaliciousServer(t *testing.T) {
	s := newScene(t)
	attack := func(name string, run func(*scene, *testing.T)) {
		stands := t.Run(name, func(t *testing.T) {
			began := time.Now()
			own := s.in(t)
			t.Cleanup(func() { own.tell(t) })
			run(own, t)
			t.Logf("%s: %v", name, time.Since(began).Round(100*time.Millisecond))
		})
		if !stands {
			s.anew(t)
		}
	}
	attack("ghost member", (*scene).ghost)
	attack("replayed commit", (*scene).replayed)
	attack("false roster", (*scene).falseRoster)
	attack("grant without a host", (*scene).grantWithoutHost)
	attack("wrong gateway key", (*scene).wrongGatewayKey)
	attack("widened scope", (*scene).widenedScope)
	attack("dropped commit", (*scene).dropped)
	attack("injected clear frames", (*scene).injected)
	if os.Getenv("LEGROOM_SOAK") != "" {
		attack("stripped transform", (*scene).stripped)
		attack("reordered commits", (*scene).reordered)
		attack("fork", (*scene).fork)
		attack("downgraded mode", (*scene).downgraded)
		attack("foreign answer", (*scene).foreignAnswer)
		attack("stale bundle", (*scene).staleBundle)
	}
	attack("forged checkpoint", (*scene).forgedCheckpoint)
}

func newScene(t *testing.T) *scene {
	t.Helper()
	s := &scene{browsers: make(map[string]*chromium.Browser)}
	rooms := []room{{number: openRoom, mode: "open", capacity: 20}}
	for n := range 20 {
		rooms = append(rooms, room{number: fmt.Sprint(2001 + n), mode: "mixed", lobby: true, capacity: 20})
	}
	s.gateway = server.Start(t, config(false, rooms...))
	s.evil = hostile.Start(t, s.gateway)
	s.words = words.English(t, filepath.Join(server.Root(t), "web"))
	d := driver(t)
	s.browsers["Anna"], s.browsers["Ben"] = d.Launch(voice(t, annaTone)), d.Launch(voice(t, benTone))
	s.enter(t)
	return s
}

// enter begins a meeting with two honest pages in it.
func (s *scene) enter(t *testing.T) {
	t.Helper()
	s.rooms++
	s.pages = make(map[string]*chromium.Page)
	s.evil.Forget()
	s.pages["Anna"] = enter(t, s.browsers["Anna"], s.evil.Link(s.room(), "h."+hostSecret, query), "Anna")
	s.pages["Anna"].See("[data-testid=room]")
	s.pages["Ben"] = enter(t, s.browsers["Ben"], s.evil.Link(s.room(), "g."+guestSecret, query), "Ben")
	admitCard(s.pages["Anna"], s.pages["Ben"])
	s.whole(t)
}

// in gives the scene to a subtest.
func (s *scene) in(t *testing.T) *scene {
	own := *s
	own.pages = make(map[string]*chromium.Page)
	for name, page := range s.pages {
		own.pages[name] = page.In(t)
	}
	return &own
}

// room that the meeting is in. Another meeting has another room: a room belongs to who was there first.
func (s *scene) room() string { return fmt.Sprint(2000 + s.rooms) }

// tell writes down what the pages say, for whoever reads a failure.
func (s *scene) tell(t *testing.T) {
	if !t.Failed() {
		return
	}
	for name, page := range s.pages {
		var said string
		page.Evaluate(`() => document.body.innerText.replace(/\s+/g, " ")`, nil, &said)
		t.Logf("the page of %s says: %s", name, said)
	}
}

// anew begins another meeting, so that one attack that does not end as it has to says nothing of those behind it.
func (s *scene) anew(t *testing.T) {
	t.Helper()
	for _, page := range s.pages {
		page.Close()
	}
	s.enter(t)
}

// whole waits until both are in one meeting of theirs, and the server forwards sealed sound of both.
func (s *scene) whole(t *testing.T) {
	t.Helper()
	for _, page := range s.pages {
		mark(page, "SEALED")
		seePeople(page, 2)
	}
	eventually(t, "both speak in one meeting", func() bool {
		if len(s.evil.State().Members()) != 2 {
			return false
		}
		forwarded := s.forwarded(t)
		for name := range s.pages {
			sound := forwarded[s.evil.Line(name).Participant()]
			if sound.Sealed == 0 || sound.Sealed != sound.Payloads {
				return false
			}
		}
		return true
	})
}

// stopped requires that the server gets no more sound of somebody whose browser says that it sends none.
func (s *scene) stopped(t *testing.T, name string) {
	t.Helper()
	if sound := s.forwarded(t)[s.evil.Line(name).Participant()]; sound.Payloads != 0 {
		t.Errorf("%s has stopped sending, and the server gets %d packets of sound in a second", name, sound.Payloads)
	}
}

// forwarded is the sound that the gateway gets in a second, by participant.
func (s *scene) forwarded(t *testing.T) map[string]api.TapStream {
	t.Helper()
	status, body := s.gateway.Get("/api/v1/rooms/" + s.room() + "/tap?seconds=1")
	tap := new(api.Tap)
	if err := json.Unmarshal([]byte(body), tap); err != nil || status != 200 {
		t.Fatalf("tap: %d %s", status, body)
	}
	sounds := make(map[string]api.TapStream)
	for _, stream := range tap.Streams {
		if stream.Source == "microphone" {
			sounds[stream.Participant] = stream
		}
	}
	return sounds
}

// says waits until an element of the page can be seen, and requires it to say each of the texts.
func (s *scene) says(t *testing.T, page *chromium.Page, selector string, names ...string) {
	t.Helper()
	said := page.Text(selector)
	for _, name := range names {
		if !s.words.Says(t, said, name) {
			t.Errorf("%s says %q, not %q", selector, said, s.words[name])
		}
	}
}

// comes waits until a page says all of it: of several things that go wrong each is found out in its own time.
func (s *scene) comes(t *testing.T, page *chromium.Page, selector string, names ...string) {
	t.Helper()
	eventually(t, selector+" says "+names[0], func() bool {
		said := page.Text(selector)
		return !slices.ContainsFunc(names, func(name string) bool { return !s.words.Says(t, said, name) })
	})
}

// refused is said by a page in a line that the user then takes note of.
func (s *scene) refused(t *testing.T, page *chromium.Page, name string) {
	t.Helper()
	s.says(t, page, "[data-testid=strip-failure]", name)
	page.Click("[data-testid=strip-failure] [data-testid=understood]")
}

// refusedBehind is refused behind lines that say something else once more: of those who are split, each message cannot be read.
func (s *scene) refusedBehind(t *testing.T, page *chromium.Page, other, name string) {
	t.Helper()
	strip := "[data-testid=strip-failure]"
	eventually(t, strip+" says "+name, func() bool {
		page.See(strip)
		if s.words.Says(t, page.Text(strip), other) {
			page.Click(strip + " [data-testid=understood]")
			return false
		}
		return s.words.Says(t, page.Text(strip), name)
	})
	s.refused(t, page, name)
}

// choose has Anna choose who decides about telephones: a commit, if it is another rule than before.
func (s *scene) choose(rule string) {
	anna := s.pages["Anna"]
	anna.Click("[data-testid=room-mark]")
	anna.See("[data-testid=policy-rule]")
	anna.Evaluate(`(rule) => {
		const choice = document.querySelector("[data-testid=policy-rule]");
		choice.value = rule;
		choice.dispatchEvent(new Event("change", { bubbles: true }));
	}`, rule, nil)
	anna.Press("Escape")
	anna.Gone("[data-testid=encryption-dialog]")
}

// rule of the group; chosen waits until it is that one.
func (s *scene) rule() e2ee.VetoRule { return s.evil.State().Policy.VetoRule }

func (s *scene) chosen(t *testing.T, rule e2ee.VetoRule) {
	t.Helper()
	eventually(t, "the group decides by "+string(rule), func() bool { return s.rule() == rule })
}

// change has Anna make a commit, and waits until it has won.
func (s *scene) change(t *testing.T) {
	t.Helper()
	next := e2ee.VetoHost
	if s.rule() == next {
		next = e2ee.VetoAny
	}
	s.choose(string(next))
	s.chosen(t, next)
}

// back lets a page whose connection the server held up come back as itself.
func (s *scene) back(t *testing.T, name string) {
	t.Helper()
	line := s.evil.Line(name)
	line.Tamper(nil, nil)
	line.Break()
	s.whole(t)
}

// reload opens the meeting anew in a page that was in it.
func (s *scene) reload(name string) {
	s.pages[name].Reload()
	s.pages[name].Click("[data-testid=join]")
}

func eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for !so() {
		if time.Now().After(deadline) {
			t.Fatalf("not within 20 s: %s", what)
		}
		<-time.After(20 * time.Millisecond)
	}
}
