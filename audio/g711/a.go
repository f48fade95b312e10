package g711

import "math/bits"

// aInvert is the pattern of even bits that the law flips on the line, with the sign bit.
const aInvert = 0xd5

var aDecode = func() (t [256]int16) {
	for i := range t {
		c := byte(i) ^ aInvert
		m := int(c&0x0f)<<1 + 1
		if seg := c >> 4 & 7; seg > 0 {
			m = (m + 32) << (seg - 1)
		}
		v := m << 3
		if c&0x80 != 0 {
			v = -v
		}
		t[i] = int16(v)
	}
	return t
}()

// EncodeA appends the A-law codes of src to dst: one byte a sample.
// Source: ITU-T G.711 table 1a/1b, on the upper 13 bits of each sample.
func EncodeA(dst []byte, src []int16) []byte {
	for _, s := range src {
		dst = append(dst, aLaw(s))
	}
	return dst
}

// DecodeA appends the samples of the A-law codes in src to dst: one sample a byte, full scale is 32256. The law has no
// zero: its quietest codes are +8 and -8.
func DecodeA(dst []int16, src []byte) []int16 {
	for _, c := range src {
		dst = append(dst, aDecode[c])
	}
	return dst
}

func aLaw(s int16) byte {
	v := int(s) >> 3
	var sign byte
	if v < 0 {
		v, sign = ^v, 0x80
	}
	seg := max(bits.Len(uint(v))-5, 0)
	return (sign | byte(seg)<<4 | byte(v>>max(seg, 1))&0x0f) ^ aInvert
}
