package rtpsession

import (
	"testing"
	"time"

	"github.com/pion/rtp"
	"pgregory.net/rapid"

	"legroom/media/payload"
)

// TestRenumber: gaps and order of a source stay, a change of source leaves none.
func TestRenumber(t *testing.T) {
	type in struct {
		from  uint64
		ssrc  uint32
		seq   uint16
		stamp uint32
		after time.Duration
		want  int   // number after the first
		ticks int32 // timestamp after the first
		drop  bool
	}
	const ms = time.Millisecond
	cases := map[string][]in{
		"steady":                    {{1, 7, 100, 500, 0, 0, 0, false}, {1, 7, 101, 500, 0, 1, 0, false}, {1, 7, 102, 3500, 33 * ms, 2, 3000, false}},
		"a gap stays":               {{1, 7, 100, 500, 0, 0, 0, false}, {1, 7, 104, 3500, 33 * ms, 4, 3000, false}},
		"order stays":               {{1, 7, 100, 500, 0, 0, 0, false}, {1, 7, 102, 500, 0, 2, 0, false}, {1, 7, 101, 500, 0, 1, 0, false}, {1, 7, 103, 3500, 33 * ms, 3, 3000, false}},
		"twice":                     {{1, 7, 100, 500, 0, 0, 0, false}, {1, 7, 101, 500, 0, 1, 0, false}, {1, 7, 101, 500, 0, 0, 0, true}, {1, 7, 100, 500, 0, 0, 0, true}},
		"wraps":                     {{1, 7, 65535, 0xffffffff, 0, 0, 0, false}, {1, 7, 0, 2999, 33 * ms, 1, 3000, false}},
		"pictures out of order":     {{1, 7, 1, 9000, 0, 0, 0, false}, {1, 7, 2, 15000, 33 * ms, 1, 6000, false}, {1, 7, 3, 12000, 33 * ms, 2, 3000, false}, {1, 7, 4, 18000, 33 * ms, 3, 9000, false}},
		"another source":            {{1, 7, 100, 500, 0, 0, 0, false}, {2, 9, 40000, 8_000_000, 40 * ms, 1, 3600, false}, {2, 9, 40001, 8_003_000, 33 * ms, 2, 6600, false}},
		"another SSRC":              {{1, 7, 100, 500, 0, 0, 0, false}, {1, 8, 100, 500, 100 * ms, 1, 9000, false}},
		"another source at once":    {{1, 7, 100, 500, 0, 0, 0, false}, {2, 9, 5, 0, 0, 1, leastStep, false}},
		"late one of the source":    {{1, 7, 100, 500, 0, 0, 0, false}, {2, 9, 40000, 0, 40 * ms, 1, 3600, false}, {2, 9, 39999, 0, 0, 0, 0, true}},
		"the source begins anew":    {{1, 7, 9000, 500, 0, 0, 0, false}, {1, 7, 3, 77, 40 * ms, 1, 3600, false}, {1, 7, 4, 3077, 33 * ms, 2, 6600, false}},
		"the source jumps far":      {{1, 7, 100, 500, 0, 0, 0, false}, {1, 7, 9000, 3500, 40 * ms, 1, 3600, false}},
		"timestamps jump":           {{1, 7, 100, 500, 0, 0, 0, false}, {1, 7, 101, 90_000_000, 40 * ms, 1, 3600, false}, {1, 7, 102, 90_003_000, 33 * ms, 2, 6600, false}},
		"a pause of the source":     {{1, 7, 100, 500, 0, 0, 0, false}, {1, 7, 101, 500 + 900_000, 10 * time.Second, 1, 900_000, false}},
		"a gap longer than it sees": {{1, 7, 100, 500, 0, 0, 0, false}, {1, 7, 1100, 3500, 33 * ms, 1000, 3000, false}, {1, 7, 1099, 3500, 0, 999, 3000, false}},
	}
	for name, steps := range cases {
		t.Run(name, func(t *testing.T) {
			line := timeline{ssrc: 1, rate: 90000, sequence: 65530, sent: 0xfffffff0}
			var r renumber
			now := time.Unix(100, 0)
			var first uint16
			var begin uint32
			for i, s := range steps {
				now = now.Add(s.after)
				seq, ts, ok := r.next(&line, s.from, &rtp.Header{SSRC: s.ssrc, SequenceNumber: s.seq, Timestamp: s.stamp}, now)
				if i == 0 {
					first, begin = seq, ts
				}
				if ok == s.drop || ok && (int(seq-first) != s.want || int32(ts-begin) != s.ticks) {
					t.Errorf("step %d: number %d, ticks %d, sent %v; want %d, %d", i, int(seq-first), int32(ts-begin), ok, s.want, s.ticks)
				}
			}
		})
	}
}

// TestRenumberNeverRepeats: whatever sources do, no number goes out twice within what SRTP still takes, and the newest never
// falls back.
func TestRenumberNeverRepeats(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line := timeline{ssrc: 1, rate: 90000}
		var r renumber
		now := time.Unix(100, 0)
		seen := make(map[int]bool)
		high, source, seq := 0, uint64(1), uint16(0)
		for range 400 {
			switch rapid.IntRange(0, 20).Draw(t, "what") {
			case 0:
				source++
				seq = rapid.Uint16().Draw(t, "begin")
			case 1:
				seq = rapid.Uint16().Draw(t, "jump")
			case 2, 3:
				seq -= uint16(rapid.IntRange(0, 200).Draw(t, "back"))
			default:
				seq += uint16(rapid.IntRange(1, 3).Draw(t, "on"))
			}
			out, _, ok := r.next(&line, source, &rtp.Header{SSRC: 5, SequenceNumber: seq}, now)
			if !ok {
				continue
			}
			number := high + int(int16(out-uint16(high)))
			if len(seen) == 0 {
				number = int(out)
			}
			if seen[number] {
				t.Fatalf("number %d twice", number)
			}
			if number < high-misordered {
				t.Fatalf("number %d after %d", number, high)
			}
			seen[number] = true
			high = max(high, number)
		}
	})
}

// TestPictureIDs: VP8's own counts go on from one source to the next.
func TestPictureIDs(t *testing.T) {
	packet := func(picture uint16, tl0 byte) []byte {
		return []byte{0x90, 0xc0, 0x80 | byte(picture>>8), byte(picture), tl0, 0, 1, 2}
	}
	var ids pictureIDs
	ids.begin()
	var got [][2]int
	add := func(p []byte) {
		ids.rewrite(p)
		d, err := payload.ParseVP8(p)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, [2]int{d.PictureID, d.TL0PicIdx})
	}
	add(packet(0x7ffe, 250))
	add(packet(0x7fff, 251))
	add(packet(0x7ffe, 250)) // late
	add(packet(0, 252))
	ids.begin()
	add(packet(77, 9))
	add(packet(78, 9))
	for i, want := range [][2]int{{1, 1}, {2, 2}, {1, 1}, {3, 3}, {4, 4}, {5, 4}} {
		if got[i] != want {
			t.Errorf("packet %d: %v, want %v", i, got[i], want)
		}
	}
	short := []byte{0x10, 1, 2} // without any
	ids.rewrite(short)
	ids.rewrite(nil)
	if short[1] != 1 {
		t.Error("a payload without counts was written to")
	}
}
