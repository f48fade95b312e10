package sip

import (
	"strconv"
	"strings"
	"sync"
	"time"
)

// minimumSE is the shortest session interval the RFC allows (RFC 4028 section 5).
const minimumSE = 90 * time.Second

// intervalTooSmall refuses a session interval; Min is what would do (RFC 4028 section 6).
type intervalTooSmall struct{ Min time.Duration }

// Error gives the minimum.
func (e *intervalTooSmall) Error() string { return "sip: session interval below " + e.Min.String() }

// sessionRequest is what the header fields of a request say about the session timer.
type sessionRequest struct {
	// interval asked for, 0 when none was.
	interval time.Duration
	// refresher is "uac", "uas" or empty.
	refresher string
	// min is Min-SE, 0 when there was none.
	min time.Duration
	// supported tells that the sender knows session timers.
	supported bool
}

// sessionTerms is what was agreed: the zero value is no timer.
type sessionTerms struct {
	interval time.Duration
	// refresh tells that it is for us to refresh.
	refresh bool
}

// agree decides as the receiver of a request (RFC 4028 section 9). want is the interval we would like, 0 for none.
func (r sessionRequest) agree(want, minSE time.Duration) (sessionTerms, error) {
	if r.interval == 0 {
		if want == 0 {
			return sessionTerms{}, nil
		}
		return sessionTerms{interval: max(want, r.min), refresh: !r.supported}, nil
	}
	if r.interval < minSE {
		if r.supported {
			return sessionTerms{}, &intervalTooSmall{Min: minSE}
		}
		// Somebody on the way put it in; it can be raised but the sender would not understand a refusal.
		r.interval = minSE
	}
	switch {
	case !r.supported || r.refresher == "uas":
		return sessionTerms{interval: r.interval, refresh: true}, nil
	default:
		return sessionTerms{interval: r.interval}, nil
	}
}

// header is the value of Session-Expires in the answer to the request, where "uac" is who sent it.
func (t sessionTerms) header() string {
	who := ";refresher=uac"
	if t.refresh {
		who = ";refresher=uas"
	}
	return seconds(t.interval) + who
}

// settled reads a 2xx to a request of ours (RFC 4028 section 7.2): "uac" is us.
func (r sessionRequest) settled() sessionTerms {
	return sessionTerms{interval: r.interval, refresh: r.interval > 0 && r.refresher != "uas"}
}

// parseSession reads the header fields; malformed ones count as not there.
func parseSession(expires, minSE string, supported bool) sessionRequest {
	r := sessionRequest{supported: supported}
	value, params, _ := strings.Cut(expires, ";")
	r.interval = parseSeconds(value)
	for p := range strings.SplitSeq(params, ";") {
		key, v, _ := strings.Cut(p, "=")
		if strings.EqualFold(strings.TrimSpace(key), "refresher") {
			r.refresher = strings.ToLower(strings.TrimSpace(v))
		}
	}
	value, _, _ = strings.Cut(minSE, ";")
	r.min = parseSeconds(value)
	return r
}

func parseSeconds(s string) time.Duration {
	n, err := strconv.ParseUint(strings.TrimSpace(s), 10, 31)
	if err != nil {
		return 0
	}
	return time.Duration(n) * time.Second
}

func seconds(d time.Duration) string { return strconv.FormatInt(int64(d/time.Second), 10) }

// sessionTimer runs the timer of one dialog: at half the interval it refreshes when that is for us, and shortly before
// the end it expires (RFC 4028 section 10). The zero value is not running. No goroutine waits in it.
type sessionTimer struct {
	mu      sync.Mutex
	terms   sessionTerms
	refresh func()
	expire  func()
	half    *time.Timer
	end     *time.Timer
	stopped bool
}

// start sets the terms and begins the interval anew; terms without an interval stop the timer.
func (t *sessionTimer) start(terms sessionTerms) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.clear()
	if t.stopped || terms.interval == 0 {
		t.terms = terms
		return
	}
	t.terms = terms
	t.end = time.AfterFunc(terms.interval-min(32*time.Second, terms.interval/3), t.expire)
	if terms.refresh {
		t.half = time.AfterFunc(terms.interval/2, t.refresh)
	}
}

// current terms.
func (t *sessionTimer) current() sessionTerms {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.terms
}

// stop ends it for good.
func (t *sessionTimer) stop() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stopped = true
	t.clear()
}

func (t *sessionTimer) clear() {
	for _, timer := range []*time.Timer{t.half, t.end} {
		if timer != nil {
			timer.Stop()
		}
	}
	t.half, t.end = nil, nil
}
