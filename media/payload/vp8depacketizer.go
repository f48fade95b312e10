package payload

import (
	"fmt"

	"legroom/media"
)

// VP8Depacketizer puts packets, in sequence order, together to frames of VP8. A frame of which a packet is missing is
// dropped and counted, and the next whole one bears Frame.Gap. Pictures that the sender left out, as their ids tell, are
// none of that: what comes decodes without them. It is used by one goroutine at a time.
// Owner: frames are lent to dst. Errors: ErrShort, ErrFormat and ErrTooLarge for a packet (its frame is dropped), and
// those of dst. Source: RFC 7741 section 4.
type VP8Depacketizer struct {
	assembly
	pictureID int   // of the frame
	partition uint8 // that the last packet was of
}

var _ media.Sink[*media.Packet] = (*VP8Depacketizer)(nil)

// NewVP8Depacketizer makes one before dst.
func NewVP8Depacketizer(dst media.Sink[*media.Frame]) *VP8Depacketizer {
	return &VP8Depacketizer{assembly: assembly{dst: dst}}
}

// Write takes one packet.
func (z *VP8Depacketizer) Write(p *media.Packet) error { return z.write(p, z) }

func (z *VP8Depacketizer) whole() bool { return true }

func (z *VP8Depacketizer) begins(p []byte) bool {
	d, err := ParseVP8(p)
	return err == nil && d.Start && d.Partition == 0
}

func (z *VP8Depacketizer) take(p []byte) error {
	d, err := ParseVP8(p)
	if err != nil {
		return err
	}
	body := p[d.Size:]
	if err := z.room(len(body)); err != nil {
		return err
	}
	first := len(z.frame.Data) == 0
	switch {
	case first != (d.Start && d.Partition == 0):
		return fmt.Errorf("payload: VP8 frame begins in its middle: %w", ErrFormat)
	case first:
		if err := z.head(body); err != nil {
			return err
		}
		z.pictureID = d.PictureID
	case d.PictureID != z.pictureID || d.Partition < z.partition:
		return fmt.Errorf("payload: VP8 packet of picture %d, partition %d in picture %d, partition %d: %w",
			d.PictureID, d.Partition, z.pictureID, z.partition, ErrFormat)
	}
	z.partition = d.Partition
	z.frame.Data = append(z.frame.Data, body...)
	return nil
}

// head looks at the start of a frame. Source: RFC 6386 section 9.1.
func (z *VP8Depacketizer) head(b []byte) error {
	if b[0]&1 != 0 {
		return nil
	}
	if len(b) < 10 {
		return errVP8(b)
	}
	if b[3] != 0x9d || b[4] != 0x01 || b[5] != 0x2a {
		return fmt.Errorf("payload: VP8 key frame without its start code: %w", ErrFormat)
	}
	z.frame.Keyframe = true
	return nil
}
