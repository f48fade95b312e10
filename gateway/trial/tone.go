package trial

import (
	"context"
	"math"
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

// dominant finds the tone that carries most of a sound between 50 Hz and 3500 Hz, and its share of the energy, 0 to 1.
func dominant(samples []int16, rate int) (hz, share float64) {
	if len(samples) < rate/10 {
		return 0, 0
	}
	samples = samples[:min(len(samples), rate)] // a second tells
	var energy float64
	for _, s := range samples {
		energy += float64(s) * float64(s)
	}
	if energy == 0 {
		return 0, 0
	}
	best := 0.0
	step := float64(rate) / float64(len(samples))
	for f := 50.0; f <= 3500; f += step {
		if p := power(samples, rate, f); p > best {
			best, hz = p, f
		}
	}
	return math.Round(hz), math.Min(best/energy, 1)
}

// power of one frequency, as energy of the samples (Goertzel).
func power(samples []int16, rate int, hz float64) float64 {
	w := 2 * math.Pi * hz / float64(rate)
	c := 2 * math.Cos(w)
	var s1, s2 float64
	for _, x := range samples {
		s1, s2 = float64(x)+c*s1-s2, s1
	}
	return 2 * (s1*s1 + s2*s2 - c*s1*s2) / float64(len(samples))
}
