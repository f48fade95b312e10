package peer

import (
	"encoding/binary"
	"sync"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"legroom/media/payload"
)

// resend is a slot's retransmission stream (RFC 4588): its own SSRC, sequence and header.
type resend struct {
	mu     sync.Mutex
	header rtp.Header
	ext    extensions
	ready  bool
	kept   []byte // payload as kept
	buf    []byte // as it is sent
	tokens int    // packets that may be resent before the next refill
	filled time.Time
}

// resendBurst and resendRate bound what a receiver can make the gateway send again, packets and packets per second.
const (
	resendBurst = 256
	resendRate  = 1000
)

func (r *resend) bind(ssrc uint32, negotiated []webrtc.RTPHeaderExtensionParameter) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.header = rtp.Header{Version: 2, SSRC: ssrc}
	r.ext = extensions{}
	r.ext.attach(&r.header, negotiated)
	r.ready = true
	r.tokens, r.filled = resendBurst, time.Now()
}

func (r *resend) allowed(now time.Time) bool {
	if add := int(now.Sub(r.filled) * resendRate / time.Second); add > 0 {
		r.tokens, r.filled = min(r.tokens+add, resendBurst), now
	}
	if r.tokens == 0 {
		return false
	}
	r.tokens--
	return true
}

// nack sends again what the browser asks for (RFC 4585 section 6.2.1).
func (d *DownTrack) nack(n *rtcp.TransportLayerNack) {
	for _, pair := range n.Nacks {
		pair.Range(func(seq uint16) bool {
			d.again(seq)
			return true
		})
	}
}

// again sends one packet once more. Lock order: resend.mu, then mu, then the origin's.
func (d *DownTrack) again(seq uint16) {
	r := &d.resend
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	d.mu.Lock()
	f, sent, writer := d.feed, d.forward.sent[seq%sentMemory], d.wire.writer
	d.mu.Unlock()
	if f == nil || f.origin == nil || writer == nil || !r.ready || !d.path.open.Load() {
		return
	}
	var ok bool
	if !sent.used || sent.seq != seq {
		ok = false
	} else {
		r.kept, ok = f.origin.get(r.kept[:0], sent.layer, sent.source)
	}
	if !ok || !r.allowed(now) {
		d.mu.Lock()
		d.count.missed++
		d.mu.Unlock()
		return
	}
	r.build(f, &sent)
	d.transmit(f, writer, &sent)
}

// build makes the payload of the retransmission: the original sequence number where there is an RTX stream, then the
// payload with the descriptor the browser was sent.
func (r *resend) build(f *feed, sent *sentPacket) {
	r.buf = r.buf[:0]
	if f.format.hasRTX {
		r.buf = binary.BigEndian.AppendUint16(r.buf, sent.seq)
	}
	if f.origin.vp8 {
		if desc, err := payload.ParseVP8(r.kept); err == nil {
			desc.Rewrite(r.kept, int(sent.picture), int(sent.tl0))
		}
	}
	r.buf = append(r.buf, r.kept...)
}

// transmit sends what build made; without an RTX stream under the numbers it had.
func (d *DownTrack) transmit(f *feed, writer webrtc.TrackLocalWriter, sent *sentPacket) {
	r := &d.resend
	h := r.header
	h.Timestamp, h.Marker = sent.ts, sent.marker
	if f.format.hasRTX {
		r.header.SequenceNumber++
		h.SequenceNumber, h.PayloadType = r.header.SequenceNumber, f.format.rtx
	} else {
		h.SequenceNumber, h.PayloadType, h.SSRC = sent.seq, sent.payload, d.ssrc()
	}
	seq := d.path.number(r.ext.hasTransport, len(r.buf)+rtpOverhead)
	r.ext.set(seq, time.Now(), 0)
	if _, err := writer.WriteRTP(&h, r.buf); err != nil {
		d.path.lossy.Add(1)
		return
	}
	d.mu.Lock()
	d.count.resent++
	d.mu.Unlock()
}

func (d *DownTrack) ssrc() uint32 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.wire.ssrc
}
