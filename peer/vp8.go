package peer

import "legroom/media/payload"

// pictures renumbers the frames of many VP8 sources into one run (RFC 7741 section 4.2: PictureID and TL0PICIDX).
type pictures struct {
	ids renumber
	tl0 uint8 // offset to add
	out uint8 // last TL0PICIDX given out
}

// begin starts a new source with its key frame.
func (v *pictures) begin(d *payload.VP8Descriptor) {
	first := !v.ids.started
	v.ids.mask = 0x7fff
	v.ids.begin(uint16(max(d.PictureID, 0)))
	v.tl0 = 0
	if !first {
		v.tl0 = v.out + 1 - uint8(max(d.TL0PicIdx, 0))
	}
	v.out = uint8(max(d.TL0PicIdx, 0)) + v.tl0
}

// next gives the numbers of a packet's frame; ok is false when the frame is not part of the run.
func (v *pictures) next(d *payload.VP8Descriptor) (picture uint16, tl0 uint8, ok bool) {
	tl0 = uint8(max(d.TL0PicIdx, 0)) + v.tl0
	if d.PictureID == payload.NoVP8 {
		v.out = tl0
		return 0, tl0, true
	}
	id := uint16(d.PictureID)
	newest := id == v.ids.high || v.ids.newer(id, v.ids.high)
	picture, ok = v.ids.number(id)
	if ok && newest {
		v.out = tl0
	}
	return picture, tl0, ok
}
