package payload

import (
	"fmt"

	"legroom/media"
)

// maxFrame bounds the memory of one access unit, bytes.
const maxFrame = 4 << 20

// format is what an assembly does not know of its payloads.
type format interface {
	// begins tells whether a frame certainly begins with the payload: nothing of it was in a packet before.
	begins(p []byte) bool
	// take adds a payload to the frame. Errors: those of the depacketizer, upon which the frame is dropped.
	take(p []byte) error
	// whole tells whether nothing is missing at the end of the frame.
	whole() bool
}

// assembly is a frame that is put together of packets in sequence order.
type assembly struct {
	dst     media.Sink[*media.Frame]
	frame   media.Frame
	open    bool // packets of a frame were taken
	broken  bool // and one of them was bad or missing
	gap     bool // frames before it were dropped or did not come
	hole    bool // packets did not come before one that held nothing
	started bool
	next    uint16
	dropped uint64
}

// write takes one packet.
func (a *assembly) write(p *media.Packet, f format) error {
	missing := a.hole || a.started && p.SequenceNumber != a.next
	a.started, a.next = true, p.SequenceNumber+1
	if a.hole = missing && len(p.Payload) == 0; len(p.Payload) == 0 {
		// Only padding, by which senders probe: RFC 3550 section 5.1.
		return nil
	}
	var err error
	if a.open && p.Timestamp != a.frame.Timestamp {
		// The end of the last frame has no marker: it is whole unless packets are missing.
		a.broken = a.broken || missing
		err = a.finish(f)
	}
	if !a.open {
		a.begin(p)
		a.gap = a.gap || missing
		// What is missing may be the start of this frame, or all of others.
		a.broken = missing && !f.begins(p.Payload)
	} else {
		a.broken = a.broken || missing
	}
	a.frame.Arrived = p.Arrived
	if bad := f.take(p.Payload); bad != nil {
		a.broken, err = true, bad
	}
	if p.Marker {
		if end := a.finish(f); err == nil {
			err = end
		}
	}
	return err
}

// Close closes dst; an unfinished frame is dropped.
func (a *assembly) Close() error { return a.dst.Close() }

// Dropped is how many frames were incomplete.
func (a *assembly) Dropped() uint64 { return a.dropped }

func (a *assembly) begin(p *media.Packet) {
	a.open = true
	a.frame = media.Frame{Data: a.frame.Data[:0], Timestamp: p.Timestamp, Layer: p.Layer}
}

func (a *assembly) finish(f format) error {
	a.open = false
	if a.broken || !f.whole() || len(a.frame.Data) == 0 {
		a.dropped++
		a.gap = true
		return nil
	}
	a.frame.Gap, a.gap = a.gap, false
	return a.dst.Write(&a.frame)
}

// room refuses what would make the frame too large. Errors: ErrTooLarge.
func (a *assembly) room(more int) error {
	if len(a.frame.Data)+more > maxFrame {
		return fmt.Errorf("payload: frame beyond %d bytes: %w", maxFrame, ErrTooLarge)
	}
	return nil
}
