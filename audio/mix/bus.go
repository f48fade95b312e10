package mix

import (
	"sync/atomic"

	"legroom/audio"
	"legroom/media"
)

// bus is the mix at one rate.
type bus struct {
	rate      int
	lane      int // index at the mixer and at each port
	listeners atomic.Int32
	shared    media.Fan[*media.PCM]

	// Of the goroutine of Step:
	summed  bool // in this tick
	total   []int32
	limiter *audio.Limiter
	out     media.PCM
}

// samples of one tick.
func (b *bus) samples() int { return b.rate / ticksPerSecond }

// sum adds up everybody who is heard.
func (b *bus) sum(ports []*Port) {
	if b.total == nil {
		b.total = make([]int32, b.samples())
		b.limiter = audio.NewLimiter(b.rate)
		b.out = media.PCM{Samples: make([]int16, b.samples()), Rate: b.rate}
	}
	clear(b.total)
	for _, p := range ports {
		if !p.talker.Sounds() {
			p.lanes[b.lane].idle()
			continue
		}
		for i, v := range p.contribute(b.lane, b.rate) {
			b.total[i] += int32(v)
		}
	}
}

// share hands the whole mix to those who hear all of it.
func (b *bus) share(ticks uint32, audible int) {
	b.out.Timestamp = ticks * uint32(b.samples())
	b.out.Level = media.NoLevel
	if audible == 0 {
		b.out.Level = audio.Silence
	}
	b.limiter.Process(b.out.Samples, b.total)
	_ = b.shared.Write(&b.out)
}
