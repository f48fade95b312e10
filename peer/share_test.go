package peer

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// camera is a demand of a simulcast camera shown at a height.
func camera(height int, tids uint8) demand {
	d := demand{height: height, area: height * height * 16 / 9, has: paused}
	for i, rate := range []int{150_000, 500_000, 1_700_000} {
		d.layers[i] = layerState{alive: true, bitrate: rate, temporal: tids, height: 180 << i}
	}
	return d
}

func TestAllocate(t *testing.T) {
	all := func(layer int8) grant { return grant{layer, allTemporal} }
	for name, c := range map[string]struct {
		budget  int
		demands []demand
		want    []grant
		short   bool
	}{
		"plenty":                          {10_000_000, []demand{camera(720, 2)}, []grant{all(2)}, false},
		"no more than shown":              {10_000_000, []demand{camera(180, 2), camera(360, 2)}, []grant{all(0), all(1)}, false},
		"frame rate before picture":       {1_400_000, []demand{camera(720, 2)}, []grant{{2, 1}}, true},
		"then the smaller picture":        {700_000, []demand{camera(720, 2)}, []grant{all(1)}, true},
		"at last a quarter of the frames": {80_000, []demand{camera(720, 2)}, []grant{{0, 0}}, true},
		"nothing":                         {10_000, []demand{camera(720, 2)}, []grant{paused}, true},
		"not visible":                     {10_000_000, []demand{camera(0, 2)}, []grant{paused}, false},
		"all see something first":         {480_000, []demand{camera(720, 0), camera(180, 0), camera(360, 0)}, []grant{all(0), all(0), all(0)}, true},
		"large before small":              {200_000, []demand{camera(180, 0), camera(720, 0)}, []grant{paused, all(0)}, true},
	} {
		t.Run(name, func(t *testing.T) {
			got := make([]grant, len(c.demands))
			short := allocate(c.budget, c.demands, got)
			if !slices.Equal(got, c.want) || short != c.short {
				t.Errorf("got %v short %v, want %v short %v", got, short, c.want, c.short)
			}
		})
	}
}

func TestAllocateStaysWithinTheBudget(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 25).Draw(t, "slots")
		demands := make([]demand, n)
		for i := range demands {
			demands[i] = camera(rapid.SampledFrom([]int{0, 90, 180, 360, 720, 1080}).Draw(t, "height"), rapid.Uint8Range(0, 2).Draw(t, "tids"))
			demands[i].layers[2].alive = rapid.Bool().Draw(t, "top")
		}
		budget := rapid.IntRange(-100_000, 20_000_000).Draw(t, "budget")
		grants := make([]grant, n)
		allocate(budget, demands, grants)
		spent := 0
		for i, g := range grants {
			for _, o := range demands[i].options() {
				if o.grant == g {
					spent += o.cost
				}
			}
		}
		if spent > max(budget, 0) {
			t.Fatalf("spent %d of %d", spent, budget)
		}
	})
}

func TestDeadLayerIsNotChosen(t *testing.T) {
	d := camera(720, 0)
	d.layers[2].alive = false
	got := make([]grant, 1)
	allocate(10_000_000, []demand{d}, got)
	if got[0].layer != 1 {
		t.Errorf("layer %d", got[0].layer)
	}
}

func TestRateMeter(t *testing.T) {
	var m rateMeter
	at := time.Unix(1000, 0)
	for range 100 {
		m.add(at, 125)
		at = at.Add(10 * time.Millisecond)
	}
	if r := m.at(at.Add(-time.Millisecond)); r != 100_000 {
		t.Errorf("measured %d bit/s, want 100000", r)
	}
	if r := m.at(at.Add(5 * time.Second)); r != 0 {
		t.Errorf("measured %d bit/s of silence", r)
	}
}

func TestLosses(t *testing.T) {
	at := time.Unix(1000, 0)
	var l losses
	l.saw(65534, at)
	if fresh, gap := l.saw(2, at); !fresh || !gap {
		t.Fatal("a gap was not seen")
	}
	if got := l.due(nil, at, time.Second); !slices.Equal(got, []uint16{65535, 0, 1}) {
		t.Fatalf("asks for %v", got)
	}
	if fresh, _ := l.saw(0, at); !fresh {
		t.Error("a repaired packet is not fresh")
	}
	if fresh, _ := l.saw(0, at); fresh {
		t.Error("a copy is fresh")
	}
	if got := l.due(nil, at, time.Second); len(got) != 0 {
		t.Errorf("asks again too soon: %v", got)
	}
	for i := range maxAsks {
		at = at.Add(time.Second)
		if got := l.due(nil, at, time.Second); (len(got) == 2) != (i < maxAsks-1) {
			t.Errorf("round %d asks for %v", i, got)
		}
	}
	if !l.lostForGood() || l.lostForGood() {
		t.Error("loss for good must be told once")
	}
	if fresh, gap := l.saw(10000, at); !fresh || gap || len(l.missing) != 0 {
		t.Error("a jump is a new beginning, not a gap")
	}
}

// TestTrialsLearn: a trial that congests is followed by a longer pause each time, one that fits by the shortest.
func TestTrialsLearn(t *testing.T) {
	var s share
	now := time.Unix(1000, 0)
	for _, want := range []time.Duration{6 * time.Second, 12 * time.Second, 24 * time.Second, 48 * time.Second, time.Minute, time.Minute} {
		s.trialFrom, s.bonus = now, 1
		s.judge(now.Add(time.Second), 10*time.Second)
		if s.trialFrom.IsZero() {
			t.Fatal("a trial ended before its time though the path was calm")
		}
		s.judge(now.Add(2*time.Second), 100*time.Millisecond)
		if !s.trialFrom.IsZero() || s.bonus != 0 || s.trialNext.Sub(now.Add(2*time.Second)) != want {
			t.Fatalf("after congestion: next in %v, want %v", s.trialNext.Sub(now.Add(2*time.Second)), want)
		}
		now = s.trialNext
	}
	s.trialFrom, s.bonus = now, 1
	s.judge(now.Add(trialLength), time.Minute)
	if s.trialNext.Sub(now.Add(trialLength)) != firstPause {
		t.Errorf("after success: next in %v", s.trialNext.Sub(now.Add(trialLength)))
	}
}

// TestWhoSeesNothingIsTriedForSooner: while somebody on the screen has no picture at all, trials come every ten seconds.
func TestWhoSeesNothingIsTriedForSooner(t *testing.T) {
	s := share{grants: []grant{{layer: 0}, paused, paused}, demands: []demand{{height: 180}, {height: 0}, {height: 180}}}
	if s.starved = s.starves(); !s.starved {
		t.Fatal("a visible slot without a picture does not count")
	}
	now := time.Unix(1000, 0)
	for _, want := range []time.Duration{6 * time.Second, 10 * time.Second, 10 * time.Second} {
		s.trialFrom = now
		s.judge(now.Add(time.Second), 100*time.Millisecond)
		if got := s.trialNext.Sub(now.Add(time.Second)); got != want {
			t.Fatalf("next trial in %v, want %v", got, want)
		}
		now = s.trialNext
	}
	s.grants[2] = grant{layer: 0}
	if s.starves() {
		t.Error("a slot that is not visible needs no picture")
	}
}
