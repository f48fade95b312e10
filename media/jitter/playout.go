package jitter

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"legroom/audio"
	"legroom/media"
)

// ErrRate says that sound came at another rate than the Playout was made for.
var ErrRate = errors.New("jitter: sound of another rate")

const (
	// longestPacket bounds one Write: the longest packet of any codec.
	longestPacket = 120 * time.Millisecond
	// pause is how long a gap is concealed; behind it the stream starts anew.
	pause = 60 * time.Millisecond
)

// PlayoutConfig is how a Playout works.
type PlayoutConfig struct {
	// Rate of the sound, Hz: 8000, 16000 or 48000.
	Rate int
	// Start is the reserve a stream begins with and goes back to: how much later than the first one a packet may come
	// without being missed. Default 5 ms.
	Start time.Duration
	// Max bounds what is kept waiting; beyond it the oldest sound is dropped. Default 200 ms.
	Max time.Duration
	// Now is the clock. Default time.Now.
	Now func() time.Time
}

// DefaultPlayoutConfig gives the defaults for sound of rate Hz.
func DefaultPlayoutConfig(rate int) PlayoutConfig {
	return PlayoutConfig{Rate: rate, Start: 5 * time.Millisecond, Max: 200 * time.Millisecond, Now: time.Now}
}

// PlayoutStats tells how a Playout fares.
type PlayoutStats struct {
	// Delay that the newest sample has before it: what is kept waiting now.
	Delay time.Duration
	// Target is the reserve aimed at now.
	Target time.Duration
	// Underruns is how often sound was missing within a talk spurt, Concealed how many samples were made up.
	Underruns, Concealed uint64
	// Dropped and Inserted samples: what was cut out or repeated to change the delay, and Overflow what did not fit.
	Dropped, Inserted, Overflow uint64
}

// Playout hands the sound of one source to a clock. It is the only place where delay is kept for jitter: a stream starts
// as soon as a reserve of 5 ms is there, which grows when packets come too late and shrinks when they have come early
// for a while. What is missing is concealed, fading out within 60 ms; behind that the stream waits for its next spurt.
// Delay is taken out and put in by whole pitch periods, cross-faded, so that neither bursts nor two clocks that differ
// are heard. Digital silence stays digital silence.
//
// Write and Read may be called from different goroutines; neither ever waits for the other to do something. Packets may
// have any length up to 120 ms, reads any length, whatever the packets'.
type Playout struct {
	mu     sync.Mutex
	cfg    PlayoutConfig
	line   line
	plc    *audio.Concealer
	splice splicer
	margin margin
	grid   grid
	next   uint32        // timestamp expected
	gap    int           // samples concealed since the line ran dry
	dry    time.Time     // when that was
	last   time.Time     // of the last Write
	packet time.Duration // its length
	state  state
	closed bool
	stats  PlayoutStats
}

// state of a Playout.
type state uint8

const (
	idle    state = iota // nothing to play: silence
	filling              // sound is there, the reserve not yet
	playing
)

var _ media.Sink[*media.PCM] = (*Playout)(nil)

// NewPlayout makes a Playout; zero fields of cfg take their defaults.
func NewPlayout(cfg PlayoutConfig) *Playout {
	def := DefaultPlayoutConfig(cfg.Rate)
	if cfg.Start <= 0 {
		cfg.Start = def.Start
	}
	if cfg.Max <= 0 {
		cfg.Max = def.Max
	}
	cfg.Max = max(cfg.Max, longestPacket+pause)
	if cfg.Now == nil {
		cfg.Now = def.Now
	}
	p := &Playout{cfg: cfg, plc: audio.NewConcealer(cfg.Rate), splice: newSplicer(cfg.Rate)}
	p.line.samples = make([]int16, 0, 2*p.samples(cfg.Max+longestPacket+pause))
	p.margin = newMargin(cfg.Start)
	return p
}

// Write takes the next stretch of decoded sound. Errors: ErrRate, media.ErrClosed.
func (p *Playout) Write(u *media.PCM) error {
	if u.Rate != p.cfg.Rate {
		return fmt.Errorf("jitter: play %d Hz at %d Hz: %w", u.Rate, p.cfg.Rate, ErrRate)
	}
	if len(u.Samples) == 0 {
		return nil
	}
	now := p.cfg.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return media.ErrClosed
	}
	p.fillHole(u, now)
	if p.state == playing {
		p.margin.arrived(p.grid, now, p.duration(p.line.len()))
	}
	p.append(u.Samples)
	if p.state == idle {
		p.state = filling
		p.margin.reset(now.Sub(p.last))
	}
	p.last, p.packet = now, u.Duration()
	p.next = u.Timestamp + uint32(len(u.Samples))
	p.gap = 0
	return nil
}

