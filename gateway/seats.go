package gateway

import (
	"net/netip"
	"sync"
)

// seats counts calls and bounds how many come from one address. How many there may be in all is the SIP server's to
// decide, before a call comes this far.
type seats struct {
	perSource int

	mu      sync.Mutex
	taken   int
	sources map[netip.Addr]int
}

func newSeats(perSource int) *seats {
	return &seats{perSource: perSource, sources: make(map[netip.Addr]int)}
}

// take gives a seat, false when there is none. free gives it back, once.
func (s *seats) take(source netip.Addr) (free func(), ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sources[source] >= s.perSource {
		return nil, false
	}
	s.taken++
	s.sources[source]++
	return sync.OnceFunc(func() { s.give(source) }), true
}

func (s *seats) give(source netip.Addr) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taken--
	if s.sources[source]--; s.sources[source] <= 0 {
		delete(s.sources, source)
	}
}

// count is how many are taken.
func (s *seats) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.taken
}
