package peer

import (
	"time"

	"github.com/pion/rtcp"

	"legroom/peer/bandwidth"
)

// maxReports bounds what one feedback packet can make us look at.
const maxReports = 1 << 13

// congestion hands transport-wide feedback to the estimator.
func (l *Leg) congestion(p *rtcp.TransportLayerCC) {
	if int(p.PacketStatusCount) > maxReports {
		return
	}
	l.down.Feedback(reports(p), time.Now())
}

// reports unpacks a feedback packet (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1).
func reports(p *rtcp.TransportLayerCC) []bandwidth.Report {
	out := make([]bandwidth.Report, 0, p.PacketStatusCount)
	// Reference time counts 64 ms, deltas are microseconds.
	at := time.Duration(p.ReferenceTime) * 64 * time.Millisecond
	seq, deltas := p.BaseSequenceNumber, p.RecvDeltas
	add := func(symbol uint16) {
		if len(out) == int(p.PacketStatusCount) {
			return
		}
		r := bandwidth.Report{Sequence: seq}
		seq++
		received := symbol == rtcp.TypeTCCPacketReceivedSmallDelta || symbol == rtcp.TypeTCCPacketReceivedLargeDelta
		if received && len(deltas) > 0 {
			at += time.Duration(deltas[0].Delta) * time.Microsecond
			deltas = deltas[1:]
			r.Received, r.Arrived = true, at
		}
		out = append(out, r)
	}
	for _, c := range p.PacketChunks {
		switch c := c.(type) {
		case *rtcp.RunLengthChunk:
			for range c.RunLength {
				add(c.PacketStatusSymbol)
			}
		case *rtcp.StatusVectorChunk:
			for _, s := range c.SymbolList {
				add(s)
			}
		}
	}
	return out
}
