package gateway

import (
	"cmp"
	"log/slog"
	"slices"
	"sync"

	"legroom/gateway/api"
	"legroom/internal/logkey"
	"legroom/sip"
)

// ledger is the operator's list of calls: those that run, and the last that were refused.
type ledger struct {
	log  *slog.Logger
	kept int

	mu      sync.Mutex
	running map[*caller]struct{}
	refused []api.RefusedCall // a ring, next is where the next one goes
	next    int
	total   map[int]uint64 // refused calls by status
}

func newLedger(kept int, log *slog.Logger) *ledger {
	return &ledger{log: log, kept: kept, running: make(map[*caller]struct{}), total: make(map[int]uint64)}
}

func (l *ledger) add(c *caller) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.running[c] = struct{}{}
}

func (l *ledger) remove(c *caller) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.running, c)
}

// tell keeps a call that was refused by voice and writes its one line.
func (l *ledger) tell(r api.RefusedCall) {
	l.log.Info("call refused", logkey.From, r.From, logkey.To, r.To, logkey.Source, r.Source, logkey.Transport, r.Transport,
		logkey.Status, r.Status, logkey.Rule, r.Rule, logkey.Fix, r.Fix)
	l.keep(r)
}

// keepRefusal keeps a call that package sip refused, and told of.
func (l *ledger) keepRefusal(r sip.Refusal) {
	l.keep(api.RefusedCall{
		Time: r.Time, From: r.From, To: r.To, Source: r.Source.String(), Transport: r.Transport, Status: r.Status, Rule: r.Rule, Fix: r.Fix,
	})
}

func (l *ledger) keep(r api.RefusedCall) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.total[r.Status]++
	if l.kept == 0 {
		return
	}
	if len(l.refused) < l.kept {
		l.refused = append(l.refused, r)
		return
	}
	l.refused[l.next] = r
	l.next = (l.next + 1) % l.kept
}

// Refused lists the last refused calls, latest first.
func (l *ledger) Refused() []api.RefusedCall {
	l.mu.Lock()
	out := slices.Concat(l.refused[l.next:], l.refused[:l.next])
	l.mu.Unlock()
	slices.Reverse(out)
	return out
}

// Calls lists the running calls, oldest first.
func (l *ledger) Calls() []api.Call {
	l.mu.Lock()
	callers := make([]*caller, 0, len(l.running))
	for c := range l.running {
		callers = append(callers, c)
	}
	l.mu.Unlock()
	out := make([]api.Call, len(callers))
	for i, c := range callers {
		out[i] = c.describe()
	}
	slices.SortFunc(out, func(a, b api.Call) int {
		if d := a.Started.Compare(b.Started); d != 0 {
			return d
		}
		return cmp.Compare(a.ID, b.ID)
	})
	return out
}

// refusals gives the number of refused calls by status.
func (l *ledger) refusals() map[int]uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make(map[int]uint64, len(l.total))
	for status, n := range l.total {
		out[status] = n
	}
	return out
}
