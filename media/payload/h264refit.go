package payload

import (
	"errors"
	"fmt"

	"legroom/media"
)

// maxHole is the longest run of packets that are taken for lost; a longer one is a stream that begins anew.
// Source: RFC 3550 appendix A.1.
const maxHole = 3000

// H264RefitStats counts what a H264Refit did.
type H264RefitStats struct {
	// Packets that went out.
	Packets uint64
	// Dropped are NAL units that do not fit, and packets that could not be read or came out of order.
	Dropped uint64
}

// H264Refit brings packets of H.264, in sequence order, to another MTU and packetization mode, without looking at the
// pictures: what is too large is cut into fragments, aggregates are taken apart, and for mode 0 small fragmented units are
// put together. Timestamps, markers and the rest of the header stay; sequence numbers count from 0, and a packet that did
// not come, or was dropped here, leaves a hole that the receiver sees. It is used by one goroutine at a time.
// Owner: packets are lent. Errors: ErrShort, ErrFormat and ErrTooLarge for a packet that was dropped, and those of dst.
// Source: RFC 6184 sections 5 and 6.
type H264Refit struct {
	cfg    H264PacketizerConfig
	dst    media.Sink[*media.Packet]
	packet media.Packet
	buf    []byte
	// unit is what came of a fragmented unit that is put together; joining tells that there is one.
	unit    []byte
	joining bool
	started bool
	last    uint16 // that came
	next    uint16 // to go out
	stats   H264RefitStats
}

var _ media.Sink[*media.Packet] = (*H264Refit)(nil)

// NewH264Refit makes one before dst.
func NewH264Refit(cfg H264PacketizerConfig, dst media.Sink[*media.Packet]) *H264Refit {
	cfg.MTU = max(cfg.MTU, 64)
	return &H264Refit{cfg: cfg, dst: dst, buf: make([]byte, 0, cfg.MTU), unit: make([]byte, 0, cfg.MTU)}
}

// Write takes one packet.
func (z *H264Refit) Write(p *media.Packet) error {
	if ahead := int16(p.SequenceNumber - z.last); z.started && p.SSRC == z.packet.SSRC && ahead <= 0 && ahead > -maxMisordered {
		z.stats.Dropped++
		return nil
	}
	z.follow(p)
	z.packet = *p
	z.packet.Padding, z.packet.PaddingSize = false, 0
	if len(p.Payload) == 0 {
		// Only padding, by which senders probe: RFC 3550 section 5.1.
		return nil
	}
	if len(p.Payload) < 2 {
		return z.drop(fmt.Errorf("payload: H.264 in %d bytes: %w", len(p.Payload), ErrShort))
	}
	t := p.Payload[0] & nalType
	if t != nalFUA {
		z.abandon()
	}
	switch {
	case t > 0 && t < nalSTAPA:
		return z.nal(p.Payload, p.Marker)
	case t == nalSTAPA:
		return z.aggregate(p.Payload, p.Marker)
	case t == nalFUA && len(p.Payload) > 2:
		return z.fragment(p.Payload, p.Marker)
	default:
		return z.drop(fmt.Errorf("payload: H.264 packet of type %d: %w", t, ErrFormat))
	}
}

// maxMisordered is how far back a sequence number is one that comes late.
const maxMisordered = 100

// Close closes dst.
func (z *H264Refit) Close() error { return z.dst.Close() }

// Stats are the counts so far.
func (z *H264Refit) Stats() H264RefitStats { return z.stats }

// follow leaves a hole for what did not come.
func (z *H264Refit) follow(p *media.Packet) {
	missing := p.SequenceNumber - z.last - 1
	if z.started && p.SSRC == z.packet.SSRC && missing > 0 && missing < maxHole {
		z.abandon()
		z.next += missing
	}
	z.started, z.last = true, p.SequenceNumber
}

// abandon gives up a unit that was being put together and is not whole.
func (z *H264Refit) abandon() {
	if z.joining {
		z.joining = false
		_ = z.drop(nil)
	}
}

// drop leaves a hole where a packet would be.
func (z *H264Refit) drop(why error) error {
	z.stats.Dropped++
	z.next++
	return why
}

func (z *H264Refit) nal(nal []byte, marker bool) error {
	switch t := nal[0] & nalType; {
	case t == 0 || t >= nalSTAPA:
		return z.drop(fmt.Errorf("payload: H.264 packet of type %d in another: %w", t, ErrFormat))
	case len(nal) <= z.cfg.MTU:
		return z.send(nal, marker)
	case z.cfg.Mode == 0:
		return z.drop(fmt.Errorf("payload: NAL unit of %d bytes in packets of %d: %w", len(nal), z.cfg.MTU, ErrTooLarge))
	default:
		return z.cut(nal[0]&^nalType|nalFUA, nal[0]&nalType|fuStart|fuEnd, nal[1:], marker)
	}
}

// aggregate takes a STAP-A apart where it does not fit or is not allowed.
func (z *H264Refit) aggregate(p []byte, marker bool) error {
	if len(p) <= z.cfg.MTU && z.cfg.Mode > 0 {
		return z.send(p, marker)
	}
	var errs error
	for rest := p[1:]; len(rest) > 0; {
		nal, after, ok := cutSTAP(rest)
		if !ok {
			return errors.Join(errs, z.drop(fmt.Errorf("payload: H.264 aggregate with %d bytes over: %w", len(rest), ErrFormat)))
		}
		errs = errors.Join(errs, z.nal(nal, marker && len(after) == 0))
		rest = after
	}
	return errs
}

func (z *H264Refit) fragment(p []byte, marker bool) error {
	switch {
	case z.cfg.Mode == 0:
		return z.join(p, marker)
	case len(p) <= z.cfg.MTU:
		return z.send(p, marker)
	default:
		return z.cut(p[0], p[1], p[2:], marker)
	}
}

// cut sends a unit, or a fragment of one, in pieces: RFC 6184 section 5.8. Of kind, start and end are those of all of it.
func (z *H264Refit) cut(indicator, kind byte, body []byte, marker bool) error {
	most := z.cfg.MTU - 2
	start, end := kind&fuStart, kind&fuEnd
	kind &^= fuStart | fuEnd
	var errs error
	for first := true; len(body) > 0; first = false {
		n, header := min(len(body), most), kind
		if first {
			header |= start
		}
		if n == len(body) {
			header |= end
		}
		b := append(z.buf[:0], indicator, header)
		b = append(b, body[:n]...)
		body = body[n:]
		errs = errors.Join(errs, z.send(b, marker && len(body) == 0))
	}
	return errs
}

// join puts a unit together that mode 0 carries whole.
func (z *H264Refit) join(p []byte, marker bool) error {
	start, end := p[1]&fuStart != 0, p[1]&fuEnd != 0
	if start {
		z.abandon()
		z.joining = true
		z.unit = append(z.unit[:0], p[0]&^nalType|p[1]&nalType)
	}
	if !z.joining {
		// Of a unit that was given up, which has left its hole.
		return nil
	}
	if len(z.unit)+len(p)-2 > z.cfg.MTU {
		z.joining = false
		return z.drop(fmt.Errorf("payload: fragmented NAL unit in packets of %d: %w", z.cfg.MTU, ErrTooLarge))
	}
	z.unit = append(z.unit, p[2:]...)
	if !end {
		return nil
	}
	z.joining = false
	return z.nal(z.unit, marker)
}

func (z *H264Refit) send(p []byte, marker bool) error {
	z.packet.Payload, z.packet.Marker, z.packet.SequenceNumber = p, marker, z.next
	z.next++
	z.stats.Packets++
	return z.dst.Write(&z.packet)
}
