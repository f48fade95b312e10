package delivery

import "time"

// bucket lets size things through at once and one more each interval. A full one is the start.
type bucket struct {
	every time.Duration
	size  int
	// full is when it is full again; before zero time it always is.
	full time.Time
}

// wait is how long until one more fits, 0 when it does.
func (b *bucket) wait(now time.Time) time.Duration {
	if !b.full.After(now) {
		return 0 // also because the time since the first moment of all does not fit a Duration
	}
	return max(0, b.full.Sub(now)-time.Duration(b.size-1)*b.every)
}

// spend takes one; wait has answered 0.
func (b *bucket) spend(now time.Time) {
	if b.full.Before(now) {
		b.full = now
	}
	b.full = b.full.Add(b.every)
}
