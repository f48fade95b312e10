package sframe

import "fmt"

// av1 seals the payload of every OBU that holds pictures in the prefix form, with the OBU's header as clear bytes. The
// packetizer walks OBUs, may take their size fields off and puts them on again, so the size is written anew and the bit
// that tells of it counts as 0 in what is authenticated. Source: AV1 bitstream specification section 5.3, AV1 RTP 1.0.
type av1 struct{}

// Types of OBUs. Source: AV1 bitstream specification section 6.2.2.
const (
	obuSequence    = 1
	obuDelimiter   = 2
	obuFrameHeader = 3
	obuTileGroup   = 4
	obuFrame       = 6
)

// Bits of an OBU header.
const (
	obuForbidden = 0x80
	obuExtended  = 0x04
	obuHasSize   = 0x02
	obuReserved  = 0x01
)

// obu is one open bitstream unit. The payload lies in the frame.
type obu struct {
	head    [2]byte // without the size bit
	length  int     // of head: 1 or 2
	payload []byte
}

func (u *obu) kind() byte    { return u.head[0] >> 3 & 0x0f }
func (u *obu) clear() []byte { return u.head[:u.length] }

// cutOBU takes the OBU at the start of b; one without a size goes to the end. Errors: ErrMalformed.
func cutOBU(b []byte) (u obu, rest []byte, err error) {
	u.head[0], u.length = b[0]&^obuHasSize, 1
	if b[0]&(obuForbidden|obuReserved) != 0 {
		return u, nil, fmt.Errorf("OBU header %#02x: %w", b[0], ErrMalformed)
	}
	sized := b[0]&obuHasSize != 0
	b = b[1:]
	if u.head[0]&obuExtended != 0 {
		if len(b) == 0 {
			return u, nil, fmt.Errorf("OBU without its extension: %w", ErrMalformed)
		}
		u.head[1], u.length, b = b[0], 2, b[1:]
	}
	if !sized {
		u.payload = b
		return u, nil, nil
	}
	size, b, ok := cutLEB128(b)
	if !ok || size > uint64(len(b)) {
		return u, nil, fmt.Errorf("size of an OBU: %w", ErrMalformed)
	}
	u.payload = b[:size]
	return u, b[size:], nil
}

// cutLEB128 reads a size, which need not be in its shortest form. Source: AV1 bitstream specification section 4.10.5.
func cutLEB128(b []byte) (v uint64, rest []byte, ok bool) {
	for i := 0; i < 8 && i < len(b); i++ {
		v |= uint64(b[i]&0x7f) << (7 * i)
		if b[i]&0x80 == 0 {
			return v, b[i+1:], true
		}
	}
	return 0, nil, false
}

func appendLEB128(dst []byte, v int) []byte {
	for v >= 0x80 {
		dst = append(dst, byte(v)|0x80)
		v >>= 7
	}
	return append(dst, byte(v))
}

// appendHead appends header and size of an OBU whose payload has n bytes.
func (u *obu) appendHead(dst []byte, n int) []byte {
	dst = append(dst, u.clear()...)
	dst[len(dst)-u.length] |= obuHasSize
	return appendLEB128(dst, n)
}

func (u *obu) fate() fate {
	switch u.kind() {
	case obuFrameHeader, obuTileGroup, obuFrame:
		return closed
	case obuSequence:
		return pass
	case obuDelimiter:
		// It has no payload; bytes in it would be bytes in clear.
		if len(u.payload) != 0 {
			return refuse
		}
		return pass
	default:
		return leave
	}
}

func (v av1) seal(s *Sealer, dst, frame []byte) ([]byte, error) {
	return v.walk(dst, frame, func(dst []byte, u obu) ([]byte, error) { return v.sealOBU(s, dst, u) })
}

func (v av1) open(o *Opener, dst, frame []byte) ([]byte, error) {
	return v.walk(dst, frame, func(dst []byte, u obu) ([]byte, error) { return v.openOBU(o, dst, u) })
}

// walk copies a frame with the OBUs that hold pictures changed by f.
func (av1) walk(dst, frame []byte, f func(dst []byte, u obu) ([]byte, error)) ([]byte, error) {
	pictures := 0
	for len(frame) > 0 {
		u, rest, err := cutOBU(frame)
		if err != nil {
			return dst, err
		}
		switch u.fate() {
		case closed:
			pictures++
			dst, err = f(dst, u)
		case pass:
			dst = append(u.appendHead(dst, len(u.payload)), u.payload...)
		case leave:
		case refuse:
			err = fmt.Errorf("OBU %#02x: %w", u.head[0], ErrUnit)
		}
		if err != nil {
			return dst, err
		}
		frame = rest
	}
	if pictures == 0 {
		return dst, ErrEmpty
	}
	return dst, nil
}

func (av1) sealOBU(s *Sealer, dst []byte, u obu) (out []byte, err error) {
	if len(u.payload) == 0 {
		return dst, fmt.Errorf("OBU of no bytes: %w", ErrMalformed)
	}
	if s.unit, err = s.prefix(s.unit[:0], u.clear(), u.payload); err != nil {
		return dst, err
	}
	return append(u.appendHead(dst, len(s.unit)), s.unit...), nil
}

func (av1) openOBU(o *Opener, dst []byte, u obu) ([]byte, error) {
	var sealed unit
	if err := sealed.cutPrefix(u.payload); err != nil {
		return dst, err
	}
	return o.open(u.appendHead(dst, o.plainSize(&sealed)), u.clear(), &sealed)
}

func (av1) keyID(frame []byte) (KeyID, error) {
	for len(frame) > 0 {
		u, rest, err := cutOBU(frame)
		if err != nil {
			return 0, err
		}
		switch u.fate() {
		case closed:
			h, _, err := ParseHeader(u.payload)
			if err != nil {
				return 0, err
			}
			return h.keyID()
		case refuse:
			return 0, fmt.Errorf("OBU %#02x: %w", u.head[0], ErrUnit)
		case leave, pass:
		}
		frame = rest
	}
	return 0, ErrEmpty
}
