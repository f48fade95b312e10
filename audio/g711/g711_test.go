package g711

import (
	"math"
	"testing"

	"legroom/audio"
	"legroom/media/mediatest"
)

func TestKnownCodes(t *testing.T) {
	for _, c := range []struct {
		name   string
		sample int16
		mu, a  byte
	}{
		{"silence", 0, 0xff, 0xd5},
		{"just below zero", -1, 0x7f, 0x55},
		{"full scale", 32767, 0x80, 0xaa},
		{"negative full scale", -32768, 0x00, 0x2a},
		{"1000", 1000, 0xce, 0xfa},
		{"-1000", -1000, 0x4e, 0x7a},
		{"segment border of mu-law", 31 << 2, 0xef, 0xd2},
		{"top of the first A-law segments", 511, 0xdb, 0xca},
		{"next A-law segment", 512, 0xdb, 0xf5},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := EncodeMu(nil, []int16{c.sample})[0]; got != c.mu {
				t.Errorf("mu-law %#02x, want %#02x", got, c.mu)
			}
			if got := EncodeA(nil, []int16{c.sample})[0]; got != c.a {
				t.Errorf("A-law %#02x, want %#02x", got, c.a)
			}
		})
	}
}

func TestDecodedCodesEncodeToThemselves(t *testing.T) {
	for c := range 256 {
		code := byte(c)
		if got := EncodeMu(nil, DecodeMu(nil, []byte{code}))[0]; got != code && code != 0x7f {
			t.Errorf("mu-law %#02x came back as %#02x", code, got)
		}
		if got := EncodeA(nil, DecodeA(nil, []byte{code}))[0]; got != code {
			t.Errorf("A-law %#02x came back as %#02x", code, got)
		}
	}
}

// The law's own error bound: half a step of the segment, a 16 bit sample being cut to 14 or 13 bits before.
func TestEverySampleIsWithinHalfAStep(t *testing.T) {
	for s := math.MinInt16; s <= math.MaxInt16; s++ {
		in := []int16{int16(s)}
		for name, out := range map[string]int16{
			"mu": DecodeMu(nil, EncodeMu(nil, in))[0], "a": DecodeA(nil, EncodeA(nil, in))[0],
		} {
			mag := max(s, -s)
			step := 16.0
			for seg := 512; seg <= mag+132; seg *= 2 {
				step *= 2
			}
			if diff := math.Abs(float64(s) - float64(out)); diff > step/2+4 && mag < 32200 {
				t.Fatalf("%s: %d came back as %d", name, s, out)
			}
		}
	}
}

func TestToneKeepsItsQuality(t *testing.T) {
	tone := mediatest.Samples(mediatest.NewTone(Rate, 1004, 0.5), Rate)
	for name, law := range map[string]Law{"mu": Mu, "a": A} {
		payload, err := NewEncoder(law).Encode(nil, tone)
		if err != nil {
			t.Fatal(err)
		}
		back, err := NewDecoder(law).Decode(nil, payload)
		if err != nil {
			t.Fatal(err)
		}
		if snr := mediatest.SNR(tone, back); snr < 36 {
			t.Errorf("%s: SNR %.1f dB, want 36", name, snr)
		}
	}
}

func TestNoMemoryPerPacket(t *testing.T) {
	pcm := make([]int16, 0, 160)
	payload := make([]byte, 0, 160)
	var enc audio.Encoder = NewEncoder(A)
	var dec audio.Decoder = NewDecoder(A)
	tone := mediatest.Samples(mediatest.NewTone(Rate, 400, 0.5), 160)
	n := testing.AllocsPerRun(100, func() {
		out, _ := enc.Encode(payload[:0], tone)
		_, _ = dec.Decode(pcm[:0], out)
		_, _ = dec.DecodeFEC(pcm[:0], out)
	})
	if n != 0 {
		t.Fatalf("%v allocations a packet", n)
	}
}

func BenchmarkEncodeMu20ms(b *testing.B) { benchmarkEncode(b, EncodeMu) }
func BenchmarkEncodeA20ms(b *testing.B)  { benchmarkEncode(b, EncodeA) }

func benchmarkEncode(b *testing.B, encode func([]byte, []int16) []byte) {
	tone := mediatest.Samples(mediatest.NewTone(Rate, 400, 0.5), 160)
	out := make([]byte, 0, 160)
	b.ReportAllocs()
	for b.Loop() {
		out = encode(out[:0], tone)
	}
}

func BenchmarkDecode20ms(b *testing.B) {
	dec, payload := NewDecoder(Mu), make([]byte, 160)
	out := make([]int16, 0, 160)
	b.ReportAllocs()
	for b.Loop() {
		out, _ = dec.Decode(out[:0], payload)
	}
}
