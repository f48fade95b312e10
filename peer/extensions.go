package peer

import (
	"encoding/binary"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"legroom/media"
)

// extensions are the header extensions of what the gateway sends, built anew for each packet in place: the header keeps
// pointing at these bytes.
type extensions struct {
	hasTransport, hasSendTime, hasLevel bool

	transport [2]byte // transport-wide sequence number
	sendTime  [3]byte // 6.18 fixed point seconds
	level     [1]byte // RFC 6464
}

// maxOneByteID is the last id of the one-byte form (RFC 8285 section 4.2).
const maxOneByteID = 14

// attach puts the negotiated extensions into h.
func (x *extensions) attach(h *rtp.Header, negotiated []webrtc.RTPHeaderExtensionParameter) {
	for _, n := range negotiated {
		if n.ID < 1 || n.ID > maxOneByteID {
			continue
		}
		// SetExtension cannot fail: ids are in range and the payloads are 1 to 3 bytes long.
		switch n.URI {
		case uriTransportCC:
			x.hasTransport = h.SetExtension(uint8(n.ID), x.transport[:]) == nil
		case uriAbsSendTime:
			x.hasSendTime = h.SetExtension(uint8(n.ID), x.sendTime[:]) == nil
		case uriAudioLevel:
			x.hasLevel = h.SetExtension(uint8(n.ID), x.level[:]) == nil
		}
	}
}

// set writes the values of the next packet.
func (x *extensions) set(transport uint16, at time.Time, level media.Level) {
	binary.BigEndian.PutUint16(x.transport[:], transport)
	// 24 bits of seconds with 18 bits of fraction, wrapping at 64 s.
	ns := uint64(at.UnixNano())
	fixed := (ns/1e9)<<18 | ((ns%1e9)<<18)/1e9
	x.sendTime = [3]byte{byte(fixed >> 16), byte(fixed >> 8), byte(fixed)}
	if level > 127 {
		// Not known is told as silence: a client draws nothing then.
		level = 127
	}
	x.level[0] = byte(level)
}
