package rtpsession

import (
	"net/netip"
	"time"

	"legroom/sip/sdp"
)

// Stats are a snapshot of a Session.
type Stats struct {
	// Received and Sent packets of sound, with their bytes of payload; telephone-events count as sent.
	Received, Sent Counters
	// Lost is how many expected packets never came; may be negative with duplicates (RFC 3550 section 6.4.1).
	Lost int64
	// Jitter of arrival (RFC 3550 section 6.4.1).
	Jitter time.Duration
	// RTT to the peer; 0 while not known.
	RTT time.Duration
	// RemoteLost is the packets the peer says it missed in all, RemoteFraction the share lately, 0 to 1.
	RemoteLost     int64
	RemoteFraction float64
	// RemoteJitter as the peer sees it.
	RemoteJitter time.Duration
	// Digits told.
	Digits uint64
	// Dropped packets by reason.
	Dropped Drops
	// Security in use; keys of DTLS are there only after the handshake, see Secured.
	Security sdp.Security
	// Secured tells that SRTP keys are in place.
	Secured bool
	// Remote is where media is sent to now; not valid while that is not known.
	Remote netip.AddrPort
	// LastReceived is when the last valid RTP packet came; zero before the first.
	LastReceived time.Time
	// Feedback of a session of pictures.
	Feedback FeedbackStats
}

// FeedbackStats count what the two ends of a session of pictures ask of each other.
type FeedbackStats struct {
	// KeyframesAsked is how often the peer asked for a key frame, KeyframesWanted how often we did.
	KeyframesAsked, KeyframesWanted uint64
	// PacketsAsked for again by the peer, PacketsWanted by us.
	PacketsAsked, PacketsWanted uint64
	// Resent packets; Throttled are those asked for too often or too many at a time.
	Resent, Throttled uint64
	// RateRequests are changes of the bit rate that the peer asked for.
	RateRequests uint64
}

// Counters of one direction.
type Counters struct{ Packets, Bytes uint64 }

// Stats of the session now.
func (s *Session) Stats() Stats {
	st := Stats{Digits: s.hooks.digits.Load(), Dropped: s.dropped(), Remote: s.target.Load().addr}
	var rate uint32
	if p := s.path.Load(); p != nil {
		st.Security = p.agreed.Keys.Security
		st.Secured = p.ready && p.out != nil
		rate = p.agreed.Codec.ClockRate
	}
	s.in.mu.Lock()
	st.Received = Counters{s.in.packets, s.in.bytes}
	st.Lost = s.in.lostBefore + s.in.src.lost()
	st.Jitter = s.in.src.jitterTime()
	st.LastReceived = s.in.last
	s.in.mu.Unlock()
	s.out.mu.Lock()
	st.Sent = s.out.total
	s.out.mu.Unlock()
	r := &s.reports
	r.mu.Lock()
	st.RTT, st.RemoteLost, st.RemoteFraction = r.rtt, r.lost, r.fraction
	if rate > 0 {
		st.RemoteJitter = time.Duration(r.jitter) * time.Second / time.Duration(rate)
	}
	r.mu.Unlock()
	if s.pictures != nil {
		s.pictures.mu.Lock()
		st.Feedback = s.pictures.stats
		s.pictures.mu.Unlock()
	}
	return st
}
