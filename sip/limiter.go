package sip

import (
	"net/netip"
	"sync"
	"time"
)

// maxSources bounds what the limiter remembers; sources beyond it share one allowance.
const maxSources = 16384

// limiter lets each source address use up an allowance that refills with time. Memory is bounded by maxSources.
// IPv6 sources count by their /64, which is what one customer has.
type limiter struct {
	mu      sync.Mutex
	rate    float64
	burst   float64
	buckets map[netip.Addr]bucket
	shared  bucket
	swept   time.Time
}

type bucket struct {
	tokens float64
	at     time.Time
}

// newLimiter allows rate tokens a second and burst at once.
func newLimiter(rate, burst int) *limiter {
	return &limiter{rate: float64(rate), burst: float64(burst), buckets: make(map[netip.Addr]bucket)}
}

// take spends cost tokens of a source and tells whether it had them.
func (l *limiter) take(src netip.Addr, cost float64, now time.Time) bool {
	key := sourceKey(src)
	l.mu.Lock()
	defer l.mu.Unlock()
	b, known := l.buckets[key]
	if !known && len(l.buckets) >= maxSources && !l.sweep(now) {
		ok := l.spend(&l.shared, cost, now)
		return ok
	}
	if !known {
		b = bucket{tokens: l.burst, at: now}
	}
	ok := l.spend(&b, cost, now)
	l.buckets[key] = b
	return ok
}

func (l *limiter) spend(b *bucket, cost float64, now time.Time) bool {
	b.tokens = min(l.burst, b.tokens+now.Sub(b.at).Seconds()*l.rate)
	b.at = now
	if b.tokens < cost {
		return false
	}
	b.tokens -= cost
	return true
}

// sweep forgets sources whose allowance is full again: that is the same as never having seen them. It looks at most once
// a second, so that a flood from many addresses does not make every message cost a walk.
func (l *limiter) sweep(now time.Time) bool {
	if now.Sub(l.swept) < time.Second {
		return false
	}
	l.swept = now
	for key, b := range l.buckets {
		if b.tokens+now.Sub(b.at).Seconds()*l.rate >= l.burst {
			delete(l.buckets, key)
		}
	}
	return len(l.buckets) < maxSources
}

func sourceKey(a netip.Addr) netip.Addr {
	a = a.Unmap().WithZone("")
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.Addr()
		}
	}
	return a
}
