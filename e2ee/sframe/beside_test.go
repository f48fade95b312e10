package sframe

import (
	"crypto/aes"
	"crypto/cipher"
	"slices"
	"testing"
	"time"

	"legroom/media"
)

// besideLoads are held against the bare cipher. Goals: 1.3 for the sound, 1.1 for what is sealed as it is from 1,200
// bytes on. H.264 has none: a slice is searched for start codes and escaped, which a bare cipher does not do.
var besideLoads = []struct {
	name  string
	codec media.CodecName
	kind  Kind
	frame []byte
}{
	{"opus 120 B", media.Opus, Audio, noise(120)},
	{"opus 1200 B", media.Opus, Audio, noise(1200)},
	{"VP8 1200 B", media.VP8, Video, slices.Concat([]byte{0x31}, noise(1199))},
	{"VP8 5 kB", media.VP8, Video, slices.Concat([]byte{0x31}, noise(4999))},
	{"H264 1200 B", media.H264, Video, slices.Concat(stream4([]byte{0x41, 0x9a}), noise(1194))},
	{"H264 5 kB", media.H264, Video, slices.Concat(stream4([]byte{0x41, 0x9a}), noise(4994))},
}

// bare is AES-128-GCM with nothing around it: a key that is there, one nonce, one header to authenticate.
type bare struct {
	aead  cipher.AEAD
	nonce [nonceSize]byte
	aad   []byte
}

func newBare(tb testing.TB) *bare {
	block, err := aes.NewCipher(run(16, 0))
	if err != nil {
		tb.Fatal(err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		tb.Fatal(err)
	}
	return &bare{aead: aead, aad: run(6, 0)}
}

// turn is how often a thing is done before the other has its turn.
const turn = 50

// beside does two things in turns, so that both meet the same machine in the same moment, and prints what a step of each
// takes and their ratio. Of all turns the tenth-fastest in a hundred counts: other programs make turns longer, never
// shorter, and this is what it takes undisturbed.
func beside(b *testing.B, floor, ours func(i int)) {
	const kept = 4096
	var times [2][kept]time.Duration
	n := 0
	for k := range turn { // buffers grow
		floor(k)
		ours(k)
	}
	b.ReportAllocs()
	for b.Loop() {
		for i, step := range [...]func(int){floor, ours} {
			began := time.Now()
			for k := range turn {
				step(k)
			}
			times[i][n%kept] = time.Since(began)
		}
		n++
	}
	var step [2]float64
	for i := range times {
		t := times[i][:min(n, kept)]
		slices.Sort(t)
		step[i] = float64(t[len(t)/10]) / turn
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(step[0], "bare-ns")
	b.ReportMetric(step[1], "ours-ns")
	b.ReportMetric(step[1]/step[0], "ratio")
}

// BenchmarkSealBeside is sealing a frame beside a copy of it and the bare cipher on that.
func BenchmarkSealBeside(b *testing.B) {
	for _, l := range besideLoads {
		b.Run(l.name, func(b *testing.B) {
			s := keysOf(l.codec, l.kind, "none", browser(b, 0, 3, 257)).sealer(b, 1000)
			c, dst := newBare(b), make([]byte, 0, 16<<10)
			beside(b, func(int) {
				copied := append(dst, l.frame...)
				_ = c.aead.Seal(copied[:0], c.nonce[:], copied, c.aad)
			}, func(int) {
				if _, err := s.Seal(dst, l.codec, l.frame); err != nil {
					b.Fatal(err)
				}
			})
		})
	}
}

// BenchmarkOpenBeside is opening a frame, whose key is first looked up by the key id, beside a copy of it and the bare
// cipher on that.
func BenchmarkOpenBeside(b *testing.B) {
	for _, l := range besideLoads {
		b.Run(l.name, func(b *testing.B) {
			keys := keysOf(l.codec, l.kind, "none", browser(b, 0, 3, 257))
			openers, c, dst := map[KeyID]*Opener{keys.KeyID: keys.opener(b), 1: nil, 2: nil}, newBare(b), make([]byte, 0, 16<<10)
			o, s := openers[keys.KeyID], keys.sealer(b, 1000)
			o.window.take(999)
			fresh := o.window
			var ours, floor [turn][]byte
			for i := range turn {
				var err error
				if ours[i], err = s.Seal(nil, l.codec, l.frame); err != nil {
					b.Fatal(err)
				}
				floor[i] = c.aead.Seal(nil, c.nonce[:], l.frame, c.aad)
			}
			beside(b, func(i int) {
				copied := append(dst, floor[i]...)
				if _, err := c.aead.Open(copied[:0], c.nonce[:], copied, c.aad); err != nil {
					b.Fatal(err)
				}
			}, func(i int) {
				if i == 0 {
					o.window = fresh // the same frames come in each turn
				}
				id, err := ReadKeyID(l.codec, l.kind, ours[i])
				if err != nil {
					b.Fatal(err)
				}
				if _, err := openers[id].Open(dst, l.codec, ours[i]); err != nil {
					b.Fatal(err)
				}
			})
		})
	}
}
