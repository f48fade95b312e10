package audio_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"legroom/audio"
	"legroom/media"
	"legroom/media/mediatest"
)

const frame = 20 * time.Millisecond

func TestLevel(t *testing.T) {
	square := slices.Repeat([]int16{32767}, 160)
	for _, c := range []struct {
		name    string
		samples []int16
		want    media.Level
	}{
		{"nothing", nil, 127},
		{"digital silence", make([]int16, 160), 127},
		{"full-scale square", square, 0},
		{"full-scale sine", mediatest.Samples(mediatest.NewTone(8000, 1000, 1), 160), 3},
		{"sine 40 dB down", mediatest.Samples(mediatest.NewTone(8000, 1000, 0.01), 160), 43},
		{"one step", slices.Repeat([]int16{1, -1}, 80), 90},
	} {
		if got := audio.Level(c.samples); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}

func TestVAD(t *testing.T) {
	for _, c := range []struct {
		name  string
		noise media.Level // heard for 3 s before
		level media.Level
		want  bool
	}{
		{"first syllable out of silence", 127, 40, true},
		{"soft voice in a quiet room", 75, 58, true},
		{"soft voice in a noisy room", 45, 42, false},
		{"voice in a noisy room", 45, 30, true},
		{"loud voice in loud noise", 22, 15, true},
		{"breath", 80, 70, false},
		{"no level known", 60, media.NoLevel, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			var v audio.VAD
			for range 150 {
				v.Active(c.noise, frame)
			}
			for range 25 {
				v.Active(c.noise, frame)
			}
			if got := v.Active(c.level, frame); got != c.want {
				t.Errorf("active %v, want %v (noise %d)", got, c.want, v.Noise())
			}
		})
	}
}

func TestVADHangsOverPausesBetweenSyllables(t *testing.T) {
	var v audio.VAD
	v.Active(30, frame)
	quiet := 0
	for v.Active(100, frame) {
		quiet++
	}
	if quiet < 15 || quiet > 25 {
		t.Errorf("speech was held for %d frames, want 300 to 500 ms", quiet)
	}
}

func TestVADLearnsSteadyNoise(t *testing.T) {
	var v audio.VAD
	active := 0
	for i := range 1500 {
		if v.Active(48, frame) && i > 1000 {
			active++
		}
	}
	if active > 0 {
		t.Errorf("a fan is still speech after 20 s (noise %d)", v.Noise())
	}
}

func TestGain(t *testing.T) {
	s := slices.Repeat([]int16{10000}, 100)
	audio.Gain(s, 1, 0)
	if s[0] < 9800 || s[99] != 0 || !slices.IsSortedFunc(s, func(a, b int16) int { return int(b) - int(a) }) {
		t.Errorf("fade out %v", s)
	}
	s = []int16{20000, -20000}
	audio.Gain(s, 4, 4)
	if s[0] != 32767 || s[1] != -32768 {
		t.Errorf("not clipped: %v", s)
	}
	s = []int16{5, -5}
	audio.Gain(s, 1, 1)
	if s[0] != 5 || s[1] != -5 {
		t.Errorf("changed at gain 1: %v", s)
	}
}

func TestLimiterLeavesWhatFitsUntouched(t *testing.T) {
	l := audio.NewLimiter(8000)
	in := mediatest.Samples(mediatest.NewNoise(1, 0.97), 160)
	sum, out := make([]int32, 160), make([]int16, 160)
	for i, v := range in {
		sum[i] = int32(v)
	}
	l.Process(out, sum)
	if !slices.Equal(in, out) {
		t.Error("sound that fits was changed")
	}
}

func TestLimiterTurnsDownInsteadOfClipping(t *testing.T) {
	const rate = 16000
	l := audio.NewLimiter(rate)
	tone := mediatest.NewTone(rate, 1004, 0.9)
	var all []int16
	for range 50 {
		sum, out := make([]int32, rate/50), make([]int16, rate/50)
		for i, v := range mediatest.Samples(tone, rate/50) {
			sum[i] = 3 * int32(v)
		}
		l.Process(out, sum)
		all = append(all, out...)
	}
	if top := slices.Max(all); top > 32501 {
		t.Errorf("peak %d", top)
	}
	// Clipped, a sine of 2.7 times full scale would have some 0.93 of its energy left in the tone.
	if share := mediatest.ToneShare(all[rate/10:], rate, 1004); share < 0.999 {
		t.Errorf("share of the tone %.4f", share)
	}
	quiet, out := slices.Repeat([]int32{1000}, rate), make([]int16, rate)
	l.Process(out, quiet)
	if out[rate-1] != 1000 {
		t.Errorf("gain has not come back after a second: %d of 1000", out[rate-1])
	}
}

