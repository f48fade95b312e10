package clock

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// maxCatchUp is how many periods a late slot makes up before it skips ahead: three packets in a burst are taken by
	// any receiver's buffer, more only add delay.
	maxCatchUp = 3
	// fullShare of the period spent in steps makes a slot full: new members go elsewhere.
	fullShare = 4
	// fullCount bounds the members a slot takes before its load was ever measured.
	fullCount = 64
)

// slot is one goroutine of the Clock with its members.
type slot struct {
	period time.Duration
	wake   chan struct{}
	busy   atomic.Int64 // smoothed time of one round of steps, ns

	mu      sync.Mutex
	members []*member // copied on change: a round walks the list it began with
}

// member is one step function.
type member struct {
	turn chan struct{} // holds one token: whoever has it may step, or end, the member
	step func()        // nil once removed
	skip func(periods int)
}

func newSlot(period time.Duration) *slot {
	return &slot{period: period, wake: make(chan struct{}, 1)}
}

func (s *slot) add(step func(), skip func(int)) (remove func()) {
	m := &member{turn: make(chan struct{}, 1), step: step, skip: skip}
	m.turn <- struct{}{}
	s.mu.Lock()
	s.members = append(slices.Clone(s.members), m)
	s.mu.Unlock()
	select {
	case s.wake <- struct{}{}:
	default:
	}
	return func() { s.remove(m) }
}

func (s *slot) remove(m *member) {
	s.mu.Lock()
	if i := slices.Index(s.members, m); i >= 0 {
		s.members = slices.Delete(slices.Clone(s.members), i, i+1)
	}
	s.mu.Unlock()
	<-m.turn
	m.step = nil
	m.turn <- struct{}{}
}

func (s *slot) list() []*member {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.members
}

// run steps the members at absolute deadlines; without members it waits to be woken.
func (s *slot) run(ctx context.Context) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	<-timer.C
	for {
		if len(s.list()) == 0 {
			s.busy.Store(0)
			select {
			case <-ctx.Done():
				return context.Cause(ctx)
			case <-s.wake:
			}
			continue
		}
		if err := s.beat(ctx, timer); err != nil {
			return err
		}
	}
}

// beat runs while there are members.
func (s *slot) beat(ctx context.Context, timer *time.Timer) error {
	next := time.Now().Add(s.period)
	for {
		timer.Reset(time.Until(next))
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-timer.C:
		}
		members := s.list()
		if len(members) == 0 {
			return nil
		}
		began := time.Now()
		due := 1 + int(began.Sub(next)/s.period)
		next = next.Add(time.Duration(due) * s.period)
		for range min(due, maxCatchUp) {
			for _, m := range members {
				m.call()
			}
		}
		if due > maxCatchUp {
			for _, m := range members {
				m.leaveOut(due - maxCatchUp)
			}
		}
		s.measure(time.Since(began))
	}
}

func (s *slot) measure(took time.Duration) {
	old := s.busy.Load()
	s.busy.Store(old + (int64(took)-old)/16)
}

func (s *slot) load() int64 { return s.busy.Load() }

func (s *slot) hasTime() bool {
	return s.load() < int64(s.period)/fullShare && len(s.list()) < fullCount
}

func (m *member) call() {
	<-m.turn
	if m.step != nil {
		m.step()
	}
	m.turn <- struct{}{}
}

func (m *member) leaveOut(periods int) {
	<-m.turn
	if m.step != nil {
		m.skip(periods)
	}
	m.turn <- struct{}{}
}
