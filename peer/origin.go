package peer

import (
	"sync"
	"sync/atomic"
	"time"

	"legroom/media"
	"legroom/media/payload"
)

const (
	// maxLayers of simulcast that are told apart.
	maxLayers = 3
	// keptPackets a layer: 1.5 to 2 s of a 720p camera. A retransmission later than that would come too late anyway.
	keptPackets = 512
	// layerSilence is how long a layer may lag behind the others before it counts as switched off by its publisher. A
	// Track that is silent as a whole, such as a screen that does not change, stays alive.
	layerSilence = 1500 * time.Millisecond
)

// origin is what all viewers of one video Track share: the packets kept for retransmission, once for all of them, and
// what each layer measures. Viewers are written to one after the other from one goroutine; the first of them keeps the
// packet.
type origin struct {
	refs int  // under Engine.mu
	vp8  bool // set once
	last atomic.Uint64

	mu     sync.Mutex
	layers [maxLayers]originLayer
}

type originLayer struct {
	kept  []keptPacket
	seen  time.Time
	rate  rateMeter
	tids  uint8 // highest temporal layer seen
	tall  int   // height of the pictures, 0 when not known
	begun bool
}

type keptPacket struct {
	seq     uint16
	payload []byte
}

// take keeps a packet unless some other viewer's write has done so. It allocates only until every place of the ring has
// held a packet once.
func (o *origin) take(p *media.Packet) {
	if p.Layer >= maxLayers || len(p.Payload) == 0 {
		return
	}
	mark := 1<<63 | uint64(p.Layer)<<48 | uint64(p.SequenceNumber)<<32 | uint64(p.Timestamp)
	if o.last.Load() == mark {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	l := &o.layers[p.Layer]
	if l.kept == nil {
		l.kept = make([]keptPacket, keptPackets)
	}
	k := &l.kept[p.SequenceNumber%keptPackets]
	if len(k.payload) > 0 && k.seq == p.SequenceNumber {
		return
	}
	if cap(k.payload) < len(p.Payload) {
		k.payload = make([]byte, 0, max(len(p.Payload), 1280))
	}
	k.seq, k.payload = p.SequenceNumber, append(k.payload[:0], p.Payload...)
	l.seen, l.begun = p.Arrived, true
	l.rate.add(p.Arrived, len(p.Payload)+rtpOverhead)
	if o.vp8 {
		l.describe(p.Payload)
	}
	o.last.Store(mark)
}

// describe notes what the VP8 packet tells of its layer: temporal layers, and at a key frame the size.
func (l *originLayer) describe(p []byte) {
	d, err := payload.ParseVP8(p)
	if err != nil || !d.Start {
		return
	}
	l.tids = max(l.tids, uint8(max(d.TID, 0)))
	if payload.IsKeyframe(media.VP8, p) {
		if _, height, err := payload.VP8Size(p); err == nil {
			l.tall = height
		}
	}
}

// get appends the payload of a kept packet to dst.
func (o *origin) get(dst []byte, layer uint8, seq uint16) ([]byte, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if layer >= maxLayers || o.layers[layer].kept == nil {
		return dst, false
	}
	k := &o.layers[layer].kept[seq%keptPackets]
	if k.seq != seq || len(k.payload) == 0 {
		return dst, false
	}
	return append(dst, k.payload...), true
}

// layerState is what the choice of layers knows of one.
type layerState struct {
	alive    bool
	bitrate  int   // bit/s
	temporal uint8 // highest temporal layer
	height   int   // of the pictures, 0 when not known
}

// state of all layers at a time.
func (o *origin) state(now time.Time) (s [maxLayers]layerState) {
	o.mu.Lock()
	defer o.mu.Unlock()
	var newest time.Time
	for i := range o.layers {
		if o.layers[i].seen.After(newest) {
			newest = o.layers[i].seen
		}
	}
	for i := range o.layers {
		l := &o.layers[i]
		s[i] = layerState{
			alive:    l.begun && newest.Sub(l.seen) < layerSilence,
			bitrate:  l.rate.at(now),
			temporal: l.tids,
			height:   l.tall,
		}
	}
	return s
}

// young tells that nothing has come of the Track yet.
func (o *origin) young() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	for i := range o.layers {
		if o.layers[i].begun {
			return false
		}
	}
	return true
}
