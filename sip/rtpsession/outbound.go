package rtpsession

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtp"
	"golang.org/x/sys/unix"

	"legroom/media"
)

// maxPayload of a packet we send, bytes; more would not fit an Ethernet frame with SRTP around it.
const maxPayload = 1400

var errPayload = errors.New("rtpsession: payload longer than a packet can be")

// outbound is the stream we send. Its lock is held for the length of one send, which never waits.
type outbound struct {
	sources  atomic.Uint64 // number of the source that may write; see NewSource. Not under the lock
	mu       sync.Mutex
	line     timeline
	packets  uint32 // under this SSRC, for sender reports
	octets   uint32
	total    Counters
	reported uint32        // packets at the last report
	pressing bool          // a digit is being sent
	pictures *sentPictures // nil in a session of sound
	header   rtp.Header
	plain    [maxDatagram]byte
	sealed   [maxDatagram]byte
}

// restart begins a new stream: another SSRC, random numbers (RFC 3550 section 5.1).
func (o *outbound) restart(rate uint32) {
	var b [12]byte
	_, _ = rand.Read(b[:])
	o.line = timeline{
		ssrc: binary.BigEndian.Uint32(b[:]), sequence: binary.BigEndian.Uint16(b[4:]) & 0x7fff, // far from the wrap, for SRTP's sake (RFC 3711 section 3.3.1)
		sent: binary.BigEndian.Uint32(b[8:]), rate: rate, at: time.Now(),
	}
	o.packets, o.octets, o.reported = 0, 0, 0
	if o.pictures != nil {
		o.pictures.restart()
	}
}

// sender is a source of what the peer hears.
type sender struct {
	s  *Session
	id uint64
}

// NewSource gives a sink for what shall be heard by the peer; it takes the place of the one before, which then answers
// media.ErrClosed. The peer sees one stream without a break in numbering.
func (s *Session) NewSource() media.Sink[*media.Packet] {
	return &sender{s: s, id: s.out.sources.Add(1)}
}

// Write sends a packet unless another source has taken over.
func (w *sender) Write(p *media.Packet) error {
	if w.s.out.sources.Load() != w.id {
		return media.ErrClosed
	}
	return w.s.write(w.id, p)
}

// Close ends this source alone.
func (w *sender) Close() error {
	w.s.out.sources.CompareAndSwap(w.id, w.id+1)
	return nil
}

// Write sends one packet, whatever source is set. It never waits: while the peer holds us, before keys are there, or when
// the socket is full the packet is dropped and counted. Payload type, SSRC, sequence number and timestamp are the
// session's own; marker and payload are the packet's. Of pictures the numbers follow those of the packet, so that gaps are
// seen; each source counts for itself.
// Errors: ErrClosed.
func (s *Session) Write(p *media.Packet) error { return s.write(0, p) }

func (s *Session) write(from uint64, packet *media.Packet) error {
	if len(packet.Payload) > maxPayload {
		return errPayload
	}
	now := time.Now()
	s.out.mu.Lock()
	defer s.out.mu.Unlock()
	if s.life.ctx.Err() != nil {
		return ErrClosed
	}
	p := s.path.Load()
	if !s.sendable(p) || s.out.pressing {
		if s.out.pictures != nil {
			s.out.pictures.numbers.started = false // what the peer was not to get it shall not miss
		}
		return nil
	}
	if s.pictures != nil {
		s.writePicture(p, from, packet, now)
		return nil
	}
	line := &s.out.line
	line.ticks = p.agreed.Codec.Ticks(p.agreed.Codec.PacketTime)
	sequence, timestamp, fresh := line.next(from, packet.Timestamp, now)
	s.emit(p, rtp.Header{
		Marker: fresh || packet.Marker, PayloadType: p.agreed.PayloadType, SequenceNumber: sequence, Timestamp: timestamp,
	}, packet.Payload)
	return nil
}

// sendable tells whether RTP can go now, and counts when it cannot.
func (s *Session) sendable(p *path) bool {
	switch {
	case p == nil || !p.ready:
		s.drop(dropEarly)
	case !p.agreed.Direction.Sends():
		s.drop(dropHeld)
	case s.target.Load().sock == nil:
		s.drop(dropEarly)
	default:
		return true
	}
	return false
}

// emit builds, seals and sends one packet; the lock is held.
func (s *Session) emit(p *path, h rtp.Header, payload []byte) {
	o := &s.out
	b := o.plain[:12]
	b[0], b[1] = 2<<6, h.PayloadType&0x7f
	if h.Marker {
		b[1] |= 0x80
	}
	binary.BigEndian.PutUint16(b[2:], h.SequenceNumber)
	binary.BigEndian.PutUint32(b[4:], h.Timestamp)
	binary.BigEndian.PutUint32(b[8:], o.line.ssrc)
	b = append(b, payload...)
	if p.out != nil {
		sealed, err := p.out.rtp.EncryptRTP(o.sealed[:0], b, &o.header)
		if err != nil {
			s.drop(dropError)
			return
		}
		b = sealed
	}
	if o.pictures != nil && o.pictures.resends != nil {
		o.pictures.resends.keep(h.SequenceNumber, b, o.line.at)
	}
	if !s.transmit(s.rtp, b, s.target.Load().sock) {
		return
	}
	o.packets++
	o.octets += uint32(len(payload))
	o.total.Packets++
	o.total.Bytes += uint64(len(payload))
}

// transmit sends a datagram and counts what does not go; the lock is held.
func (s *Session) transmit(sock *socket, b []byte, to unix.Sockaddr) bool {
	err := sock.send(b, to)
	switch {
	case err == nil:
		return true
	case full(err):
		s.drop(dropFull)
	default:
		s.drop(dropError)
	}
	return false
}
