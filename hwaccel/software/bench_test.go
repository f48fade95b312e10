package software

import (
	"fmt"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/asticode/go-astiav"

	"legroom/hwaccel"
	"legroom/hwaccel/conformance"
	"legroom/hwaccel/ffmpeg"
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
	return encoderOf(b, d, encoderConfig(codec, z))
}

// wrapper is FFmpeg's way to the same library, to compare with.
func wrapper(b *testing.B, c hwaccel.EncoderConfig) hwaccel.Encoder {
	b.Helper()
	steady := func(cc *astiav.CodecContext, c hwaccel.EncoderConfig) {
		cc.SetRateControlMaxRate(int64(c.Bitrate))
		cc.SetRateControlMinRate(int64(c.Bitrate))
		cc.SetRateControlBufferSize(c.Bitrate / 2)
		cc.SetGopSize(endless)
	}
	options := func(o ffmpeg.Options) func(hwaccel.EncoderConfig) ffmpeg.Options {
		return func(hwaccel.EncoderConfig) ffmpeg.Options { return o }
	}
	recipe := map[media.CodecName]ffmpeg.Recipe{
		media.H264: {
			Name: "libopenh264",
			Prepare: func(cc *astiav.CodecContext, _ hwaccel.EncoderConfig) {
				cc.SetProfile(astiav.ProfileH264ConstrainedBaseline)
				cc.SetGopSize(0)
			},
			Options: options(ffmpeg.Options{"rc_mode": "bitrate", "allow_skip_frames": "0"}),
		},
		media.VP8: {Name: "libvpx", Prepare: steady, Options: options(ffmpeg.Options{
			"deadline": "realtime", "cpu-used": "-6", "lag-in-frames": "0", "auto-alt-ref": "0",
		})},
		media.VP9: {Name: "libvpx-vp9", Prepare: steady, Options: options(ffmpeg.Options{
			"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0", "auto-alt-ref": "0",
		})},
	}[c.Codec.Name]
	e, err := ffmpeg.OpenEncoder(ffmpeg.EncoderSetup{Device: "FFmpeg", Recipe: recipe, Config: c, Calls: make(slots, 1)})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = e.Close() })
	return e
}

// BenchmarkEncode takes what a camera sees, by the libraries as they are bound here and by FFmpeg's wrappers of them.
func BenchmarkEncode(b *testing.B) {
	d := benchDevice(b)
	for _, codec := range []media.CodecName{media.H264, media.VP8, media.VP9} {
		for _, z := range benchSizes() {
			c, pictures := encoderConfig(codec, z), benchCamera(z)
			for _, way := range []struct {
				name string
				open func() hwaccel.Encoder
			}{
				{"bound", func() hwaccel.Encoder { return encoderOf(b, d, c) }},
				{"FFmpeg", func() hwaccel.Encoder { return wrapper(b, c) }},
			} {
				b.Run(fmt.Sprintf("%s/%s/%s", codec, z.name, way.name), func(b *testing.B) {
					benchEncode(b, way.open(), pictures)
					if z.name == "720p" {
						db, _ := quality(b, way.open(), decoderFor(b, d, c), c)
						b.ReportMetric(db, "dB")
					}
				})
			}
		}
	}
}

func benchCamera(z benchSize) []*media.Picture {
	camera := conformance.NewCamera(z.width, z.height, 1)
	var all []*media.Picture
	for range benchPictures {
		all = append(all, copyOf(camera.Look()))
	}
	return all
}

// benchEncode measures processor time too, as the clock on the wall also counts what others do on the machine.
func benchEncode(b *testing.B, e hwaccel.Encoder, pictures []*media.Picture) {
	var none media.Sink[*media.Frame] = media.SinkFunc[*media.Frame](func(*media.Frame) error { return nil })
	b.ReportAllocs()
	n := 0
	var before time.Duration
	for b.Loop() {
		if n == benchPictures {
			before = spent(b) // the key frame and what settles after it do not count
		}
		p := pictures[n%benchPictures]
		p.Timestamp = uint32(n) * 3000
		n++
		if err := e.Encode(p, none); err != nil {
			b.Fatal(err)
		}
	}
	if n > benchPictures {
		b.ReportMetric(float64((spent(b)-before).Microseconds())/1000/float64(n-benchPictures), "cpu-ms/op")
	}
}

// spent is the processor time of the program.
func spent(b *testing.B) time.Duration {
	b.Helper()
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		b.Fatal(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
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