// Read fills dst with the next stretch for the clock and returns how many of its samples are sound that was received,
// and the loudness of all. With 0 there is nothing to hear and dst is silent, or the fading rest of a concealed gap.
func (p *Playout) Read(dst []int16) (int, media.Level) {
	now := p.cfg.Now()
	p.mu.Lock()
	n := p.read(dst, now)
	p.mu.Unlock()
	if n == 0 && p.silent(dst) {
		return 0, audio.Silence
	}
	return n, audio.Level(dst)
}

// Close drops what is kept; later Writes answer media.ErrClosed and Reads give silence.
func (p *Playout) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed, p.state = true, idle
	p.line.drop(p.line.len())
	return nil
}

// Stats tells how it fares.
func (p *Playout) Stats() PlayoutStats {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.stats
	s.Delay, s.Target = p.duration(p.line.len()), p.margin.target
	return s
}

func (p *Playout) silent(dst []int16) bool {
	for _, v := range dst {
		if v != 0 {
			return false
		}
	}
	return true
}

func (p *Playout) read(dst []int16, now time.Time) int {
	p.grid.tick(now, p.duration(len(dst)))
	if p.state == filling && p.ready(now) {
		p.state = playing
	}
	if p.state != playing {
		clear(dst)
		return 0
	}
	p.adjust(len(dst))
	n := p.line.pop(dst)
	if n < len(dst) {
		p.conceal(dst[n:], now)
	}
	return n
}

// conceal carries on where the line ran dry.
func (p *Playout) conceal(dst []int16, now time.Time) {
	if p.gap == 0 {
		p.stats.Underruns++
		p.dry = now
	}
	p.plc.Conceal(dst)
	p.gap += len(dst)
	p.stats.Concealed += uint64(len(dst))
	if p.plc.Silent() {
		// The talk spurt is over: that it ended was no underrun.
		p.stats.Underruns--
		p.state = idle
	}
}

// ready tells whether a stream that starts to play now would have its reserve, if its packets go on to come as the last
// one did. A stream that does not go on is played at once.
func (p *Playout) ready(now time.Time) bool {
	have, step := p.duration(p.line.len()), p.grid.period
	since := now.Sub(p.last)
	if since > p.packet+step {
		return true
	}
	least := time.Duration(1<<62 - 1)
	for k := time.Duration(1); k <= 6; k++ {
		// The packet k from now is wanted at the first read that what came before it cannot fill.
		wanted := (have + (k-1)*p.packet) / step * step
		least = min(least, wanted-(k*p.packet-since))
	}
	return least >= p.margin.target
}

// fillHole keeps the time line where packets are missing and nobody concealed them: what the clock has not made up
// already is put into the line. Source: timestamps, RFC 3550 section 5.1.
func (p *Playout) fillHole(u *media.PCM, now time.Time) {
	hole := int32(u.Timestamp - p.next)
	if p.state == idle || hole <= 0 || p.duration(int(hole)) > pause {
		if p.state == playing && p.gap > 0 {
			p.margin.late(now, now.Sub(p.dry), p.duration(p.gap+p.meet(u.Samples)))
		}
		return
	}
	if rest := int(hole) - p.gap; rest > 0 {
		at := p.line.grow(rest)
		p.plc.Conceal(at)
		p.stats.Concealed += uint64(rest)
	} else if rest < 0 {
		p.margin.late(now, now.Sub(p.dry), p.duration(-rest))
	}
}

// meet carries the made-up sound on, by less than a period, until late sound fits to it; the two would else meet at odds,
// which is heard. It returns how many samples that were.
func (p *Playout) meet(late []int16) int {
	p.plc.Ahead(p.splice.ahead)
	n := p.splice.meet(p.splice.ahead, late)
	p.plc.Conceal(p.line.grow(n))
	p.stats.Concealed += uint64(n)
	return n
}

func (p *Playout) append(samples []int16) {
	if most := p.samples(longestPacket); len(samples) > most {
		p.stats.Overflow += uint64(len(samples) - most)
		samples = samples[len(samples)-most:]
	}
	at := p.line.grow(len(samples))
	copy(at, samples)
	p.plc.Good(at)
	if over := p.line.len() - p.samples(p.cfg.Max); over > 0 {
		p.splice.drop(&p.line, over)
		p.stats.Overflow += uint64(over)
		p.margin.moved(-p.duration(over))
	}
}

// adjust takes delay out or puts some in, at most one pitch period a read.
func (p *Playout) adjust(read int) {
	switch want := p.samples(p.margin.correction(p.grid.period)); {
	case want > 0:
		if n := p.splice.cut(&p.line, want, read); n > 0 {
			p.stats.Dropped += uint64(n)
			p.margin.moved(-p.duration(n))
		}
	case want < 0:
		if n := p.splice.stretch(&p.line, -want); n > 0 {
			p.stats.Inserted += uint64(n)
			p.margin.moved(p.duration(n))
		}
	}
}

func (p *Playout) samples(d time.Duration) int {
	return int(d * time.Duration(p.cfg.Rate) / time.Second)
}

func (p *Playout) duration(samples int) time.Duration {
	return time.Duration(samples) * time.Second / time.Duration(p.cfg.Rate)
}
