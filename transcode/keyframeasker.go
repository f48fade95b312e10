package transcode

import (
	"sync"
	"time"
)

const (
	// askAgain is the least time between two requests for a key frame, so at most two a second.
	askAgain = 500 * time.Millisecond
	// askSeldom is the most that it becomes while requests change nothing: each doubles it.
	askSeldom = 8 * time.Second
)

// keyframeAsker asks a sender for key frames: at once, if the last request is long enough ago, and again until one comes.
// It has no timer: packets that arrive give it time. Its methods may be called from any goroutine.
type keyframeAsker struct {
	ask func()

	mu     sync.Mutex
	wanted bool
	last   time.Time
	pause  time.Duration
	asked  uint64
}

// want notes that a key frame is needed.
func (a *keyframeAsker) want() {
	a.mu.Lock()
	a.wanted = true
	a.mu.Unlock()
	a.due()
}

// came notes that there is one.
func (a *keyframeAsker) came() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.wanted = false
}

// good notes that pictures come out again.
func (a *keyframeAsker) good() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.pause = askAgain
}

// due asks if it is time.
func (a *keyframeAsker) due() {
	a.mu.Lock()
	now := time.Now()
	ask := a.wanted && (a.last.IsZero() || now.Sub(a.last) >= a.pause)
	if ask {
		a.last, a.pause = now, min(max(2*a.pause, askAgain), askSeldom)
		a.asked++
	}
	a.mu.Unlock()
	if ask && a.ask != nil {
		a.ask()
	}
}

// count is how often it asked.
func (a *keyframeAsker) count() uint64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.asked
}
