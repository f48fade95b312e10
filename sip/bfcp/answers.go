package bfcp

import "time"

// answers are what was answered of late over an unreliable link, to be said again when a request comes again.
// Memory: maxAnswers messages. Source: RFC 8855 section 8.3.2.
type answers struct {
	list [maxAnswers]answer
	next int
}

type answer struct {
	transaction uint16
	primitive   Primitive
	at          time.Time
	datagrams   [][]byte
}

// repeat gives what was answered to that request, if it is not too long ago.
func (a *answers) repeat(h Header, now time.Time, keep time.Duration) ([][]byte, bool) {
	for _, old := range a.list {
		if old.datagrams != nil && old.transaction == h.Transaction && old.primitive == h.Primitive && now.Sub(old.at) < keep {
			return old.datagrams, true
		}
	}
	return nil, false
}

// keep an answer in place of the oldest.
func (a *answers) keep(h Header, now time.Time, datagrams [][]byte) {
	a.list[a.next] = answer{transaction: h.Transaction, primitive: h.Primitive, at: now, datagrams: datagrams}
	a.next = (a.next + 1) % len(a.list)
}
