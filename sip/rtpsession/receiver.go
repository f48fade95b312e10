package rtpsession

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/pion/rtp"

	"legroom/media"
)

// maxDatagram is more than any path carries; what fills it is cut and thrown away.
const maxDatagram = 2048

// receiver reads one socket. Everything in it is used by its goroutine alone.
type receiver struct {
	s       *Session
	sock    *socket
	media   bool // the RTP socket; RTCP, DTLS may come here too
	turn    uint64
	latch   latch
	events  events
	packet  media.Packet
	missing *missing // nil in a session of sound
	buf     [maxDatagram]byte
	plain   [maxDatagram]byte
}

func newReceiver(s *Session, sock *socket, media bool) *receiver {
	r := &receiver{s: s, sock: sock, media: media, latch: latch{symmetric: s.cfg.Symmetric, signalled: s.opts.Peer}}
	if s.pictures != nil && media {
		r.missing = &missing{}
	}
	return r
}

// run reads until the socket is closed.
func (r *receiver) run(context.Context) error {
	for {
		n, from, err := r.sock.conn.ReadFromUDPAddrPort(r.buf[:])
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("rtpsession: read media socket: %w", err)
		}
		r.datagram(r.buf[:n], netip.AddrPortFrom(from.Addr().Unmap().WithZone(""), from.Port()), time.Now())
	}
}

// datagram tells by the first byte what came (RFC 7983 section 7), and RTCP from RTP by the second (RFC 5761 section 4).
func (r *receiver) datagram(b []byte, from netip.AddrPort, now time.Time) {
	p := r.s.path.Load()
	switch {
	case len(b) < 8 || len(b) == maxDatagram:
		r.s.drop(dropMalformed)
	case p == nil:
		r.s.drop(dropEarly)
	case b[0]>>6 == 2 && b[1] >= 192 && b[1] <= 223:
		r.s.receiveRTCP(p, b, from, now)
	case b[0]>>6 == 2 && r.media && len(b) >= 12:
		r.follow(p, now)
		r.receiveRTP(p, b, from, now)
	case b[0] >= 20 && b[0] <= 63 && r.media && p.dtls != nil:
		r.follow(p, now)
		p.dtls.deliver(b, from, &r.latch)
	default:
		r.s.drop(dropMalformed)
	}
}

// follow notices that the peer moved by its own word, or proved by DTLS where it is.
func (r *receiver) follow(p *path, now time.Time) {
	if r.turn != p.turn {
		r.turn = p.turn
		r.latch.expect(p.remote)
	}
	if p.dtls != nil && p.ready && !r.latch.at.IsValid() {
		if peer := p.dtls.peer.Load(); peer.addr.IsValid() {
			r.latch.move(peer.addr, now)
		}
	}
}

// receiveRTP opens a packet, decides whether it is the peer's, and hands it on.
func (r *receiver) receiveRTP(p *path, b []byte, from netip.AddrPort, now time.Time) {
	kind := p.uses[b[1]&0x7f]
	switch {
	case !p.ready:
		r.s.drop(dropEarly)
		return
	case kind == useNone:
		r.s.drop(dropPayloadType)
		return
	}
	payload, err := r.open(p, b)
	switch {
	case err != nil && p.in != nil:
		r.s.drop(dropUnauthentic)
		return
	case err != nil:
		r.s.drop(dropMalformed)
		return
	}
	if !r.admit(p, kind, from, now) {
		r.s.drop(dropForeign)
		return
	}
	if kind == useEvent {
		r.event(p, payload, now)
		return
	}
	r.sound(p, kind, payload, now)
}

// open authenticates, decrypts, reads the header into the packet and gives the payload without padding.
func (r *receiver) open(p *path, b []byte) ([]byte, error) {
	h := &r.packet.Header
	if p.in != nil {
		plain, err := p.in.openRTP(r.plain[:0], b, binary.BigEndian.Uint32(b[8:]), h)
		if err != nil {
			return nil, err
		}
		b = plain
	}
	n, err := h.Unmarshal(b)
	if err != nil {
		return nil, err
	}
	payload := b[n:]
	if h.Padding && len(payload) > 0 {
		pad := int(payload[len(payload)-1])
		if pad == 0 || pad > len(payload) {
			return nil, errPadding
		}
		payload = payload[:len(payload)-pad]
	}
	return payload, nil
}

var errPadding = errors.New("rtpsession: padding longer than the packet")

// admit follows the peer's address. Events may come from another port of it (players of recordings do that).
func (r *receiver) admit(p *path, kind use, from netip.AddrPort, now time.Time) bool {
	var moved bool
	taken := true
	switch {
	case p.in != nil:
		moved = r.latch.secure(from, now)
	case kind == useEvent && r.latch.at.IsValid():
		return r.latch.near(from.Addr())
	default:
		taken, moved = r.latch.clear(from, now)
	}
	if moved {
		// Not if Apply has just told another address: this path is then no longer in force.
		r.s.applyMu.Lock()
		if latest := r.s.path.Load(); latest.turn == p.turn {
			r.s.moveTo(from, latest)
		}
		r.s.applyMu.Unlock()
	}
	return taken
}

// event takes a telephone-event in. It is never handed on as sound.
func (r *receiver) event(p *path, payload []byte, now time.Time) {
	h := &r.packet.Header
	r.s.in.note(h, now)
	e, ok := parseEvent(payload)
	if !ok {
		r.s.drop(dropMalformed)
		return
	}
	e.ssrc, e.timestamp, e.marker = h.SSRC, h.Timestamp, h.Marker
	if !p.agreed.Direction.Receives() {
		r.s.drop(dropHeld)
		return
	}
	if !r.events.hear(e, now) || int(e.code) >= len(digits) {
		return
	}
	r.s.hooks.digits.Add(1)
	if f := r.s.hooks.digit.Load(); f != nil {
		rate := max(p.rates[h.PayloadType], 1)
		(*f)(rune(digits[e.code]), time.Duration(e.duration)*time.Second/time.Duration(rate))
	}
}

// sound counts a packet, of sound or pictures, and hands it on.
func (r *receiver) sound(p *path, kind use, payload []byte, now time.Time) {
	h := &r.packet.Header
	switch {
	case kind == useNoise:
		r.s.in.note(h, now)
		r.s.drop(dropPayloadType)
		return
	case !r.s.in.accept(h, len(payload), p.agreed.Codec.ClockRate, now):
		r.s.drop(dropSource)
		return
	case !p.agreed.Direction.Receives():
		r.s.drop(dropHeld)
		return
	}
	if r.missing != nil {
		r.picture(p, now)
	}
	sink := r.s.hooks.sink.Load()
	if sink == nil {
		return
	}
	// What is left of the header is ours to build again: extensions and contributors belong to the hop they came on.
	*h = rtp.Header{
		Version: 2, Marker: h.Marker, PayloadType: h.PayloadType, SequenceNumber: h.SequenceNumber, Timestamp: h.Timestamp,
		SSRC: h.SSRC, CSRC: h.CSRC[:0], Extensions: h.Extensions[:0],
	}
	r.packet.Payload, r.packet.Arrived, r.packet.Level = payload, now, media.NoLevel
	if err := (*sink).Write(&r.packet); errors.Is(err, media.ErrClosed) {
		r.s.hooks.sink.CompareAndSwap(sink, nil)
	}
}
