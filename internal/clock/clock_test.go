package clock_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"legroom/internal/clock"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var errOver = errors.New("over")

// start runs a Clock until the test ends.
func start(t *testing.T, cfg clock.Config) *clock.Clock {
	t.Helper()
	c := clock.New(cfg)
	ctx, cancel := context.WithCancelCause(context.Background())
	done := make(chan error, 1)
	go func() { done <- c.Run(ctx) }()
	t.Cleanup(func() {
		cancel(errOver)
		if err := <-done; !errors.Is(err, errOver) {
			t.Errorf("Run answers %v, want the cause of the end", err)
		}
	})
	return c
}

func TestBeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := start(t, clock.Config{Slots: 2, Period: 20 * time.Millisecond})
		var a, b atomic.Int32
		removeA := c.Add(func() { a.Add(1) })
		removeB := c.Add(func() { b.Add(1) })
		<-time.After(1010 * time.Millisecond)
		if a.Load() != 50 || b.Load() != 50 {
			t.Errorf("%d and %d steps in a second, want 50", a.Load(), b.Load())
		}
		removeA()
		removeA()
		<-time.After(time.Second)
		if a.Load() != 50 || b.Load() != 100 {
			t.Errorf("%d and %d steps, want 50 after its removal and 100", a.Load(), b.Load())
		}
		removeB()
	})
}

// TestIdle: without members nothing ticks, and the first member of a later time finds its beat.
func TestIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := start(t, clock.Config{Slots: 1, Period: 20 * time.Millisecond})
		for range 3 {
			<-time.After(time.Hour)
			var n atomic.Int32
			remove := c.Add(func() { n.Add(1) })
			<-time.After(101 * time.Millisecond)
			if n.Load() != 5 {
				t.Errorf("%d steps in 100 ms, want 5", n.Load())
			}
			remove()
		}
	})
}

// TestStall: after a stall three steps are made up, the rest is left out and said so, and the beat stays where it was.
func TestStall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := start(t, clock.Config{Slots: 1, Period: 20 * time.Millisecond})
		began := time.Now()
		var at []time.Duration
		var left int
		remove := c.AddSkipping(func() {
			at = append(at, time.Since(began))
			if len(at) == 2 {
				<-time.After(210 * time.Millisecond)
			}
		}, func(periods int) { left += periods })
		<-time.After(305 * time.Millisecond)
		remove()
		want := []time.Duration{20, 40, 250, 250, 250, 260, 280, 300}
		if len(at) != len(want) {
			t.Fatalf("steps at %v, want at %v ms", at, want)
		}
		for i := range want {
			if at[i] != want[i]*time.Millisecond {
				t.Errorf("step %d at %v, want %v ms", i, at[i], want[i])
			}
		}
		if left != 7 {
			t.Errorf("%d periods left out, want 7", left)
		}
	})
}

// TestRemoveWaits: when remove has returned, the step runs no more.
func TestRemoveWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := start(t, clock.Config{Slots: 1, Period: 20 * time.Millisecond})
		entered := make(chan struct{})
		var running atomic.Bool
		remove := c.Add(func() {
			running.Store(true)
			close(entered)
			<-time.After(time.Second)
			running.Store(false)
		})
		<-entered
		remove()
		if running.Load() {
			t.Error("remove returned in the middle of a step")
		}
	})
}

// TestSlots: members share one goroutine while it has time, and spread when it has not.
func TestSlots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := start(t, clock.Config{Slots: 2, Period: 20 * time.Millisecond})
		slow := c.Add(func() { <-time.After(10 * time.Millisecond) })
		<-time.After(time.Second)
		began := time.Now()
		var late time.Duration
		fast := c.Add(func() { late = time.Since(began) % (20 * time.Millisecond) })
		<-time.After(50 * time.Millisecond)
		fast()
		slow()
		if late != 0 {
			t.Errorf("a member waits %v behind a slow one while another slot is idle", late)
		}
	})
}
