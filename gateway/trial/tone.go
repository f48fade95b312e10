package trial

import (
	"context"
	"math"
	"slices"
	"time"

	"legroom/audio"
	"legroom/media"
)

// tick is how much sound is made at a time.
const tick = 20 * time.Millisecond

// sendTone writes a sine of half full scale, at real time, until ctx ends.
func sendTone(ctx context.Context, hz float64, rate int, to media.Sink[*media.PCM]) error {
	samples := make([]int16, rate/50)
	beat := time.NewTicker(tick)
	defer beat.Stop()
	pcm := &media.PCM{Samples: samples, Rate: rate}
	begin := time.Now()
	for n := 0; ; {
		for ; time.Duration(n)*tick <= time.Since(begin); n++ { // a late wake-up makes up what it missed
			for i := range samples {
				samples[i] = int16(16384 * math.Sin(2*math.Pi*hz*float64(n*len(samples)+i)/float64(rate)))
			}
			pcm.Timestamp, pcm.Level = uint32(n*len(samples)), audio.Level(samples)
			if err := to.Write(pcm); err != nil {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-beat.C:
		}
	}
}

// blocks is how many stretches a second is looked at in: a jump in time between them, as a playout makes to keep up, is
// heard as a small click and must not look like another tone.
const blocks = 5

// dominant finds the tone that carries most of a second of sound, between 50 Hz and 3500 Hz; 0 when there is none.
func dominant(samples []int16, rate int) (hz float64) {
	samples = samples[:min(len(samples), rate)]
	if len(samples) < rate/10 {
		return 0
	}
	best := 0.0
	look := func(from, to, step float64) {
		for f := from; f <= to; f += step {
			if p := power(samples, rate, f); p > best {
				best, hz = p, f
			}
		}
	}
	look(50, 3500, blocks/2.)
	look(hz-blocks/2., hz+blocks/2., .5)
	return math.Round(hz)
}

// share is how much of the energy one frequency has, 0 to 1.
func share(samples []int16, rate int, hz float64) float64 {
	var energy float64
	for _, s := range samples {
		energy += float64(s) * float64(s)
	}
	if energy == 0 || hz == 0 {
		return 0
	}
	return math.Min(power(samples, rate, hz)/energy, 1)
}

// power of one frequency, as energy of the samples, summed over the blocks (Goertzel).
func power(samples []int16, rate int, hz float64) float64 {
	w := 2 * math.Pi * hz / float64(rate)
	c := 2 * math.Cos(w)
	size := (len(samples) + blocks - 1) / blocks
	var sum float64
	for block := range slices.Chunk(samples, size) {
		var s1, s2 float64
		for _, x := range block {
			s1, s2 = float64(x)+c*s1-s2, s1
		}
		sum += 2 * (s1*s1 + s2*s2 - c*s1*s2) / float64(len(block))
	}
	return sum
}
