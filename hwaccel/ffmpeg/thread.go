package ffmpeg

import (
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/asticode/go-astiav"

	"legroom/hwaccel"
)

// Calls makes the calls of one stage into C, which may take long.
type Calls interface {
	// Do calls f and gives its error. One goroutine at a time uses it.
	Do(f func() error) error
	// Close calls free when no call runs any more, and ends.
	Close(free func())
}

// Thread makes the calls of one stage on one thread of the operating system, and gives up on a call that does not return:
// a driver that hangs cannot be interrupted, so its thread is abandoned with all it holds, and nobody else waits.
type Thread struct {
	calls chan func() error
	done  chan error
	// patience of a call.
	patience time.Duration
	timer    *time.Timer
	lost     bool
}

// StartThread starts the goroutine that holds the thread. Its owner is the caller, who ends it with Close; where a call
// hangs it ends when that call returns, if ever.
func StartThread(patience time.Duration) *Thread {
	timer := time.NewTimer(patience)
	timer.Stop()
	t := &Thread{
		// Room for what Leave puts behind a call that hangs.
		calls: make(chan func() error, 1), done: make(chan error, 1),
		patience: patience, timer: timer,
	}
	go t.run()
	return t
}

func (t *Thread) run() {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	log := newTrace()
	defer log.free()
	for f := range t.calls {
		log.begin()
		err := f()
		if err != nil && !errors.Is(err, astiav.ErrEagain) {
			err = &CallError{Err: err, Log: log.lines()}
		}
		select {
		case t.done <- err:
		default: // nobody waits any more
		}
	}
}

// Do has the thread call f. Errors: *CallError around that of f; astiav.ErrEagain as it is; hwaccel.ErrLost when f did not
// return in time, and from then on.
func (t *Thread) Do(f func() error) error {
	if t.lost {
		return hwaccel.ErrLost
	}
	t.calls <- f
	t.timer.Reset(t.patience)
	defer t.timer.Stop()
	select {
	case err := <-t.done:
		return err
	case <-t.timer.C:
		t.lost = true
		return fmt.Errorf("ffmpeg: a call has not come back for %v: %w", t.patience, hwaccel.ErrLost)
	}
}

// Close has the thread call free, waits for that, and ends it. What a call that hangs holds is freed when it returns, not
// before, and nobody waits.
func (t *Thread) Close(free func()) {
	if t.lost {
		t.Leave(free)
		return
	}
	_ = t.Do(func() error { free(); return nil }) // a free that hangs leaves nothing to do
	close(t.calls)
}

// Leave is Close without waiting.
func (t *Thread) Leave(free func()) {
	t.calls <- func() error { free(); return nil }
	close(t.calls)
}
