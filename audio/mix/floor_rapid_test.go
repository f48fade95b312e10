package mix_test

import (
	"testing"

	"pgregory.net/rapid"

	"legroom/audio/mix"
	"legroom/media"
)

// TestFloorRules: whoever comes and goes in whatever loudness, no more are chosen than there are seats, no seat stays
// empty while somebody speaks, and nobody sounds who has long been silent.
func TestFloorRules(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seats := rapid.IntRange(1, 5).Draw(t, "seats")
		f := mix.NewFloor(seats)
		talkers := make([]*mix.Talker, rapid.IntRange(0, 9).Draw(t, "talkers"))
		silent := make([]int, len(talkers))
		for i := range talkers {
			talkers[i] = &mix.Talker{}
		}
		for range rapid.IntRange(1, 60).Draw(t, "ticks") {
			for i, who := range talkers {
				level := media.Level(rapid.IntRange(0, 127).Draw(t, "level"))
				active := level < 60
				if silent[i]++; active {
					silent[i] = 0
				}
				who.Hear(level, active)
			}
			f.Choose(talkers)
			chosen, waits := 0, false
			for i, who := range talkers {
				if who.Chosen() {
					chosen++
				}
				waits = waits || silent[i] == 0 && !who.Chosen()
				if who.Sounds() && silent[i] > 17 {
					t.Fatalf("talker %d sounds after %d silent ticks", i, silent[i])
				}
			}
			if chosen > seats || waits && chosen < seats {
				t.Fatalf("%d of %d seats are taken, somebody waits: %v", chosen, seats, waits)
			}
		}
	})
}
