package peer

import "time"

// stamp gives the packets of many sources the sequence numbers and timestamps of one stream (RFC 3550 section 5.1): one
// SSRC for life, numbers contiguous, time running as the wall clock does.
type stamp struct {
	seq    renumber
	clock  uint32 // ticks per second
	offset uint32 // to add to source timestamps
	lastTS uint32 // highest timestamp given out
	lastAt time.Time
	srcTS  uint32 // source timestamp that lastTS came from
}

// begin starts a new source with the packet that has these numbers. Units: ts is ticks of clock, at is arrival.
func (s *stamp) begin(seq uint16, ts uint32, at time.Time) {
	next := ts
	if s.seq.started {
		// At least one tick: two pictures must not share a timestamp.
		elapsed := max(at.Sub(s.lastAt), 0)
		next = s.lastTS + max(1, ticks(elapsed, s.clock))
	} else {
		s.seq.mask = 0xffff
	}
	s.offset = next - ts
	s.lastTS, s.srcTS, s.lastAt = next, ts, at
	s.seq.begin(seq)
}

// next gives the numbers of a packet of the current source.
func (s *stamp) next(seq uint16, ts uint32, at time.Time) (outSeq uint16, outTS uint32, ok bool) {
	outSeq, ok = s.seq.number(seq)
	outTS = ts + s.offset
	if d := outTS - s.lastTS; ok && d != 0 && d < 1<<31 {
		s.lastTS, s.srcTS, s.lastAt = outTS, ts, at
	}
	return outSeq, outTS, ok
}

// now is the timestamp that the wall clock stands at, for sender reports.
func (s *stamp) now(at time.Time) uint32 {
	return s.lastTS + ticks(max(at.Sub(s.lastAt), 0), s.clock)
}

func ticks(d time.Duration, clock uint32) uint32 {
	return uint32(int64(d) * int64(clock) / int64(time.Second))
}
