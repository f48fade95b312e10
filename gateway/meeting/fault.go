package meeting

import (
	"errors"
	"time"

	"legroom/e2ee"
	"legroom/e2ee/delivery"
	"legroom/e2ee/ledger"
	"legroom/e2ee/replay"
)

// fault is why something was not done, as browsers are told.
type fault string

// faultInternal is what no other word is for, and faultThrottled what may be tried again.
const (
	faultInternal  fault = "internal"
	faultThrottled fault = "throttled"
)

// faults are errors by their names; the first that fits counts.
var faults = []struct {
	err  error
	name fault
}{
	// Before those that may be wrapped beside them.
	{ledger.ErrFull, "logFull"}, {ledger.ErrThrottled, faultThrottled}, {ledger.ErrCheckpoint, "malformed"}, {ledger.ErrClosed, "group"},
	{delivery.ErrMalformed, "malformed"}, {delivery.ErrTooLong, "tooLong"}, {delivery.ErrGroup, "group"}, {delivery.ErrLeaf, "leaf"},
	{delivery.ErrEpoch, "epoch"}, {delivery.ErrLost, "lost"}, {delivery.ErrRoster, "roster"}, {delivery.ErrRole, "role"},
	{delivery.ErrWelcome, "welcome"}, {delivery.ErrBundle, "bundle"}, {delivery.ErrThrottled, faultThrottled},
	{delivery.ErrRefused, "refused"}, {delivery.ErrGap, "gap"},
	{replay.ErrMalformed, "malformed"}, {replay.ErrFounding, "malformed"}, {replay.ErrRule, "malformed"},
	{e2ee.ErrEncoding, "malformed"}, {e2ee.ErrInvalid, "malformed"}, {e2ee.ErrSignature, "malformed"}, {e2ee.ErrForeign, "malformed"},
	{e2ee.ErrExpired, "malformed"}, {e2ee.ErrSeal, "malformed"}, {e2ee.ErrChain, "role"}, {e2ee.ErrNotGranted, "bundle"}, {e2ee.ErrRevoked, "bundle"},
	{e2ee.ErrFork, "bundle"}, {e2ee.ErrStale, "epoch"},
}

// failed answers a question that was not obeyed.
func failed(id int64, err error) failedAnswer {
	answer := failedAnswer{Type: "failed", ID: id, Fault: faultOf(err)}
	var throttled *delivery.ThrottledError
	switch {
	case errors.As(err, &throttled):
		answer.After = throttled.After.Milliseconds() + 1
	case answer.Fault == faultThrottled:
		answer.After = time.Second.Milliseconds()
	}
	return answer
}
