package sframe

import (
	"math/rand/v2"
	"slices"
	"testing"

	"legroom/media"
)

// loads are what runs through the hot paths.
var loads = []struct {
	name  string
	codec media.CodecName
	kind  Kind
	frame []byte
}{
	{"opus 120 B", media.Opus, Audio, run(120, 0)},
	{"VP8 5 kB", media.VP8, Video, slices.Concat(vp8KeyFrame, noise(5000))},
	{"H264 5 kB", media.H264, Video, slices.Concat(stream4(h264SPS, h264PPS, h264IDR), noise(5000))},
	{"AV1 5 kB", media.AV1, Video, slices.Concat(av1TD, av1Sequence, []byte{obuFrame<<3 | obuHasSize, 0x88, 0x27}, noise(5000))},
}

// noise without zeros, so that it holds no start code.
func noise(n int) []byte {
	r := rand.New(rand.NewPCG(1, 2))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(1 + r.IntN(255))
	}
	return b
}

// rules in the order of their numbers.
var rules = []string{"none", "check", "skip"}

func TestFramesMakeNoMemory(t *testing.T) {
	for _, l := range loads {
		for _, rule := range rules {
			t.Run(l.name+", tag "+rule, func(t *testing.T) {
				keys := keysOf(l.codec, l.kind, "check", browser(t, 0, 3, 257))
				if rule == "none" {
					keys.Tag, keys.TagKey = rule, nil
				}
				s := keys.sealer(t, 1000)
				keys.Tag = rule
				o := keys.opener(t)
				sealed, opened := make([]byte, 0, 16<<10), make([]byte, 0, 16<<10)
				step := func() {
					f, err := s.Seal(sealed, l.codec, l.frame)
					if err != nil {
						t.Fatal(err)
					}
					if id, err := ReadKeyID(l.codec, l.kind, f); err != nil || id != keys.KeyID {
						t.Fatal(id, err)
					}
					if _, err := o.Open(opened, l.codec, f); err != nil {
						t.Fatal(err)
					}
				}
				// Buffers grow to what the longest frame needs; escaping makes it vary.
				for range 50 {
					step()
				}
				if n := testing.AllocsPerRun(200, step); n != 0 {
					t.Errorf("%v allocations a frame", n)
				}
			})
		}
	}
}

func BenchmarkSeal(b *testing.B) {
	for _, l := range loads {
		for _, rule := range []string{"none", "check"} {
			b.Run(l.name+", tag "+rule, func(b *testing.B) {
				s := keysOf(l.codec, l.kind, rule, browser(b, 0, 3, 257)).sealer(b, 1000)
				dst := make([]byte, 0, 16<<10)
				b.SetBytes(int64(len(l.frame)))
				b.ReportAllocs()
				for b.Loop() {
					if _, err := s.Seal(dst, l.codec, l.frame); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	for _, l := range loads {
		for _, rule := range rules {
			b.Run(l.name+", tag "+rule, func(b *testing.B) {
				keys := keysOf(l.codec, l.kind, rule, browser(b, 0, 3, 257))
				from := keys
				if rule == "skip" {
					from = keysOf(l.codec, l.kind, "check", keys.KeyID)
				}
				frame, err := from.sealer(b, 1000).Seal(nil, l.codec, l.frame)
				if err != nil {
					b.Fatal(err)
				}
				o := keys.opener(b)
				o.window.take(999)
				fresh := o.window
				dst := make([]byte, 0, 16<<10)
				b.SetBytes(int64(len(l.frame)))
				b.ReportAllocs()
				for b.Loop() {
					o.window = fresh
					if _, err := o.Open(dst, l.codec, frame); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func BenchmarkReadKeyID(b *testing.B) {
	for _, l := range loads {
		b.Run(l.name, func(b *testing.B) {
			frame, err := keysOf(l.codec, l.kind, "none", browser(b, 0, 3, 257)).sealer(b, 1000).Seal(nil, l.codec, l.frame)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := ReadKeyID(l.codec, l.kind, frame); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkNewOpener(b *testing.B) {
	c := keysOf(media.Opus, Audio, "check", browser(b, 0, 3, 257)).config()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := NewOpener(c); err != nil {
			b.Fatal(err)
		}
	}
}
