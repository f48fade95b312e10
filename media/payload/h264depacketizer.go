package payload

import (
	"fmt"

	"legroom/media"
)

// H264Depacketizer puts packets, in sequence order, together to Annex B frames with start codes of 4 bytes. A frame of
// which a packet is missing is dropped and counted, and the next whole one bears Frame.Gap. It is used by one goroutine
// at a time.
// Owner: frames are lent to dst. Errors: ErrShort, ErrFormat and ErrTooLarge for a packet (its frame is dropped), and
// those of dst. Source: RFC 6184 section 5.
type H264Depacketizer struct {
	assembly
	inUnit bool // a fragmented NAL unit has begun
}

var _ media.Sink[*media.Packet] = (*H264Depacketizer)(nil)

// NewH264Depacketizer makes one before dst.
func NewH264Depacketizer(dst media.Sink[*media.Frame]) *H264Depacketizer {
	return &H264Depacketizer{assembly: assembly{dst: dst}}
}

// Write takes one packet.
func (z *H264Depacketizer) Write(p *media.Packet) error { return z.write(p, z) }

func (z *H264Depacketizer) whole() bool { return !z.inUnit }

// begins knows three first units of a picture: a delimiter, parameter sets, and a slice of its first block that needs no
// new parameter sets.
func (z *H264Depacketizer) begins(p []byte) bool {
	unit := firstUnit(p)
	if len(unit) < 2 {
		return false
	}
	switch unit[0] & nalType {
	case nalAUD, nalSPS:
		return true
	case nalSlice:
		// first_mb_in_slice is 0: ITU-T H.264 section 7.4.3.
		return unit[1]&0x80 != 0
	default:
		return false
	}
}

func (z *H264Depacketizer) take(p []byte) error {
	if len(z.frame.Data) == 0 {
		z.inUnit = false
	}
	if len(p) < 2 {
		return fmt.Errorf("payload: H.264 in %d bytes: %w", len(p), ErrShort)
	}
	if err := z.room(len(p) + 4); err != nil {
		return err
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
		if err := z.room(len(nal) + 4); err != nil {
			return err
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
