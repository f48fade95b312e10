package peer

import (
	"time"

	"legroom/internal/logkey"
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
	// Refused is the number of packets of sound from the browser that LegConfig.Guard did not let through.
	Refused uint64
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

// Stats is a snapshot for metrics.
func (l *Leg) Stats() Stats {
	now := time.Now()
	s := Stats{State: l.State(), Estimate: l.down.Estimate(), Dropped: l.path.lossy.Load(), Refused: l.traffic.refused.Load()}
	l.traffic.mu.Lock()
	s.Up, s.Loss = l.traffic.up.at(now), l.traffic.loss
	l.traffic.mu.Unlock()
	for _, d := range l.slots() {
		slot := d.stats(now)
		s.Down += slot.Bitrate
		s.Slots = append(s.Slots, slot)
	}
	l.mu.Lock()
	pc := l.conn.pc
	l.mu.Unlock()
	if pc == nil {
		return s
	}
	transport := pc.SCTP().Transport().ICETransport()
	if pair, err := transport.GetSelectedCandidatePair(); err == nil && pair != nil {
		s.Transport = pair.Local.Protocol.String()
	}
	if pair, ok := transport.GetSelectedCandidatePairStats(); ok {
		s.RTT = time.Duration(pair.CurrentRoundTripTime * float64(time.Second))
	}
	return s
}

// summary writes the one line that a Leg leaves behind.
func (l *Leg) summary(cause error) {
	var packets, resent, missed, keyframes uint64
	for _, d := range l.slots() {
		s := d.stats(time.Now())
		packets, resent, missed, keyframes = packets+s.Packets, resent+s.Resent, missed+s.Missed, keyframes+s.Keyframes
	}
	l.log.Info("peer: leg closed", logkey.Reason, cause.Error(), "sent_pkts", packets, "resent_pkts", resent,
		"missed_pkts", missed, "keyframes", keyframes, "dropped_pkts", l.path.lossy.Load(),
		"refused_pkts", l.traffic.refused.Load())
}
