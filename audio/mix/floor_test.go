package mix_test

import (
	"testing"

	"legroom/audio/mix"
	"legroom/media"
)

// TestFloor plays levels to a Floor of two seats: each letter is a talker, 0 means not active.
func TestFloor(t *testing.T) {
	type stretch struct {
		ticks  int
		levels [3]media.Level
		want   string // who is heard at its end
	}
	for name, play := range map[string][]stretch{
		"nobody speaks": {{50, [3]media.Level{}, ""}},
		"first tick counts": {
			{1, [3]media.Level{30, 0, 0}, "a"},
			{1, [3]media.Level{30, 30, 0}, "ab"},
		},
		"equal newcomer waits": {
			{50, [3]media.Level{30, 30, 0}, "ab"},
			{50, [3]media.Level{30, 30, 30}, "ab"},
		},
		"five dB are not clearly louder": {
			{50, [3]media.Level{30, 30, 0}, "ab"},
			{50, [3]media.Level{30, 30, 25}, "ab"},
		},
		"six dB take the place of the quieter": {
			{50, [3]media.Level{30, 31, 0}, "ab"},
			{1, [3]media.Level{30, 31, 24}, "ac"},
		},
		"a place just taken is kept": {
			{2, [3]media.Level{30, 31, 0}, "ab"},
			{1, [3]media.Level{30, 31, 10}, "ab"},
			{8, [3]media.Level{30, 31, 10}, "ac"},
		},
		"a pause keeps the place": {
			{50, [3]media.Level{30, 30, 0}, "ab"},
			{15, [3]media.Level{0, 30, 0}, "ab"},
			{1, [3]media.Level{30, 30, 0}, "ab"},
		},
		"silence gives it up": {
			{50, [3]media.Level{30, 30, 0}, "ab"},
			{16, [3]media.Level{0, 30, 0}, "b"},
		},
		"a newcomer needs no patience with the silent": {
			{50, [3]media.Level{30, 30, 0}, "ab"},
			{7, [3]media.Level{0, 30, 30}, "bc"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := mix.NewFloor(2)
			talkers := []*mix.Talker{{}, {}, {}}
			for i, s := range play {
				for range s.ticks {
					for j, l := range s.levels {
						talkers[j].Hear(l, l != 0)
					}
					f.Choose(talkers)
				}
				got := ""
				for j, who := range []string{"a", "b", "c"} {
					if talkers[j].Chosen() {
						got += who
					}
				}
				if got != s.want {
					t.Errorf("after stretch %d %q is heard, want %q", i, got, s.want)
				}
			}
		})
	}
}

// TestFloorIsStable: two talkers of equal loudness in turn do not throw each other out at every word.
func TestFloorIsStable(t *testing.T) {
	f := mix.NewFloor(1)
	talkers := []*mix.Talker{{}, {}}
	changes, last := 0, -1
	for tick := range 500 {
		for j := range talkers {
			talkers[j].Hear(media.Level(28+(tick*7+j*3)%5), true)
		}
		f.Choose(talkers)
		for j := range talkers {
			if talkers[j].Chosen() && j != last {
				changes, last = changes+1, j
			}
		}
	}
	if changes != 1 {
		t.Errorf("the floor changed hands %d times, want once", changes)
	}
}
