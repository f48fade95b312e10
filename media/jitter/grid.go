package jitter

import "time"

// grid follows the clock that reads: when it will come next, with the jitter of its own wake-ups smoothed out.
type grid struct {
	due    time.Time     // the next read
	period time.Duration // length of the last read
}

func (g *grid) tick(now time.Time, period time.Duration) {
	off := now.Sub(g.due)
	g.period = period
	if g.due.IsZero() || off > 5*period || off < -5*period {
		g.due = now.Add(period)
		return
	}
	g.due = g.due.Add(period + off/8)
}
