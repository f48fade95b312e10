package mediatest

import (
	"slices"
	"sync"
	"time"
)

// StepClock is a clock that stands still until a test steps it. It has the Add of the gateway's own clock, so what runs
// on that one runs here sample for sample the same each time.
type StepClock struct {
	period time.Duration
	mu     sync.Mutex
	now    time.Time
	steps  []*func()
}

// NewStepClock makes a clock with the given length of a step; it shows 1 January 2000.
func NewStepClock(period time.Duration) *StepClock {
	return &StepClock{period: period, now: time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)}
}

// Now is the time the clock shows.
func (c *StepClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the hands by d and calls nobody.
func (c *StepClock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Add has step called at every Step until the returned function is called.
func (c *StepClock) Add(step func()) (remove func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := &step
	c.steps = append(slices.Clone(c.steps), p)
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.steps = slices.DeleteFunc(slices.Clone(c.steps), func(q *func()) bool { return p == q })
	}
}

// Step does n steps in the caller's goroutine, each a period later than the last.
func (c *StepClock) Step(n int) {
	for range n {
		c.Advance(c.period)
		c.mu.Lock()
		steps := c.steps
		c.mu.Unlock()
		for _, s := range steps {
			(*s)()
		}
	}
}
