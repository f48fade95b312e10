package peer

import (
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"

	"legroom/internal/logkey"
	"legroom/media"
)

// uplink is one m-line that the browser can publish on: one Track of the room after another, each in one layer or
// several. The browser's streams outlive its Tracks: it switches a camera off and on again without a new stream.
type uplink struct {
	mid string
	leg *Leg

	// turn makes the layers, which are read by a goroutine each, write one after the other, as a Sink demands. It
	// guards nothing else, and nothing that a Sink calls back takes it.
	turn sync.Mutex

	mu     sync.Mutex
	source media.Source // what it publishes now; SourceUnknown for nothing
	rids   []string     // layers from small to large; empty without simulcast
	sink   media.Sink[*media.Packet]
	tried  bool // Publish has been called for this source
	layers [maxLayers]*layer
}

// layer is one incoming stream.
type layer struct {
	index uint8
	ssrc  uint32
	nacks bool

	mu     sync.Mutex
	losses losses
	due    []uint16
	rate   rateMeter

	wanted  atomic.Bool // a key frame, by somebody
	askedAt time.Time   // by the leg's loop only
}

const (
	// keyframeEvery is the least time between two requests to the browser for one layer. The room's Track merges the
	// requests of all viewers over a longer time; were this as long, a request could come a moment too early here and
	// wait for the loop's next tick.
	keyframeEvery = 200 * time.Millisecond
	// nackRetry is when a packet is asked for again: longer than most round trips.
	nackRetry = 120 * time.Millisecond
)

// index of a layer by its rid. Order of the offer counts, smallest first.
func (u *uplink) index(rid string) (uint8, bool) {
	if rid == "" {
		return 0, true
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	i := slices.Index(u.rids, rid)
	return uint8(max(i, 0)), i >= 0 && i < maxLayers
}

// read is the goroutine of one incoming stream; it ends when the stream does.
func (u *uplink) read(track *webrtc.TrackRemote, levelID uint8) {
	index, ok := u.index(track.RID())
	if !ok {
		u.leg.log.Warn("peer: layer not in the offer", logkey.Track, u.mid)
		return
	}
	l := &layer{index: index, ssrc: uint32(track.SSRC()), nacks: nacks(track)}
	guard := u.guard(track.Kind())
	u.mu.Lock()
	u.layers[index] = l
	u.mu.Unlock()
	buf := make([]byte, receiveMTU)
	p := media.Packet{Level: media.NoLevel, Layer: index}
	for {
		n, _, err := track.Read(buf)
		if errors.Is(err, webrtc.ErrCodecNotFound) {
			u.leg.trouble.Count("payload", "peer: packet of a payload type that was not negotiated")
			continue
		}
		if err != nil {
			return
		}
		if err := p.Unmarshal(buf[:n]); err != nil {
			u.leg.trouble.Count("rtp", "peer: packet that is not RTP", logkey.Err, err)
			continue
		}
		p.Arrived = time.Now()
		u.leg.received(n)
		if !u.measure(l, &p, levelID) || !guard(p.Payload) {
			continue
		}
		if sink := u.open(track); sink != nil {
			u.turn.Lock()
			err = sink.Write(&p)
			u.turn.Unlock()
			if errors.Is(err, media.ErrClosed) {
				u.drop(sink)
			}
		}
	}
}

// guard gives what looks at the payloads of a stream: LegConfig.Guard for sound, and it counts what that refuses.
func (u *uplink) guard(kind webrtc.RTPCodecType) func(payload []byte) bool {
	judge := u.leg.cfg.Guard
	if judge == nil || kind != webrtc.RTPCodecTypeAudio {
		return func([]byte) bool { return true }
	}
	return func(payload []byte) bool {
		switch judge(payload) {
		case Pass:
			return true
		case Drop:
			u.leg.engine.kept.dropped.Add(1)
		default:
			u.leg.engine.kept.alarmed.Add(1)
			u.leg.trouble.Count("guard", "peer: sound that is not this browser's own dropped")
		}
		u.leg.traffic.refused.Add(1)
		return false
	}
}

// measure reads the audio level, follows losses and takes off what a header holds beside its fixed part: extensions and
// contributing sources end here. It is false for a packet that has been here before.
func (u *uplink) measure(l *layer, p *media.Packet, levelID uint8) (fresh bool) {
	p.Level = media.NoLevel
	if levelID != 0 {
		if x := p.GetExtension(levelID); len(x) == 1 {
			p.Level = media.Level(x[0] & 0x7f)
		}
	}
	p.Extension, p.Extensions, p.ExtensionProfile, p.CSRC = false, p.Extensions[:0], 0, p.CSRC[:0]
	p.Padding, p.Header.PaddingSize, p.PaddingSize = false, 0, 0
	l.mu.Lock()
	l.rate.add(p.Arrived, len(p.Payload)+rtpOverhead)
	fresh, gap := l.losses.saw(p.SequenceNumber, p.Arrived)
	l.mu.Unlock()
	if gap && l.nacks {
		u.askAgain(l, p.Arrived)
	}
	return fresh
}

// askAgain sends a NACK for what is due.
func (u *uplink) askAgain(l *layer, now time.Time) {
	l.mu.Lock()
	l.due = l.losses.due(l.due[:0], now, nackRetry)
	var pairs []rtcp.NackPair
	if len(l.due) > 0 {
		pairs = rtcp.NackPairsFromSequenceNumbers(l.due)
	}
	if l.losses.lostForGood() {
		l.wanted.Store(true)
	}
	l.mu.Unlock()
	if len(pairs) > 0 {
		u.leg.rtcp(&rtcp.TransportLayerNack{SenderSSRC: u.leg.ssrc, MediaSSRC: l.ssrc, Nacks: pairs})
	}
}

// open gives the Sink of the Track, publishing it with the first packet after the Leg was given a room. Nil while there
// is none.
func (u *uplink) open(track *webrtc.TrackRemote) media.Sink[*media.Packet] {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.sink != nil || u.tried {
		return u.sink
	}
	to := u.leg.publisher()
	if to == nil || u.source == media.SourceUnknown {
		return nil
	}
	u.tried = true
	codec, ok := codecOf(track.Codec().RTPCodecCapability)
	if !ok {
		return nil
	}
	info := media.TrackInfo{
		ID:     u.leg.trackID(u.mid),
		Source: u.source,
		Codec:  codec,
		Layers: max(1, min(len(u.rids), maxLayers)),
	}
	if codec.Kind() == media.Video {
		info.RequestKeyframe = u.requestKeyframe
	}
	sink, err := to.Publish(info)
	if err != nil {
		u.leg.log.Warn("peer: track refused by the room", logkey.Track, info.ID, logkey.Source, u.source.String(), logkey.Err, err)
		return nil
	}
	u.leg.log.Info("peer: track published", logkey.Track, info.ID, logkey.Source, u.source.String(), logkey.Codec, codec.String())
	u.sink = sink
	return sink
}

// drop forgets a Sink that answered ErrClosed.
func (u *uplink) drop(sink media.Sink[*media.Packet]) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.sink == sink {
		u.sink = nil
	}
}

