package mediatest

import (
	"bytes"
	"math"
	"testing"
	"time"
)

func TestToneShareTellsAToneFromWhatIsNot(t *testing.T) {
	tone := Samples(NewTone(8000, 1004, 0.5), 3137)
	broken := append(append([]int16(nil), tone[:1500]...), tone[1504:]...)
	for _, c := range []struct {
		name     string
		samples  []int16
		freq     float64
		min, max float64
	}{
		{"the tone", tone, 1004, 0.9999, 1},
		{"another tone", tone, 700, 0, 0.01},
		{"noise", Samples(NewNoise(1, 0.5), 4000), 1004, 0, 0.01},
		{"silence", make([]int16, 100), 1004, 0, 0},
		{"four samples missing in the middle", broken, 1004, 0, 0.9},
		{"a sweep", Samples(NewChirp(8000, 500, 1500, 1, 0.5), 8000), 1004, 0, 0.2},
	} {
		if got := ToneShare(c.samples, 8000, c.freq); got < c.min || got > c.max {
			t.Errorf("%s: %.4f", c.name, got)
		}
	}
}

func TestMeasures(t *testing.T) {
	tone := Samples(NewTone(8000, 1000, 1), 8000)
	if db := DB(RMS(tone)); math.Abs(db+3.01) > 0.01 {
		t.Errorf("a full-scale sine has %.2f dB", db)
	}
	half := Samples(NewTone(8000, 1000, 0.5), 8000)
	off := append([]int16(nil), half...)
	for i := range off {
		off[i] += 12 // 59.7 dB below the sine's RMS
	}
	if snr := SNR(half, off); math.Abs(snr-59.7) > 0.1 {
		t.Errorf("SNR %.2f", snr)
	}
	p := NewPattern(64, 48)
	a, b := p.Next(), p.Next()
	if !math.IsInf(PSNR(a.Planes[0], a.Planes[0]), 1) || PSNR(a.Planes[0], b.Planes[0]) > 40 || bytes.Equal(a.Planes[0], b.Planes[0]) {
		t.Error("pictures cannot be told apart")
	}
}

func TestStepClock(t *testing.T) {
	c := NewStepClock(20 * time.Millisecond)
	start, calls := c.Now(), 0
	remove := c.Add(func() { calls++ })
	c.Step(3)
	remove()
	c.Step(2)
	if calls != 3 || c.Now().Sub(start) != 100*time.Millisecond {
		t.Errorf("%d calls in %v", calls, c.Now().Sub(start))
	}
}
