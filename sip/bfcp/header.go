package bfcp

import "encoding/binary"

// Versions of the protocol. Source: RFC 8855 section 5.1.
const (
	// Reliable is the version over TCP and TLS, and that of old endpoints over UDP.
	Reliable uint8 = 1
	// Unreliable is the version over UDP and DTLS.
	Unreliable uint8 = 2
)

// Header is the COMMON-HEADER.
//
//	 0                   1                   2                   3
//	 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//	+-----+-+-+-----+---------------+-------------------------------+
//	| Ver |R|F| Res |   Primitive   |        Payload Length         |
//	+-----+-+-+-----+---------------+-------------------------------+
//	|                         Conference ID                         |
//	+-------------------------------+-------------------------------+
//	|        Transaction ID         |            User ID            |
//	+-------------------------------+-------------------------------+
//	| Fragment Offset (if F is set) | Fragment Length (if F is set) |
//	+-------------------------------+-------------------------------+
//
// Source: RFC 8855 section 5.1.
type Header struct {
	// Version is Reliable or Unreliable.
	Version uint8
	// Response is the R bit: the message answers one of ours. Of meaning in version 2 alone.
	Response bool
	// Fragment is the F bit.
	Fragment bool
	// Primitive is the kind of message.
	Primitive Primitive
	// Words is the length of the whole message behind its header, in 4 bytes.
	Words uint16
	// Conference the message is about.
	Conference uint32
	// Transaction of the message; 0 for what a server says unasked over a reliable link.
	Transaction uint16
	// User who sends it or is sent it.
	User uint16
	// Offset and Length of a fragment, in 4 bytes.
	Offset, Length uint16
}

// ParseHeader reads the header alone, and tells its length in bytes. Errors: ErrShort.
func ParseHeader(b []byte) (Header, int, error) {
	if len(b) < HeaderLen {
		return Header{}, 0, ErrShort
	}
	h := Header{
		Version: b[0] >> 5, Response: b[0]&0x10 != 0, Fragment: b[0]&0x08 != 0, Primitive: Primitive(b[1]),
		Words: binary.BigEndian.Uint16(b[2:]), Conference: binary.BigEndian.Uint32(b[4:]),
		Transaction: binary.BigEndian.Uint16(b[8:]), User: binary.BigEndian.Uint16(b[10:]),
	}
	if !h.Fragment {
		return h, HeaderLen, nil
	}
	if len(b) < HeaderLen+4 {
		return h, 0, ErrShort
	}
	h.Offset, h.Length = binary.BigEndian.Uint16(b[12:]), binary.BigEndian.Uint16(b[14:])
	return h, HeaderLen + 4, nil
}

// append writes the header behind b.
func (h Header) append(b []byte) []byte {
	first := h.Version << 5
	if h.Response {
		first |= 0x10
	}
	if h.Fragment {
		first |= 0x08
	}
	b = append(b, first, byte(h.Primitive))
	b = binary.BigEndian.AppendUint16(b, h.Words)
	b = binary.BigEndian.AppendUint32(b, h.Conference)
	b = binary.BigEndian.AppendUint16(b, h.Transaction)
	b = binary.BigEndian.AppendUint16(b, h.User)
	if h.Fragment {
		b = binary.BigEndian.AppendUint16(b, h.Offset)
		b = binary.BigEndian.AppendUint16(b, h.Length)
	}
	return b
}