func TestNoiseHasItsLevel(t *testing.T) {
	n := audio.NewNoise(1)
	buf := make([]int16, 16000)
	for _, level := range []media.Level{40, 55, 65} {
		n.Fill(buf, level)
		if got := audio.Level(buf); math.Abs(float64(got)-float64(level)) > 1 {
			t.Errorf("level %d, want %d", got, level)
		}
	}
	n.Fill(buf, audio.Silence)
	if slices.ContainsFunc(buf, func(v int16) bool { return v != 0 }) {
		t.Error("silence is not zeros")
	}
}

func TestConcealerCarriesATonePastAGap(t *testing.T) {
	for _, rate := range []int{8000, 16000, 48000} {
		for _, freq := range []float64{220, 1004} {
			c := audio.NewConcealer(rate)
			tone := mediatest.Samples(mediatest.NewTone(rate, freq, 0.5), rate)
			at, n := rate/2, rate/100
			out := slices.Clone(tone)
			c.Good(out[:at])
			c.Conceal(out[at : at+n])
			c.Good(out[at+n:])
			if share := mediatest.ToneShare(out[at-n:at+2*n], rate, freq); share < 0.97 {
				t.Errorf("%d Hz: %v Hz past a gap of 10 ms: share %.3f", rate, freq, share)
			}
			for i := at - 2; i < at+3*n; i++ {
				if step := math.Abs(float64(out[i+1]) - float64(out[i])); step > 16384*2*math.Pi*freq/float64(rate)*1.5+400 {
					t.Fatalf("%d Hz, %v Hz: click of %v at %d of the gap", rate, freq, step, i-at)
				}
			}
		}
	}
}

func TestConcealerFadesOut(t *testing.T) {
	c := audio.NewConcealer(8000)
	c.Good(mediatest.Samples(mediatest.NewTone(8000, 300, 0.8), 800))
	gap := c.Append(nil, 800)
	if rms := mediatest.RMS(gap[:80]); rms < 0.5 {
		t.Errorf("the first 10 ms have level %.2f", rms)
	}
	if rms := mediatest.RMS(gap[480:]); rms != 0 || !c.Silent() {
		t.Errorf("after 60 ms the level is %.2f", rms)
	}
}

func TestConcealedSilenceIsSilence(t *testing.T) {
	c := audio.NewConcealer(8000)
	c.Good(make([]int16, 800))
	out := c.Append(nil, 160)
	next := make([]int16, 160)
	c.Good(next)
	for _, v := range append(out, next...) {
		if v != 0 {
			t.Fatal("silence was not concealed by silence")
		}
	}
}

func TestNoMemoryPerFrame(t *testing.T) {
	c, l, n := audio.NewConcealer(48000), audio.NewLimiter(48000), audio.NewNoise(1)
	buf, sum := make([]int16, 960), slices.Repeat([]int32{50000}, 960)
	var v audio.VAD
	allocs := testing.AllocsPerRun(50, func() {
		c.Good(buf)
		c.Conceal(buf)
		l.Process(buf, sum)
		n.Fill(buf, 50)
		v.Active(audio.Level(buf), frame)
		audio.Gain(buf, 1, 0.5)
	})
	if allocs != 0 {
		t.Fatalf("%v allocations a frame", allocs)
	}
}

func BenchmarkLevel20ms8k(b *testing.B) {
	buf := mediatest.Samples(mediatest.NewNoise(1, 0.5), 160)
	for b.Loop() {
		audio.Level(buf)
	}
}

func BenchmarkConceal20ms48k(b *testing.B) {
	c := audio.NewConcealer(48000)
	buf := mediatest.Samples(mediatest.NewTone(48000, 300, 0.5), 960)
	for b.Loop() {
		c.Good(buf)
		c.Conceal(buf)
	}
}
