// Package clock steps what runs on a fixed beat: mixers of rooms and booths. Few goroutines serve many members, so a
// hundred rooms cost hardly more wake-ups than one.
package clock

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"legroom/internal/run"
)

// Beat is the default Period: one tick of a mixer.
const Beat = 20 * time.Millisecond

// Config of a Clock.
type Config struct {
	// Slots is how many goroutines share the work, at most one runs on a core. Default 0: one for each core.
	Slots int
	// Period between two steps of a member. Default 20 ms.
	Period time.Duration
}

// Clock calls each member's step once a period.
// Units: deadlines are absolute, so a late wake-up does not shift the following ones. A slot that comes late makes up at
// most three steps and then skips ahead. A slot without members sleeps.
type Clock struct {
	period time.Duration
	slots  []*slot
}

// New makes a Clock; nothing is stepped before Run.
func New(cfg Config) *Clock {
	if cfg.Slots <= 0 {
		cfg.Slots = runtime.GOMAXPROCS(0)
	}
	if cfg.Period <= 0 {
		cfg.Period = Beat
	}
	c := &Clock{period: cfg.Period, slots: make([]*slot, cfg.Slots)}
	for i := range c.slots {
		c.slots[i] = newSlot(cfg.Period)
	}
	return c
}

// Period between two steps.
func (c *Clock) Period() time.Duration { return c.period }

// Run steps the members until ctx ends; it answers the cause.
func (c *Clock) Run(ctx context.Context) error {
	g, _ := run.NewGroup(ctx)
	for i, s := range c.slots {
		g.Go(fmt.Sprintf("clock/%d", i), s.run)
	}
	if err := g.Wait(); err != nil {
		return err
	}
	return context.Cause(ctx)
}

// Add has step called every period by one of the slot goroutines, never by two at once. The first slot that still has
// time is taken, so few members wake one core only. remove takes it off and returns when step is not running any more;
// it must not be called from inside a step. It may be called more than once.
func (c *Clock) Add(step func()) (remove func()) {
	return c.AddSkipping(step, func(int) {})
}

// AddSkipping is Add for those who keep a time line: skip tells of periods that were left out after a stall, before the
// next step.
func (c *Clock) AddSkipping(step func(), skip func(periods int)) (remove func()) {
	best := c.slots[0]
	for _, s := range c.slots {
		if s.hasTime() {
			best = s
			break
		}
		if s.load() < best.load() {
			best = s
		}
	}
	return best.add(step, skip)
}
