package transcode_test

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"legroom/hwaccel"
	"legroom/media"
	"legroom/transcode"
)

// spent is the processor time of this process.
func spent(b testing.TB) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// bare is the sum of the codecs: decode, scale, encode, one call behind the other.
type bare struct {
	dec    hwaccel.Decoder
	scaler hwaccel.Scaler
	enc    hwaccel.Encoder
	scale  media.Sink[*media.Picture]
}

func newBare(b *testing.B, on *hwaccel.Fallback, from, to media.Codec, width, height int) *bare {
	b.Helper()
	dec, err := on.OpenDecoder(hwaccel.DecoderConfig{Codec: from, MaxWidth: 1280, MaxHeight: 720}, 30)
	if err != nil {
		b.Fatal(err)
	}
	scaler, err := on.OpenScaler(hwaccel.ScalerConfig{Width: width, Height: height}, 1280, 720, 30)
	if err != nil {
		b.Fatal(err)
	}
	enc, err := on.OpenEncoder(hwaccel.EncoderConfig{Codec: to, Width: width, Height: height, FrameRate: 30, Bitrate: 600_000})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _, _, _ = dec.Close(), scaler.Close(), enc.Close() })
	nothing := media.SinkFunc[*media.Frame](func(*media.Frame) error { return nil })
	encode := media.SinkFunc[*media.Picture](func(p *media.Picture) error { return enc.Encode(p, nothing) })
	return &bare{dec: dec, scaler: scaler, enc: enc, scale: media.SinkFunc[*media.Picture](func(p *media.Picture) error {
		return scaler.Scale(p, encode)
	})}
}

// whole puts packets together that came in order and complete.
func whole(b *testing.B, codec media.Codec, width, height, pictures int, on *hwaccel.Fallback) (packets [][]*media.Packet, frames []*media.Frame) {
	b.Helper()
	e, err := on.OpenEncoder(hwaccel.EncoderConfig{Codec: codec, Width: width, Height: height, FrameRate: 30, Bitrate: 1_500_000})
	if err != nil {
		b.Fatal(err)
	}
	defer e.Close()
	keep := media.SinkFunc[*media.Frame](func(f *media.Frame) error { frames = append(frames, f.Clone()); return nil })
	for n := range pictures {
		if err := e.Encode(hwaccel.Pattern(width, height, n), keep); err != nil {
			b.Fatal(err)
		}
	}
	for _, f := range frames {
		packets = append(packets, nil)
		cut := packetizer(codec, media.SinkFunc[*media.Packet](func(p *media.Packet) error {
			packets[len(packets)-1] = append(packets[len(packets)-1], p.Clone())
			return nil
		}))
		if err := cut.Write(f); err != nil {
			b.Fatal(err)
		}
	}
	return packets, frames
}

// BenchmarkTranscode is a second of 720p30 brought to 360p by the stages, one picture at a time, beside the bare codecs
// on the same pictures in the same run. The metrics are processor time: what else runs on the machine does not count.
func BenchmarkTranscode(b *testing.B) {
	on := onProcessor(b)
	for name, to := range map[string]media.Codec{"H264": h264(1), "VP8": vp8()} {
		b.Run(fmt.Sprintf("720p H264 to 360p %s", name), func(b *testing.B) {
			packets, frames := whole(b, h264(1), 1280, 720, 30, on)
			floor := newBare(b, on, h264(1), to, 640, 360)
			done := make(chan struct{}, 1)
			cfg := encoding(to, on, 640, 360)
			cfg.Bitrate, cfg.SourceWidth, cfg.SourceHeight = 600_000, 1280, 720
			e := encodeVideo(b, cfg, media.SinkFunc[*media.Packet](func(p *media.Packet) error {
				if p.Marker {
					done <- struct{}{}
				}
				return nil
			}))
			d := decodeVideo(b, transcode.DecodeVideoConfig{Codec: h264(1), Devices: on, MaxWidth: 1280, MaxHeight: 720}, e)
			starts(b, e)
			starts(b, d)
			var stages, codecs time.Duration
			in, pictures := &feed{to: d}, 0
			b.ReportAllocs()
			for b.Loop() {
				// In turns of a second, so that both have the same machine.
				began := spent(b)
				for _, f := range frames {
					if err := floor.dec.Decode(f, floor.scale); err != nil {
						b.Fatal(err)
					}
				}
				middle := spent(b)
				for _, p := range packets {
					in.send(p)
					<-done
				}
				codecs, stages = codecs+middle-began, stages+spent(b)-middle
				pictures += len(frames)
			}
			b.ReportMetric(float64(codecs.Microseconds())/float64(pictures), "bare-µs/picture")
			b.ReportMetric(float64(stages.Microseconds())/float64(pictures), "stages-µs/picture")
			b.ReportMetric(float64(stages)/float64(codecs), "ratio")
			if s := d.Stats(); s.Failed+s.Held+s.Dropped > 0 {
				b.Errorf("%+v", s)
			}
		})
	}
}
