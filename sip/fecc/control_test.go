package fecc

import (
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"
)

func at(ms int) time.Time { return time.UnixMilli(int64(1_000_000 + ms)) }

// verbs of frames, in order.
func verbs(t *testing.T, frames []Frame) (out []Verb) {
	t.Helper()
	for _, f := range frames {
		m, err := ParseMessage(f.Data)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, m.Verb)
	}
	return out
}

// TestHold: start, continue every 400 ms, stop.
func TestHold(t *testing.T) {
	var c Controller
	right := Action{Pan: More}
	if got := verbs(t, c.Move(right, at(0))); !slices.Equal(got, []Verb{Start}) {
		t.Fatal(got)
	}
	type tick struct {
		at   int
		want []Verb
		next int
	}
	for _, k := range []tick{
		{0, nil, 400}, {399, nil, 400}, {400, []Verb{Continue}, 800}, {800, []Verb{Continue}, 1200},
		{5000, []Verb{Continue}, 5400}, // late, and once
	} {
		f, next := c.Tick(at(k.at))
		if !slices.Equal(verbs(t, f), k.want) || !next.Equal(at(k.next)) {
			t.Errorf("at %d: %v, next %v", k.at, verbs(t, f), next.Sub(at(0)))
		}
	}
	if f := c.Move(right, at(5100)); len(f) != 0 {
		t.Errorf("the same again: %v", verbs(t, f))
	}
	if got := verbs(t, c.Move(Action{Zoom: Less}, at(5200))); !slices.Equal(got, []Verb{Stop, Start}) {
		t.Errorf("another: %v", got)
	}
	if got := verbs(t, c.Recall(3)); !slices.Equal(got, []Verb{Stop, RecallPreset}) {
		t.Errorf("a preset: %v", got)
	}
	if f, next := c.Tick(at(6000)); len(f) != 0 || !next.IsZero() || !c.Moving().Still() {
		t.Errorf("after the stop: %v, %v", verbs(t, f), next)
	}
	if got := verbs(t, slices.Concat(c.Move(Action{}, at(6000)), c.Select(2, Motion), c.Store(1))); !slices.Equal(got, []Verb{SelectSource, StorePreset}) {
		t.Errorf("standing still: %v", got)
	}
}

// TestNobodyHolds: a camera is not moved for ever because somebody's browser is gone.
func TestNobodyHolds(t *testing.T) {
	var c Controller
	c.Move(Action{Tilt: More}, at(0))
	now, last := at(0), Verb(0)
	for next := at(0); !next.IsZero(); {
		var f []Frame
		now = next
		if now.After(at(60_000)) {
			t.Fatal("moves on for a minute")
		}
		if f, next = c.Tick(now); len(f) > 0 {
			last = verbs(t, f)[0]
		}
	}
	if last != Stop || now.Sub(at(0)) != MaxHold {
		t.Errorf("%v after %v", last, now.Sub(at(0)))
	}
}

// TestCamera: what is not continued ends.
func TestCamera(t *testing.T) {
	left, up := Action{Pan: Less}, Action{Tilt: More}
	start := func(a Action, d time.Duration) Message { return Message{Verb: Start, Action: a, Timeout: d} }
	type step struct {
		at   int
		in   *Message
		want Action
	}
	message := func(m Message) *Message { return &m }
	cases := map[string][]step{
		"a start alone":           {{0, message(start(left, DefaultTimeout)), left}, {799, nil, left}, {800, nil, Action{}}},
		"with a time of its own":  {{0, message(start(left, 50*time.Millisecond)), left}, {49, nil, left}, {50, nil, Action{}}},
		"continued":               {{0, message(start(left, DefaultTimeout)), left}, {400, message(Message{Verb: Continue, Action: left}), left}, {1199, nil, left}, {1200, nil, Action{}}},
		"continued as another":    {{0, message(start(left, DefaultTimeout)), left}, {400, message(Message{Verb: Continue, Action: up}), left}, {800, nil, Action{}}},
		"a continuation alone":    {{0, message(Message{Verb: Continue, Action: up}), Action{}}},
		"stopped":                 {{0, message(start(left, DefaultTimeout)), left}, {100, message(Message{Verb: Stop, Action: left}), Action{}}},
		"another start":           {{0, message(start(left, DefaultTimeout)), left}, {700, message(start(up, DefaultTimeout)), up}, {1499, nil, up}, {1500, nil, Action{}}},
		"a preset while it moves": {{0, message(start(left, DefaultTimeout)), left}, {10, message(Message{Verb: RecallPreset}), left}},
	}
	for name, steps := range cases {
		t.Run(name, func(t *testing.T) {
			var c Camera
			for _, s := range steps {
				before := c.Moving()
				var changed bool
				if s.in != nil {
					changed = c.Receive(*s.in, at(s.at))
				} else {
					changed, _ = c.Tick(at(s.at))
				}
				if c.Moving() != s.want || changed != (before != s.want) {
					t.Errorf("at %d: %+v, changed %v; want %+v", s.at, c.Moving(), changed, s.want)
				}
			}
		})
	}
}

