package rtpsession

import (
	"time"
)

// timeline gives the packets of one sent stream their numbers: one SSRC for its life, sequence numbers without a gap, and
// timestamps that go on through every change of source.
// Units: timestamps are ticks of the codec's RTP clock.
type timeline struct {
	ssrc     uint32
	sequence uint16
	rate     uint32
	// The last packet, as we sent it and as its source numbered it.
	sent    uint32
	source  uint32
	from    uint64
	at      time.Time
	ticks   uint32 // length of a packet
	started bool
}

// next numbers a packet that source number `from` stamped `stamp`, and tells whether it begins something new.
// A source that goes on keeps its own steps: exact ones, pauses within a second of the wall clock too. A new source, or
// one that jumps, continues at last + elapsed wall clock, as if it had always been there.
func (t *timeline) next(from uint64, stamp uint32, now time.Time) (sequence uint16, timestamp uint32, fresh bool) {
	t.sequence++
	if !t.started {
		t.started, fresh = true, true
	} else {
		elapsed := t.elapsed(now)
		step := stamp - t.source
		if from == t.from && step <= elapsed+t.rate {
			t.sent += step
			fresh = step > 2*t.ticks // a pause: the next word begins (RFC 3551 section 4.1)
		} else {
			t.sent += max(elapsed, t.ticks)
			fresh = true
		}
	}
	t.from, t.source, t.at = from, stamp, now
	return t.sequence, t.sent, fresh
}

// now is the timestamp of this moment on the stream's clock, for sender reports and events.
func (t *timeline) now(at time.Time) uint32 { return t.sent + t.elapsed(at) }

func (t *timeline) elapsed(now time.Time) uint32 {
	d := max(now.Sub(t.at), 0)
	return uint32(int64(d/time.Microsecond) * int64(t.rate) / 1e6)
}
