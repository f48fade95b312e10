//go:build e2e

package e2e

import (
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"legroom/e2ee"
	"legroom/test/e2e/hostile"
)

// A ghost is somebody whom nobody let in. The server sends it into the log by its own signed wish, which careless members
// would carry in their next commit, and by an Add in the founder's name.
func (s *scene) ghost(t *testing.T) {
	f := hostile.NewForgery(s.evil.State())
	for name, page := range s.pages {
		line := s.evil.Line(name)
		before := line.Refused()
		for _, commit := range [][]byte{f.Proposal(), f.Admission()} {
			line.Forge(f.Epoch(), commit)
			s.refused(t, page, "failure.badCommit.unknown")
		}
		eventually(t, "what was forged is reported", func() bool { return line.Refused() == before+2 })
		line.Tell(hostile.Delivery("relayed", hostile.Message{"message": f.Proposal()}))
		s.refused(t, page, "failure.unreadable")
	}
	s.change(t)
	s.whole(t)
}

// A commit that was in force before comes again, as if it had won this epoch.
func (s *scene) replayed(t *testing.T) {
	s.change(t)
	commit := s.evil.LastCommit()
	for name, page := range s.pages {
		eventually(t, "the commit is in force", func() bool { return s.evil.Line(name).Told() == commit.Seq })
		s.evil.Line(name).Forge(s.evil.State().Epoch, commit.Bytes)
		s.refused(t, page, "failure.badCommit.unknown")
	}
	s.whole(t)
}

// The server lists somebody who is not in the group, and a telephone that nobody let in, and calls Ben by another name.
// Of all that the page believes that Ben has raised his hand.
func (s *scene) falseRoster(t *testing.T) {
	anna, line := s.pages["Anna"], s.evil.Line("Anna")
	person := func(id, name, kind string, more hostile.Message) hostile.Message {
		p := hostile.Message{
			"id": id, "name": name, "kind": kind, "role": "host", "state": "joined", "muted": false, "mutedByHost": false, "hand": 0,
			"security": "dtls", "sources": []string{"microphone"}, "joinedAt": time.Now().UnixMilli(),
		}
		for k, v := range more {
			p[k] = v
		}
		return p
	}
	ben := s.evil.Line("Ben").Participant()
	line.Tell(hostile.Message{"type": "rosterChange", "revision": 1, "gone": []string{}, "upsert": []hostile.Message{
		person("eve", "Eve", "browser", hostile.Message{"leaf": 9}),
		person("line", "Eve by telephone", "phone", hostile.Message{"grant": 1, "line": 0}),
		person(ben, "Eve", "browser", hostile.Message{"leaf": 1, "hand": 1}),
	}})
	anna.See("[data-testid=tile] .tile-hand")
	seePeople(anna, 2)
	var shown string
	anna.Evaluate(`() => document.body.innerText`, nil, &shown)
	if strings.Contains(shown, "Eve") || !strings.Contains(shown, "Ben") {
		t.Errorf("the page believes the server who is there: %q", shown)
	}
	anna.Click("[data-testid=room-mark]")
	s.says(t, anna, "[data-testid=encryption-dialog]", "e2ee.sealed")
	anna.Until(`() => document.querySelectorAll("[data-testid=member]").length === 2`, nil)
	anna.Press("Escape")
	line.Tell(hostile.Message{"type": "rosterChange", "revision": 2, "gone": []string{"eve", "line"}, "upsert": []hostile.Message{
		person(ben, "Ben", "browser", hostile.Message{"leaf": 1, "role": "guest"}),
	}})
	s.whole(t)
}

// Ben is told of no commit any more, and everything that he asks is answered as if there were none. The others go on.
func (s *scene) dropped(t *testing.T) {
	s.cutOff(nil)
	s.change(t)
	s.broken(t, "e2ee.broken.behind")
	s.back(t, "Ben")
}

// Two commits are told in each other's place: the second cannot be applied before the first, nor any more behind it.
func (s *scene) reordered(t *testing.T) {
	var first hostile.Message
	s.cutOff(func(m hostile.Message) []hostile.Message {
		if first == nil {
			first = m
			return nil
		}
		a, b := first.Clone(), m.Clone()
		x, y := a.Body().At("record"), b.Body().At("record")
		x["seq"], y["seq"] = y["seq"], x["seq"]
		return []hostile.Message{b, a}
	})
	s.change(t)
	s.change(t)
	s.broken(t, "e2ee.broken.behind")
	s.back(t, "Ben")
}

