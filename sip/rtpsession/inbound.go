package rtpsession

import (
	"sync"
	"time"

	"github.com/pion/rtp"
)

// takeoverSilence is how long the current source must be silent before another SSRC takes its place at its first packet;
// else two packets in a row are asked for, so that one stray packet breaks nothing.
const takeoverSilence = 200 * time.Millisecond

// inbound counts what comes in. Written by the reading goroutine, read by reports and Stats.
type inbound struct {
	mu         sync.Mutex
	born       time.Time
	src        source
	has        bool
	candidate  uint32
	candidacy  uint16 // the number that must come next
	packets    uint64
	bytes      uint64
	last       time.Time // of the last packet that was taken
	lostBefore int64     // by sources before this one
	sender     senderReport
}

// senderReport is when the peer last told its clock; kept for the reports back.
type senderReport struct {
	middle uint32 // of its NTP time
	at     time.Time
}

// accept counts a packet of media; false means it is of another source than the current, or after a jump.
func (in *inbound) accept(h *rtp.Header, payload int, rate uint32, now time.Time) bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	if !in.has || h.SSRC != in.src.ssrc {
		if !in.change(h, now) {
			return false
		}
		if in.has {
			in.lostBefore += in.src.lost()
		}
		in.src.begin(h.SSRC, h.SequenceNumber, rate)
		in.has, in.sender = true, senderReport{}
	}
	if !in.src.count(h.SequenceNumber) {
		return false
	}
	if in.src.rate != rate { // another codec after a re-INVITE
		in.src.rate, in.src.timed, in.src.jitter = rate, false, 0
	}
	in.src.arrive(h.Timestamp, now.Sub(in.born))
	in.packets++
	in.bytes += uint64(payload)
	in.last = now
	return true
}

// change decides whether another SSRC becomes the current one.
func (in *inbound) change(h *rtp.Header, now time.Time) bool {
	if !in.has || now.Sub(in.last) > takeoverSilence || h.SSRC == in.candidate && h.SequenceNumber == in.candidacy {
		return true
	}
	in.candidate, in.candidacy = h.SSRC, h.SequenceNumber+1
	return false
}

// note counts the number of a packet that is no media (event, comfort noise) if it is of the current source, so that it
// is not taken for lost. One with its own SSRC is let alone.
func (in *inbound) note(h *rtp.Header, now time.Time) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.last = now
	if in.has && h.SSRC == in.src.ssrc {
		in.src.count(h.SequenceNumber)
	}
}

// heard is when the last packet came; zero before the first.
func (in *inbound) heard() time.Time {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.last
}
