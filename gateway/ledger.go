package gateway

import (
	"cmp"
	"log/slog"
	"maps"
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
	total   map[refusalKind]uint64
}

// refusalKind is what refused calls are counted by. There are as many as causes in packages sip and menu, whatever
// strangers send.
type refusalKind struct {
	status int
	rule   string
}

func newLedger(kept int, log *slog.Logger) *ledger {
	return &ledger{log: log, kept: kept, running: make(map[*caller]struct{}), total: make(map[refusalKind]uint64)}
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

// tell keeps a call that was refused by voice, for a cause, and writes its one line.
func (l *ledger) tell(cause string, r api.RefusedCall) {
	l.log.Info("call refused", logkey.From, r.From, logkey.To, r.To, logkey.Source, r.Source, logkey.Transport, r.Transport,
		logkey.Status, r.Status, logkey.Rule, r.Rule, logkey.Fix, r.Fix)
	l.keep(cause, r)
}

// keepRefusal keeps a call that package sip refused, and told of.
func (l *ledger) keepRefusal(r sip.Refusal) {
	l.keep(r.Cause, api.RefusedCall{
		Time: r.Time, From: r.From, To: r.To, Source: r.Source.String(), Transport: r.Transport, Status: r.Status, Rule: r.Rule, Fix: r.Fix,
	})
}

func (l *ledger) keep(cause string, r api.RefusedCall) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.total[refusalKind{r.Status, cause}]++
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
	callers := slices.Collect(maps.Keys(l.running))
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

// refusals counts refused calls.
func (l *ledger) refusals() map[refusalKind]uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.total)
}

// legs are the counters of the telephones that are on a call now.
func (l *ledger) legs() []sip.LegStats {
	l.mu.Lock()
	callers := slices.Collect(maps.Keys(l.running))
	l.mu.Unlock()
	out := make([]sip.LegStats, len(callers))
	for i, c := range callers {
		out[i] = c.leg.Stats()
	}
	return out
}
