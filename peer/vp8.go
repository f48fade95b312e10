package peer

import "encoding/binary"

// vp8Descriptor is the part of a VP8 payload descriptor that forwarding needs (RFC 7741 section 4.2).
type vp8Descriptor struct {
	size      int // bytes of the descriptor as it came
	start     bool
	picture   uint16
	wide      bool // 15-bit picture id
	hasID     bool
	tl0       uint8
	hasTL0    bool
	temporal  uint8
	sync      bool
	hasTID    bool
	keyFlags  byte // the byte with TID, Y and KEYIDX as it came
	hasKeyIdx bool
	keyframe  bool
}

// parseVP8 reads a descriptor; ok is false when the payload is too short for what it says.
func parseVP8(p []byte) (d vp8Descriptor, ok bool) {
	if len(p) < 1 {
		return d, false
	}
	d.start = p[0]&0x10 != 0 && p[0]&0x07 == 0
	d.size = 1
	if p[0]&0x80 != 0 {
		if ok = d.parseExtension(p); !ok {
			return d, false
		}
	}
	if len(p) <= d.size {
		return d, false
	}
	// The first bit of the payload header is 0 for a key frame (RFC 7741 section 4.3).
	d.keyframe = d.start && p[d.size]&0x01 == 0
	return d, true
}

func (d *vp8Descriptor) parseExtension(p []byte) bool {
	if len(p) < 2 {
		return false
	}
	x := p[1]
	d.size = 2
	if x&0x80 != 0 {
		if len(p) < d.size+2 {
			return false
		}
		d.hasID = true
		if d.wide = p[d.size]&0x80 != 0; d.wide {
			d.picture = binary.BigEndian.Uint16(p[d.size:]) & 0x7fff
			d.size += 2
		} else {
			d.picture = uint16(p[d.size])
			d.size++
		}
	}
	if d.hasTL0 = x&0x40 != 0; d.hasTL0 {
		if len(p) <= d.size {
			return false
		}
		d.tl0 = p[d.size]
		d.size++
	}
	d.hasTID, d.hasKeyIdx = x&0x20 != 0, x&0x10 != 0
	if d.hasTID || d.hasKeyIdx {
		if len(p) <= d.size {
			return false
		}
		d.keyFlags = p[d.size]
		d.temporal, d.sync = d.keyFlags>>6, d.keyFlags&0x20 != 0
		d.size++
	}
	return true
}

// appendVP8 writes the payload with the descriptor's picture id and TL0PICIDX replaced. The picture id is always written
// with 15 bits, so that a source with 7 can follow one with 15.
func appendVP8(dst, payload []byte, d *vp8Descriptor, picture uint16, tl0 uint8) []byte {
	if !d.hasID && !d.hasTL0 {
		return append(dst, payload...)
	}
	dst = append(dst, payload[0], payload[1])
	if d.hasID {
		dst = append(dst, 0x80|byte(picture>>8), byte(picture))
	}
	if d.hasTL0 {
		dst = append(dst, tl0)
	}
	if d.hasTID || d.hasKeyIdx {
		dst = append(dst, d.keyFlags)
	}
	return append(dst, payload[d.size:]...)
}

// pictures renumbers the frames of many VP8 sources into one run.
type pictures struct {
	ids renumber
	tl0 uint8 // offset to add
	out uint8 // last TL0PICIDX given out
}

// begin starts a new source with its key frame.
func (v *pictures) begin(d *vp8Descriptor) {
	first := !v.ids.started
	v.ids.mask = 0x7fff
	v.ids.begin(d.picture)
	if first {
		v.tl0 = 0
	} else {
		v.tl0 = v.out + 1 - d.tl0
	}
	v.out = d.tl0 + v.tl0
}

// next gives the numbers of a packet's frame; ok is false when the frame is not part of the run.
func (v *pictures) next(d *vp8Descriptor) (picture uint16, tl0 uint8, ok bool) {
	tl0 = d.tl0 + v.tl0
	if !d.hasID {
		v.out = tl0
		return 0, tl0, true
	}
	newest := d.picture == v.ids.high || v.ids.newer(d.picture, v.ids.high)
	picture, ok = v.ids.number(d.picture)
	if ok && newest {
		v.out = tl0
	}
	return picture, tl0, ok
}
