// Package tmmbr is the Temporary Maximum Media Stream Bit Rate of RFC 5104: the request (TMMBR) and notification (TMMBN) as
// RTCP packets, which pion/rtcp has not, and the Owner that keeps the bounding set of one media sender.
package tmmbr

import (
	"encoding/binary"
	"errors"

	"github.com/pion/rtcp"
)

// Formats of transport layer feedback (RTPFB, 205). Source: RFC 5104 section 4.2.
const (
	formatRequest      = 3
	formatNotification = 4
)

// Bounds of an entry and of a packet.
const (
	// MaxOverhead of a Bound, bytes: nine bits.
	MaxOverhead = 511
	// MaxBounds in one packet; more are not read.
	MaxBounds = 32
	// maxRate is what is kept of rates that do not fit, bit/s.
	maxRate     = 1 << 62
	maxMantissa = 1<<17 - 1
	headerLen   = 12
	entryLen    = 8
)

// ErrFormat is a packet that is none of these, or breaks its format.
var ErrFormat = errors.New("tmmbr: not of the format")

// Bound is one limit: a tuple of RFC 5104.
type Bound struct {
	// SSRC whose sending is limited, in a request; in a notification, who owns the limit.
	SSRC uint32
	// Rate in bit/s, with all headers from IP on.
	Rate uint64
	// Overhead is those headers, bytes a packet, as who asks measures them.
	Overhead uint16
}

// Request is a TMMBR packet. It is an rtcp.Packet.
type Request struct {
	// Sender of the packet.
	Sender uint32
	// Bounds for one or more media senders.
	Bounds []Bound
}

// Notification is a TMMBN packet: the bounding set of a media sender. It is an rtcp.Packet.
type Notification struct {
	// Sender of the packet and of the media.
	Sender uint32
	// Bounds in force, with the SSRC of who asked for each. Empty for none.
	Bounds []Bound
}

var (
	_ rtcp.Packet = (*Request)(nil)
	_ rtcp.Packet = (*Notification)(nil)
)

// DestinationSSRC are the senders that are limited.
func (r *Request) DestinationSSRC() []uint32 {
	out := make([]uint32, len(r.Bounds))
	for i, b := range r.Bounds {
		out[i] = b.SSRC
	}
	return out
}

// DestinationSSRC is nil: it is for all who listen.
func (n *Notification) DestinationSSRC() []uint32 { return nil }

// MarshalSize in bytes.
func (r *Request) MarshalSize() int { return headerLen + entryLen*len(r.Bounds) }

// MarshalSize in bytes.
func (n *Notification) MarshalSize() int { return headerLen + entryLen*len(n.Bounds) }

// Marshal writes the packet. A rate that cannot be written exactly is written lower. Errors: ErrFormat for no bound or too
// many.
func (r *Request) Marshal() ([]byte, error) {
	if len(r.Bounds) == 0 {
		return nil, ErrFormat
	}
	return marshal(formatRequest, r.Sender, r.Bounds)
}

// Marshal writes the packet. A rate that cannot be written exactly is written lower. Errors: ErrFormat for too many bounds.
func (n *Notification) Marshal() ([]byte, error) {
	return marshal(formatNotification, n.Sender, n.Bounds)
}

// Unmarshal reads one packet. Errors: ErrFormat.
func (r *Request) Unmarshal(b []byte) (err error) {
	r.Sender, r.Bounds, err = unmarshal(formatRequest, b)
	if err == nil && len(r.Bounds) == 0 {
		return ErrFormat
	}
	return err
}

// Unmarshal reads one packet. Errors: ErrFormat.
func (n *Notification) Unmarshal(b []byte) (err error) {
	n.Sender, n.Bounds, err = unmarshal(formatNotification, b)
	return err
}

// Read gives the Request or Notification that rtcp.Unmarshal left as a RawPacket; false for everything else.
func Read(p rtcp.Packet) (rtcp.Packet, bool) {
	raw, ok := p.(*rtcp.RawPacket)
	if !ok {
		return nil, false
	}
	var out rtcp.Packet
	switch h := raw.Header(); {
	case h.Type != rtcp.TypeTransportSpecificFeedback:
		return nil, false
	case h.Count == formatRequest:
		out = &Request{}
	case h.Count == formatNotification:
		out = &Notification{}
	default:
		return nil, false
	}
	return out, out.Unmarshal(*raw) == nil
}

// marshal writes header and entries; the SSRC of the media source is 0 in both (RFC 5104 sections 4.2.1.2 and 4.2.2.2).
func marshal(format uint8, sender uint32, bounds []Bound) ([]byte, error) {
	if len(bounds) > MaxBounds {
		return nil, ErrFormat
	}
	n := headerLen + entryLen*len(bounds)
	b := make([]byte, 0, n)
	b = append(b, 0x80|format, byte(rtcp.TypeTransportSpecificFeedback))
	b = binary.BigEndian.AppendUint16(b, uint16(n/4-1))
	b = binary.BigEndian.AppendUint32(b, sender)
	b = binary.BigEndian.AppendUint32(b, 0)
	for _, e := range bounds {
		b = binary.BigEndian.AppendUint32(b, e.SSRC)
		b = binary.BigEndian.AppendUint32(b, e.word())
	}
	return b, nil
}

// word is | exponent (6) | mantissa (17) | overhead (9) |.
func (b Bound) word() uint32 {
	mantissa, exponent := b.Rate, uint32(0)
	for mantissa > maxMantissa {
		mantissa >>= 1
		exponent++
	}
	return exponent<<26 | uint32(mantissa)<<9 | uint32(min(b.Overhead, MaxOverhead))
}

// boundOf reads a word. Rates over maxRate are maxRate.
func boundOf(ssrc, word uint32) Bound {
	mantissa, exponent := uint64(word>>9&maxMantissa), word>>26
	rate := uint64(maxRate)
	if mantissa == 0 || exponent <= 45 { // 17 bits and 45 are the 62 of maxRate
		rate = mantissa << min(exponent, 45)
	}
	return Bound{SSRC: ssrc, Rate: rate, Overhead: uint16(word & MaxOverhead)}
}

func unmarshal(format uint8, b []byte) (uint32, []Bound, error) {
	var h rtcp.Header
	if err := h.Unmarshal(b); err != nil || len(b) < headerLen || h.Count != format || h.Type != rtcp.TypeTransportSpecificFeedback {
		return 0, nil, ErrFormat
	}
	n := 4 * (int(h.Length) + 1)
	if n < headerLen || n > len(b) || h.Padding {
		return 0, nil, ErrFormat
	}
	sender := binary.BigEndian.Uint32(b[4:])
	rest := b[headerLen:n]
	if len(rest)%entryLen != 0 {
		return 0, nil, ErrFormat
	}
	var out []Bound
	for ; len(rest) > 0 && len(out) < MaxBounds; rest = rest[entryLen:] {
		out = append(out, boundOf(binary.BigEndian.Uint32(rest), binary.BigEndian.Uint32(rest[4:])))
	}
	return sender, out, nil
}
