package audio

import (
	"fmt"
	"math"
)

// Resampler changes the rate of a stream between 8000, 16000 and 48000 Hz with one linear-phase FIR filter, run as a
// polyphase interpolator or decimator. It is used by one goroutine at a time.
//
// Delay: 1.25 ms when one side has 8000 Hz, 0.75 ms between 16000 and 48000 Hz. Quality: flat within 0.5 dB to 3.2 kHz
// (6.4 kHz), images and aliases 60 dB down from 4.8 kHz (9.4 kHz). Zeros in give zeros out, and a constant stays exactly
// that constant.
type Resampler struct {
	advance int     // input samples a batch of outputs takes
	span    int     // input samples it looks at
	words   int     // outputs in a batch, two in a word: 2 or 3 words
	taps    []int64 // span times words: see batch2
	line    []int16 // input not done with
}

const (
	resampleBits = 14  // coefficients are fractions of 1<<14
	resampleBeta = 6.2 // of the Kaiser window: 63 dB
)

// NewResampler makes a Resampler from one rate to another, Hz. It panics for a rate that is not 8000, 16000 or 48000.
func NewResampler(from, to int) *Resampler {
	for _, r := range []int{from, to} {
		if r != Narrow && r != Wide && r != Full {
			panic(fmt.Sprintf("audio: resample from %d to %d Hz: rates are 8000, 16000 and 48000", from, to))
		}
	}
	if from == to {
		return &Resampler{}
	}
	h := lowpass(min(from, to), max(from, to))
	if from < to {
		return interpolator(h, to/from)
	}
	return decimator(h, from/to)
}

// Process appends src at the new rate to dst and returns it; no memory is made when cap(dst) suffices. Blocks of a
// multiple of 2.5 ms come out whole; of others up to 0.5 ms waits for the next.
func (r *Resampler) Process(dst, src []int16) []int16 {
	if r.words == 0 {
		return append(dst, src...)
	}
	r.line = append(r.line, src...)
	at := 0
	for ; at+r.span <= len(r.line); at += r.advance {
		if r.words == 2 {
			dst = batch2(dst, r.line[at:at+r.span], r.taps)
		} else {
			dst = batch3(dst, r.line[at:at+r.span], r.taps)
		}
	}
	r.line = r.line[:copy(r.line, r.line[at:])]
	return dst
}

// interpolator splits h into its phases; output j of a batch has phase j modulo up, at input j/up.
func interpolator(h []float64, up int) *Resampler {
	words, taps := 3, (len(h)+up-1)/up
	if up == 2 {
		words = 2
	}
	rows := make([][]int64, 2*words)
	advance := 2 * words / up
	for j := range rows {
		phase := make([]float64, taps)
		for k := range phase {
			if i := k*up + j%up; i < len(h) {
				phase[taps-1-k] = h[i] // the newest input is last
			}
		}
		rows[j] = quantize(phase)
	}
	return pack(rows, taps, advance, func(j int) int { return j / up })
}

// decimator lays h beside itself, one output later each time.
func decimator(h []float64, down int) *Resampler {
	q := quantize(h)
	return pack([][]int64{q, q, q, q}, len(h), 4*down, func(j int) int { return j * down })
}

// pack puts rows of coefficients, row j moved by shift(j) inputs, into words.
func pack(rows [][]int64, taps, advance int, shift func(int) int) *Resampler {
	span := taps + shift(len(rows)-1)
	ahead := -span & 3 // zeros put first, so that batches need no rest
	r := &Resampler{advance: advance, words: len(rows) / 2, span: span + ahead}
	r.taps = make([]int64, r.span*r.words)
	for j, row := range rows {
		for k, c := range row {
			r.taps[(ahead+shift(j)+k)*r.words+j/2] += c << (j % 2 * 32)
		}
	}
	r.line = make([]int16, taps-1+ahead, 4*Full/100)
	return r
}

// batch2 makes four outputs with two multiplications a sample: each word holds the coefficients of two outputs, 32 bits
// apart, and so does the sum. Neither half can overflow: the magnitudes of an output's coefficients add up to less than
// 2<<resampleBits, and samples are below 1<<15. len(x) is a multiple of 4.
func batch2(dst, x []int16, taps []int64) []int16 {
	var s0, s1 int64
	// This shape of the loop spares the bounds checks.
	for len(taps) >= 8 && len(x) >= 4 {
		v0, v1, v2, v3 := int64(x[0]), int64(x[1]), int64(x[2]), int64(x[3])
		s0 += v0*taps[0] + v1*taps[2] + (v2*taps[4] + v3*taps[6])
		s1 += v0*taps[1] + v1*taps[3] + (v2*taps[5] + v3*taps[7])
		x, taps = x[4:], taps[8:]
	}
	return append(dst, low(s0), high(s0), low(s1), high(s1))
}

// batch3 is batch2 with six outputs and three words.
func batch3(dst, x []int16, taps []int64) []int16 {
	var s0, s1, s2 int64
	for len(taps) >= 12 && len(x) >= 4 {
		v0, v1, v2, v3 := int64(x[0]), int64(x[1]), int64(x[2]), int64(x[3])
		s0 += v0*taps[0] + v1*taps[3] + (v2*taps[6] + v3*taps[9])
		s1 += v0*taps[1] + v1*taps[4] + (v2*taps[7] + v3*taps[10])
		s2 += v0*taps[2] + v1*taps[5] + (v2*taps[8] + v3*taps[11])
		x, taps = x[4:], taps[12:]
	}
	return append(dst, low(s0), high(s0), low(s1), high(s1), low(s2), high(s2))
}

func low(sum int64) int16 { return narrow(int32(sum)) }

// high takes off what the lower half, being signed, borrowed.
func high(sum int64) int16 { return narrow(int32((sum - int64(int32(sum))) >> 32)) }

func narrow(v int32) int16 {
	return int16(max(min((v+1<<(resampleBits-1))>>resampleBits, math.MaxInt16), math.MinInt16))
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
	cut := 3980.0
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
