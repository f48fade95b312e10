package selftest

import (
	"fmt"
	"math"

	"legroom/gateway/api"
	"legroom/media"
)

const (
	// looked at behind the header of each payload of sound, or before the end of a picture, bytes.
	lookAt = 4
	// dice is how many payloads are needed to tell bytes from thrown dice.
	dice = 100
	// loaded is the sum of squares above which dice of 16 sides are loaded: 15 is what fair ones give, and one throw in ten
	// million gives more than this.
	loaded = 65
)

// noise tells ciphertext from a codec's own bytes. All bytes of ciphertext are alike; those of plain sound are nearly so
// further in, and in front they are not: there a codec says again and again the same of its frames.
func noise(s api.TapStream, _ Decoders) trial {
	bits, of := entropy(s.Samples)
	note := fmt.Sprintf("%.2f bits in a byte, random bytes as many have %.2f", bits, of)
	if of-bits > 0.5 {
		return trial{fmt.Sprintf("NOT NOISE: %.2f bits in a byte, random bytes as many have %.2f", bits, of), true}
	}
	if len(s.Heads) < dice {
		return trial{note: note}
	}
	for at := range lookAt {
		if x := fairness(s, at); x > loaded {
			return trial{fmt.Sprintf("NOT NOISE: byte %d behind the header is loaded (%.0f, at most %d)", at, x, loaded), true}
		}
	}
	return trial{note: note + fmt.Sprintf("; the first %d bytes are fair dice over %d payloads", lookAt, len(s.Heads))}
}

// entropy of what is sealed in whole payloads, bits a byte, and that of as many random bytes (to first order, Miller 1955).
func entropy(samples [][]byte) (bits, random float64) {
	var counts [256]float64
	total := 0.0
	for _, b := range samples {
		for _, x := range b {
			counts[x]++
			total++
		}
	}
	if total == 0 {
		return 0, 0
	}
	for _, n := range counts {
		if n > 0 {
			bits -= n / total * math.Log2(n/total)
		}
	}
	return bits, max(0, 8-255/(2*total*math.Ln2))
}

// fairness is the sum of squares of the upper half of one sealed byte over all payloads: 15 for fair dice.
func fairness(s api.TapStream, at int) float64 {
	var counts [16]float64
	total := 0.0
	for _, h := range s.Heads {
		if b := sealedBytes(s.Codec, h); at < len(b) {
			counts[b[at]>>4]++
			total++
		}
	}
	want, x := total/16, 0.0
	for _, n := range counts {
		x += (n - want) * (n - want) / want
	}
	return x
}

// sealedBytes are what is known of the ciphertext of a payload: behind the header of sound, behind the bytes of a picture
// that are clear.
func sealedBytes(codec string, h api.TapHead) []byte {
	clear := 1
	switch {
	case len(h.First) == 0:
		return nil
	case codec == string(media.Opus):
		clear = headerLength(h.First[0])
	case h.First[0]&1 == 0:
		clear = 10 // of a key frame of VP8
	}
	return h.First[min(clear, len(h.First)):]
}

// headerLength is how many bytes a header that begins with b has. Source: RFC 9605 section 4.3.
func headerLength(b byte) int {
	n := 1
	if b&0x80 != 0 {
		n += int(b>>4&7) + 1
	}
	if b&0x08 != 0 {
		n += int(b&7) + 1
	}
	return n
}
