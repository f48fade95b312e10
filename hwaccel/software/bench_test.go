package software

import (
	"fmt"
	"slices"
	"testing"

	"legroom/hwaccel"
	"legroom/media"
)

// benchPictures go round: enough that motion search has something to find, few enough to stay in memory.
const benchPictures = 30

type benchSize struct {
	name                   string
	width, height, bitrate int
}

func benchSizes() []benchSize {
	return []benchSize{{"360p", 640, 360, 600_000}, {"720p", 1280, 720, 1_500_000}, {"1080p", 1920, 1080, 3_000_000}}
}

func benchPattern(z benchSize) []*media.Picture {
	var all []*media.Picture
	for n := range benchPictures {
		all = append(all, hwaccel.Pattern(z.width, z.height, n))
	}
	return all
}

func benchDevice(b *testing.B) *Device {
	b.Helper()
	d, err := New(b.Context(), DefaultConfig())
	if err != nil {
		b.Fatal(err)
	}
	return d
}

func benchEncoder(b *testing.B, d *Device, codec media.CodecName, z benchSize) hwaccel.Encoder {
	b.Helper()
	e, err := d.OpenEncoder(hwaccel.EncoderConfig{
		Codec: media.Codec{Name: codec}, Width: z.width, Height: z.height, FrameRate: 30, Bitrate: z.bitrate,
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = e.Close() })
	return e
}

func BenchmarkEncode(b *testing.B) {
	d := benchDevice(b)
	for _, able := range d.Capabilities().Encode {
		codec := able.Codec
		for _, z := range benchSizes() {
			b.Run(fmt.Sprintf("%s/%s", codec, z.name), func(b *testing.B) {
				e, pictures := benchEncoder(b, d, codec, z), benchPattern(z)
				var none media.Sink[*media.Frame] = media.SinkFunc[*media.Frame](func(*media.Frame) error { return nil })
				b.ReportAllocs()
				n := 0
				for b.Loop() {
					p := pictures[n%benchPictures]
					p.Timestamp = uint32(n) * 3000
					n++
					if err := e.Encode(p, none); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	d := benchDevice(b)
	for _, able := range d.Capabilities().Encode {
		codec := able.Codec
		for _, z := range benchSizes() {
			b.Run(fmt.Sprintf("%s/%s", codec, z.name), func(b *testing.B) {
				frames := benchStream(b, benchEncoder(b, d, codec, z), z)
				dec, err := d.OpenDecoder(hwaccel.DecoderConfig{
					Codec: media.Codec{Name: codec}, MaxWidth: z.width, MaxHeight: z.height,
				})
				if err != nil {
					b.Fatal(err)
				}
				defer dec.Close()
				var none media.Sink[*media.Picture] = media.SinkFunc[*media.Picture](func(*media.Picture) error { return nil })
				b.ReportAllocs()
				n := 0
				for b.Loop() {
					if err := dec.Decode(frames[n%len(frames)], none); err != nil {
						b.Fatal(err)
					}
					n++
				}
			})
		}
	}
}

func benchStream(b *testing.B, e hwaccel.Encoder, z benchSize) []*media.Frame {
	b.Helper()
	var frames []*media.Frame
	keep := media.SinkFunc[*media.Frame](func(f *media.Frame) error {
		c := *f
		c.Data = slices.Clone(f.Data)
		frames = append(frames, &c)
		return nil
	})
	for _, p := range benchPattern(z) {
		if err := e.Encode(p, keep); err != nil {
			b.Fatal(err)
		}
	}
	return frames
}

func BenchmarkScale(b *testing.B) {
	d := benchDevice(b)
	sizes := benchSizes()
	for _, c := range [][2]benchSize{{sizes[1], sizes[0]}, {sizes[2], sizes[1]}, {sizes[0], sizes[1]}} {
		b.Run(c[0].name+"-"+c[1].name, func(b *testing.B) {
			s, err := d.OpenScaler(hwaccel.ScalerConfig{Width: c[1].width, Height: c[1].height})
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			var none media.Sink[*media.Picture] = media.SinkFunc[*media.Picture](func(*media.Picture) error { return nil })
			p := hwaccel.Pattern(c[0].width, c[0].height, 0)
			b.ReportAllocs()
			for b.Loop() {
				if err := s.Scale(p, none); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkProbe(b *testing.B) {
	for b.Loop() {
		benchDevice(b)
	}
}
