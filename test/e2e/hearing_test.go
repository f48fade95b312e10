//go:build e2e

package e2e

import (
	"fmt"
	"math"
	"slices"
	"strings"
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

// tries is how often two seconds are listened to before a sound counts as impure: on a machine of two cores a browser
// stands still for a tenth of a second now and then, and sends nothing meanwhile.
const tries = 12

// hearsTone requires more than 99 % of two seconds of what the phone hears to be the tone: those behind the first half
// second of it.
func hearsTone(t *testing.T, who string, phone listener, freq float64) {
	t.Helper()
	pure(t, who, freq, func() ([]int16, int) {
		at := waitFor(t, who, phone, func(half []int16, rate int) bool { return share(half, rate, freq) > 0.99 })
		return record(t, who, phone, at, 2*time.Second)
	})
}

// pure requires what listen gives to be the tone by more than 99 %.
func pure(t *testing.T, who string, freq float64, listen func() ([]int16, int)) {
	t.Helper()
	for try := 1; ; try++ {
		samples, rate := listen()
		got := share(samples, rate, freq)
		t.Logf("%s hears %g Hz: %.2f %% (try %d)", who, freq, 100*got, try)
		if got > 0.99 {
			return
		}
		spectrum(t, who, samples, rate)
		if try == tries {
			t.Fatalf("%s: %.2f %% of what it hears is %g Hz, want more than 99 %%", who, 100*got, freq)
		}
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

// spectrum logs which tones each fifth of a second holds that has something else in it, for whoever reads a failure.
func spectrum(t *testing.T, who string, samples []int16, rate int) {
	t.Helper()
	if rate == 0 || len(samples) == 0 {
		t.Logf("%s heard nothing at all", who)
		return
	}
	at := 0
	for stretch := range slices.Chunk(samples[max(0, len(samples)-3*rate):], rate/5) {
		var parts []string
		var all float64
		for _, f := range []float64{300, 440, 500, 600, 700, 800, 1000, 1300, 1600, 1900} {
			s := share(stretch, rate, f)
			all += s
			if s > 0.005 {
				parts = append(parts, fmt.Sprintf("%.1f %% at %g Hz", 100*s, f))
			}
		}
		if all <= 0.99 {
			t.Logf("%s, %d ms, %.0f dBFS: %s", who, 1000*at/rate, level(stretch), strings.Join(parts, ", "))
		}
		at += len(stretch)
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
