package payload

// Types of NAL units. Source: ITU-T H.264 table 7-1, RFC 6184 section 5.2.
const (
	nalSlice = 1
	nalIDR   = 5
	nalSEI   = 6
	nalSPS   = 7
	nalPPS   = 8
	nalAUD   = 9
	nalSTAPA = 24
	nalFUA   = 28

	nalType = 0x1f
	nalRef  = 0x60
	fuStart = 0x80
	fuEnd   = 0x40
)

// h264Keyframe looks for an IDR slice or a sequence parameter set that begins in this payload.
func h264Keyframe(p []byte) bool {
	found := false
	nalTypes(p, func(t byte) { found = found || t == nalIDR || t == nalSPS })
	return found
}

// h264Start tells whether the payload is not the continuation of a NAL unit.
func h264Start(p []byte) bool {
	if len(p) < 2 {
		return false
	}
	return p[0]&nalType != nalFUA || p[1]&fuStart != 0
}

// nalTypes calls found with the type of every NAL unit that begins in the payload.
func nalTypes(p []byte, found func(byte)) {
	if len(p) < 2 {
		return
	}
	switch t := p[0] & nalType; {
	case t > 0 && t < nalSTAPA:
		found(t)
	case t == nalSTAPA:
		for rest := p[1:]; ; {
			nal, next, ok := cutSTAP(rest)
			if !ok {
				return
			}
			found(nal[0] & nalType)
			rest = next
		}
	case t == nalFUA && p[1]&fuStart != 0:
		found(p[1] & nalType)
	}
}

// firstUnit is what there is of the NAL unit that begins first in the payload, from its header on; of a fragment that is
// the header and one byte. Nil when none begins.
func firstUnit(p []byte) []byte {
	if len(p) < 3 {
		return nil
	}
	switch t := p[0] & nalType; {
	case t > 0 && t < nalSTAPA:
		return p
	case t == nalSTAPA:
		unit, _, _ := cutSTAP(p[1:])
		return unit
	case t == nalFUA && p[1]&fuStart != 0:
		// The header is where the payload has that of the fragment.
		return p[1:3]
	default:
		return nil
	}
}

// cutSTAP takes the next NAL unit from the inside of a STAP-A: RFC 6184 section 5.7.1.
func cutSTAP(p []byte) (nal, rest []byte, ok bool) {
	if len(p) < 3 {
		return nil, nil, false
	}
	n := int(p[0])<<8 | int(p[1])
	if n == 0 || len(p) < 2+n {
		return nil, nil, false
	}
	return p[2 : 2+n], p[2+n:], true
}

// cutAnnexB takes the next NAL unit from a byte stream with start codes of 3 or 4 bytes: ITU-T H.264 annex B.
func cutAnnexB(b []byte) (nal, rest []byte) {
	at := startCode(b, 0)
	if at < 0 {
		return nil, nil
	}
	from := at + 3
	to := startCode(b, from)
	if to < 0 {
		return trimZeros(b[from:]), nil
	}
	return trimZeros(b[from:to]), b[to:]
}

func startCode(b []byte, from int) int {
	for i := from; i+2 < len(b); i++ {
		if b[i+2] > 1 {
			i += 2
			continue
		}
		if b[i] == 0 && b[i+1] == 0 && b[i+2] == 1 {
			return i
		}
	}
	return -1
}

// trimZeros takes off the zeros that belong to the next start code or pad the stream.
func trimZeros(nal []byte) []byte {
	for len(nal) > 0 && nal[len(nal)-1] == 0 {
		nal = nal[:len(nal)-1]
	}
	return nal
}
