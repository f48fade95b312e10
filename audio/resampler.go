package audio

import (
	"fmt"
	"math"
	"slices"
)

// Resampler changes the rate of a stream between 8000, 16000 and 48000 Hz with one linear-phase FIR filter, run as a
// polyphase interpolator or decimator. It is used by one goroutine at a time.
//
// Delay: 1.25 ms when one side has 8000 Hz, 0.75 ms between 16000 and 48000 Hz. Quality: flat within 0.5 dB to 3.2 kHz (6.4 kHz),
// images and aliases 60 dB down from 4.8 kHz (9.3 kHz). Zeros in give zeros out, and a constant stays exactly that constant.
type Resampler struct {
	up, down int     // one of them is 1
	taps     int     // input samples an output depends on
	pairs    []int64 // coefficients, two outputs in one word: see dot
	line     []int16 // history, then the block at hand
	skip     int     // decimator: input samples to pass over before the next output
}

const (
	resampleBits = 14   // coefficients are fractions of 1<<14
	resampleBeta = 5.65 // Kaiser window: 60 dB
)

// NewResampler makes a Resampler from one rate to another, Hz. It panics for a rate that is not 8000, 16000 or 48000.
func NewResampler(from, to int) *Resampler {
	for _, r := range []int{from, to} {
		if r != Narrow && r != Wide && r != Full {
			panic(fmt.Sprintf("audio: resample from %d to %d Hz: rates are 8000, 16000 and 48000", from, to))
		}
	}
	r := &Resampler{up: max(to/from, 1), down: max(from/to, 1)}
	if from == to {
		return r
	}
	h := lowpass(min(from, to), max(from, to))
	if r.up > 1 {
		r.interpolator(h)
	} else {
		r.decimator(h)
	}
	r.line = make([]int16, r.taps-1, r.taps-1+from/10)
	return r
}

// Process appends src at the new rate to dst and returns it; no memory is made when cap(dst) suffices. Blocks may have
// any length: what a decimator cannot turn into a sample yet is kept for the next.
func (r *Resampler) Process(dst, src []int16) []int16 {
	if r.up == r.down {
		return append(dst, src...)
	}
	r.line = append(r.line, src...)
	if r.up > 1 {
		dst = r.interpolate(dst, len(src))
	} else {
		dst = r.decimate(dst)
	}
	keep := r.taps - 1
	r.line = r.line[:copy(r.line, r.line[len(r.line)-keep:])]
	return dst
}

// interpolator splits h into its phases, two neighbours in one word, newest input last.
func (r *Resampler) interpolator(h []float64) {
	r.taps = (len(h) + r.up - 1) / r.up
	phase := make([][]int64, r.up+r.up&1)
	for p := range phase {
		taps := make([]float64, r.taps)
		for k := range taps {
			if i := k*r.up + p; p < r.up && i < len(h) {
				taps[r.taps-1-k] = h[i]
			}
		}
		phase[p] = quantize(taps)
	}
	for p := 0; p < len(phase); p += 2 {
		r.pairs = append(r.pairs, pack(phase[p], phase[p+1])...)
	}
}

// decimator lays h beside itself one output later, so that one pass over the input makes two outputs.
func (r *Resampler) decimator(h []float64) {
	q := quantize(h)
	gap := make([]int64, r.down)
	r.pairs = pack(slices.Concat(q, gap), slices.Concat(gap, q))
	r.taps = len(h)
}

func (r *Resampler) interpolate(dst []int16, n int) []int16 {
	for i := range n {
		x := r.line[i : i+r.taps]
		for p := 0; p < r.up; p += 2 {
			a, b := dot(x, r.pairs[p/2*r.taps:])
			dst = append(dst, a)
			if p+1 < r.up {
				dst = append(dst, b)
			}
		}
	}
	return dst
}

func (r *Resampler) decimate(dst []int16) []int16 {
	at, span := r.skip, len(r.pairs)
	for ; at+span <= len(r.line); at += 2 * r.down {
		a, b := dot(r.line[at:at+span], r.pairs)
		dst = append(dst, a, b)
	}
	if at+r.taps <= len(r.line) {
		// One output alone at the end: the second half of the word would need input that is not there yet.
		a, _ := dot(r.line[at:at+r.taps], r.pairs)
		dst = append(dst, a)
		at += r.down
	}
	r.skip = at - (len(r.line) - (r.taps - 1))
	return dst
}

// dot makes two outputs with one multiplication a sample: each word holds two coefficients, 32 bits apart, and so does
// the sum. Neither half can overflow: coefficients are below 1<<14 and their magnitudes add up to less than 2<<14.
func dot(x []int16, pairs []int64) (int16, int16) {
	pairs = pairs[:len(x)]
	var s0, s1 int64
	i := 0
	for ; i+4 <= len(x) && i+4 <= len(pairs); i += 4 {
		q, c := x[i:i+4:i+4], pairs[i:i+4:i+4]
		s0 += int64(q[0])*c[0] + int64(q[1])*c[1]
		s1 += int64(q[2])*c[2] + int64(q[3])*c[3]
	}
	for ; i < len(x); i++ {
		s0 += int64(x[i]) * pairs[i]
	}
	sum := s0 + s1
	low := int32(sum)
	return narrow(low), narrow(int32((sum - int64(low)) >> 32))
}

func narrow(v int32) int16 {
	return int16(max(min((v+1<<(resampleBits-1))>>resampleBits, math.MaxInt16), math.MinInt16))
}

func pack(low, high []int64) []int64 {
	out := make([]int64, len(low))
	for i := range out {
		out[i] = low[i] + high[i]<<32
	}
	return out
}

// quantize rounds taps to resampleBits and puts what rounding lost into the largest, so that a constant passes exactly.
func quantize(taps []float64) []int64 {
	out := make([]int64, len(taps))
	var sum float64
	for _, t := range taps {
		sum += t
	}
	if sum == 0 {
		return out
	}
	rest, top := int64(1)<<resampleBits, 0
	for i, t := range taps {
		out[i] = int64(math.Round(t / sum * (1 << resampleBits)))
		rest -= out[i]
		if out[i] > out[top] {
			top = i
		}
	}
	out[top] += rest
	return out
}

// lowpass designs the filter at the higher rate: a sinc with a Kaiser window.
func lowpass(low, high int) []float64 {
	half := high * 5 / 4000 // 1.25 ms
	cut := 4020.0
	if low == Wide {
		half, cut = high*3/4000, 7850
	}
	h := make([]float64, 2*half+1)
	for i := range h {
		t := float64(i - half)
		x := 2 * cut / float64(high)
		h[i] = x * sinc(x*t) * kaiser(t/float64(half))
	}
	return h
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Sin(math.Pi*x) / (math.Pi * x)
}

func kaiser(t float64) float64 {
	return bessel(resampleBeta*math.Sqrt(max(1-t*t, 0))) / bessel(resampleBeta)
}

// bessel is the modified Bessel function of the first kind and order zero.
func bessel(x float64) float64 {
	sum, term := 1.0, 1.0
	for k := 1.0; term > 1e-12*sum; k++ {
		term *= (x / (2 * k)) * (x / (2 * k))
		sum += term
	}
	return sum
}
