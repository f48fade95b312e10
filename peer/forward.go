package peer

import (
	"time"

	"legroom/media"
	"legroom/media/payload"
)

// forward decides, packet by packet, what of a source goes out and under which numbers.
type forward struct {
	stamp    stamp
	pictures pictures

	target   grant // what the share of the path allows
	layer    int8  // forwarded now; -1 before the first key frame of a source
	temporal uint8 // highest temporal layer forwarded now

	frameTS   uint32 // source timestamp of the frame being decided
	frameKept bool
	known     bool // frameTS holds

	sent [sentMemory]sentPacket
}

// sentMemory is how many sent packets a slot can still map back to their source: as many as one layer keeps.
const sentMemory = keptPackets

// sentPacket maps an outgoing packet back to its source.
type sentPacket struct {
	seq, source, picture uint16
	layer, tl0, payload  uint8
	used, marker         bool
	ts                   uint32
}

func (f *forward) reset() {
	f.layer, f.temporal, f.known = -1, allTemporal, false
	f.target = grant{layer: 0, temporal: allTemporal}
}

// aim sets what the slot may send from now on. A pause is at once; another layer comes with its key frame.
func (f *forward) aim(g grant) {
	f.target = g
	if g.layer < 0 {
		f.layer = -1
	}
}

// outgoing is the decision on one packet.
type outgoing struct {
	seq, picture uint16
	ts           uint32
	tl0          uint8
	marker       bool
	vp8          payload.VP8Descriptor // of the source; Size 0 for anything else
}

// audio decides on a packet of sound: all of it goes.
func (f *forward) audio(p *media.Packet, at time.Time) (o outgoing, ok bool) {
	o.marker = p.Marker
	if f.layer < 0 {
		f.layer = 0
		f.stamp.begin(p.SequenceNumber, p.Timestamp, at)
		// The first packet of another voice begins a talk spurt for the jitter buffer (RFC 3551 section 4.1).
		o.marker = true
	}
	o.seq, o.ts, ok = f.stamp.next(p.SequenceNumber, p.Timestamp, at)
	return o, ok
}

// video decides on a packet of a picture: layer, then temporal layer, then numbers.
func (f *forward) video(codec media.CodecName, p *media.Packet, at time.Time) (o outgoing, ok bool) {
	if codec == media.VP8 {
		var err error
		if o.vp8, err = payload.ParseVP8(p.Payload); err != nil {
			return o, false
		}
	}
	if int8(p.Layer) != f.layer {
		if !f.enters(p) || !startsKeyframe(codec, p.Payload) {
			return o, false
		}
		f.layer, f.known = int8(p.Layer), false
		f.temporal = f.target.temporal
		f.stamp.begin(p.SequenceNumber, p.Timestamp, at)
		f.pictures.begin(&o.vp8)
	}
	if codec == media.VP8 && !f.keeps(&o.vp8, p) {
		return o, false
	}
	o.marker = p.Marker
	if o.seq, o.ts, ok = f.stamp.next(p.SequenceNumber, p.Timestamp, at); !ok {
		return o, false
	}
	if codec == media.VP8 {
		if o.picture, o.tl0, ok = f.pictures.next(&o.vp8); !ok {
			return o, false
		}
	}
	return o, true
}

// enters tells whether the slot wants to go over to the packet's layer: it is the target, or the slot shows nothing yet
// and this is better than waiting. A slot that is paused wants none.
func (f *forward) enters(p *media.Packet) bool {
	if f.target.layer < 0 {
		return false
	}
	return int8(p.Layer) == f.target.layer || f.layer < 0 && int8(p.Layer) < f.target.layer
}

// keeps decides on the frame of the packet by its temporal layer, once for all its packets.
func (f *forward) keeps(d *payload.VP8Descriptor, p *media.Packet) bool {
	if f.known && p.Timestamp == f.frameTS {
		if !f.frameKept {
			f.stamp.seq.drop(p.SequenceNumber)
		}
		return f.frameKept
	}
	if f.known && f.frameTS-p.Timestamp < 1<<31 {
		// An older frame's straggler; its numbers, if it has any, are remembered.
		return true
	}
	keep := true
	if d.TID != payload.NoVP8 {
		switch {
		case f.target.temporal < f.temporal:
			f.temporal = f.target.temporal
		case f.target.temporal > f.temporal && (d.LayerSync || payload.IsKeyframe(media.VP8, p.Payload)):
			// Up only with a frame that needs nothing of what was left out (RFC 7741 section 4.2, Y).
			f.temporal = f.target.temporal
		}
		keep = uint8(d.TID) <= f.temporal
	}
	f.known, f.frameTS, f.frameKept = true, p.Timestamp, keep
	if !keep {
		f.stamp.seq.drop(p.SequenceNumber)
		if d.PictureID != payload.NoVP8 {
			f.pictures.ids.drop(uint16(d.PictureID))
		}
	}
	return keep
}

// waiting tells which layer a key frame is wanted of; ok is false when none is.
func (f *forward) waiting() (layer uint8, ok bool) {
	if f.target.layer < 0 || f.layer == f.target.layer {
		return 0, false
	}
	return uint8(f.target.layer), true
}

// remember keeps the way back from an outgoing packet to its source.
func (f *forward) remember(o *outgoing, p *media.Packet, payload uint8) {
	f.sent[o.seq%sentMemory] = sentPacket{
		seq: o.seq, source: p.SequenceNumber, picture: o.picture, layer: p.Layer, tl0: o.tl0, payload: payload,
		used: true, marker: o.marker, ts: o.ts,
	}
}

// startsKeyframe tells whether a decoder can begin with this packet.
func startsKeyframe(codec media.CodecName, p []byte) bool {
	if codec == media.H264 {
		return hasSPS(p)
	}
	return payload.IsKeyframe(codec, p)
}
