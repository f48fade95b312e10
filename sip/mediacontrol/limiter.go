package mediacontrol

import "time"

// KeyframeInterval is how often a key frame is asked for, or given on request, at most.
const KeyframeInterval = 500 * time.Millisecond

// Limiter lets one request pass in an interval. Those that come too early are merged into one that passes at its end, so
// that the last who asked is served. Not for concurrent use.
type Limiter struct {
	interval time.Duration
	passed   time.Time
	waiting  bool
	merged   uint64
}

// NewLimiter of an interval.
func NewLimiter(interval time.Duration) *Limiter { return &Limiter{interval: interval} }

// Ask takes a request and tells whether it passes now. If not, Tick at Due passes it.
func (l *Limiter) Ask(now time.Time) bool {
	if l.waiting || !l.passed.IsZero() && now.Before(l.passed.Add(l.interval)) {
		if l.waiting {
			l.merged++
		}
		l.waiting = true
		return false
	}
	l.passed = now
	return true
}

// Due is when Tick passes what waits; zero when nothing does.
func (l *Limiter) Due() time.Time {
	if !l.waiting {
		return time.Time{}
	}
	return l.passed.Add(l.interval)
}

// Tick tells whether what waited passes now.
func (l *Limiter) Tick(now time.Time) bool {
	if !l.waiting || now.Before(l.Due()) {
		return false
	}
	l.waiting, l.passed = false, now
	return true
}

// Merged counts requests that were served by another's.
func (l *Limiter) Merged() uint64 { return l.merged }
