package rtpsession

import (
	"net/netip"
	"time"
)

// Times and counts of the latch.
const (
	// learning is how long after the first packet the address of the SDP, or that of signalling, still outranks a stranger
	// who was quicker.
	learning = 2 * time.Second
	// silence of the peer after which another address may take over.
	silence = 2 * time.Second
	// takeover is how many packets in a row the other address must send then; with SRTP, which nobody can forge, fewer do
	// and no silence is asked for.
	takeover       = 3
	takeoverSecure = 2
)

// latch decides from where media is taken and where it is sent: symmetric RTP (RFC 4961), with the caution that a stranger
// who sprays packets at our ports must neither be heard nor listen in (RFC 7362 sections 4 and 5).
// It is used by the reading goroutine alone.
type latch struct {
	symmetric bool
	sdp       netip.AddrPort // where the peer says it is; may be invalid or private
	signalled netip.Addr     // where signalling comes from
	at        netip.AddrPort // where media comes from; invalid until the first packet
	since     time.Time
	heard     time.Time
	other     netip.AddrPort
	others    int
}

// expect begins anew with a peer at another address.
func (l *latch) expect(sdp netip.AddrPort) {
	*l = latch{symmetric: l.symmetric, signalled: l.signalled, sdp: sdp}
}

// clear decides on a packet that could be anybody's: whether it is taken, and whether the peer is to be sent to its
// address from now on.
func (l *latch) clear(from netip.AddrPort, now time.Time) (taken, moved bool) {
	if !l.symmetric {
		return !l.sdp.IsValid() || from.Addr() == l.sdp.Addr(), false
	}
	switch {
	case from == l.at:
		l.heard, l.others = now, 0
		return true, false
	case !l.at.IsValid():
		l.move(from, now)
		return true, true
	case l.rank(from) > l.rank(l.at) && now.Sub(l.since) < learning:
		l.move(from, now)
		return true, true
	case now.Sub(l.heard) > silence && l.again(from) >= takeover:
		l.move(from, now)
		return true, true
	}
	return false, false
}

// secure follows a packet that has passed SRTP authentication: it is always taken.
func (l *latch) secure(from netip.AddrPort, now time.Time) (moved bool) {
	switch {
	case !l.symmetric:
		return false
	case from == l.at:
		l.heard, l.others = now, 0
		return false
	case !l.at.IsValid() || l.again(from) >= takeoverSecure:
		l.move(from, now)
		return true
	}
	return false
}

// near tells whether an address is that of the peer, whatever the port: RTCP and events may come from another.
func (l *latch) near(from netip.Addr) bool {
	return from == l.at.Addr() || from == l.sdp.Addr()
}

func (l *latch) again(from netip.AddrPort) int {
	if from != l.other {
		l.other, l.others = from, 0
	}
	l.others++
	return l.others
}

func (l *latch) move(to netip.AddrPort, now time.Time) {
	l.at, l.since, l.heard, l.others = to, now, now, 0
}

// rank of an address as long as we learn.
func (l *latch) rank(a netip.AddrPort) int {
	switch {
	case a == l.sdp:
		return 3
	case a.Addr() == l.sdp.Addr():
		return 2
	case a.Addr() == l.signalled:
		return 1
	default:
		return 0
	}
}
