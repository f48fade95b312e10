package g722

import (
	"fmt"

	"legroom/audio"
)

var _ audio.Encoder = (*Encoder)(nil)

// Encoder turns sound at 16000 Hz into 64 kbit/s G.722. It is used by one goroutine at a time.
type Encoder struct {
	low, high band
	line      [48]int // the last 24 samples, twice, so that a window never wraps
	at        int
	zeros     int // samples of digital silence up to now, as far as the window reaches
}

// NewEncoder makes an Encoder in its reset state.
func NewEncoder() *Encoder {
	return &Encoder{low: band{det: 32}, high: band{det: 8}}
}

// Encode appends one byte for every two samples. Errors: audio.ErrSamples for an odd number.
func (e *Encoder) Encode(dst []byte, pcm []int16) ([]byte, error) {
	if len(pcm)&1 != 0 {
		return dst, fmt.Errorf("g722: encode %d samples: %w", len(pcm), audio.ErrSamples)
	}
	for i := 0; i+1 < len(pcm); i += 2 {
		odd, even := e.split(int(pcm[i]), int(pcm[i+1]))
		if e.silent(pcm[i] | pcm[i+1]) {
			dst = append(dst, Silence)
			e.adaptLow(Silence & 0x3f)
			e.adaptHigh(Silence >> 6)
			continue
		}
		dst = append(dst, e.encodeHigh((odd-even)>>14)<<6|e.encodeLow((odd+even)>>14))
	}
	return dst, nil
}

// Close does nothing.
func (e *Encoder) Close() {}

// split runs the transmit filter over the window that ends with the two samples.
func (e *Encoder) split(first, second int) (int, int) {
	i := e.at
	e.line[i], e.line[i+24] = first, first
	e.line[i+1], e.line[i+25] = second, second
	e.at = i + 2
	if e.at == 24 {
		e.at = 0
	}
	return filter((*[24]int)(e.line[i+2:]))
}

// silent tells whether the window holds nothing but zeros and the decoder has come to rest with it: without steps the
// predictor would keep a constant left over from the sound before. bits are those of the two newest samples.
func (e *Encoder) silent(bits int16) bool {
	if bits != 0 {
		e.zeros = 0
		return false
	}
	e.zeros = min(e.zeros+2, len(e.line)/2)
	return e.zeros == len(e.line)/2 && e.low.rests() && e.high.rests()
}

func (e *Encoder) encodeLow(x int) byte {
	b := &e.low
	diff := sat16(x - b.s)
	mag := diff ^ diff>>63 // -diff-1 below zero, as block 1L has it
	// Bisection over the decision levels: mag falls into the first interval whose upper level it does not reach.
	m, lo, hi := (mag+1)<<12, 1, 30
	for lo < hi {
		mid := (lo + hi) >> 1
		if m > q6[mid]*b.det {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	code := 62 - lo
	if diff < 0 {
		code = 34 - lo
		if lo < 3 {
			code = 64 - lo
		}
	}
	e.adaptLow(code)
	return byte(code)
}

func (e *Encoder) adaptLow(code int) {
	b := &e.low
	b.predict(b.det * qm4[code>>2&15] >> 15)
	b.scale(wl[code>>2&15], 18432, 8)
}

func (e *Encoder) encodeHigh(x int) byte {
	b := &e.high
	diff := sat16(x - b.s)
	mag := diff ^ diff>>63
	code := 0
	if diff >= 0 {
		code = 2
	}
	if mag < 564*b.det>>12 {
		code++
	}
	e.adaptHigh(code)
	return byte(code)
}

func (e *Encoder) adaptHigh(code int) {
	b := &e.high
	b.predict(b.det * qm2[code&3] >> 15)
	b.scale(wh[code&3], 22528, 10)
}
