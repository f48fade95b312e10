package peer

import (
	"sync/atomic"
	"time"

	"legroom/media"
)

// feed is one Track on one slot: the Sink that Leg.Send gives out.
type feed struct {
	slot   *DownTrack
	track  media.TrackInfo
	format format
	origin *origin // nil for sound
	closed atomic.Bool
	// ended is called once, when the feed has left its slot.
	ended func(*feed)

	askedAt time.Time // under slot.mu: when a key frame was asked for last
	lost    bool      // under slot.mu: the browser asked and the source has not been told yet
	buf     []byte    // under slot.mu: payload with rewritten descriptor
}

var _ media.Sink[*media.Packet] = (*feed)(nil)

// askEvery is the least time between two requests of one slot for a key frame; the Track merges those of all.
const askEvery = 400 * time.Millisecond

// Write forwards one packet. It never waits; what the slot does not want now is dropped.
func (f *feed) Write(p *media.Packet) error {
	if f.closed.Load() {
		return media.ErrClosed
	}
	at := p.Arrived
	if at.IsZero() {
		at = time.Now()
	}
	if f.origin != nil {
		f.origin.take(p)
	}
	ask, layer := f.slot.write(f, p, at)
	if ask && f.track.RequestKeyframe != nil {
		f.track.RequestKeyframe(layer)
	}
	return nil
}

// Close frees the slot. The picture on the screen stays until something else comes.
func (f *feed) Close() error {
	if f.closed.Swap(true) {
		return nil
	}
	f.slot.free(f)
	f.ended(f)
	return nil
}

// put makes f what the slot carries. The slot must be free.
func (d *DownTrack) put(f *feed) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.feed = f
	d.forward.reset()
	d.forward.stamp.clock = f.track.Codec.ClockRate
}

// free takes f off the slot.
func (d *DownTrack) free(f *feed) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.feed == f {
		d.feed = nil
		d.last = Slot{MID: d.mid, Participant: f.track.Participant, Source: f.track.Source}
		d.freed = time.Now()
		// Retransmissions of what was are over: its packets go with the origin.
		d.forward.sent = [sentMemory]sentPacket{}
	}
}

// write sends one packet, or does not. ask tells that a key frame of layer is wanted.
func (d *DownTrack) write(f *feed, p *media.Packet, at time.Time) (ask bool, layer uint8) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.feed != f || d.wire.writer == nil {
		return false, 0
	}
	if !d.path.open.Load() {
		// What is left out here is no loss to be asked for: with the path comes a new beginning.
		d.forward.layer = -1
		d.count.dropped++
		return false, 0
	}
	if len(p.Payload) == 0 {
		// Padding that probed the way to us says nothing about the way to the browser.
		if int8(p.Layer) == d.forward.layer {
			d.forward.stamp.seq.drop(p.SequenceNumber)
		}
		return false, 0
	}
	var o outgoing
	var ok bool
	if d.kind == media.Audio {
		o, ok = d.forward.audio(p, at)
	} else {
		o, ok = d.forward.video(f.format.codec.Name, p, at)
		ask, layer = d.wants(f, at)
	}
	if !ok {
		return ask, layer
	}
	body := p.Payload
	if o.vp8.Size > 0 {
		// The packet is lent and others read it too, so the descriptor is changed in a copy.
		f.buf = append(f.buf[:0], body...)
		o.vp8.Rewrite(f.buf, int(o.picture), int(o.tl0))
		body = f.buf
	}
	d.forward.remember(&o, p, f.format.payload)
	d.send(&o, f.format.payload, body, p.Level, at)
	return ask, layer
}

// wants tells whether to ask for a key frame now.
func (d *DownTrack) wants(f *feed, at time.Time) (bool, uint8) {
	layer, ok := d.forward.waiting()
	if !ok && f.lost && d.forward.layer >= 0 {
		layer, ok = uint8(d.forward.layer), true
	}
	if !ok || at.Sub(f.askedAt) < askEvery {
		return false, 0
	}
	f.askedAt, f.lost = at, false
	d.count.keyframes++
	return true, layer
}

func (d *DownTrack) send(o *outgoing, payloadType uint8, body []byte, level media.Level, at time.Time) {
	h := &d.wire.header
	h.PayloadType, h.SequenceNumber, h.Timestamp, h.Marker = payloadType, o.seq, o.ts, o.marker
	size := len(body) + rtpOverhead
	// The transport-wide number is noted only for packets that carry it: nobody would report the others.
	seq := d.path.number(d.wire.ext.hasTransport, size)
	d.wire.ext.set(seq, time.Now(), level)
	if _, err := d.wire.writer.WriteRTP(h, body); err != nil {
		d.path.lossy.Add(1)
		return
	}
	d.count.packets++
	d.count.octets += uint64(len(body))
	d.count.rate.add(at, size)
}

// number gives the next transport-wide sequence number.
func (p *path) number(wanted bool, size int) uint16 {
	if !wanted {
		return 0
	}
	seq := uint16(p.transportSeq.Add(1))
	p.estimate.Sent(seq, size, time.Now())
	return seq
}
