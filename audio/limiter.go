package audio

// Numbers of the Limiter.
const (
	limitPeak    = 32500 // largest magnitude let out: above full scale of both G.711 laws (32124 and 32256), below clipping
	limitBlocks  = 1000  // gain is chosen this often a second
	limitRelease = 0.006 // gain regained a block: 6 dB in about 80 ms
)

// Limiter brings sums of several voices back into 16 bits: it turns down before a peak and recovers slowly, where
// clipping would crackle. It adds no delay: the gain is planned within the block it is given. Sound that fits passes
// bit for bit. It is used by one goroutine at a time.
type Limiter struct {
	block int     // samples a step of the gain
	gain  float32 // at the end of the last block
	need  []float32
}

// NewLimiter makes a Limiter for sound of rate Hz.
func NewLimiter(rate int) *Limiter {
	return &Limiter{block: max(rate/limitBlocks, 1), gain: 1, need: make([]float32, 0, 64)}
}

// Process writes sum, limited, to dst; len(dst) must be at least len(sum). Units: 16 bit samples, summed in 32 bits.
func (l *Limiter) Process(dst []int16, sum []int32) {
	dst = dst[:len(sum)]
	if l.plan(sum) && l.gain == 1 {
		for i, v := range sum {
			dst[i] = int16(v)
		}
		return
	}
	for k, at := 0, 0; at < len(sum); k, at = k+1, at+l.block {
		end := min(at+l.block, len(sum))
		// The line ends where this block and the next one both fit, so the turn comes before the peak.
		target := min(l.gain+limitRelease, l.need[k])
		if k+1 < len(l.need) {
			target = min(target, l.need[k+1])
		}
		g, step := l.gain, (target-l.gain)/float32(end-at)
		for i := at; i < end; i++ {
			g += step
			dst[i] = clip(float32(sum[i]) * min(g, l.need[k]))
		}
		l.gain = target
	}
}

// plan finds the gain each block needs, and tells whether none needs any.
func (l *Limiter) plan(sum []int32) bool {
	l.need = l.need[:0]
	fits := true
	for at := 0; at < len(sum); at += l.block {
		var peak int32
		for _, v := range sum[at:min(at+l.block, len(sum))] {
			peak = max(peak, v, -v)
		}
		need := float32(1)
		if peak > limitPeak {
			need, fits = limitPeak/float32(peak), false
		}
		l.need = append(l.need, need)
	}
	return fits
}
