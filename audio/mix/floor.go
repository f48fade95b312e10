package mix

import (
	"legroom/audio"
	"legroom/media"
)

const (
	// hold is how long a talker keeps its place after it was last active: the pause within a sentence.
	hold = 3 * ticksPerSecond / 10
	// tenure is how long a talker that is active keeps its place whoever else is loud.
	tenure = 2 * ticksPerSecond / 10
	// clearlyLouder is by how many dB a newcomer must be above the quietest to take its place.
	clearlyLouder = 6
	// fall is how many dB a talker's remembered loudness sinks in a tick.
	fall = 1
)

// fade is how a talker comes and goes within the tick in hand.
type fade uint8

const (
	steady fade = iota
	fadingIn
	fadingOut
)

// Talker is one candidate for the Floor. The zero value has said nothing.
type Talker struct {
	level  int // smoothed, -dBov; meaningless before it was active
	quiet  int // ticks since it was last active
	chosen bool
	since  int // ticks since it was chosen
	spoke  bool
	active bool
	onset  bool // active now, and not in the tick before
	fade   fade
}

// Hear tells the Talker of one tick: how loud it is, and whether that is more than silence.
// Units: level in -dBov as media.Level.
func (t *Talker) Hear(level media.Level, active bool) {
	t.onset = active && !t.active
	t.active = active
	t.since++
	if !active {
		t.quiet++
		t.level = min(int(audio.Silence), t.level+fall)
		return
	}
	t.quiet = 0
	if l := int(min(level, audio.Silence)); !t.spoke || l < t.level {
		t.level = l
	} else {
		t.level = min(l, t.level+fall)
	}
	t.spoke = true
}

// Chosen tells whether the Talker has a place.
func (t *Talker) Chosen() bool { return t.chosen }

// Level is its smoothed loudness, -dBov.
func (t *Talker) Level() media.Level {
	if !t.spoke {
		return audio.Silence
	}
	return media.Level(t.level)
}

// Sounds tells whether it is heard in this tick: it has a place, or is just losing it.
func (t *Talker) Sounds() bool { return t.chosen || t.fade == fadingOut }

func (t *Talker) take() {
	t.chosen, t.since, t.fade = true, 0, steady
	// Who was speaking before it got its place is brought in softly; who just begins comes with every sample of it.
	if !t.onset {
		t.fade = fadingIn
	}
}

func (t *Talker) drop() { t.chosen, t.fade = false, fadingOut }

// Floor chooses who is heard: the loudest few, those who have it keep it until somebody is clearly louder or they have
// been silent for a while. It looks at the very tick that is about to be heard, so no first syllable waits for it.
type Floor struct{ seats int }

// NewFloor makes a Floor for that many.
func NewFloor(seats int) *Floor { return &Floor{seats: seats} }

// Choose decides for one tick, after every talker was told of it. Who is not in the list has lost its place.
func (f *Floor) Choose(talkers []*Talker) {
	taken := 0
	for _, t := range talkers {
		t.fade = steady
		if t.chosen && t.quiet > hold {
			t.drop()
		}
		if t.chosen {
			taken++
		}
	}
	for {
		next := newcomer(talkers)
		if next == nil {
			return
		}
		if taken < f.seats {
			next.take()
			taken++
			continue
		}
		out := quietest(talkers)
		if out == nil || next.level+clearlyLouder > out.level {
			return
		}
		out.drop()
		next.take()
	}
}

// newcomer is the loudest that is active and has no place; nil without one.
func newcomer(talkers []*Talker) *Talker {
	var best *Talker
	for _, t := range talkers {
		if t.active && !t.chosen && t.fade != fadingOut && (best == nil || t.level < best.level) {
			best = t
		}
	}
	return best
}

// quietest is whose place can be taken; nil without one.
func quietest(talkers []*Talker) *Talker {
	var worst *Talker
	for _, t := range talkers {
		if t.chosen && (!t.active || t.since >= tenure) && (worst == nil || t.level > worst.level) {
			worst = t
		}
	}
	return worst
}
