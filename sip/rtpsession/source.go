package rtpsession

import "time"

// Bounds of RFC 3550 appendix A.1.
const (
	maxDropout  = 3000
	maxMisorder = 100
)

// source follows one sender's sequence numbers and the jitter of their arrival.
// Source: RFC 3550 appendices A.1, A.3 and A.8.
type source struct {
	ssrc          uint32
	highest       uint16
	cycles        uint32
	base          uint32
	bad           uint32 // the number expected next after a jump
	received      uint64
	expectedPrior uint64
	receivedPrior uint64
	transit       int64
	jitter        float64 // ticks
	rate          uint32
	timed         bool
}

const noBad = 1 << 17

// begin starts counting at a packet.
func (s *source) begin(ssrc uint32, seq uint16, rate uint32) {
	*s = source{ssrc: ssrc, highest: seq, base: uint32(seq), bad: noBad, rate: rate}
}

// count takes one sequence number in; false is a packet after a jump, which is not to be used unless the next one follows
// it (a sender that began anew under the same SSRC).
func (s *source) count(seq uint16) bool {
	switch delta := seq - s.highest; {
	case delta < maxDropout:
		if seq < s.highest {
			s.cycles += 1 << 16
		}
		s.highest = seq
	case uint32(delta) <= 1<<16-maxMisorder:
		if uint32(seq) != s.bad {
			s.bad = uint32(seq + 1)
			return false
		}
		s.begin(s.ssrc, seq, s.rate)
	}
	s.received++
	return true
}

// arrive takes the arrival of a packet with that timestamp into the jitter.
func (s *source) arrive(timestamp uint32, at time.Duration) {
	ticks := int64(at/time.Microsecond) * int64(s.rate) / 1e6
	transit := int64(uint32(ticks) - timestamp)
	d := int64(int32(uint32(transit) - uint32(s.transit)))
	s.transit = transit
	if !s.timed {
		s.timed = true
		return
	}
	if d < 0 {
		d = -d
	}
	s.jitter += (float64(d) - s.jitter) / 16
}

func (s *source) extended() uint32 { return s.cycles + uint32(s.highest) }

func (s *source) expected() uint64 { return uint64(s.extended()) - uint64(s.base) + 1 }

// lost is how many never came; negative with duplicates.
func (s *source) lost() int64 {
	if s.received == 0 {
		return 0
	}
	return int64(s.expected()) - int64(s.received)
}

// fraction lost since the last call, in 1/256.
func (s *source) fraction() uint8 {
	expected, received := s.expected()-s.expectedPrior, s.received-s.receivedPrior
	s.expectedPrior, s.receivedPrior = s.expected(), s.received
	lost := int64(expected) - int64(received)
	if expected == 0 || lost <= 0 {
		return 0
	}
	return uint8(min(lost*256/int64(expected), 255))
}

func (s *source) jitterTime() time.Duration {
	if s.rate == 0 {
		return 0
	}
	return time.Duration(s.jitter / float64(s.rate) * float64(time.Second))
}
