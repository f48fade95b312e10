package g711

import "math/bits"

const (
	muBias = 33   // added before the segment search, in the 14 bit scale of the law
	muClip = 8158 // largest magnitude that has a code
)

var muDecode = func() (t [256]int16) {
	for i := range t {
		c := ^byte(i)
		m := (int(c&0x0f)<<1 + muBias) << (c >> 4 & 7)
		v := (m - muBias) << 2
		if c&0x80 != 0 {
			v = -v
		}
		t[i] = int16(v)
	}
	return t
}()

// EncodeMu appends the mu-law codes of src to dst: one byte a sample.
// Source: ITU-T G.711 table 2a/2b, on the upper 14 bits of each sample.
func EncodeMu(dst []byte, src []int16) []byte {
	for _, s := range src {
		dst = append(dst, mu(s))
	}
	return dst
}

// DecodeMu appends the samples of the mu-law codes in src to dst: one sample a byte, full scale is 32124.
func DecodeMu(dst []int16, src []byte) []int16 {
	for _, c := range src {
		dst = append(dst, muDecode[c])
	}
	return dst
}

func mu(s int16) byte {
	v := int(s) >> 2
	var sign byte
	if v < 0 {
		// One's complement, so that -1 falls on the negative zero like 0 on the positive one.
		v, sign = ^v, 0x80
	}
	v = min(v, muClip) + muBias
	seg := bits.Len(uint(v)) - 6
	return ^(sign | byte(seg)<<4 | byte(v>>(seg+1))&0x0f)
}
