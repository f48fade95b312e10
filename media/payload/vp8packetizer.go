package payload

import (
	"errors"
	"fmt"

	"legroom/media"
)

// VP8PacketizerConfig is how frames are cut.
type VP8PacketizerConfig struct {
	// MTU bounds a payload, bytes, 64 or more. Default 1200.
	MTU int
	// PictureID of the first frame, 15 bits; it counts up by one a frame.
	PictureID uint16
	// TL0PicIdx adds the count of frames of the lowest temporal layer, which all frames are of, and that layer.
	TL0PicIdx bool
}

// DefaultVP8PacketizerConfig gives the defaults.
func DefaultVP8PacketizerConfig() VP8PacketizerConfig { return VP8PacketizerConfig{MTU: 1200} }

// VP8Packetizer cuts frames of VP8 into packets of nearly equal size. Each has a picture id of 15 bits; a frame counts as
// one partition, as senders have it that do not look into it. Sequence numbers count from 0, timestamps are the frames'.
// It is used by one goroutine at a time.
// Owner: packets are lent. Errors: ErrShort for an empty frame, and those of dst. Source: RFC 7741 section 4.2.
type VP8Packetizer struct {
	cfg    VP8PacketizerConfig
	dst    media.Sink[*media.Packet]
	packet media.Packet
	buf    []byte
	// head is the descriptor of the frame; id and tl0 are what its next will bear.
	head []byte
	id   uint16
	tl0  uint8
}

var _ media.Sink[*media.Frame] = (*VP8Packetizer)(nil)

// NewVP8Packetizer makes one before dst.
func NewVP8Packetizer(cfg VP8PacketizerConfig, dst media.Sink[*media.Packet]) *VP8Packetizer {
	cfg.MTU = max(cfg.MTU, 64)
	z := &VP8Packetizer{cfg: cfg, dst: dst, buf: make([]byte, 0, cfg.MTU), head: make([]byte, 0, 6), id: cfg.PictureID}
	z.packet.Version = 2
	z.packet.Level = media.NoLevel
	return z
}

// Write cuts one frame.
func (z *VP8Packetizer) Write(f *media.Frame) error {
	if len(f.Data) == 0 {
		return fmt.Errorf("payload: frame of no bytes: %w", ErrShort)
	}
	z.packet.Timestamp, z.packet.Arrived, z.packet.Layer = f.Timestamp, f.Arrived, f.Layer
	z.describe()
	most := z.cfg.MTU - len(z.head)
	pieces := (len(f.Data) + most - 1) / most
	var errs error
	for rest := f.Data; pieces > 0; pieces-- {
		n := (len(rest) + pieces - 1) / pieces
		b := append(z.buf[:0], z.head...)
		z.packet.Payload = append(b, rest[:n]...)
		z.packet.Marker = pieces == 1
		errs = errors.Join(errs, z.dst.Write(&z.packet))
		z.packet.SequenceNumber++
		z.head[0] &^= vp8Start
		rest = rest[n:]
	}
	return errs
}

// Close closes dst.
func (z *VP8Packetizer) Close() error { return z.dst.Close() }

// describe makes the descriptor of the next frame.
func (z *VP8Packetizer) describe() {
	id := z.id & 0x7fff
	z.id++
	z.head = append(z.head[:0], vp8Extended|vp8Start, vp8HasID, byte(id>>8)|0x80, byte(id))
	if z.cfg.TL0PicIdx {
		// Who says how the frames of the lowest layer count says which layer this one is of: it is 0.
		z.head[1] |= vp8HasTL0 | vp8HasTID
		z.head = append(z.head, z.tl0, 0)
		z.tl0++
	}
}
