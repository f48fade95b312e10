package peer

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"legroom/media"
)

// DownTrack is one slot: an m-line of the browser that carries one Track after another as one RTP stream, with one SSRC
// for life, contiguous sequence numbers and time that runs as the clock does. It is a webrtc.TrackLocal.
//
// The writing goroutine is that of the Track; switching, layer choice and retransmission come from others. mu guards all
// of it and is held while the packet goes to the connection: that never waits, see path.
type DownTrack struct {
	mid    string
	kind   media.Kind
	path   *path
	sender *webrtc.RTPSender

	mu      sync.Mutex
	wire    wire
	feed    *feed     // what is on the slot; nil when it is free
	last    Slot      // what was, for giving a participant its old place back
	freed   time.Time // when it became free
	forward forward
	count   downCount

	resend resend
}

var _ webrtc.TrackLocal = (*DownTrack)(nil)

// wire is what was negotiated for the slot.
type wire struct {
	writer  webrtc.TrackLocalWriter
	ssrc    uint32
	rtxSSRC uint32
	formats []format
	header  rtp.Header
	ext     extensions
}

// format is a codec the browser takes on the slot.
type format struct {
	codec   media.Codec
	payload uint8
	rtx     uint8
	hasRTX  bool
}

// downCount is what a slot has done.
type downCount struct {
	packets, octets, dropped  uint64
	resent, missed, keyframes uint64
	rate                      rateMeter
}

// path is what the slots of one connection share: its state, its transport-wide numbers and what it may carry.
type path struct {
	// open is false while there is no working candidate pair. Slots then drop at once: without a pair the connection
	// would look for one inside the write.
	open atomic.Bool
	// lossy counts packets the transport refused.
	lossy atomic.Uint64

	transportSeq atomic.Uint32
	estimate     estimator
}

// estimator is the part of bandwidth.Estimator that sending needs.
type estimator interface {
	Sent(sequence uint16, size int, at time.Time)
}

func newDownTrack(kind media.Kind, p *path) *DownTrack {
	d := &DownTrack{kind: kind, path: p}
	d.forward.reset()
	return d
}

// Bind takes what was negotiated. Errors: ErrNoCodec when nothing of it can be sent.
func (d *DownTrack) Bind(ctx webrtc.TrackLocalContext) (webrtc.RTPCodecParameters, error) {
	w := wire{writer: ctx.WriteStream(), ssrc: uint32(ctx.SSRC()), rtxSSRC: uint32(ctx.SSRCRetransmission())}
	var first webrtc.RTPCodecParameters
	for _, p := range ctx.CodecParameters() {
		codec, ok := codecOf(p.RTPCodecCapability)
		if !ok || codec.Kind() != d.kind {
			continue
		}
		f := format{codec: codec, payload: uint8(p.PayloadType)}
		f.rtx, f.hasRTX = rtxFor(ctx.CodecParameters(), p.PayloadType)
		if len(w.formats) == 0 {
			first = p
		}
		w.formats = append(w.formats, f)
	}
	if len(w.formats) == 0 {
		return webrtc.RTPCodecParameters{}, fmt.Errorf("peer: bind slot %s: %w", d.mid, ErrNoCodec)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.wire = w
	d.wire.header = rtp.Header{Version: 2, SSRC: w.ssrc}
	d.wire.ext.attach(&d.wire.header, ctx.HeaderExtensions())
	d.resend.bind(w.rtxSSRC, ctx.HeaderExtensions())
	return first, nil
}

// Unbind forgets the connection; the slot takes no packets any more.
func (d *DownTrack) Unbind(webrtc.TrackLocalContext) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.wire.writer = nil
	return nil
}

// ID is the msid's track part.
func (d *DownTrack) ID() string { return "slot-" + d.mid }

// StreamID is the msid's stream part. It differs for each slot: a browser synchronises the sound and picture of one
// stream, and what a slot carries changes, so no fixed pair of slots belongs together.
func (d *DownTrack) StreamID() string { return "slot-" + d.mid }

// RID is empty: slots are no simulcast.
func (d *DownTrack) RID() string { return "" }

// Kind of the slot.
func (d *DownTrack) Kind() webrtc.RTPCodecType {
	if d.kind == media.Audio {
		return webrtc.RTPCodecTypeAudio
	}
	return webrtc.RTPCodecTypeVideo
}

// format finds the negotiated format that takes codec.
func (d *DownTrack) format(codec media.Codec) (format, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, f := range d.wire.formats {
		if fits(f.codec, codec) {
			return f, true
		}
	}
	return format{}, false
}

// codecs lists what the slot takes.
func (d *DownTrack) codecs() []media.Codec {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := make([]media.Codec, 0, len(d.wire.formats))
	for _, f := range d.wire.formats {
		out = append(out, f.codec)
	}
	return out
}

// carries tells what is on the slot now.
func (d *DownTrack) carries() Slot {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := Slot{MID: d.mid}
	if d.feed != nil {
		s.Participant, s.Source = d.feed.track.Participant, d.feed.track.Source
	}
	return s
}

// stats is a snapshot.
func (d *DownTrack) stats(now time.Time) SlotStats {
	s := SlotStats{Slot: d.carries(), Kind: d.kind, Layer: -1, Temporal: -1}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.feed != nil {
		s.Layer = int(d.forward.layer)
		if d.forward.temporal != allTemporal {
			s.Temporal = int(d.forward.temporal)
		}
	}
	s.Packets, s.Resent, s.Missed, s.Keyframes = d.count.packets, d.count.resent, d.count.missed, d.count.keyframes
	s.Bitrate = d.count.rate.at(now)
	return s
}

func rtxFor(codecs []webrtc.RTPCodecParameters, pt webrtc.PayloadType) (uint8, bool) {
	apt := fmt.Sprintf("apt=%d", pt)
	for _, c := range codecs {
		if c.MimeType == webrtc.MimeTypeRTX && c.SDPFmtpLine == apt {
			return uint8(c.PayloadType), true
		}
	}
	return 0, false
}