// carry makes the uplink publish source from now on, or nothing. What it published before ends.
func (u *uplink) carry(source media.Source, rids []string) {
	u.mu.Lock()
	if u.source == source {
		u.mu.Unlock()
		return
	}
	sink := u.sink
	u.source, u.rids, u.sink, u.tried = source, rids, nil, false
	u.mu.Unlock()
	if sink == nil {
		return
	}
	// A write under way ends first: a Sink is not closed under its writer's hands.
	u.turn.Lock()
	defer u.turn.Unlock()
	if err := sink.Close(); err != nil {
		u.leg.log.Warn("peer: track did not close", logkey.Track, u.mid, logkey.Err, err)
	}
}

// requestKeyframe notes the wish; the leg's loop sends it. An unknown layer means the nearest below.
func (u *uplink) requestKeyframe(index uint8) {
	u.mu.Lock()
	var l *layer
	for i := min(int(index), maxLayers-1); i >= 0 && l == nil; i-- {
		l = u.layers[i]
	}
	u.mu.Unlock()
	if l != nil && !l.wanted.Swap(true) {
		u.leg.kick()
	}
}

// serve sends the requests that are due. Called by the leg's loop.
func (u *uplink) serve(now time.Time) {
	for _, l := range u.streams() {
		if l.nacks {
			u.askAgain(l, now)
		}
		if l.wanted.Load() && now.Sub(l.askedAt) >= keyframeEvery {
			l.wanted.Store(false)
			l.askedAt = now
			u.leg.rtcp(&rtcp.PictureLossIndication{SenderSSRC: u.leg.ssrc, MediaSSRC: l.ssrc})
		}
	}
}

func (u *uplink) streams() []*layer {
	u.mu.Lock()
	defer u.mu.Unlock()
	out := make([]*layer, 0, maxLayers)
	for _, l := range u.layers {
		if l != nil {
			out = append(out, l)
		}
	}
	return out
}

func nacks(track *webrtc.TrackRemote) bool {
	if track.Kind() != webrtc.RTPCodecTypeVideo {
		return false
	}
	return slices.ContainsFunc(track.Codec().RTCPFeedback, func(f webrtc.RTCPFeedback) bool {
		return f.Type == webrtc.TypeRTCPFBNACK && f.Parameter == ""
	})
}
