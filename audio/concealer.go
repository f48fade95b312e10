package audio

import "slices"

// Lengths of the Concealer, in units of one sample at 8000 Hz. Source: ITU-T G.711 appendix I.
const (
	plcPitchMin = 40  // 200 Hz: shorter periods are repeated several times
	plcPitchMax = 120 // 66 Hz
	plcMatch    = 160 // what is compared to find the period: 20 ms
	plcKeep     = 80  // 10 ms of made-up sound at full level
	plcFade     = 400 // then a ramp of 50 ms to silence
	plcBlend    = 32  // cross-fade from made-up to real sound: 4 ms
)

// Concealer makes up sound for what did not arrive: it repeats the last pitch period, fades from 10 ms on and is silent
// 60 ms into the gap. Silence is concealed by silence, exactly. The method is that of ITU-T G.711 appendix I without its
// delay of 3.75 ms: the step at the start of a gap is taken out by a decaying offset instead of an overlap.
type Concealer struct {
	scale   int     // samples per sample at 8000 Hz
	history []int16 // last real samples, oldest first
	period  int     // samples repeated in this gap
	gap     int     // samples made up since the last real one
	offset  float32 // difference at the seam, decaying
}

// NewConcealer makes a Concealer for sound of rate Hz: 8000, 16000 or 48000.
func NewConcealer(rate int) *Concealer {
	scale := max(rate/Narrow, 1)
	return &Concealer{scale: scale, history: make([]int16, (plcPitchMax+plcMatch)*scale)}
}

// Good tells the Concealer real sound. When it follows a gap its first 4 ms are blended, in place, with the made-up sound.
// Owner: samples are the caller's again on return.
func (c *Concealer) Good(samples []int16) {
	if c.gap > 0 {
		n := min(plcBlend*c.scale, len(samples))
		for i := range n {
			w := float32(i+1) / float32(n+1)
			samples[i] = int16(float32(c.next())*(1-w) + float32(samples[i])*w)
		}
		c.gap, c.offset = 0, 0
	}
	if len(samples) >= len(c.history) {
		copy(c.history, samples[len(samples)-len(c.history):])
		return
	}
	copy(c.history, c.history[len(samples):])
	copy(c.history[len(c.history)-len(samples):], samples)
}

// Conceal fills dst with made-up sound that carries on from what was last given or made.
func (c *Concealer) Conceal(dst []int16) {
	for i := range dst {
		dst[i] = c.next()
	}
}

// Ahead fills dst with what Conceal would make now and leaves the Concealer as it was.
func (c *Concealer) Ahead(dst []int16) {
	period, gap, offset := c.period, c.gap, c.offset
	c.Conceal(dst)
	c.period, c.gap, c.offset = period, gap, offset
}

// Append appends that many samples of made-up sound to dst.
func (c *Concealer) Append(dst []int16, samples int) []int16 {
	at := len(dst)
	dst = slices.Grow(dst, max(samples, 0))[:at+max(samples, 0)]
	c.Conceal(dst[at:])
	return dst
}

// Silent tells that the gap has lasted so long that only zeros are made.
func (c *Concealer) Silent() bool { return c.gap >= (plcKeep+plcFade)*c.scale }

// next makes one sample.
func (c *Concealer) next() int16 {
	if c.gap == 0 {
		c.begin()
	}
	if c.Silent() {
		return 0
	}
	h := c.history
	v := float32(h[len(h)-c.period+c.gap%c.period])
	if c.gap > 0 && c.gap%c.period == 0 {
		// Each round steps from the end of the period to its start, as the first one did.
		c.offset = float32(h[len(h)-1]) - float32(h[len(h)-c.period-1])
	}
	v += c.offset
	c.offset *= 1 - 0.08/float32(c.scale)
	if over := c.gap - plcKeep*c.scale; over > 0 {
		v *= 1 - float32(over)/float32(plcFade*c.scale)
	}
	c.gap++
	return clip(v)
}

func (c *Concealer) begin() {
	h := c.history
	c.period = pitch(h, plcPitchMin*c.scale, plcPitchMax*c.scale, plcMatch*c.scale, c.scale)
	c.offset = float32(h[len(h)-1]) - float32(h[len(h)-c.period-1])
}

func clip(v float32) int16 {
	switch {
	case v > 32767:
		return 32767
	case v < -32768:
		return -32768
	case v < 0:
		return int16(v - 0.5)
	default:
		return int16(v + 0.5)
	}
}
