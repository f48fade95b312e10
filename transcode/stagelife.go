package transcode

import (
	"fmt"
	"sync"

	"legroom/media"
)

// stageLife is when a stage that runs in a goroutine of its own gives back what it holds: when Run ends, or with Close if
// it does not run.
type stageLife struct {
	mu              sync.Mutex
	running, closed bool
}

// begin is the start of Run. Errors: media.ErrClosed.
func (l *stageLife) begin() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || l.running {
		return fmt.Errorf("transcode: run: %w", media.ErrClosed)
	}
	l.running = true
	return nil
}

// close tells whether the caller is to free what the stage holds.
func (l *stageLife) close() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	free := !l.closed && !l.running
	l.closed = true
	return free
}

func (l *stageLife) isClosed() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.closed
}
