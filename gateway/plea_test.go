package gateway

import (
	"testing"
	"time"

	"legroom/gateway/meeting"
	"legroom/menu"
	"legroom/rooms"
)

func TestComparedCode(t *testing.T) {
	at := time.Date(2026, 11, 22, 14, 3, 59, 0, time.Local)
	for code, want := range map[string]*menu.Compared{
		"12345607": {Hour: 14, Minute: 3, Pairs: [4]int{12, 34, 56, 7}}, "1234 5607": {Hour: 14, Minute: 3, Pairs: [4]int{12, 34, 56, 7}},
		"00000000": {Hour: 14, Minute: 3}, "": nil, "1234567": nil, "123456789": nil, "1234567x": nil, "１２３４５６７８": nil, "12 34 56 7": nil,
	} {
		got := comparedAt(code, at)
		if (got == nil) != (want == nil) || got != nil && *got != *want {
			t.Errorf("%q is spoken as %+v, want %+v", code, got, want)
		}
	}
	if got := comparedAt("12345678", at.UTC()); got.Hour != 14 {
		t.Errorf("an hour of another place: %d", got.Hour)
	}
}

func TestWhoWaits(t *testing.T) {
	waiting := func(k rooms.LegKind, r rooms.Role) rooms.Info {
		return rooms.Info{Kind: k, Role: r, State: rooms.Waiting}
	}
	in := func(k rooms.LegKind, r rooms.Role) rooms.Info {
		return rooms.Info{Kind: k, Role: r, State: rooms.Joined}
	}
	for name, c := range map[string]struct {
		mode        rooms.Mode
		people      []rooms.Info
		waits, host bool
	}{
		"nobody":                 {rooms.Mixed, nil, false, false},
		"a telephone":            {rooms.Mixed, []rooms.Info{waiting(rooms.Phone, rooms.Host)}, true, false},
		"a guest":                {rooms.Mixed, []rooms.Info{waiting(rooms.Browser, rooms.Guest)}, true, false},
		"a host's browser":       {rooms.Mixed, []rooms.Info{waiting(rooms.Browser, rooms.Host)}, false, false},
		"one that is in":         {rooms.Mixed, []rooms.Info{in(rooms.Browser, rooms.Host)}, false, true},
		"a guest that is in":     {rooms.Mixed, []rooms.Info{in(rooms.Browser, rooms.Guest)}, false, false},
		"a host on the phone":    {rooms.Mixed, []rooms.Info{in(rooms.Phone, rooms.Host)}, false, false},
		"a host of an open room": {rooms.Open, []rooms.Info{waiting(rooms.Browser, rooms.Host)}, true, false},
	} {
		s := &rooms.Snapshot{Mode: c.mode, Participants: c.people}
		if somebodyWaits(s) != c.waits || hostInBrowser(s) != c.host {
			t.Errorf("%s: waits %v, host in a browser %v", name, somebodyWaits(s), hostInBrowser(s))
		}
	}
}

// still is a plea that nobody answers.
type still struct {
	state    meeting.PleaState
	reminded int
}

func (s *still) State() meeting.PleaState { return s.state }
func (s *still) Changed() <-chan struct{} { return nil }
func (s *still) Remind()                  { s.reminded++ }
func (s *still) Close()                   {}

func TestKnocks(t *testing.T) {
	k := newKnocks()
	asked, alone, elsewhere := &still{state: meeting.Asked}, &still{state: meeting.NobodyHere}, &still{state: meeting.Asked}
	if k.remind("1000") {
		t.Error("nobody waits, and somebody was reminded")
	}
	gone := k.add("1000", asked)
	k.add("1000", alone)
	k.add("2000", elsewhere)
	if !k.remind("1000") || asked.reminded != 1 || alone.reminded != 0 || elsewhere.reminded != 0 {
		t.Errorf("reminded %d, %d where nobody is, %d elsewhere", asked.reminded, alone.reminded, elsewhere.reminded)
	}
	gone()
	gone()
	if k.remind("1000") || asked.reminded != 1 {
		t.Error("who has gone in is still waited for")
	}
	if len(k.waiting["1000"]) != 1 || len(k.waiting) != 2 {
		t.Errorf("kept %v", k.waiting)
	}
}
