// Package bandwidth estimates what a path carries from transport-wide feedback of its receiver: the growth of delay
// first, loss second, as in "Google Congestion Control" (draft-ietf-rmcat-gcc-02), with the trend line that browsers
// have put in the place of its Kalman filter. It is arithmetic: no clock, no goroutine, no socket.
package bandwidth

import (
	"sync"
	"time"
)

// Config of an Estimator. Units: bit/s.
type Config struct {
	// Start is the estimate before anything is known.
	Start int
	// Min and Max bound it.
	Min, Max int
}

// Report is one packet of a feedback, in order of sequence.
type Report struct {
	// Sequence is the transport-wide number.
	Sequence uint16
	// Received tells whether it arrived.
	Received bool
	// Arrived is when, on the receiver's clock from any origin.
	Arrived time.Duration
}

// Estimator of one path. All methods may be called from any goroutine and never wait for one another longer than a
// few steps of arithmetic.
type Estimator struct {
	cfg  Config
	mu   sync.Mutex
	sent [history]sentPacket

	trend  trend
	acked  ackedRate
	rate   float64
	loss   float64 // smoothed, 0..1
	state  usage
	grewAt time.Time
	cutAt  time.Time
	calm   time.Time // since when no congestion has been seen
}

// history is how many sent packets are remembered: over 2 s at 50 Mbit/s.
const history = 1 << 13

type sentPacket struct {
	seq  uint16
	used bool
	size int32
	at   time.Time
}

// New makes an Estimator.
func New(cfg Config) *Estimator {
	return &Estimator{cfg: cfg, rate: float64(cfg.Start), trend: newTrend()}
}

// Sent notes a packet on its way out. Units: size is bytes on the wire.
func (e *Estimator) Sent(sequence uint16, size int, at time.Time) {
	e.mu.Lock()
	e.sent[sequence%history] = sentPacket{seq: sequence, used: true, size: int32(size), at: at}
	if e.calm.IsZero() {
		e.calm, e.grewAt = at, at
	}
	e.mu.Unlock()
}

// Feedback takes what the receiver tells of a run of packets; now is when the feedback came.
func (e *Estimator) Feedback(reports []Report, now time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	known, lost := 0, 0
	for _, r := range reports {
		p := &e.sent[r.Sequence%history]
		if !p.used || p.seq != r.Sequence {
			continue
		}
		known++
		if !r.Received {
			lost++
			continue
		}
		p.used = false
		e.acked.add(r.Arrived, int(p.size))
		e.state = e.trend.add(p.at, r.Arrived, now)
	}
	if known == 0 {
		return
	}
	e.loss += (float64(lost)/float64(known) - e.loss) * 0.2
	e.adapt(now)
}

// Estimate is what the path carries, bit/s.
func (e *Estimator) Estimate() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return int(e.rate)
}

// Loss is the smoothed share of lost packets, 0..1.
func (e *Estimator) Loss() float64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.loss
}

// Calm is for how long no congestion has been seen.
func (e *Estimator) Calm(now time.Time) time.Duration {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.calm.IsZero() {
		return 0
	}
	return now.Sub(e.calm)
}

// Reset forgets the path, for one that has changed; the estimate begins anew.
func (e *Estimator) Reset() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.trend, e.acked, e.rate, e.loss = newTrend(), ackedRate{}, float64(e.cfg.Start), 0
	e.calm, e.cutAt, e.grewAt = time.Time{}, time.Time{}, time.Time{}
	e.state = usageNormal
}

const (
	// cutPause is how long the path gets to answer one cut before the next.
	cutPause = 300 * time.Millisecond
	// mostCut is what one cut leaves of the estimate at least.
	mostCut = 0.5
)

func (e *Estimator) adapt(now time.Time) {
	acked := e.acked.rate()
	switch {
	case e.state == usageOver || e.loss > 0.1:
		e.calm = now
		if now.Sub(e.cutAt) < cutPause {
			break
		}
		e.cutAt, e.grewAt = now, now
		target := e.rate * (1 - 0.5*e.loss)
		if e.state == usageOver && acked > 0 {
			// What arrived is less than what the path carries wherever little is sent, as of small pictures: one stall of a
			// busy computer must not starve them for a minute. Where the path is that narrow the next cuts come soon.
			target = min(target, max(0.85*acked, mostCut*e.rate))
		}
		e.rate = target
	case e.state == usageHeld || e.state == usageUnder || e.loss > 0.02:
		// The queue is no longer growing, or drains, or loss is between "fine" and "too much": hold.
		e.grewAt = now
	default:
		e.grow(now, acked)
	}
	e.rate = max(min(e.rate, float64(e.cfg.Max)), float64(e.cfg.Min))
}

// grow by 8 % a second. What is not sent cannot be confirmed: without enough traffic the estimate stays within twice of
// what arrived, but never falls because little was sent.
func (e *Estimator) grow(now time.Time, acked float64) {
	elapsed := min(now.Sub(e.grewAt).Seconds(), 1)
	e.grewAt = now
	if elapsed <= 0 {
		return
	}
	grown := e.rate * (1 + 0.08*elapsed)
	if limit := 2*acked + 100_000; grown > limit {
		grown = max(e.rate, limit)
	}
	e.rate = grown
}
