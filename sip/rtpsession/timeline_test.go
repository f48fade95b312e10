package rtpsession

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestTimeline: one stream whatever feeds it.
func TestTimeline(t *testing.T) {
	type in struct {
		from  uint64
		stamp uint32
		after time.Duration
		want  uint32 // ticks after the packet before
		fresh bool
	}
	const ms = time.Millisecond
	cases := map[string][]in{
		"steady":               {{1, 500, 0, 0, true}, {1, 660, 20 * ms, 160, false}, {1, 820, 20 * ms, 160, false}},
		"bursty but exact":     {{1, 500, 0, 0, true}, {1, 660, 60 * ms, 160, false}, {1, 820, 0, 160, false}, {1, 980, 0, 160, false}},
		"wraps":                {{1, 0xffffffff - 79, 0, 0, true}, {1, 80, 20 * ms, 160, false}},
		"pause of the source":  {{1, 500, 0, 0, true}, {1, 500 + 8000, time.Second, 8000, true}},
		"switch":               {{1, 500, 0, 0, true}, {2, 90000, 20 * ms, 160, true}, {2, 90160, 20 * ms, 160, false}},
		"switch at once":       {{1, 500, 0, 0, true}, {2, 90000, 0, 160, true}},
		"switch after a while": {{1, 500, 0, 0, true}, {2, 0, 3 * time.Second, 24000, true}},
		"source jumps back":    {{1, 5000, 0, 0, true}, {1, 100, 20 * ms, 160, true}, {1, 260, 20 * ms, 160, false}},
		"source jumps far":     {{1, 500, 0, 0, true}, {1, 9_000_000, 20 * ms, 160, true}},
	}
	for name, steps := range cases {
		t.Run(name, func(t *testing.T) {
			line := timeline{ssrc: 1, rate: 8000, ticks: 160, sequence: 10, sent: 12345}
			now := time.Unix(100, 0)
			var last uint32
			for i, s := range steps {
				now = now.Add(s.after)
				seq, ts, fresh := line.next(s.from, s.stamp, now)
				if i > 0 && ts-last != s.want {
					t.Errorf("step %d: %d ticks on, want %d", i, ts-last, s.want)
				}
				if fresh != s.fresh || seq != uint16(11+i) {
					t.Errorf("step %d: fresh %v seq %d", i, fresh, seq)
				}
				last = ts
			}
		})
	}
}

// TestTimelineNeverGoesBack holds for any mixture of sources.
func TestTimelineNeverGoesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line := timeline{rate: 8000, ticks: 160}
		now := time.Unix(100, 0)
		var last uint32
		var lastSeq uint16
		for i := range rapid.IntRange(2, 40).Draw(t, "packets") {
			now = now.Add(time.Duration(rapid.IntRange(0, 3000).Draw(t, "ms")) * time.Millisecond)
			seq, ts, _ := line.next(rapid.Uint64Range(1, 3).Draw(t, "source"), rapid.Uint32().Draw(t, "stamp"), now)
			if i > 0 && (int32(ts-last) < 0 || seq != lastSeq+1) {
				t.Fatalf("from %d to %d, sequence %d to %d", last, ts, lastSeq, seq)
			}
			last, lastSeq = ts, seq
		}
	})
}