// cutOff gives Ben only what applied makes of the commits, and nothing of what he asks for.
func (s *scene) cutOff(applied func(m hostile.Message) []hostile.Message) {
	s.evil.Line("Ben").Tamper(
		func(m hostile.Message) (on, back []hostile.Message) {
			switch m.Kind() {
			case "meeting missed":
				return nil, []hostile.Message{hostile.Delivery("records", hostile.Message{"id": m.Body()["id"], "records": []any{}})}
			case "meeting wait":
				return nil, []hostile.Message{hostile.Done(m)}
			default:
				return hostile.Pass(m)
			}
		},
		func(m hostile.Message) (on, back []hostile.Message) {
			switch {
			case m.Kind() != "meeting applied":
				return hostile.Pass(m)
			case applied == nil:
				return nil, nil
			default:
				return applied(m), nil
			}
		})
}

// broken waits until Ben's page says that it has stopped sending, and why, and sees that it has.
func (s *scene) broken(t *testing.T, why string) {
	t.Helper()
	ben := s.pages["Ben"]
	mark(ben, "BROKEN")
	s.says(t, ben, "[data-testid=room-mark]", "mark.broken", "mark.broken.more")
	s.says(t, ben, "[data-testid=strip-broken]", "e2ee.broken", why)
	s.stopped(t, "Ben")
}

// Anna makes two commits of one epoch, as the server answers the first as if it had been too busy. Ben is told that the
// one has won, everybody else the other. While they are looked at, the server is too busy for any other: with the next
// one that reaches both the split would be over.
func (s *scene) fork(t *testing.T) {
	anna, ben := s.pages["Anna"], s.pages["Ben"]
	epoch := s.evil.State().Epoch
	busy := func(m hostile.Message) (on, back []hostile.Message) {
		if m.Kind() != "meeting submit" {
			return hostile.Pass(m)
		}
		return nil, []hostile.Message{hostile.Failed(m, "throttled", 1000)}
	}
	var first atomic.Pointer[string]
	second := false
	s.evil.Line("Anna").Tamper(func(m hostile.Message) (on, back []hostile.Message) {
		commit := m.Body().Text("commit")
		switch {
		case m.Kind() != "meeting submit" || second:
			return busy(m)
		case first.CompareAndSwap(nil, &commit) || *first.Load() == commit:
			return nil, []hostile.Message{hostile.Failed(m, "throttled", 300)}
		default:
			second = true
			return hostile.Pass(m)
		}
	}, nil)
	s.evil.Line("Ben").Tamper(busy, func(m hostile.Message) (on, back []hostile.Message) {
		record := m.Body().At("record")
		if m.Kind() == "meeting applied" && record.Number("epoch") == epoch {
			record["commit"] = *first.Load()
		}
		return hostile.Pass(m)
	})
	others := slices.DeleteFunc([]e2ee.VetoRule{e2ee.VetoHost, e2ee.VetoAny, e2ee.VetoAll}, func(rule e2ee.VetoRule) bool { return rule == s.rule() })
	s.choose(string(others[0]))
	eventually(t, "a commit was held back", func() bool { return first.Load() != nil })
	s.choose(string(others[1]))
	s.chosen(t, others[1])
	mark(anna, "SEALED")
	mark(ben, "SEALED")
	s.split(t)

	// The halves cannot be put together again behind anybody's back.
	s.evil.Line("Anna").Tamper(nil, nil)
	s.choose(string(others[0]))
	s.chosen(t, others[0])
	s.refusedBehind(t, ben, "failure.unreadable", "failure.badCommit.unknown")
	s.evil.Line("Ben").Tamper(nil, nil)
	s.reload("Ben")
	s.whole(t)
}

// split sees that the two are in two meetings, and can find out: nothing of the one opens for the other, whose page says
// so, and their codes differ.
func (s *scene) split(t *testing.T) {
	t.Helper()
	codes := make(map[string]bool)
	for _, page := range s.pages {
		s.comes(t, page, "[data-testid=unreadable]", "person.unopened.sound")
		if samples := page.Hear(time.Second); level(samples) > -90 {
			t.Errorf("the halves of a split meeting hear each other, %.0f dBFS", level(samples))
		}
	}
	s.pages["Anna"].Click("[data-testid=room-mark]")
	s.pages["Anna"].Click("[data-testid=short-start]")
	s.refused(t, s.pages["Ben"], "failure.unreadable")
	s.pages["Ben"].Click("[data-testid=room-mark]")
	for _, page := range s.pages {
		page.Click("[data-testid=long-show]")
		codes[page.Text("[data-testid=long-code]")] = true
		page.Press("Escape")
	}
	if len(codes) != 2 {
		t.Errorf("a split meeting has one code: %v", codes)
	}
}
