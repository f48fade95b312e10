package payload

import (
	"encoding/binary"
	"fmt"
)

// Bits of the descriptor.
const (
	vp8Extended = 0x80
	vp8NonRef   = 0x20
	vp8Start    = 0x10
	vp8HasID    = 0x80
	vp8HasTL0   = 0x40
	vp8HasTID   = 0x20
	vp8HasKey   = 0x10
)

// NoVP8 in a field of VP8Descriptor means that the packet does not carry it.
const NoVP8 = -1

// VP8Descriptor is the head of a VP8 payload. Source: RFC 7741 section 4.2.
//
//	 0 1 2 3 4 5 6 7
//	+-+-+-+-+-+-+-+-+
//	|X|R|N|S|R| PID |
//	X:|I|L|T|K| RSV |  then PictureID (1 or 2 bytes), TL0PICIDX, TID|Y|KEYIDX
type VP8Descriptor struct {
	// Start tells that a partition begins with this packet, Partition which one; 0 and Start is where a frame begins.
	Start     bool
	Partition uint8
	// NonReference frames are needed by no other.
	NonReference bool
	// PictureID has 7 bits, or 15 if LongID; NoVP8 when absent.
	PictureID int
	LongID    bool
	// TL0PicIdx counts frames of the lowest temporal layer, 8 bits; NoVP8 when absent.
	TL0PicIdx int
	// TID is the temporal layer, 0 to 3; NoVP8 when absent. LayerSync tells that it depends on layer 0 alone.
	TID       int
	LayerSync bool
	// KeyIdx counts key frames, 5 bits; NoVP8 when absent.
	KeyIdx int
	// Size of the descriptor, bytes: where the bitstream begins.
	Size int

	pictureAt, tl0At int
}

// ParseVP8 reads the descriptor. Errors: ErrShort when the payload ends within it or right behind it.
func ParseVP8(p []byte) (VP8Descriptor, error) {
	d := VP8Descriptor{PictureID: NoVP8, TL0PicIdx: NoVP8, TID: NoVP8, KeyIdx: NoVP8, Size: 1}
	if len(p) < 2 {
		return d, errVP8(p)
	}
	d.NonReference, d.Start, d.Partition = p[0]&vp8NonRef != 0, p[0]&vp8Start != 0, p[0]&7
	if p[0]&vp8Extended == 0 {
		return d, nil
	}
	ext := p[1]
	d.Size = 2
	if ext&vp8HasID != 0 && !d.pictureID(p) {
		return d, errVP8(p)
	}
	if ext&vp8HasTL0 != 0 {
		if len(p) <= d.Size {
			return d, errVP8(p)
		}
		d.tl0At, d.TL0PicIdx = d.Size, int(p[d.Size])
		d.Size++
	}
	if ext&(vp8HasTID|vp8HasKey) != 0 {
		if len(p) <= d.Size {
			return d, errVP8(p)
		}
		if ext&vp8HasTID != 0 {
			d.TID, d.LayerSync = int(p[d.Size]>>6), p[d.Size]&0x20 != 0
		}
		if ext&vp8HasKey != 0 {
			d.KeyIdx = int(p[d.Size] & 0x1f)
		}
		d.Size++
	}
	if len(p) <= d.Size {
		return d, errVP8(p)
	}
	return d, nil
}

// Rewrite puts another picture id and TL0PICIDX into the payload the descriptor was read from, in place and each in the
// width it has there; a field that is absent stays so. Owner: p is the caller's own copy.
func (d *VP8Descriptor) Rewrite(p []byte, pictureID, tl0PicIdx int) {
	if d.pictureAt > 0 && len(p) > d.Size {
		if d.LongID {
			d.PictureID = pictureID & 0x7fff
			binary.BigEndian.PutUint16(p[d.pictureAt:], 0x8000|uint16(d.PictureID))
		} else {
			d.PictureID = pictureID & 0x7f
			p[d.pictureAt] = byte(d.PictureID)
		}
	}
	if d.tl0At > 0 && len(p) > d.Size {
		d.TL0PicIdx = tl0PicIdx & 0xff
		p[d.tl0At] = byte(d.TL0PicIdx)
	}
}

func (d *VP8Descriptor) pictureID(p []byte) bool {
	if len(p) <= d.Size {
		return false
	}
	d.pictureAt, d.PictureID = d.Size, int(p[d.Size]&0x7f)
	d.Size++
	if p[d.pictureAt]&0x80 == 0 {
		return true
	}
	if len(p) <= d.Size {
		return false
	}
	d.LongID, d.PictureID = true, d.PictureID<<8|int(p[d.Size])
	d.Size++
	return true
}

// VP8Size reads the size of the picture from the payload that begins a key frame, pixels.
// Errors: ErrShort, ErrFormat when it begins none. Source: RFC 6386 section 9.1.
func VP8Size(p []byte) (width, height int, err error) {
	d, err := ParseVP8(p)
	if err != nil {
		return 0, 0, err
	}
	if !vp8Keyframe(p) {
		return 0, 0, fmt.Errorf("payload: size of a VP8 picture outside of a key frame: %w", ErrFormat)
	}
	b := p[d.Size:]
	if len(b) < 10 {
		return 0, 0, errVP8(p)
	}
	if b[3] != 0x9d || b[4] != 0x01 || b[5] != 0x2a {
		return 0, 0, fmt.Errorf("payload: VP8 key frame without its start code: %w", ErrFormat)
	}
	return int(binary.LittleEndian.Uint16(b[6:]) & 0x3fff), int(binary.LittleEndian.Uint16(b[8:]) & 0x3fff), nil
}

func vp8Keyframe(p []byte) bool {
	d, err := ParseVP8(p)
	return err == nil && d.Start && d.Partition == 0 && p[d.Size]&1 == 0
}

func errVP8(p []byte) error { return fmt.Errorf("payload: VP8 in %d bytes: %w", len(p), ErrShort) }
