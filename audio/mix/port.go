package mix

import (
	"slices"
	"sync"
	"sync/atomic"

	"legroom/audio"
	"legroom/media"
)

const (
	// gate is the peak below which a frame holds nothing worth hearing: -51 dBFS, above the idle noise of a telephone
	// line and below any consonant. A peak and not a mean, so that a word that begins with the last sample of a frame
	// opens it.
	gate = 96
	// ownTail is how long a port keeps its own output after it was last heard: one second, by when the encoder of its
	// output and the one that all silent listeners share have converged.
	ownTail = 1 * ticksPerSecond
)

// PortConfig says what a Port does.
type PortConfig struct {
	// Playout makes the buffer for what this port says, when the first of it comes and again should its rate change;
	// nil: it only listens.
	Playout func(rate int) Playout
	// Output takes what this port hears whenever that is not what everybody hears: while it is heard itself, one second
	// on, and while it is whispered to. At all other times the shared mix is the same, sample by sample. Nil: it only
	// speaks.
	Output media.Sink[*media.PCM]
	// Rate of Output, Hz: 8000, 16000 or 48000.
	Rate int
}

// Port is one leg's place at a Mixer. It is the Sink of what the leg says.
type Port struct {
	mixer  *Mixer
	cfg    PortConfig
	bus    *bus // of the output; nil without one
	intake atomic.Pointer[intake]
	closed atomic.Bool
	fades  atomic.Bool // it is to leave

	mu       sync.Mutex
	whispers []*Whisper

	// Of the goroutine of Step:
	talker      Talker
	leaving     bool // in this tick
	now, before []int16
	rate        int
	lanes       [3]lane
	own         answer
}

// intake is where the leg's sound waits to be mixed.
type intake struct {
	playout Playout
	rate    int
}

var _ media.Sink[*media.PCM] = (*Port)(nil)

func newPort(m *Mixer, cfg PortConfig) *Port {
	p := &Port{mixer: m, cfg: cfg}
	if cfg.Output == nil {
		return p
	}
	if p.bus = m.bus(cfg.Rate); p.bus != nil {
		n := p.bus.samples()
		p.own.out = media.PCM{Samples: make([]int16, n), Rate: cfg.Rate}
		p.own.sum, p.own.scratch = make([]int32, n), make([]int16, n)
		p.own.limiter, p.own.gain = audio.NewLimiter(cfg.Rate), fullGain
	}
	return p
}

// Write takes what the leg says; it never waits. Errors: media.ErrClosed after Close.
func (p *Port) Write(pcm *media.PCM) error {
	if p.closed.Load() {
		return media.ErrClosed
	}
	if p.cfg.Playout == nil {
		return nil
	}
	in := p.intake.Load()
	if in == nil || in.rate != pcm.Rate {
		in = &intake{playout: p.cfg.Playout(pcm.Rate), rate: pcm.Rate}
		p.intake.Store(in)
	}
	return in.playout.Write(pcm)
}

// Close takes the port off the Mixer and ends its whispers; a Step under way may still write to Output once.
func (p *Port) Close() error {
	if p.closed.Swap(true) {
		return nil
	}
	p.mixer.remove(p)
	p.mu.Lock()
	list := p.whispers
	p.whispers = nil
	p.mu.Unlock()
	for _, w := range list {
		w.Stop()
	}
	return nil
}

// FadeOut closes the port in the next Step, in which what it says fades out: closed in the middle of a word it would
// click.
func (p *Port) FadeOut() { p.fades.Store(true) }

// Whisper mixes src into this port's output alone, above the room, which is turned down a little meanwhile. Several at
// once are heard together. Without an Output, or after Close, the Whisper is done at once.
func (p *Port) Whisper(src Source) *Whisper {
	w := newWhisper(src)
	p.mu.Lock()
	if p.bus == nil || p.closed.Load() {
		p.mu.Unlock()
		w.Stop()
		return w
	}
	p.whispers = append(slices.Clone(p.whispers), w)
	p.mu.Unlock()
	return w
}

// HandOver moves the whispers of this port to another one, where they go on from where they are; a Step under way may
// still play one tick of them here. It is for a leg whose output changes its rate: close this port afterwards.
func (p *Port) HandOver(to *Port) {
	p.mu.Lock()
	list := p.whispers
	p.whispers = nil
	p.mu.Unlock()
	to.mu.Lock()
	defer to.mu.Unlock()
	if to.bus == nil || to.closed.Load() {
		for _, w := range list {
			w.Stop()
		}
		return
	}
	to.whispers = slices.Concat(list, to.whispers)
}

// hear takes one tick of input; false when the port says nothing at all.
func (p *Port) hear() bool {
	p.leaving = p.fades.Load()
	in := p.intake.Load()
	if in == nil {
		return false
	}
	n := in.rate / ticksPerSecond
	if p.rate != in.rate {
		p.rate, p.now, p.before = in.rate, make([]int16, n), make([]int16, n)
	}
	p.now, p.before = p.before, p.now
	_, level := in.playout.Read(p.now)
	active := loudest(p.now) >= gate && !p.leaving // who leaves is not given a place any more
	if active && level == media.NoLevel {
		level = audio.Level(p.now)
	}
	p.talker.Hear(level, active)
	return true
}

// contribute gives what the port adds to the bus of that lane.
func (p *Port) contribute(lane, rate int) []int16 {
	frame := p.lanes[lane].bring(p.before, p.now, p.rate, rate)
	soften(frame, p.talker.fade)
	return frame
}

func loudest(samples []int16) int {
	low, high := int16(0), int16(0)
	for _, v := range samples {
		low, high = min(low, v), max(high, v)
	}
	return max(int(high), -int(low))
}
