package audio

import (
	"math"

	"legroom/media"
)

// Noise makes comfort noise: what a listener hears instead of a line that seems dead. It is white noise with its highs
// taken off, the same sequence for the same seed. It is used by one goroutine at a time.
type Noise struct {
	state uint64
	low   float32
}

// NewNoise makes a source of noise.
func NewNoise(seed uint64) *Noise { return &Noise{state: seed | 1} }

// Fill writes noise of the given loudness over dst; level audio.Silence writes zeros.
func (n *Noise) Fill(dst []int16, level media.Level) {
	if level >= Silence {
		clear(dst)
		return
	}
	// Uniform noise in ±1 has a mean square of 1/3; the one-pole filter below leaves a third of that.
	amp := float32(32768 * 3 * math.Pow(10, -float64(level)/20))
	for i := range dst {
		n.state ^= n.state << 13
		n.state ^= n.state >> 7
		n.state ^= n.state << 17
		white := float32(int32(n.state>>32)) / (1 << 31)
		n.low += 0.5 * (white - n.low)
		dst[i] = clip(n.low * amp)
	}
}
