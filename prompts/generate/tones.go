package main

import (
	"math"

	"legroom/audio/g722"
)

// Loudness of what is not speech, dB below full scale (RMS).
const (
	musicRMS = -26.0
	toneRMS  = -24.0
)

// note is one sound of an instrument.
type note struct {
	at, length float64 // s
	freq       float64 // Hz
	level      float64
	soft       float64 // s until it is at full level
}

// music is 38.4 s of slow chords with a sparse melody over them, which ends where it begins.
func music() []int16 {
	const beat, bar = 0.8, 3.2
	// Two rounds of I vi IV ii V I in a warm register; the highest partials stay below what a telephone carries.
	chords := [][]int{
		{0, 16, 19, 23}, {-3, 12, 16, 19}, {-7, 12, 17, 21}, {-5, 14, 17, 19}, {0, 16, 19, 24}, {-3, 16, 19, 21},
		{-7, 14, 17, 21}, {-10, 14, 17, 24}, {-5, 12, 17, 19}, {-5, 14, 17, 23}, {0, 16, 19, 24}, {0, 14, 19, 23},
	}
	melody := [][]int{
		{31, 0, 28, 0}, {0, 28, 26, 0}, {29, 0, 28, 24}, {26, 0, 0, 0}, {31, 0, 33, 0}, {0, 31, 28, 0},
		{29, 0, 0, 26}, {29, 28, 26, 0}, {28, 0, 0, 0}, {26, 0, 28, 29}, {28, 0, 24, 0}, {0, 0, 0, 0},
	}
	var notes []note
	for i, chord := range chords {
		at := float64(i) * bar
		for k, step := range chord {
			level := 0.5
			if k == 0 {
				level = 0.9
			}
			notes = append(notes, note{at: at + float64(k)*0.06, length: bar + 0.9, freq: pitch(step), level: level, soft: 0.35})
		}
		for k, step := range melody[i] {
			if step > 0 {
				notes = append(notes, note{at: at + float64(k)*beat, length: 2.2, freq: pitch(step), level: 0.42, soft: 0.02})
			}
		}
	}
	return render(notes, float64(len(chords))*bar, musicRMS, true)
}

func entryTone() []int16 {
	return render([]note{{0, 0.28, 659.26, 1, 0.008}, {0.13, 0.45, 880, 1, 0.008}}, 0.6, toneRMS, false)
}

func beep() []int16 {
	return render([]note{{0, 0.14, 880, 1, 0.006}}, 0.15, toneRMS, false)
}

// pitch is steps of a semitone above middle C.
func pitch(step int) float64 { return 261.63 * math.Pow(2, float64(step-12)/12) }

// render adds up notes; in a loop what rings beyond the end is heard at the beginning.
func render(notes []note, seconds, level float64, loop bool) []int16 {
	sum := make([]float64, int(seconds*g722.Rate))
	for _, n := range notes {
		start := int(n.at * g722.Rate)
		for i := range int(n.length * g722.Rate) {
			at := start + i
			if at >= len(sum) {
				if !loop {
					break
				}
				at -= len(sum)
			}
			sum[at] += n.sample(float64(i) / g722.Rate)
		}
	}
	var energy float64
	for _, v := range sum {
		energy += v * v
	}
	gain := 32768 * math.Pow(10, level/20) / math.Sqrt(energy/float64(len(sum)))
	out := make([]int16, len(sum))
	for i, v := range sum {
		out[i] = int16(math.Round(max(min(v*gain, 30000), -30000)))
	}
	return out
}

// sample is a few partials, a little detuned, under a soft attack and a long decay.
func (n note) sample(t float64) float64 {
	envelope := math.Min(t/n.soft, 1) * math.Exp(-1.6*t/n.length) * math.Min((n.length-t)/(0.25*n.length), 1)
	var v float64
	for k, partial := range []float64{1, 0.32, 0.12, 0.05} {
		w := 2 * math.Pi * n.freq * float64(k+1) * t
		v += partial * math.Exp(-float64(k)*0.8*t) * (math.Sin(w) + 0.5*math.Sin(w*1.0019))
	}
	return n.level * envelope * v
}
