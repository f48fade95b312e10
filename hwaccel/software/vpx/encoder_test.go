package vpx_test

import (
	"errors"
	"fmt"
	"log/slog"
	"testing"

	"go.uber.org/goleak"

	"legroom/hwaccel"
	"legroom/hwaccel/conformance"
	"legroom/hwaccel/ffmpeg"
	"legroom/hwaccel/software/vpx"
	"legroom/media"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// inline makes the calls of a decoder where they are asked for.
type inline struct{}

func (inline) Do(f func() error) error { return f() }
func (inline) Close(free func())       { free() }

func config(codec media.CodecName, layers int) vpx.Config {
	return vpx.Config{
		EncoderConfig: hwaccel.EncoderConfig{
			Codec: media.Codec{Name: codec}, Width: 640, Height: 360, FrameRate: 30, Bitrate: 1_000_000,
		},
		TemporalLayers: layers,
	}
}

func open(t *testing.T, c vpx.Config) *vpx.Encoder {
	t.Helper()
	e, err := vpx.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	return e
}

func decoder(t *testing.T) hwaccel.Decoder {
	t.Helper()
	ffmpeg.LogTo(slog.New(slog.DiscardHandler))
	dec, err := ffmpeg.OpenDecoder(ffmpeg.DecoderSetup{
		Device: "test", Name: "vp8", Calls: inline{},
		Config: hwaccel.DecoderConfig{Codec: media.Codec{Name: media.VP8}, MaxWidth: 640, MaxHeight: 360},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = dec.Close() })
	return dec
}

// TestLayersCanBeLeftOut drops the upper temporal layers before the decoder, which must not miss them: what it shows is
// what a decoder that gets everything shows, to the last bit.
func TestLayersCanBeLeftOut(t *testing.T) {
	const pictures = 61
	for _, c := range []struct{ layers, upTo, kept int }{{1, 0, 61}, {2, 1, 61}, {2, 0, 31}, {3, 2, 61}, {3, 1, 31}, {3, 0, 16}} {
		t.Run(fmt.Sprintf("%d layers up to %d", c.layers, c.upTo), func(t *testing.T) {
			e, all, some := open(t, config(media.VP8, c.layers)), decoder(t), decoder(t)
			camera := conformance.NewCamera(640, 360, 1)
			seen, kept, least := 0, 0, 99.0
			for n := range pictures {
				p := camera.Look()
				data, key, err := e.Encode(p, int64(n+1)*3000, n == 40)
				if err != nil || key != (n == 0 || n == 40) {
					t.Fatalf("picture %d: key frame %v, %v", n, key, err)
				}
				f := &media.Frame{Data: data, Timestamp: p.Timestamp}
				var whole *media.Picture
				look := media.SinkFunc[*media.Picture](func(got *media.Picture) error { whole = got; return nil })
				if err := all.Decode(f, look); err != nil || whole == nil {
					t.Fatalf("picture %d: %v", n, err)
				}
				least = min(least, hwaccel.PSNR(whole, p))
				if e.Layer() > c.upTo {
					continue
				}
				kept++
				same := media.SinkFunc[*media.Picture](func(got *media.Picture) error {
					seen++
					if db := hwaccel.PSNR(got, whole); db < 200 {
						t.Errorf("picture %d is another without the upper layers: %.1f dB", n, db)
					}
					return nil
				})
				if err := some.Decode(f, same); err != nil {
					t.Fatal(err)
				}
			}
			t.Logf("%d of %d pictures kept, the worst is %.1f dB like the original", kept, pictures, least)
			if kept != c.kept || seen != kept || least < 30 {
				t.Errorf("%d pictures kept, want %d; %d came back, the worst %.1f dB", kept, c.kept, seen, least)
			}
		})
	}
}

func TestLayersShareTheBitrate(t *testing.T) {
	for layers := 1; layers <= 3; layers++ {
		e, camera := open(t, config(media.VP8, layers)), conformance.NewCamera(640, 360, 1)
		bits := 0
		for n := range 180 {
			if n == 60 {
				if err := e.SetBitrate(400_000); err != nil {
					t.Fatal(err)
				}
			}
			data, key, err := e.Encode(camera.Look(), int64(n+1)*3000, false)
			if err != nil || key != (n == 0) {
				t.Fatalf("picture %d: key frame %v, %v", n, key, err)
			}
			if n >= 90 {
				bits += 8 * len(data)
			}
		}
		t.Logf("%d layers: %d bit/s", layers, bits/3)
		if rate := bits / 3; rate < 300_000 || rate > 500_000 {
			t.Errorf("%d layers: %d bit/s, asked for 400000", layers, rate)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	for name, c := range map[string]func(*vpx.Config){
		"an odd size":     func(c *vpx.Config) { c.Height = 361 },
		"another codec":   func(c *vpx.Config) { c.Codec.Name = media.H264 },
		"too many layers": func(c *vpx.Config) { c.TemporalLayers = 4 },
		"layers of VP9":   func(c *vpx.Config) { c.Codec.Name, c.TemporalLayers = media.VP9, 2 },
		"a bound of NAL":  func(c *vpx.Config) { c.MaxNAL = 1200 },
		"too wide":        func(c *vpx.Config) { c.Width = 1 << 20 },
	} {
		bent := config(media.VP8, 1)
		c(&bent)
		if _, err := vpx.Open(bent); !errors.Is(err, hwaccel.ErrUnsupported) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestAnyBitrateIsTaken(t *testing.T) {
	for _, codec := range []media.CodecName{media.VP8, media.VP9} {
		e, p := open(t, config(codec, 1)), hwaccel.Pattern(640, 360, 0)
		for n, rate := range []int{1, 1 << 40, 1_000_000} {
			if err := e.SetBitrate(rate); err != nil {
				t.Errorf("%s at %d bit/s: %v", codec, rate, err)
			}
			if _, key, err := e.Encode(p, int64(n+1)*3000, false); err != nil || key != (n == 0) {
				t.Errorf("%s at %d bit/s: key frame %v, %v", codec, rate, key, err)
			}
		}
	}
}

func TestCloseTwice(t *testing.T) {
	e := open(t, config(media.VP8, 1))
	e.Close()
	e.Close()
	if _, _, err := e.Encode(hwaccel.Pattern(640, 360, 0), 0, false); !errors.Is(err, hwaccel.ErrClosed) {
		t.Errorf("Encode: %v", err)
	}
	if err := e.SetBitrate(1000); !errors.Is(err, hwaccel.ErrClosed) {
		t.Errorf("SetBitrate: %v", err)
	}
}
