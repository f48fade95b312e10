package prompts

import (
	"fmt"

	"legroom/audio"
	"legroom/audio/g722"
)

// Pauses, ms.
const (
	pauseBetween = 250 // between two prompts
	pauseWithin  = 40  // around a number in a sentence
)

// Clip is a prompt, or several, on their way to one listener. It is used by one goroutine at a time.
//
// It is decoded and brought to the listener's rate as it is read, 20 ms at a time: a prompt begins at once, whatever its
// length, and nothing of it is kept.
type Clip struct {
	parts []part
	loop  bool
	rate  int // of the last Read

	at       int           // samples of the first part that were taken
	decoder  *g722.Decoder // of the first part
	samples  []int16       // taken last
	from     int           // their rate
	resample *audio.Resampler
	out      []int16 // samples at the listener's rate
	pending  []int16 // of out, not read yet
}

// part is a recording, or a pause when there is none.
type part struct {
	sound *recording
	pause int // ms
}

// Read fills dst with what comes next, at rate Hz: 8000, 16000 or 48000. It returns how many samples are of the clip;
// fewer than asked for means that it has ended, and the rest of dst is silent. It never waits; it panics for another rate.
func (c *Clip) Read(dst []int16, rate int) int {
	if rate != audio.Narrow && rate != audio.Wide && rate != audio.Full {
		panic(fmt.Sprintf("prompts: read at %d Hz: rates are 8000, 16000 and 48000", rate))
	}
	if c.rate != rate {
		c.rate, c.resample, c.pending = rate, nil, nil
	}
	n := 0
	for n < len(dst) && (len(c.pending) > 0 || c.fill()) {
		k := copy(dst[n:], c.pending)
		c.pending = c.pending[k:]
		n += k
	}
	clear(dst[n:])
	return n
}

// Ended tells whether nothing is left to read.
func (c *Clip) Ended() bool { return len(c.parts) == 0 && c.resample == nil && len(c.pending) == 0 }

// fill brings the next samples to the listener's rate; false at the end.
func (c *Clip) fill() bool {
	for len(c.parts) > 0 {
		from := c.parts[0].rate(c.from)
		if c.resample != nil && c.from != from && c.flush() {
			return true
		}
		if c.resample == nil {
			c.from, c.resample = from, audio.NewResampler(from, c.rate)
			c.samples, c.out = make([]int16, 0, from/50), make([]int16, 0, c.rate/50+c.rate/200)
		}
		if !c.take() {
			c.next()
			continue
		}
		if c.pending = c.resample.Process(c.out[:0], c.samples); len(c.pending) > 0 {
			return true
		}
	}
	return c.flush()
}

// flush lets silence bring out the last sounds that the filter still holds; false when there are none.
func (c *Clip) flush() bool {
	if c.resample != nil && c.from != c.rate {
		c.pending = c.resample.Process(c.out[:0], make([]int16, c.from/200))
	}
	c.resample = nil
	return len(c.pending) > 0
}

// take gets the next 20 ms of the first part, fewer at its end; false behind it.
func (c *Clip) take() bool {
	p, most := c.parts[0], c.from/50
	switch {
	case p.sound == nil:
		c.samples = c.samples[:min(most, max(p.pause*c.from/1000-c.at, 0))]
		clear(c.samples)
	case p.sound.pcm != nil:
		c.samples = append(c.samples[:0], p.sound.from(c.at, most)...)
	default:
		if c.decoder == nil {
			c.decoder = g722.NewDecoder()
		}
		// The only error is a payload that is empty.
		c.samples, _ = c.decoder.Decode(c.samples[:0], p.sound.coded(c.at, most))
	}
	c.at += len(c.samples)
	return len(c.samples) > 0
}

// next goes on to the part behind; a loop begins anew.
func (c *Clip) next() {
	c.at, c.decoder = 0, nil
	if !c.loop {
		c.parts = c.parts[1:]
	}
}

// rate of the samples; that of a pause is the one before.
func (p part) rate(before int) int {
	switch {
	case p.sound != nil:
		return p.sound.rate
	case before > 0:
		return before
	default:
		return audio.Wide
	}
}

// Join makes one Clip of several, with short pauses between them. The Clips given are used up.
func Join(clips ...*Clip) *Clip {
	out := &Clip{}
	for _, c := range clips {
		if len(c.parts) == 0 {
			continue
		}
		if len(out.parts) > 0 {
			out.parts = append(out.parts, part{pause: pauseBetween})
		}
		out.parts = append(out.parts, c.parts...)
	}
	return out
}
