package peer

// hasSPS looks for a sequence parameter set in a single NAL unit, a STAP-A or the start of an FU-A (RFC 6184 section
// 5.2). A decoder can begin there: SPS stands before PPS and IDR slices of the same access unit. It cannot begin with an
// IDR slice whose SPS it never saw, so payload.IsKeyframe would be too generous here.
func hasSPS(p []byte) bool {
	const sps, stapA, fuA = 7, 24, 28
	if len(p) < 2 {
		return false
	}
	switch p[0] & 0x1f {
	case sps:
		return true
	case fuA:
		return p[1]&0x80 != 0 && p[1]&0x1f == sps
	case stapA:
		for p = p[1:]; len(p) > 2; {
			size := int(p[0])<<8 | int(p[1])
			if p[2]&0x1f == sps {
				return true
			}
			if size+2 > len(p) {
				return false
			}
			p = p[size+2:]
		}
	}
	return false
}
