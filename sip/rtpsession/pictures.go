package rtpsession

import (
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtcp"

	"legroom/sip/tmmbr"
)

const (
	// rateTries is how often a rate is asked for, with the reports, of a peer that does not answer; unlimited is what no
	// stream of pictures reaches, bit/s.
	rateTries = 5
	unlimited = 1 << 30
	// headers of IPv4, UDP and RTP, bytes a packet.
	headers = 40
)

// leastAsked is the least rate that a peer's request is taken for, bit/s: no picture goes with less.
const leastAsked = 64_000

// pictures is what a session of pictures has besides: what the peer asks for and what we owe it.
type pictures struct {
	keyframe atomic.Pointer[func()]
	rate     atomic.Pointer[func()]
	// owed is a request for a key frame that waits for the peer's first packet.
	owed atomic.Bool

	mu    sync.Mutex
	fir   firSeen
	owner *tmmbr.Owner // of our SSRC; nil until somebody sets a limit
	remb  float64      // bit/s; 0 for none
	loss  lossRate
	asked uint8  // number of our last FIR
	want  uint64 // bit/s we asked the peer to keep to; 0 for none
	until int    // reports that still repeat it
	stats FeedbackStats
}

// firSeen is the last FIR of a peer, which it repeats until it sees the key frame. Source: RFC 5104 section 4.3.1.1.
type firSeen struct {
	known  bool
	sender uint32
	number uint8
}

// fresh tells a new request from a repeated one.
func (f *firSeen) fresh(sender uint32, number uint8) bool {
	again := f.known && f.sender == sender && f.number == number
	f.known, f.sender, f.number = true, sender, number
	return !again
}

// restart forgets what was asked of the SSRC before.
func (v *pictures) restart() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.owner, v.remb, v.loss = nil, 0, lossRate{}
}

// OnKeyframe sets who is told that the peer asks for a key frame (PLI, or a FIR it has not asked by before). It is called
// from a receiving goroutine, as often as the peer asks, and must not wait. In a session of sound nobody is told.
// Source: RFC 4585 section 6.3.1, RFC 5104 section 4.3.1.
func (s *Session) OnKeyframe(f func()) {
	if s.pictures != nil {
		s.pictures.keyframe.Store(&f)
	}
}

// OnRate sets who is told that SendRate may have changed. It is called from a receiving goroutine and must not wait.
func (s *Session) OnRate(f func()) {
	if s.pictures != nil {
		s.pictures.rate.Store(&f)
	}
}

// SendRate is what the peer takes now beyond what the SDP says: the least of what it asked for (TMMBR, REMB) and what its
// losses allow. 0 when there is no bound, as in a session of sound.
// Units: bit/s. Source: RFC 5104 section 4.2.1, draft-alvestrand-rmcat-remb-03, RFC 3550 section 6.4.1.
func (s *Session) SendRate() int {
	v := s.pictures
	if v == nil {
		return 0
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	rate := math.Inf(1)
	if v.loss.limit > 0 {
		rate = v.loss.limit
	}
	if v.remb > 0 {
		rate = min(rate, max(v.remb, leastAsked))
	}
	if v.owner != nil {
		// The overhead is counted for as many packets as go out now.
		if n, ok := v.owner.Limit(v.loss.packets); ok {
			rate = min(rate, max(float64(n), leastAsked))
		}
	}
	if rate >= math.MaxInt32 {
		return 0
	}
	return int(rate)
}

// RequestKeyframe asks the peer for a key frame, by PLI or FIR as was agreed. Before the peer's first packet it waits for
// that. It does not wait for anything else, and does not count how often it is called.
// Errors: ErrNoFeedback where neither was agreed.
// Source: RFC 4585 section 6.3.1, RFC 5104 section 4.3.1.
func (s *Session) RequestKeyframe() error {
	p := s.path.Load()
	if s.pictures == nil || p == nil || !p.agreed.Video.Feedback.PLI && !p.agreed.Video.Feedback.FIR {
		return ErrNoFeedback
	}
	if _, ok := s.in.current(); !ok {
		s.pictures.owed.Store(true)
		return nil
	}
	s.wantKeyframe(p, time.Now())
	return nil
}

// wantKeyframe sends PLI, or FIR where only that was agreed.
func (s *Session) wantKeyframe(p *path, now time.Time) {
	peer, _ := s.in.current()
	v := s.pictures
	v.mu.Lock()
	v.stats.KeyframesWanted++
	v.asked++
	number := v.asked
	v.mu.Unlock()
	s.tell(now, func(own uint32) rtcp.Packet {
		if p.agreed.Video.Feedback.PLI {
			return &rtcp.PictureLossIndication{SenderSSRC: own, MediaSSRC: peer}
		}
		return &rtcp.FullIntraRequest{SenderSSRC: own, FIR: []rtcp.FIREntry{{SSRC: peer, SequenceNumber: number}}}
	})
}

// tell sends feedback at once, behind a report as RFC 4585 section 3.1 has it.
func (s *Session) tell(now time.Time, packet func(own uint32) rtcp.Packet) {
	s.out.mu.Lock()
	defer s.out.mu.Unlock()
	s.compound(now, packet(s.out.line.ssrc))
}

// RequestRate asks the peer to send no more than a bit rate; it is repeated until the peer says that it does. 0 takes it back
// as far as RFC 5104 knows that: what is asked for then is more than anybody sends.
// Units: bit/s, with all headers. Errors: ErrNoFeedback where it was not agreed.
// Source: RFC 5104 sections 3.5.4 and 4.2.1.
func (s *Session) RequestRate(rate int) error {
	p := s.path.Load()
	if s.pictures == nil || p == nil || !p.agreed.Video.Feedback.TMMBR {
		return ErrNoFeedback
	}
	v := s.pictures
	v.mu.Lock()
	v.want, v.until = uint64(max(rate, 0)), rateTries
	if rate <= 0 {
		v.want = unlimited
	}
	v.mu.Unlock()
	s.askRate(time.Now())
	return nil
}

// askRate sends what RequestRate asked for, unless it is done.
func (s *Session) askRate(now time.Time) {
	v := s.pictures
	peer, ok := s.in.current()
	v.mu.Lock()
	rate := v.want
	ok = ok && v.until > 0
	if ok {
		v.until--
	}
	v.mu.Unlock()
	if ok {
		s.tell(now, func(own uint32) rtcp.Packet {
			return &tmmbr.Request{Sender: own, Bounds: []tmmbr.Bound{{SSRC: peer, Rate: rate, Overhead: headers}}}
		})
	}
}

// picture looks at a packet of pictures that came: what we owe its sender, and what did not come before it.
func (r *receiver) picture(p *path, now time.Time) {
	v, h := r.s.pictures, &r.packet.Header
	if v.owed.Load() && v.owed.Swap(false) {
		r.s.wantKeyframe(p, now)
	}
	if !p.agreed.Video.Feedback.NACK {
		return
	}
	r.missing.took(h.SSRC, h.SequenceNumber, now)
	if r.missing.n == 0 {
		return
	}
	due := r.missing.ask(r.s.roundTrip(), now)
	if len(due) == 0 {
		return
	}
	v.mu.Lock()
	v.stats.PacketsWanted += uint64(len(due))
	v.mu.Unlock()
	r.s.tell(now, func(own uint32) rtcp.Packet {
		return &rtcp.TransportLayerNack{SenderSSRC: own, MediaSSRC: h.SSRC, Nacks: rtcp.NackPairsFromSequenceNumbers(due)}
	})
}
