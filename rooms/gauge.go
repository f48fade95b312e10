package rooms

import (
	"sync"
	"time"

	"legroom/media"
	"legroom/media/payload"
)

// gauge reads of the packets of a track what its pictures are like, so that it is known who may be sent it as it is.
type gauge struct {
	codec   media.CodecName
	top     uint8 // the layer that is looked at
	changed func()

	began time.Time // of the goroutine that writes the track
	bytes int

	mu     sync.Mutex
	stream payload.Stream
}

const (
	// gaugeTime is over how long a bit rate is taken.
	gaugeTime = 2 * time.Second
	// slack is by how much, a part of it, a limit is kept to or not without a change: every change costs a key frame.
	slack = 0.15
)

func newGauge(info media.TrackInfo, changed func()) *gauge {
	return &gauge{
		codec: info.Codec.Name, top: uint8(info.Layers - 1), changed: changed, stream: payload.Stream{Codec: info.Codec},
	}
}

// look takes a packet of the track, and tells when what is known has changed.
func (g *gauge) look(p *media.Packet) {
	if p.Layer != g.top {
		return
	}
	g.weigh(p)
	if !payload.IsFrameStart(g.codec, p.Payload) || !payload.IsKeyframe(g.codec, p.Payload) {
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

// weigh takes the bit rate.
func (g *gauge) weigh(p *media.Packet) {
	g.bytes += len(p.Payload)
	took := p.Arrived.Sub(g.began)
	if took < gaugeTime {
		return
	}
	rate := int(float64(g.bytes*8) / took.Seconds())
	known := !g.began.IsZero() && took < 2*gaugeTime // else it had stopped
	g.began, g.bytes = p.Arrived, 0
	if !known {
		return
	}
	g.mu.Lock()
	before := g.stream.Bitrate
	changed := float64(rate) > float64(before)*(1+slack) || float64(rate) < float64(before)*(1-slack)
	if changed {
		g.stream.Bitrate = rate
	}
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

// forwardable tells whether a leg may be sent the picture as it is; already tells that it is.
func (t tile) forwardable(v viewer, already bool) bool {
	stream, limits := t.publication.gauge.known(), v.limits
	if already {
		limits.Bitrate = int(float64(limits.Bitrate) * (1 + slack))
	}
	return stream.Height > 0 && payload.CanForward(stream, v.codec, limits) == nil
}
