package rtpsession

import (
	"encoding/binary"
	"time"
)

// digits are the events 0 to 15 (RFC 4733 table 3).
const digits = "0123456789*#ABCD"

// digitCode gives the event of a key.
func digitCode(r rune) (uint8, bool) {
	for i, d := range digits {
		if r == d || d >= 'A' && r == d+'a'-'A' {
			return uint8(i), true
		}
	}
	return 0, false
}

// Times that tell one event from the next where the packets do not.
const (
	// replayed: packets of an event that comes again, whole, with the same SSRC and timestamp (players of recordings).
	replayed = 150 * time.Millisecond
	// together: packets of one event whose sender moves the timestamp with every packet (against RFC 4733 section 2.2.2).
	together = 150 * time.Millisecond
)

// eventPacket is the payload of RFC 4733 section 2.3 with what its RTP header adds.
type eventPacket struct {
	ssrc, timestamp uint32
	marker          bool
	code            uint8
	end             bool
	duration        uint16 // ticks
}

func parseEvent(payload []byte) (eventPacket, bool) {
	if len(payload) < 4 {
		return eventPacket{}, false
	}
	return eventPacket{code: payload[0], end: payload[1]&0x80 != 0, duration: binary.BigEndian.Uint16(payload[2:])}, true
}

// heardEvent is one event that was told.
type heardEvent struct {
	eventPacket
	at time.Time // its last packet
}

// events tells each telephone-event once: with the first packet of it that arrives, be it the last one.
// Some events are remembered, because packets repeat, overtake one another and come from recordings that are played again.
type events struct {
	recent [8]heardEvent
	next   int
	last   int // index of the event told last
}

// hear takes a packet and tells whether it is the first of an event.
func (e *events) hear(p eventPacket, now time.Time) bool {
	for i := range e.recent {
		h := &e.recent[i]
		if h.at.IsZero() || h.ssrc != p.ssrc || h.timestamp != p.timestamp || h.code != p.code {
			continue
		}
		again := now.Sub(h.at) > replayed && !p.end && (h.end || p.duration < h.duration)
		h.at = now
		if again {
			h.end, h.duration, e.last = false, p.duration, i
			return true
		}
		h.end = h.end || p.end
		h.duration = max(h.duration, p.duration)
		return false
	}
	if h := &e.recent[e.last]; e.continues(h, p, now) {
		h.timestamp, h.duration, h.end, h.at = p.timestamp, p.duration, p.end, now
		return false
	}
	e.recent[e.next] = heardEvent{eventPacket: p, at: now}
	e.last = e.next
	e.next = (e.next + 1) % len(e.recent)
	return true
}

// continues tells whether a packet with another timestamp goes on with the event told last: the next segment of a very
// long one (RFC 4733 section 2.5.1.3), or a sender that moves the timestamp along.
func (e *events) continues(h *heardEvent, p eventPacket, now time.Time) bool {
	if h.at.IsZero() || h.end || p.marker || h.ssrc != p.ssrc || h.code != p.code {
		return false
	}
	step := p.timestamp - h.timestamp
	segment := h.duration > 0xf000 && step >= uint32(h.duration) && step <= 0x10800
	moving := p.duration > h.duration && step <= uint32(p.duration) && now.Sub(h.at) < together
	return segment || moving
}
