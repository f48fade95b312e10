package rooms

import (
	"sync/atomic"
	"time"

	"legroom/media"
	"legroom/media/payload"
)

// layerPatience is for how long nothing may come of a simulcast layer before the next smaller one takes its place: browsers
// stop sending the large ones when their network is narrow.
const layerPatience = 500 * time.Millisecond

// askAgain is after how long a key frame is asked for again that did not come.
const askAgain = 500 * time.Millisecond

// simulcast makes one stream of the layers of a track: the largest that comes, and from one to the next with a key frame and
// without a gap in sequence numbers or timestamps. It belongs to the goroutine that writes the Track.
type simulcast struct {
	codec   media.CodecName
	layers  int
	request func(layer uint8)

	on      uint8
	running bool
	last    [maxLayers]time.Time
	asked   time.Time
	wanted  atomic.Uint32 // asked for a key frame of this one; for who decodes it too
	line    layerLine
	packet  media.Packet
}

// layerLine joins the layers: what is added to the numbers of the one that is on, and the highest that were given.
type layerLine struct {
	addSequence, sequence   uint16
	addTimestamp, timestamp uint32
	at                      time.Time
}

func newSimulcast(info media.TrackInfo) *simulcast {
	return &simulcast{codec: info.Codec.Name, layers: info.Layers, request: info.RequestKeyframe}
}

// ask asks for a key frame of the layer that is wanted. Any goroutine may call it.
func (s *simulcast) ask() { s.request(uint8(s.wanted.Load())) }

// choose gives the packet as one of the joined stream, nil for one of another layer. It is good until the next call.
func (s *simulcast) choose(p *media.Packet) *media.Packet {
	if p.Layer >= maxLayers {
		return nil
	}
	s.last[p.Layer] = p.Arrived
	best := s.best(p.Arrived)
	waits := !s.running || best != s.on
	if before := s.wanted.Swap(uint32(best)); waits && (before != uint32(best) || p.Arrived.Sub(s.asked) > askAgain) {
		s.asked = p.Arrived
		s.request(best)
	}
	if waits && p.Layer == best && s.begins(p) {
		if s.running {
			s.line.join(p)
		}
		s.on, s.running = best, true
	}
	if !s.running || p.Layer != s.on {
		return nil
	}
	s.packet = *p
	s.line.place(&s.packet)
	return &s.packet
}

func (s *simulcast) begins(p *media.Packet) bool {
	return payload.IsFrameStart(s.codec, p.Payload) && payload.IsKeyframe(s.codec, p.Payload)
}

// best is the largest layer of which packets come.
func (s *simulcast) best(now time.Time) uint8 {
	for l := min(s.layers, maxLayers) - 1; l > 0; l-- {
		if !s.last[l].IsZero() && now.Sub(s.last[l]) < layerPatience {
			return uint8(l)
		}
	}
	return 0
}

// join has p, the first of another layer, follow on what was sent before it.
func (l *layerLine) join(p *media.Packet) {
	l.addSequence = l.sequence + 1 - p.SequenceNumber
	l.addTimestamp = l.timestamp + uint32(max(p.Arrived.Sub(l.at), time.Millisecond)*90/time.Millisecond) - p.Timestamp
}

// place numbers p in the joined stream.
func (l *layerLine) place(p *media.Packet) {
	p.SequenceNumber += l.addSequence
	p.Timestamp += l.addTimestamp
	if int16(p.SequenceNumber-l.sequence) > 0 || l.at.IsZero() {
		l.sequence, l.timestamp, l.at = p.SequenceNumber, p.Timestamp, p.Arrived
	}
}
