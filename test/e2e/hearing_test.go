//go:build e2e

package e2e

import (
	"math"
	"slices"
	"testing"
	"time"

	"legroom/media/mediatest"
)

// share is the part of the energy of samples that lies at any of the frequencies, 0 to 1; silence has none. It is taken
// over stretches of 200 ms, so that a receiver's clock correction, which moves the phase, is not counted as another sound.
func share(samples []int16, rate int, freqs ...float64) float64 {
	var tone, all float64
	for stretch := range slices.Chunk(samples, rate/5) {
		var energy float64
		for _, x := range stretch {
			energy += float64(x) * float64(x)
		}
		all += energy
		for _, f := range freqs {
			tone += energy * mediatest.ToneShare(stretch, rate, f)
		}
	}
	if all == 0 {
		return 0
	}
	return tone / all
}

// listener is anything whose recording grows while a call stands.
type listener interface {
	Heard() ([]int16, int)
}

// hearsTone waits until more than 99 % of two seconds in a row of what the phone hears is the tone.
func hearsTone(t *testing.T, who string, phone listener, freq float64) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for {
		samples, rate := phone.Heard()
		var got float64
		if rate > 0 && len(samples) >= 2*rate {
			got = share(samples[len(samples)-2*rate:], rate, freq)
		}
		if got > 0.99 {
			t.Logf("%s hears %g Hz: %.2f %%", who, freq, 100*got)
			return
		}
		if time.Now().After(deadline) {
			spectrum(t, who, samples, rate)
			t.Fatalf("%s: %.2f %% of what it hears is %g Hz, want more than 99 %%", who, 100*got, freq)
		}
		<-time.After(200 * time.Millisecond)
	}
}

// waitFor waits until the last half second of the recording satisfies ok, and gives the position behind it.
func waitFor(t *testing.T, who string, phone listener, ok func(half []int16, rate int) bool) int {
	t.Helper()
	deadline := time.Now().Add(15 * time.Second)
	for {
		samples, rate := phone.Heard()
		if n := len(samples); rate > 0 && n >= rate/2 && ok(samples[n-rate/2:], rate) {
			return n
		}
		if time.Now().After(deadline) {
			spectrum(t, who, samples, rate)
			t.Fatalf("%s: what it must hear did not come within 15 s", who)
		}
		<-time.After(100 * time.Millisecond)
	}
}

// record waits until the phone has heard d more behind position at, and gives that.
func record(t *testing.T, who string, phone listener, at int, d time.Duration) ([]int16, int) {
	t.Helper()
	deadline := time.Now().Add(d + 10*time.Second)
	for {
		samples, rate := phone.Heard()
		if want := at + int(d.Seconds()*float64(rate)); rate > 0 && len(samples) >= want {
			return slices.Clone(samples[at:want]), rate
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: the sound stopped", who)
		}
		<-time.After(100 * time.Millisecond)
	}
}

// spectrum logs how much of the last second is what tone, for whoever reads a failure.
func spectrum(t *testing.T, who string, samples []int16, rate int) {
	t.Helper()
	if rate == 0 {
		t.Logf("%s heard nothing at all", who)
		return
	}
	last := samples[max(0, len(samples)-rate):]
	for _, f := range []float64{300, 440, 500, 600, 700, 800, 1000, 1300, 1600} {
		if s := share(last, rate, f); s > 0.005 {
			t.Logf("%s: last second of %.1f s: %.1f %% at %g Hz", who, float64(len(samples))/float64(rate), 100*s, f)
		}
	}
}

// tone is a sine at -12 dBFS.
func tone(freq float64, rate, seconds int) []int16 {
	out := make([]int16, rate*seconds)
	for i := range out {
		out[i] = int16(8230 * math.Sin(2*math.Pi*freq*float64(i)/float64(rate)))
	}
	return out
}

// level is the RMS of samples in dBFS; silence is -120.
func level(samples []int16) float64 {
	var sum float64
	for _, x := range samples {
		sum += float64(x) * float64(x)
	}
	return 10 * math.Log10(sum/float64(max(1, len(samples)))/32768/32768+1e-12)
}
