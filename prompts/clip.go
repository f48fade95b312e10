package prompts

import (
	"fmt"

	"legroom/audio"
)

// Pauses, ms.
const (
	pauseBetween = 250 // between two prompts
	pauseWithin  = 40  // around a number in a sentence
)

// Clip is a prompt, or several, on their way to one listener. It is used by one goroutine at a time.
type Clip struct {
	parts []part
	loop  bool
	rate  int // of the last Read
	at    int // samples of the first part that were read
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
		if c.rate > 0 {
			c.at = int(int64(c.at) * int64(rate) / int64(c.rate))
		}
		c.rate = rate
	}
	n := 0
	for n < len(dst) && len(c.parts) > 0 {
		got, whole := c.parts[0].read(dst[n:], c.at, rate)
		n += got
		c.at += got
		if whole {
			c.next()
		}
	}
	clear(dst[n:])
	return n
}

// Ended tells whether nothing is left to read.
func (c *Clip) Ended() bool { return len(c.parts) == 0 }

func (c *Clip) next() {
	c.at = 0
	if c.loop {
		return
	}
	c.parts = c.parts[1:]
}

func (p part) read(dst []int16, at, rate int) (n int, whole bool) {
	if p.sound == nil {
		length := p.pause * rate / 1000
		n = min(len(dst), max(length-at, 0))
		clear(dst[:n])
		return n, at+n >= length
	}
	pcm := p.sound.at(rate)
	n = copy(dst, pcm[min(at, len(pcm)):])
	return n, at+n >= len(pcm)
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
