package rtpsession

import (
	"testing"
	"time"

	"github.com/pion/rtp"
)

func TestSourceCounts(t *testing.T) {
	cases := map[string]struct {
		seqs []uint16
		used int
		lost int64
	}{
		"in order":       {[]uint16{10, 11, 12}, 3, 0},
		"one lost":       {[]uint16{10, 12}, 2, 1},
		"overtaken":      {[]uint16{10, 12, 11, 13}, 4, 0},
		"wraps":          {[]uint16{65534, 65535, 0, 1}, 4, 0},
		"wraps and lost": {[]uint16{65534, 1}, 2, 2},
		"duplicate":      {[]uint16{10, 11, 11, 12}, 4, -1},
		"stray":          {[]uint16{10, 30000, 11}, 2, 0},
		"began anew":     {[]uint16{10, 11, 30000, 30001, 30002}, 4, 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var s source
			s.begin(1, c.seqs[0], 8000)
			used := 0
			for _, q := range c.seqs {
				if s.count(q) {
					used++
				}
			}
			if used != c.used || s.lost() != c.lost {
				t.Errorf("used %d lost %d, want %d %d", used, s.lost(), c.used, c.lost)
			}
		})
	}
}

func TestSourceFraction(t *testing.T) {
	var s source
	s.begin(1, 0, 8000)
	for q := uint16(0); q < 100; q += 2 {
		s.count(q)
	}
	if f := s.fraction(); f < 120 || f > 128 {
		t.Errorf("half lost is %d/256", f)
	}
	if f := s.fraction(); f != 0 {
		t.Errorf("nothing since is %d/256", f)
	}
}

func TestSourceJitter(t *testing.T) {
	var even, uneven source
	even.begin(1, 0, 8000)
	uneven.begin(1, 0, 8000)
	for i := range 200 {
		at := time.Duration(i) * 20 * time.Millisecond
		even.arrive(uint32(i)*160, at)
		uneven.arrive(uint32(i)*160, at+time.Duration(i%2)*8*time.Millisecond)
	}
	if j := even.jitterTime(); j != 0 {
		t.Errorf("even arrival has jitter %v", j)
	}
	if j := uneven.jitterTime(); j < 7*time.Millisecond || j > 9*time.Millisecond {
		t.Errorf("8 ms more every other packet is jitter %v", j)
	}
}

// TestSourceChange: a restarted sender is taken at once after silence and at its second packet otherwise; a stray SSRC never.
func TestSourceChange(t *testing.T) {
	var in inbound
	now := time.Unix(1, 0)
	send := func(ssrc uint32, seq uint16, after time.Duration) bool {
		now = now.Add(after)
		return in.accept(&rtp.Header{SSRC: ssrc, SequenceNumber: seq}, 160, 8000, now)
	}
	const step = 20 * time.Millisecond
	for i, c := range []struct {
		ssrc  uint32
		seq   uint16
		after time.Duration
		want  bool
	}{
		{1, 1, 0, true}, {1, 3, step, true}, {2, 900, step, false}, {1, 4, step, true}, {2, 905, step, false},
		{3, 70, step, false}, {3, 71, step, true}, {3, 72, step, true}, {1, 9, time.Second, true},
	} {
		if got := send(c.ssrc, c.seq, c.after); got != c.want {
			t.Errorf("packet %d: taken %v", i, got)
		}
	}
	if in.lostBefore != 1 {
		t.Errorf("lost of earlier sources %d, want 1", in.lostBefore)
	}
}
