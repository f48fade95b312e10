package sip

import (
	"slices"
	"sync"
	"time"
)

const (
	// maxTurns is how many requests of one dialog may wait.
	maxTurns = 32
	// gapWait is how long a request waits for one with a lower number that was seen arriving. It only passes when that
	// one was lost on its way through the transactions.
	gapWait = 300 * time.Millisecond
)

// turns puts the requests of one dialog into the order of their CSeq, one at a time. The transport sees messages in
// order, but each reaches us on a goroutine of its own; so arrivals are noted first, by announce, and each request then
// waits for those before it.
// Source: RFC 3261 section 12.2.2.
type turns struct {
	mu      sync.Mutex
	last    uint32
	any     bool
	busy    bool
	coming  []uint32
	changed chan struct{}
}

// begin sets the number of the request that made the dialog.
func (t *turns) begin(seq uint32) {
	t.mu.Lock()
	t.last, t.any = seq, true
	t.mu.Unlock()
}

// announce notes that a request was read from the network.
func (t *turns) announce(seq uint32) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.any && seq <= t.last || len(t.coming) >= maxTurns || slices.Contains(t.coming, seq) {
		return
	}
	t.coming = append(t.coming, seq)
}

// enter waits for the turn of seq; leave must follow. It answers false when the number is not higher than one that had
// its turn already.
func (t *turns) enter(seq uint32) bool {
	deadline := time.NewTimer(gapWait)
	defer deadline.Stop()
	patient := true
	for {
		t.mu.Lock()
		if t.any && seq <= t.last {
			t.mu.Unlock()
			return false
		}
		if !t.busy && (!patient || !t.earlier(seq)) {
			t.take(seq)
			t.mu.Unlock()
			return true
		}
		if t.changed == nil {
			t.changed = make(chan struct{})
		}
		changed := t.changed
		t.mu.Unlock()
		select {
		case <-changed:
		case <-deadline.C:
			patient = false
		}
	}
}

func (t *turns) earlier(seq uint32) bool {
	return slices.ContainsFunc(t.coming, func(c uint32) bool { return c < seq })
}

func (t *turns) take(seq uint32) {
	t.last, t.any, t.busy = seq, true, true
	t.coming = slices.DeleteFunc(t.coming, func(c uint32) bool { return c <= seq })
}

// leave ends the turn.
func (t *turns) leave() {
	t.mu.Lock()
	t.busy = false
	if t.changed != nil {
		close(t.changed)
		t.changed = nil
	}
	t.mu.Unlock()
}
