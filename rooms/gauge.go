package rooms

import (
	"sync"

	"legroom/media"
	"legroom/media/payload"
)

// gauge reads of the packets of a track what its pictures are like, so that it is known who may be sent it as it is.
type gauge struct {
	codec   media.CodecName
	top     uint8 // the layer that is looked at
	changed func()

	mu     sync.Mutex
	stream payload.Stream
}

func newGauge(info media.TrackInfo, changed func()) *gauge {
	return &gauge{
		codec: info.Codec.Name, top: uint8(info.Layers - 1), changed: changed, stream: payload.Stream{Codec: info.Codec},
	}
}

// look takes a packet of the track, and tells when what is known has changed.
func (g *gauge) look(p *media.Packet) {
	if p.Layer != g.top || !payload.IsFrameStart(g.codec, p.Payload) || !payload.IsKeyframe(g.codec, p.Payload) {
		return
	}
	g.mu.Lock()
	before := g.stream
	switch g.codec {
	case media.VP8:
		if width, height, err := payload.VP8Size(p.Payload); err == nil {
			g.stream.Width, g.stream.Height = width, height
		}
	case media.H264:
		if sps, ok := payload.FindSPS(p.Payload); ok {
			g.stream = g.stream.Saw(sps)
		}
	}
	changed := before != g.stream
	g.mu.Unlock()
	if changed {
		g.changed()
	}
}

// known is what was seen so far.
func (g *gauge) known() payload.Stream {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.stream
}

// forwardable tells whether a leg may be sent the picture as it is.
func (t tile) forwardable(v viewer) bool {
	stream := t.publication.gauge.known()
	return stream.Height > 0 && payload.CanForward(stream, v.codec, v.limits) == nil
}
