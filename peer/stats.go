package peer

import (
	"time"

	"legroom/media"
)

// Stats is a snapshot of a Leg for metrics.
type Stats struct {
	// State of the connection.
	State State
	// Transport of the selected pair: "udp" or "tcp"; empty before there is one.
	Transport string
	// RTT to the browser, from ICE; 0 when not known.
	RTT time.Duration
	// Loss is the share of packets that the browser reported lost lately, 0..1.
	Loss float64
	// Estimate of what the path to the browser carries, bit/s.
	Estimate int
	// Up and Down are what flows now from and to the browser, bit/s of RTP payload and header.
	Up, Down int
	// Dropped is the number of packets that could not be sent and were given up.
	Dropped uint64
	// Slots in the order of the m-lines.
	Slots []SlotStats
}

// SlotStats is a snapshot of one slot.
type SlotStats struct {
	// Slot is what it carries.
	Slot Slot
	// Kind of it.
	Kind media.Kind
	// Layer that is forwarded now; -1 when none is.
	Layer int
	// Temporal is the highest temporal layer forwarded; -1 when the stream has none or all are forwarded.
	Temporal int
	// Packets sent, without retransmissions.
	Packets uint64
	// Bitrate sent now, bit/s.
	Bitrate int
	// Resent packets, and Missed: asked for but no longer kept.
	Resent, Missed uint64
	// Keyframes asked of the source.
	Keyframes uint64
}
