package mix

import "legroom/audio"

// lane brings one port's input to the rate of one bus.
type lane struct {
	resampler *audio.Resampler
	from      int
	frame     []int16
	running   bool
}

// bring gives this tick's input at rate to, valid until the next call. A lane that was idle hears the tick before first,
// so that its filter begins with the past it should have and not with a step from zero.
func (l *lane) bring(before, now []int16, from, to int) []int16 {
	if l.resampler == nil || l.from != from {
		l.resampler, l.from, l.running = audio.NewResampler(from, to), from, false
	}
	if !l.running && len(before) > 0 {
		l.frame = l.resampler.Process(l.frame[:0], before)
	}
	l.running = true
	l.frame = l.resampler.Process(l.frame[:0], now)
	for len(l.frame) < to/ticksPerSecond {
		l.frame = append(l.frame, 0)
	}
	l.frame = l.frame[:to/ticksPerSecond]
	return l.frame
}

// idle notes a tick that was not brought.
func (l *lane) idle() { l.running = false }

// soften brings a voice in or out within its frame. Coming in takes a quarter of it, 5 ms: long enough against a click,
// too short to take the edge off a consonant.
func soften(frame []int16, f fade) {
	switch f {
	case fadingIn:
		audio.Gain(frame[:len(frame)/4], 0, 1)
	case fadingOut:
		audio.Gain(frame, 1, 0)
	}
}
