// Package mediatest makes sound and pictures whose arrival can be proved by measuring: tones, sweeps, noise and patterns,
// with the measures for them, and a clock that a test steps by hand.
package mediatest

import "math"

// Source makes sound without end. Fill continues where the last one stopped.
type Source interface {
	Fill(dst []int16)
}

// Tone is a steady sine.
type Tone struct {
	rate, freq, amp float64
	n               int
}

// NewTone makes a sine of freq Hz at rate Hz; amplitude is the peak, 0 to 1 of full scale.
func NewTone(rate int, freq, amplitude float64) *Tone {
	return &Tone{rate: float64(rate), freq: freq, amp: amplitude * 32767}
}

// Fill writes the next samples of the tone.
func (t *Tone) Fill(dst []int16) {
	for i := range dst {
		dst[i] = int16(math.Round(t.amp * math.Sin(2*math.Pi*t.freq*float64(t.n)/t.rate)))
		t.n++
	}
}

// Chirp is a sine whose frequency rises from one end to the other and begins again.
type Chirp struct {
	rate, from, to, amp, phase float64
	period, n                  int
}

// NewChirp makes a sweep between two frequencies, Hz, that takes seconds; amplitude is the peak, 0 to 1.
func NewChirp(rate int, from, to, seconds, amplitude float64) *Chirp {
	return &Chirp{rate: float64(rate), from: from, to: to, amp: amplitude * 32767, period: int(seconds * float64(rate))}
}

// Fill writes the next samples of the sweep.
func (c *Chirp) Fill(dst []int16) {
	for i := range dst {
		dst[i] = int16(math.Round(c.amp * math.Sin(c.phase)))
		freq := c.from + (c.to-c.from)*float64(c.n%c.period)/float64(c.period)
		c.phase = math.Mod(c.phase+2*math.Pi*freq/c.rate, 2*math.Pi)
		c.n++
	}
}

// Noise is white noise, the same for the same seed.
type Noise struct {
	state uint64
	amp   float64
}

// NewNoise makes noise, uniform up to amplitude, 0 to 1.
func NewNoise(seed uint64, amplitude float64) *Noise {
	return &Noise{state: seed*2 + 1, amp: amplitude}
}

// Fill writes the next samples of the noise.
func (n *Noise) Fill(dst []int16) {
	for i := range dst {
		n.state = n.state*6364136223846793005 + 1442695040888963407
		dst[i] = int16(float64(int32(n.state>>32)) / 65536 * n.amp)
	}
}

// Samples takes n samples out of a Source.
func Samples(s Source, n int) []int16 {
	out := make([]int16, n)
	s.Fill(out)
	return out
}
