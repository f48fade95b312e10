// Package mix makes of many voices what each listener hears: the loudest few, without its own. It knows sound only; who
// may speak to whom, codecs and packets are decided elsewhere.
package mix

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"legroom/media"
)

// Tick is what one Step mixes.
const Tick = 20 * time.Millisecond

// ticksPerSecond is how many Ticks a second has: samples of a Tick are the rate divided by it.
const ticksPerSecond = int(time.Second / Tick)

// Config of a Mixer.
type Config struct {
	// MaxAudible is how many inputs are heard at once. Default 5.
	MaxAudible int
}

// Mixer is N inputs and N mix-minus outputs on one clock.
// Sound is summed once for each rate that somebody listens at, in 32 bit, and never resampled after it: so a room that
// only G.711 listens to is mixed at 8 kHz alone, and a listener of another rate that comes or goes changes nothing, not
// even by a click, for the others.
// Step belongs to one goroutine; everything else may be called from any.
type Mixer struct {
	floor   *Floor
	mu      sync.Mutex // for changes of ports and buses
	ports   atomic.Pointer[[]*Port]
	buses   [3]bus
	ticks   uint32
	cands   []*Talker
	audible int
}

// New makes a Mixer; it does nothing until it is stepped.
func New(cfg Config) *Mixer {
	if cfg.MaxAudible <= 0 {
		cfg.MaxAudible = 5
	}
	m := &Mixer{floor: NewFloor(cfg.MaxAudible)}
	for i, rate := range []int{8000, 16000, 48000} {
		m.buses[i].rate, m.buses[i].lane = rate, i
	}
	m.ports.Store(&[]*Port{})
	return m
}

// Open adds a port. Errors: none; a Rate that no bus has makes the port deaf, so callers check theirs before.
func (m *Mixer) Open(cfg PortConfig) *Port {
	p := newPort(m, cfg)
	m.mu.Lock()
	defer m.mu.Unlock()
	if p.bus != nil {
		p.bus.listeners.Add(1) // before a Step sees the port: it finds its bus summed
	}
	next := append(slices.Clone(*m.ports.Load()), p)
	m.ports.Store(&next)
	return p
}

// Share hands the whole mix at rate Hz to sink, every tick: it is what all those hear who say nothing. The sink is
// written after the outputs of the ports, in the goroutine of Step.
func (m *Mixer) Share(rate int, sink media.Sink[*media.PCM]) (remove func()) {
	b := m.bus(rate)
	if b == nil {
		return func() {}
	}
	take := b.shared.Add(sink)
	b.listeners.Add(1)
	var once sync.Once
	return func() {
		once.Do(func() {
			take()
			b.listeners.Add(-1)
		})
	}
}

// Step does one tick: it reads every input, chooses who is heard, and hands out what each listener hears.
func (m *Mixer) Step() {
	ports := *m.ports.Load()
	m.cands = m.cands[:0]
	for _, p := range ports {
		if p.hear() {
			m.cands = append(m.cands, &p.talker)
		}
	}
	m.floor.Choose(m.cands)
	for _, p := range ports {
		if p.leaving && p.talker.chosen {
			p.talker.drop()
		}
	}
	m.audible = 0
	for _, t := range m.cands {
		if t.Sounds() {
			m.audible++
		}
	}
	for i := range m.buses {
		b := &m.buses[i]
		if b.summed = b.listeners.Load() > 0; b.summed {
			b.sum(ports)
		}
	}
	for _, p := range ports {
		p.answer(m.ticks, m.audible)
		if p.leaving {
			_ = p.Close()
		}
	}
	for i := range m.buses {
		// Who came in the middle of this Step is served from the next one on.
		if b := &m.buses[i]; b.summed && b.shared.Len() > 0 {
			b.share(m.ticks, m.audible)
		}
	}
	m.ticks++
}

// Skip leaves out ticks: what was not mixed in time is not mixed later.
func (m *Mixer) Skip(ticks int) { m.ticks += uint32(ticks) }

func (m *Mixer) bus(rate int) *bus {
	for i := range m.buses {
		if m.buses[i].rate == rate {
			return &m.buses[i]
		}
	}
	return nil
}

func (m *Mixer) remove(p *Port) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	i := slices.Index(*m.ports.Load(), p)
	if i < 0 {
		return false
	}
	next := slices.Delete(slices.Clone(*m.ports.Load()), i, i+1)
	m.ports.Store(&next)
	if p.bus != nil {
		p.bus.listeners.Add(-1)
	}
	return true
}