// TestTogether: with one packet in two lost, a camera moves while it is told to and stops soon after.
func TestTogether(t *testing.T) {
	var c Controller
	var cam Camera
	lost := false
	carry := func(frames []Frame, now time.Time) {
		for _, f := range frames {
			if lost = !lost; lost {
				continue
			}
			m, err := ParseMessage(f.Data)
			if err != nil {
				t.Fatal(err)
			}
			cam.Receive(m, now)
		}
	}
	carry(nil, at(0))
	lost = true // the start arrives, the next continuation does not
	carry(c.Move(Action{Pan: More}, at(0)), at(0))
	for ms := range 2000 {
		f, _ := c.Tick(at(ms))
		carry(f, at(ms))
		cam.Tick(at(ms))
		if cam.Moving().Still() {
			t.Fatalf("stands still at %d ms", ms)
		}
	}
	c.Move(Action{}, at(2000)) // lost
	cam.Tick(at(2000 + 800))
	if !cam.Moving().Still() {
		t.Error("moves on without being told")
	}
}

var boardroom = Capabilities{Presets: 9, Sources: []Source{
	{Number: MainCamera, Motion: true, Pan: true, Tilt: true, Zoom: true}, {Number: DocumentCamera, Motion: true, Double: true},
	{Number: 6, Name: "lectern", Motion: true, Normal: true, Focus: true},
}}

// capabilityBytes are boardroom's, by hand from H.281 clause 5.
const capabilityBytes = "09 14e0 3500 66 6c65637465726e00 10"

func TestCapabilities(t *testing.T) {
	want := unhex(t, capabilityBytes)
	if got, err := boardroom.Append(nil); err != nil || !slices.Equal(got, want) {
		t.Errorf("written %x: %v", got, err)
	}
	if got, err := ParseCapabilities(want); err != nil || !reflect.DeepEqual(got, boardroom) {
		t.Errorf("read %+v: %v", got, err)
	}
	for name, in := range map[string]string{"nothing": "", "half a source": "0914", "a name without end": "0966 6c65", "a name and nothing": "0966 6c6500"} {
		if c, err := ParseCapabilities(unhex(t, in)); !errors.Is(err, ErrShort) {
			t.Errorf("%s: %+v, %v", name, c, err)
		}
	}
	for name, c := range map[string]Capabilities{
		"presets": {Presets: 16}, "number": {Sources: []Source{{Number: 16}}}, "zero in a name": {Sources: []Source{{Number: 7, Name: "a\x00b"}}},
		"a name for the main camera": {Sources: []Source{{Number: 1, Name: "main"}}},
	} {
		if b, err := c.Append(nil); !errors.Is(err, ErrFormat) || b != nil {
			t.Errorf("%s: %x, %v", name, b, err)
		}
	}
	if got := (Action{Pan: Less, Tilt: More, Zoom: Less, Focus: More}).Only(boardroom.Sources[0]); got != (Action{Pan: Less, Tilt: More, Zoom: Less}) {
		t.Errorf("%+v", got)
	}
}

// TestExchange: two sides learn of each other, whoever begins.
func TestExchange(t *testing.T) {
	room, gateway := NewExchange(boardroom), NewExchange(Capabilities{})
	if _, here := gateway.Far(); here {
		t.Error("known before a word")
	}
	toRoom := gateway.Begin(at(0))
	for range 3 {
		var toGateway []Frame
		for _, f := range toRoom {
			out, err := room.Receive(f.Data)
			if err != nil {
				t.Fatal(err)
			}
			toGateway = append(toGateway, out...)
		}
		toRoom = nil
		for _, f := range toGateway {
			out, err := gateway.Receive(f.Data)
			if err != nil {
				t.Fatal(err)
			}
			toRoom = append(toRoom, out...)
		}
	}
	if len(toRoom) != 0 {
		t.Error("they do not stop")
	}
	if far, here := gateway.Far(); !here || !reflect.DeepEqual(far, boardroom) {
		t.Errorf("%+v, %v", far, here)
	}
	if _, here := room.Far(); !here {
		t.Error("the room did not learn of us")
	}
	if f, next := gateway.Tick(at(60_000)); len(f) != 0 || !next.IsZero() {
		t.Error("asks what it knows")
	}
}

// TestExchangeAsksAgain: five times, and no more.
func TestExchangeAsksAgain(t *testing.T) {
	e := NewExchange(Capabilities{})
	e.Begin(at(0))
	n, now := 1, at(0)
	for next := at(0); !next.IsZero(); {
		var f []Frame
		now = next
		if f, next = e.Tick(now); len(f) > 0 {
			n++
		}
		if n > 100 {
			t.Fatal("does not stop")
		}
	}
	if n != maxAsks {
		t.Errorf("asked %d times, the last at %v", n, now.Sub(at(0)))
	}
}

func TestExchangeReads(t *testing.T) {
	cases := map[string]struct {
		in   string
		here bool
		err  error
	}{
		"a list with us in it":         {"0100 03 02 7e05 81", true, nil},
		"a list with a maker's client": {"0100 02 7f b5 00 00 12 34 01", true, nil},
		"a list without":               {"0100 01 02", false, nil},
		"an empty list":                {"0100 00", false, nil},
		"a list that ends":             {"0100 02 81", false, ErrShort},
		"a list of nothing":            {"0100", false, ErrShort},
		"abilities of another client":  {"0200 82 00", false, nil},
		"abilities of none":            {"0200", false, nil},
		"abilities that end":           {"0200 81", false, ErrShort},
		"half":                         {"01", false, ErrShort},
		"a code nobody knows":          {"0500", false, ErrFormat},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			e := NewExchange(Capabilities{})
			if _, err := e.Receive(unhex(t, c.in)); !errors.Is(err, c.err) {
				t.Errorf("%v, want %v", err, c.err)
			}
			if _, here := e.Far(); here != c.here {
				t.Errorf("here %v", here)
			}
		})
	}
}
