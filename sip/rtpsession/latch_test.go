package rtpsession

import (
	"net/netip"
	"testing"
	"time"
)

// TestLatch: media follows the peer and nobody else.
func TestLatch(t *testing.T) {
	var (
		named    = netip.MustParseAddrPort("203.0.113.9:4000") // in the SDP
		sibling  = netip.MustParseAddrPort("203.0.113.9:4444")
		nat      = netip.MustParseAddrPort("198.51.100.7:31000") // where signalling comes from
		stranger = netip.MustParseAddrPort("192.0.2.66:999")
	)
	type in struct {
		after time.Duration
		from  netip.AddrPort
		taken bool
		at    netip.AddrPort
	}
	const ms = time.Millisecond
	cases := map[string]struct {
		secure, fixed bool
		steps         []in
	}{
		"where the sdp says": {steps: []in{{0, named, true, named}, {20 * ms, named, true, named}}},
		"behind a nat":       {steps: []in{{0, nat, true, nat}, {20 * ms, nat, true, nat}}},
		"a stranger while the peer talks": {steps: []in{{0, named, true, named}, {ms, stranger, false, named}, {ms, stranger, false, named},
			{ms, stranger, false, named}, {ms, stranger, false, named}, {20 * ms, named, true, named}}},
		"a stranger was quicker than the sdp's address": {steps: []in{{0, stranger, true, stranger}, {20 * ms, named, true, named},
			{ms, stranger, false, named}}},
		"a stranger was quicker than the signalled host": {steps: []in{{0, stranger, true, stranger}, {20 * ms, nat, true, nat}}},
		"another port of the host does not outrank it":   {steps: []in{{0, named, true, named}, {20 * ms, sibling, false, named}}},
		"learning ends": {steps: []in{{0, nat, true, nat}, {1500 * ms, nat, true, nat}, {600 * ms, sibling, false, nat}}},
		"nat binds anew after silence": {steps: []in{{0, nat, true, nat}, {2100 * ms, stranger, false, nat}, {20 * ms, stranger, false, nat},
			{20 * ms, stranger, true, stranger}}},
		"two strangers do not add up": {steps: []in{{0, nat, true, nat}, {2100 * ms, stranger, false, nat}, {20 * ms, sibling, false, nat},
			{20 * ms, stranger, false, nat}}},
		"secure follows without silence": {secure: true, steps: []in{{0, named, true, named}, {20 * ms, nat, true, named}, {20 * ms, nat, true, nat}}},
		"secure, one packet is not enough": {secure: true, steps: []in{{0, named, true, named}, {20 * ms, stranger, true, named},
			{20 * ms, named, true, named}, {20 * ms, stranger, true, named}}},
		"not symmetric": {fixed: true, steps: []in{{0, named, true, netip.AddrPort{}}, {0, sibling, true, netip.AddrPort{}}, {0, stranger, false, netip.AddrPort{}}}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			l := latch{symmetric: !c.fixed, signalled: nat.Addr()}
			l.expect(named)
			now := time.Unix(1000, 0)
			for i, s := range c.steps {
				now = now.Add(s.after)
				taken := true
				if c.secure {
					l.secure(s.from, now)
				} else {
					taken, _ = l.clear(s.from, now)
				}
				if taken != s.taken || l.at != s.at {
					t.Errorf("step %d: taken %v, at %v", i, taken, l.at)
				}
			}
		})
	}
}
