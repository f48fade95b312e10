package bfcp

import (
	"slices"
	"sync"
)

// maxMail are the requests with a decision that waits for Run; there are not more than maxRequests to decide on.
const maxMail = 2 * maxRequests

// mailbox is what other goroutines tell the one of Run.
type mailbox struct {
	mu        sync.Mutex
	decisions []decision
	holders   []announcement
	bell      chan struct{}
}

type decision struct {
	id      uint16
	verdict Verdict
}

type announcement struct {
	floor  uint16
	holder Holder
}

func newMailbox() *mailbox { return &mailbox{bell: make(chan struct{}, 1)} }

// decide leaves a decision; the last word on a request counts. The oldest goes when there are too many.
func (b *mailbox) decide(d decision) {
	b.mu.Lock()
	b.decisions = slices.DeleteFunc(b.decisions, func(old decision) bool { return old.id == d.id })
	if len(b.decisions) == maxMail {
		b.decisions = slices.Delete(b.decisions, 0, 1)
	}
	b.decisions = append(b.decisions, d)
	b.mu.Unlock()
	b.ring()
}

// announce leaves who has a floor; the last word on a floor counts.
func (b *mailbox) announce(a announcement) {
	b.mu.Lock()
	b.holders = slices.DeleteFunc(b.holders, func(old announcement) bool { return old.floor == a.floor })
	if len(b.holders) < MaxFloors {
		b.holders = append(b.holders, a)
	}
	b.mu.Unlock()
	b.ring()
}

func (b *mailbox) ring() {
	select {
	case b.bell <- struct{}{}:
	default:
	}
}

// empty gives what is there, in order.
func (b *mailbox) empty() ([]decision, []announcement) {
	b.mu.Lock()
	defer b.mu.Unlock()
	d, h := b.decisions, b.holders
	b.decisions, b.holders = nil, nil
	return d, h
}
