package audio_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"legroom/audio"
	"legroom/media/mediatest"
)

var pairs = [][2]int{{8000, 16000}, {8000, 48000}, {16000, 8000}, {16000, 48000}, {48000, 8000}, {48000, 16000}}

// convert runs a second of samples through a Resampler in frames of 20 ms.
func convert(from, to int, in []int16) []int16 {
	r := audio.NewResampler(from, to)
	var out []int16
	for frame := range slices.Chunk(in, from/50) {
		out = r.Process(out, frame)
	}
	return out
}

func TestResampledToneStaysPureAndLoud(t *testing.T) {
	for _, p := range pairs {
		for _, freq := range []float64{50, 440, 1004, 3200} {
			t.Run(fmt.Sprintf("%d to %d, %v Hz", p[0], p[1], freq), func(t *testing.T) {
				out := convert(p[0], p[1], mediatest.Samples(mediatest.NewTone(p[0], freq, 0.5), p[0]))
				if len(out) != p[1] {
					t.Fatalf("a second became %d samples, want %d", len(out), p[1])
				}
				out = out[p[1]/10:]
				if share := mediatest.ToneShare(out, p[1], freq); share < 0.99999 {
					t.Errorf("share of the tone %.6f", share)
				}
				if db := mediatest.DB(mediatest.RMS(out) / (0.5 / math.Sqrt2)); math.Abs(db) > 0.5 {
					t.Errorf("level changed by %.2f dB", db)
				}
			})
		}
	}
}

func TestAliasesAndImagesAre60DBDown(t *testing.T) {
	for _, c := range []struct {
		name     string
		from, to int
		freq     float64 // in
		spurious float64 // where it would be heard
	}{
		{"alias 48 to 8", 48000, 8000, 4800, 3200},
		{"alias 48 to 8, high", 48000, 8000, 9000, 1000},
		{"alias 16 to 8", 16000, 8000, 5000, 3000},
		{"alias 48 to 16", 48000, 16000, 9400, 6600},
		{"image 8 to 16", 8000, 16000, 3200, 4800},
		{"image 8 to 48", 8000, 48000, 3000, 5000},
		{"image 16 to 48", 16000, 48000, 6500, 9500},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := mediatest.Samples(mediatest.NewTone(c.from, c.freq, 0.9), c.from)
			out := convert(c.from, c.to, in)[c.to/10:]
			share := mediatest.ToneShare(out, c.to, c.spurious)
			if db := mediatest.DB(math.Sqrt(share) * mediatest.RMS(out) / mediatest.RMS(in)); db > -60 {
				t.Errorf("%.1f dB", db)
			}
		})
	}
}

func TestResamplerKeepsConstantsAndSilence(t *testing.T) {
	for _, p := range pairs {
		for _, level := range []int16{0, 1, -1, 12345, -32768, 32767} {
			in := slices.Repeat([]int16{level}, p[0]/10)
			out := convert(p[0], p[1], in)
			for i, v := range out[p[1]/100:] {
				if v != level {
					t.Fatalf("%d to %d: constant %d became %d at %d", p[0], p[1], level, v, i)
				}
			}
		}
	}
}

// A round trip shows the delay of both ways together.
func TestResamplerDelay(t *testing.T) {
	for _, c := range []struct {
		from, to int
		ms       float64
	}{{8000, 48000, 1.25}, {8000, 16000, 1.25}, {16000, 48000, 0.75}, {48000, 8000, 1.25}, {48000, 16000, 0.75}, {16000, 8000, 1.25}} {
		in := make([]int16, c.from/10)
		at := c.from / 50 * 2
		for i := range 12 * c.from / 8000 {
			in[at+i] = 20000
		}
		// The centre of a pulse, before and after.
		want := float64(at)/float64(c.from)*1000 + float64(12*c.from/8000-1)/2/float64(c.from)*1000
		var sum, moment float64
		for i, v := range convert(c.from, c.to, in) {
			sum += float64(v)
			moment += float64(v) * float64(i) / float64(c.to) * 1000
		}
		if got := moment/sum - want; math.Abs(got-c.ms) > 0.13 {
			t.Errorf("%d to %d: delay %.2f ms, want %.2f", c.from, c.to, got, c.ms)
		}
	}
}

func TestBlocksOfAnyLengthGiveTheSame(t *testing.T) {
	for _, p := range pairs {
		in := mediatest.Samples(mediatest.NewNoise(5, 0.8), p[0]/5)
		want := convert(p[0], p[1], in)
		r := audio.NewResampler(p[0], p[1])
		var got []int16
		for rest, n := in, 1; len(rest) > 0; n = n%37 + 1 {
			n := min(n, len(rest))
			got = r.Process(got, rest[:n])
			rest = rest[n:]
		}
		if len(want)-len(got) > p[1]/1000 || !slices.Equal(got, want[:len(got)]) {
			t.Errorf("%d to %d: blocks of odd lengths sound different", p[0], p[1])
		}
	}
}

func TestResamplerMakesNoMemory(t *testing.T) {
	for _, p := range pairs {
		r := audio.NewResampler(p[0], p[1])
		in, out := make([]int16, p[0]/50), make([]int16, 0, p[1]/50)
		if n := testing.AllocsPerRun(50, func() { out = r.Process(out[:0], in) }); n != 0 {
			t.Errorf("%d to %d: %v allocations a frame", p[0], p[1], n)
		}
	}
}

func BenchmarkResample20ms(b *testing.B) {
	for _, p := range pairs {
		b.Run(fmt.Sprintf("%d-%d", p[0], p[1]), func(b *testing.B) {
			r := audio.NewResampler(p[0], p[1])
			in, out := mediatest.Samples(mediatest.NewNoise(1, 0.5), p[0]/50), make([]int16, 0, p[1]/50)
			b.ReportAllocs()
			for b.Loop() {
				out = r.Process(out[:0], in)
			}
		})
	}
}
