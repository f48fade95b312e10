package sip

import (
	"sync"
	"time"

	"legroom/sip/mediacontrol"
)

// asker asks the other side for key frames, by whatever way was agreed: once in mediacontrol.KeyframeInterval at most. Who
// asks too early is served by one request at the end of it.
type asker struct {
	send func()

	mu    sync.Mutex
	limit *mediacontrol.Limiter
	timer *time.Timer // set while a request waits
	ended bool
}

func newAsker(send func()) *asker {
	return &asker{send: send, limit: mediacontrol.NewLimiter(mediacontrol.KeyframeInterval)}
}

// ask never waits.
func (a *asker) ask() {
	a.mu.Lock()
	now := time.Now()
	pass := !a.ended && a.limit.Ask(now)
	if !a.ended && !pass && a.timer == nil {
		a.timer = time.AfterFunc(a.limit.Due().Sub(now), a.tick)
	}
	a.mu.Unlock()
	if pass {
		a.send()
	}
}

// tick sends what waited.
func (a *asker) tick() {
	a.mu.Lock()
	a.timer = nil
	pass := !a.ended && a.limit.Tick(time.Now())
	a.mu.Unlock()
	if pass {
		a.send()
	}
}

// end forgets what waits.
func (a *asker) end() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ended = true
	if a.timer != nil {
		a.timer.Stop()
	}
}
