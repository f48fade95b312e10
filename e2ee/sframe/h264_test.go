package sframe

import (
	"bytes"
	"slices"
	"testing"

	"legroom/media"
)

// The key id is read from the end of a slice alone, wherever the end is cut out of runs of zeros and escapes.
func TestKeyIDOfALongSlice(t *testing.T) {
	id := browser(t, 4, 0, 256) // ends in two zeros
	header := Header{KeyID: uint64(id), Counter: 0x01000003}.Append(nil)
	for _, pattern := range []string{"000000", "000001", "000003", "0000000004", "03", "00ff"} {
		for n := range 40 {
			body := slices.Concat(bytes.Repeat(unhex(t, pattern), 12), bytes.Repeat([]byte{0xaa}, n), unhex(t, pattern), header)
			nal := escape([]byte{0x41, 0x9a}, 0, append(body, trailerMark|byte(len(header))))
			got, err := ReadKeyID(media.H264, Video, stream4(h264SPS, h264SEI, nal))
			if err != nil || got != id {
				t.Fatalf("%s, %d bytes between: %v, %v", pattern, n, got, err)
			}
		}
	}
}

func TestWhereASliceIsCut(t *testing.T) {
	for _, c := range []struct {
		name, nal string
		clear     int
	}{
		{"all codes of one bit", "41e0ff", 2},
		{"slice type 5", "419aff", 2},
		{"slice type 7", "658884ff", 3},
		{"PPS 1", "41d0ff", 2},
		{"first macroblock 8159", "41000ff0e0ff", 5},
		{"escape inside", "410000030100000303ffff", 10},
		{"zero at the end", "41c04000ff", 4},
		{"PPS 255", "41c02000ff", 4},
		{"zero at the end, and an escape behind it", "41c040000003ff", 4},
	} {
		clear, rest, zeros, err := cutSlice(unhex(t, c.nal))
		if err != nil || len(clear) != c.clear || len(rest) == 0 || zeros != trailingZeros(clear) {
			t.Errorf("%s: %x | %x, %d zeros, %v", c.name, clear, rest, zeros, err)
		}
	}
	for name, nal := range map[string]string{
		"nothing": "41", "cut": "4188", "nothing behind": "41e0", "32 zeros": "4100000300008000000300000fffff",
		"PPS 256": "41c02020ff", "slice type 10": "418b80ff", "zeros": "41000003000003000003",
	} {
		if clear, _, _, err := cutSlice(unhex(t, nal)); err == nil {
			t.Errorf("%s: cut at %d", name, len(clear))
		}
	}
}
