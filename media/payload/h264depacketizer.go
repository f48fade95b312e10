package payload

import (
	"fmt"

	"legroom/media"
)

// maxFrame bounds the memory of one access unit, bytes.
const maxFrame = 4 << 20

// H264Depacketizer puts packets, in sequence order, together to Annex B frames with start codes of 4 bytes. A frame of
// which a packet is missing is dropped and counted. It is used by one goroutine at a time.
// Owner: frames are lent to dst. Errors: ErrShort, ErrFormat and ErrTooLarge for a packet (its frame is dropped), and
// those of dst. Source: RFC 6184 section 5.
type H264Depacketizer struct {
	dst     media.Sink[*media.Frame]
	frame   media.Frame
	open    bool // packets of a frame were taken
	broken  bool // and one of them was bad or missing
	inUnit  bool // a fragmented NAL unit has begun
	started bool
	next    uint16
	dropped uint64
}

var _ media.Sink[*media.Packet] = (*H264Depacketizer)(nil)

// NewH264Depacketizer makes one before dst.
func NewH264Depacketizer(dst media.Sink[*media.Frame]) *H264Depacketizer {
	return &H264Depacketizer{dst: dst}
}

// Write takes one packet.
func (z *H264Depacketizer) Write(p *media.Packet) error {
	missing := z.started && p.SequenceNumber != z.next
	z.started, z.next = true, p.SequenceNumber+1
	var err error
	if z.open && p.Timestamp != z.frame.Timestamp {
		// The end of the last frame has no marker: it is whole unless packets are missing.
		z.broken = z.broken || missing
		err = z.finish()
	}
	if !z.open {
		z.begin(p)
	}
	z.broken = z.broken || missing
	z.frame.Arrived = p.Arrived
	if bad := z.take(p.Payload); bad != nil {
		z.broken, err = true, bad
	}
	if p.Marker {
		if end := z.finish(); err == nil {
			err = end
		}
	}
	return err
}

// Close closes dst; an unfinished frame is dropped.
func (z *H264Depacketizer) Close() error { return z.dst.Close() }

// Dropped is how many frames were incomplete.
func (z *H264Depacketizer) Dropped() uint64 { return z.dropped }

func (z *H264Depacketizer) begin(p *media.Packet) {
	z.open, z.broken, z.inUnit = true, false, false
	z.frame = media.Frame{Data: z.frame.Data[:0], Timestamp: p.Timestamp, Layer: p.Layer}
}

func (z *H264Depacketizer) finish() error {
	z.open = false
	if z.broken || z.inUnit || len(z.frame.Data) == 0 {
		z.dropped++
		return nil
	}
	return z.dst.Write(&z.frame)
}

func (z *H264Depacketizer) take(p []byte) error {
	if len(p) < 2 {
		return fmt.Errorf("payload: H.264 in %d bytes: %w", len(p), ErrShort)
	}
	if len(z.frame.Data)+len(p)+4 > maxFrame {
		return fmt.Errorf("payload: H.264 frame beyond %d bytes: %w", maxFrame, ErrTooLarge)
	}
	switch t := p[0] & nalType; {
	case t > 0 && t < nalSTAPA:
		z.unit(p[0], p[1:])
		return nil
	case t == nalSTAPA:
		return z.aggregate(p[1:])
	case t == nalFUA:
		return z.fragment(p)
	default:
		return fmt.Errorf("payload: H.264 packet of type %d: %w", t, ErrFormat)
	}
}

func (z *H264Depacketizer) unit(header byte, body []byte) {
	t := header & nalType
	z.frame.Keyframe = z.frame.Keyframe || t == nalIDR
	z.frame.Data = append(z.frame.Data, 0, 0, 0, 1, header)
	z.frame.Data = append(z.frame.Data, body...)
}

func (z *H264Depacketizer) aggregate(p []byte) error {
	for len(p) > 0 {
		nal, rest, ok := cutSTAP(p)
		if !ok {
			return fmt.Errorf("payload: H.264 aggregate with %d bytes over: %w", len(p), ErrFormat)
		}
		if len(z.frame.Data)+len(nal)+4 > maxFrame {
			return fmt.Errorf("payload: H.264 frame beyond %d bytes: %w", maxFrame, ErrTooLarge)
		}
		z.unit(nal[0], nal[1:])
		p = rest
	}
	return nil
}

func (z *H264Depacketizer) fragment(p []byte) error {
	start := p[1]&fuStart != 0
	if start == z.inUnit || len(p) < 3 {
		return fmt.Errorf("payload: H.264 fragment out of place: %w", ErrFormat)
	}
	if start {
		z.unit(p[0]&^nalType|p[1]&nalType, p[2:])
	} else {
		z.frame.Data = append(z.frame.Data, p[2:]...)
	}
	z.inUnit = p[1]&fuEnd == 0
	return nil
}
