package rtpsession

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// step is one event packet of a test and how long after the one before it comes.
type step struct {
	after time.Duration
	eventPacket
}

func ev(afterMS int, ts uint32, marker bool, code uint8, end bool, duration uint16) step {
	return step{time.Duration(afterMS) * time.Millisecond,
		eventPacket{ssrc: 1, timestamp: ts, marker: marker, code: code, end: end, duration: duration}}
}

// press is a whole event as most phones send it: start, updates, end three times.
func press(afterMS int, ts uint32, code uint8) []step {
	return []step{
		ev(afterMS, ts, true, code, false, 160), ev(20, ts, false, code, false, 320), ev(20, ts, false, code, false, 480),
		ev(20, ts, false, code, true, 640), ev(0, ts, false, code, true, 640), ev(0, ts, false, code, true, 640),
	}
}

func join(lists ...[]step) []step {
	var out []step
	for _, l := range lists {
		out = append(out, l...)
	}
	return out
}

func told(steps []step) string {
	var e events
	now := time.Unix(1000, 0)
	out := ""
	for _, s := range steps {
		now = now.Add(s.after)
		if e.hear(s.eventPacket, now) && int(s.code) < len(digits) {
			out += string(digits[s.code])
		}
	}
	return out
}

// TestEvents: every digit once, whatever is lost, repeated or odd.
func TestEvents(t *testing.T) {
	other := press(20, 54720, 7)
	for i := range other {
		other[i].ssrc = 99
	}
	cases := map[string]struct {
		steps []step
		want  string
	}{
		"plain":                    {join(press(0, 1000, 1), press(60, 2000, 2), press(60, 3000, 2)), "122"},
		"start lost":               {press(0, 1000, 1)[1:], "1"},
		"only one end arrives":     {press(0, 1000, 1)[5:], "1"},
		"all ends lost":            {join(press(0, 1000, 1)[:3], press(80, 2000, 1)), "11"},
		"start sent twice":         {join(press(0, 1000, 5)[:1], press(5, 1000, 5)), "5"},
		"late packet of the last":  {join(press(0, 1000, 1), press(60, 2000, 2)[:2], []step{ev(1, 1000, false, 1, true, 640)}), "12"},
		"own ssrc beside another":  {join(press(0, 1000, 1), other), "17"},
		"recording played again":   {join(press(0, 54720, 7), press(400, 54720, 7)), "77"},
		"recordings, old one last": {join(press(0, 13280, 1), press(300, 54720, 7), press(300, 13280, 1)), "171"},
		"recording cut and again":  {join(press(0, 54720, 7)[:3], press(400, 54720, 7)), "77"},
		"timestamp moves along": {[]step{ev(0, 1000, true, 4, false, 160), ev(20, 1160, false, 4, false, 320),
			ev(20, 1320, false, 4, false, 480), ev(20, 1480, false, 4, true, 640)}, "4"},
		"same key, marker lost, end heard": {join(press(0, 1000, 3), press(60, 2000, 3)[1:]), "33"},
		"longer than a segment": {[]step{ev(0, 1000, true, 9, false, 160), ev(8000, 1000, false, 9, false, 0xffff),
			ev(20, 1000+0xffff, false, 9, false, 160), ev(20, 1000+0xffff, false, 9, true, 320)}, "9"},
		"long with updates lost": {[]step{ev(0, 1000, true, 9, false, 160), ev(2000, 1000, false, 9, false, 16000), ev(20, 1000, false, 9, true, 16160)}, "9"},
		"flash is no digit":      {press(0, 1000, 16), ""},
		"letters":                {join(press(0, 1, 10), press(60, 2000, 11), press(60, 4000, 12), press(60, 6000, 15)), "*#AD"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := told(c.steps); got != c.want {
				t.Errorf("told %q, want %q", got, c.want)
			}
		})
	}
}

// TestEventsUnderLoss: any loss and repetition that leaves one packet of each press still tells all keys in order.
func TestEventsUnderLoss(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		codes := rapid.SliceOfN(rapid.Uint8Range(0, 15), 1, 12).Draw(t, "codes")
		var steps []step
		want := ""
		for i, code := range codes {
			want += string(digits[code])
			whole := press(80, uint32(1000*(i+1)), code)
			keep := rapid.SliceOfN(rapid.IntRange(0, 2), len(whole), len(whole)).Draw(t, "copies")
			sure := rapid.IntRange(0, len(whole)-1).Draw(t, "sure")
			waited := time.Duration(0)
			for k, s := range whole {
				waited += s.after
				copies := keep[k]
				if k == sure {
					copies = max(copies, 1)
				}
				for range copies {
					s.after, waited = waited, 0
					steps = append(steps, s)
				}
			}
		}
		if got := told(steps); got != want {
			t.Fatalf("told %q, want %q", got, want)
		}
	})
}

func FuzzEvents(f *testing.F) {
	f.Add([]byte{7, 0x8a, 8, 0xc0}, uint32(1), uint32(2), true)
	f.Fuzz(func(t *testing.T, payload []byte, ssrc, ts uint32, marker bool) {
		var e events
		p, ok := parseEvent(payload)
		if ok != (len(payload) >= 4) {
			t.Fatal("length not respected")
		}
		p.ssrc, p.timestamp, p.marker = ssrc, ts, marker
		now := time.Unix(1, 0)
		if !e.hear(p, now) || e.hear(p, now) {
			t.Fatal("not told once")
		}
	})
}

func TestDigitCode(t *testing.T) {
	for i, r := range digits {
		if c, ok := digitCode(r); !ok || int(c) != i {
			t.Errorf("%c is %d", r, c)
		}
	}
	if c, ok := digitCode('d'); !ok || c != 15 {
		t.Errorf("d is %d", c)
	}
	for _, r := range "x+ é" {
		if _, ok := digitCode(r); ok {
			t.Errorf("%c taken", r)
		}
	}
}
