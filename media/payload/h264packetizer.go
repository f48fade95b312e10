package payload

import (
	"errors"
	"fmt"

	"legroom/media"
)

// H264PacketizerConfig is how frames are cut.
type H264PacketizerConfig struct {
	// MTU bounds a payload, bytes, 64 or more. Default 1200.
	MTU int
	// Mode is the packetization-mode agreed: 1 (default) allows STAP-A and FU-A, 0 only single NAL units.
	// Source: RFC 6184 section 6.
	Mode int
}

// DefaultH264PacketizerConfig gives the defaults.
func DefaultH264PacketizerConfig() H264PacketizerConfig {
	return H264PacketizerConfig{MTU: 1200, Mode: 1}
}

// H264Packetizer cuts Annex B frames into packets; parameter sets travel together in one STAP-A before their slice.
// Sequence numbers count from 0, timestamps are the frames'. It is used by one goroutine at a time.
// Owner: packets are lent and share memory with the frame. Errors: ErrTooLarge for a NAL unit that mode 0 cannot carry
// (the rest of the frame is still sent), and those of dst.
type H264Packetizer struct {
	cfg    H264PacketizerConfig
	dst    media.Sink[*media.Packet]
	packet media.Packet
	buf    []byte
	small  [][]byte // NAL units waiting to be aggregated
	size   int
	// dropped counts NAL units.
	dropped uint64
}

var _ media.Sink[*media.Frame] = (*H264Packetizer)(nil)

// NewH264Packetizer makes one before dst.
func NewH264Packetizer(cfg H264PacketizerConfig, dst media.Sink[*media.Packet]) *H264Packetizer {
	cfg.MTU = max(cfg.MTU, 64)
	p := &H264Packetizer{cfg: cfg, dst: dst, buf: make([]byte, 0, cfg.MTU)}
	p.packet.Version = 2
	p.packet.Level = media.NoLevel
	return p
}

// Write cuts one frame.
func (z *H264Packetizer) Write(f *media.Frame) error {
	z.packet.Timestamp, z.packet.Arrived, z.packet.Layer = f.Timestamp, f.Arrived, f.Layer
	var errs error
	nal, rest := cutAnnexB(f.Data)
	for nal != nil {
		next, after := cutAnnexB(rest)
		if err := z.nal(nal, next == nil); err != nil {
			errs = errors.Join(errs, err)
		}
		nal, rest = next, after
	}
	return errs
}

// Close closes dst.
func (z *H264Packetizer) Close() error { return z.dst.Close() }

// Dropped is how many NAL units were too large for mode 0.
func (z *H264Packetizer) Dropped() uint64 { return z.dropped }

func (z *H264Packetizer) nal(nal []byte, last bool) error {
	if len(nal) == 0 || nal[0]&nalType == nalAUD {
		// Packets mark the end of an access unit themselves.
		return z.flushIf(last)
	}
	if z.cfg.Mode > 0 && !last && z.collect(nal) {
		return nil
	}
	err := z.flush(false)
	switch {
	case len(nal) <= z.cfg.MTU:
		return errors.Join(err, z.send(nal, last))
	case z.cfg.Mode == 0:
		z.dropped++
		return errors.Join(err, fmt.Errorf("payload: NAL unit of %d bytes in packets of %d: %w", len(nal), z.cfg.MTU, ErrTooLarge))
	default:
		return errors.Join(err, z.fragment(nal, last))
	}
}

// collect keeps small units that are no slices, to send them together.
func (z *H264Packetizer) collect(nal []byte) bool {
	if t := nal[0] & nalType; t != nalSPS && t != nalPPS && t != nalSEI {
		return false
	}
	if 1+z.size+2+len(nal) > z.cfg.MTU {
		return false
	}
	z.small = append(z.small, nal)
	z.size += 2 + len(nal)
	return true
}

func (z *H264Packetizer) flushIf(last bool) error {
	if !last {
		return nil
	}
	return z.flush(true)
}

// flush sends what was collected: RFC 6184 section 5.7.1.
func (z *H264Packetizer) flush(marker bool) error {
	small := z.small
	z.small, z.size = z.small[:0], 0
	switch len(small) {
	case 0:
		return nil
	case 1:
		return z.send(small[0], marker)
	}
	b := append(z.buf[:0], nalSTAPA)
	for _, nal := range small {
		// The most important of them gives the header its importance.
		b[0] |= max(nal[0]&nalRef, b[0]&nalRef)&nalRef | b[0]&0x80 | nal[0]&0x80
		b = append(b, byte(len(nal)>>8), byte(len(nal)))
		b = append(b, nal...)
	}
	return z.send(b, marker)
}

// fragment sends one unit in pieces: RFC 6184 section 5.8.
func (z *H264Packetizer) fragment(nal []byte, last bool) error {
	indicator, kind := nal[0]&^nalType|nalFUA, nal[0]&nalType|fuStart
	var errs error
	for rest := nal[1:]; len(rest) > 0; {
		n := min(len(rest), z.cfg.MTU-2)
		if n == len(rest) {
			kind |= fuEnd
		}
		b := append(z.buf[:0], indicator, kind)
		b = append(b, rest[:n]...)
		rest = rest[n:]
		errs = errors.Join(errs, z.send(b, last && len(rest) == 0))
		kind &^= fuStart
	}
	return errs
}

func (z *H264Packetizer) send(p []byte, marker bool) error {
	z.packet.Payload, z.packet.Marker = p, marker
	err := z.dst.Write(&z.packet)
	z.packet.SequenceNumber++
	return err
}
