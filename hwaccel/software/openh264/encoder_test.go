package openh264_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"testing"

	"go.uber.org/goleak"

	"legroom/hwaccel"
	"legroom/hwaccel/conformance"
	"legroom/hwaccel/ffmpeg"
	"legroom/hwaccel/software/openh264"
	"legroom/media"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// inline makes the calls of a decoder where they are asked for.
type inline struct{}

func (inline) Do(f func() error) error { return f() }
func (inline) Close(free func())       { free() }

func config(width, height, rate, bitrate int) openh264.Config {
	return openh264.Config{EncoderConfig: hwaccel.EncoderConfig{
		Codec: media.Codec{Name: media.H264}, Width: width, Height: height, FrameRate: rate, Bitrate: bitrate,
	}}
}

func open(t *testing.T, c openh264.Config) *openh264.Encoder {
	t.Helper()
	e, err := openh264.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	return e
}

func decoder(t *testing.T, c openh264.Config) hwaccel.Decoder {
	t.Helper()
	ffmpeg.LogTo(slog.New(slog.DiscardHandler))
	dec, err := ffmpeg.OpenDecoder(ffmpeg.DecoderSetup{
		Device: "test", Name: "h264", Calls: inline{},
		Config: hwaccel.DecoderConfig{Codec: c.Codec, MaxWidth: c.Width, MaxHeight: c.Height},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = dec.Close() })
	return dec
}

// units are the NAL units of an access unit.
func units(data []byte) [][]byte { return bytes.Split(data, []byte{0, 0, 0, 1})[1:] }

// TestParameterSets looks at what a receiver decides by: profile, level, and that every key frame brings them again,
// with the same numbers. Source: H.264 sections 7.3.2.1 and A.2.1.1.
func TestParameterSets(t *testing.T) {
	for _, c := range []struct {
		width, height, rate, bitrate int
		level                        byte
	}{
		{176, 144, 15, 64_000, 10},
		{176, 144, 15, 64_001, 11},
		{352, 288, 30, 384_000, 13},
		{352, 288, 30, 1_000_000, 20},
		{640, 360, 30, 600_000, 30},
		{1280, 720, 30, 1_500_000, 31},
		{1280, 720, 60, 2_500_000, 32},
		{1920, 1080, 30, 4_000_000, 40},
		{1920, 1080, 60, 6_000_000, 42},
		{3840, 2160, 30, 12_000_000, 51},
	} {
		t.Run(fmt.Sprintf("%dx%d at %d", c.width, c.height, c.rate), func(t *testing.T) {
			e, p := open(t, config(c.width, c.height, c.rate, c.bitrate)), hwaccel.Pattern(c.width, c.height, 0)
			var first [][]byte
			for n := range 4 {
				data, key, err := e.Encode(p, int64(n)*3000, n == 2)
				if err != nil || key != (n%2 == 0 && n < 3) {
					t.Fatalf("picture %d: key frame %v, %v", n, key, err)
				}
				if !key {
					continue
				}
				got := units(bytes.Clone(data))
				if len(got) < 3 || got[0][0]&31 != 7 || got[1][0]&31 != 8 || got[2][0]&31 != 5 {
					t.Fatalf("a key frame of %d NAL units does not begin with SPS, PPS and IDR", len(got))
				}
				// Constraint flags 0 and 1 of profile 66 are the constrained baseline.
				if sps := got[0]; sps[1] != 66 || sps[2]&0xc0 != 0xc0 || sps[3] != c.level {
					t.Errorf("profile %d, constraints %#x, level %d, want 66, 0xc0, %d", sps[1], sps[2], sps[3], c.level)
				}
				if first == nil {
					first = got
				} else if !bytes.Equal(got[0], first[0]) || !bytes.Equal(got[1], first[1]) {
					t.Error("the second key frame has other parameter sets")
				}
			}
		})
	}
}

// TestBitrateStaysWithinTheLevel: the level was told to the receiver and cannot change in the middle.
func TestBitrateStaysWithinTheLevel(t *testing.T) {
	e, p := open(t, config(176, 144, 15, 64_000)), hwaccel.Pattern(176, 144, 0)
	for _, rate := range []int{10_000_000, 64_000, 1, 1 << 40} {
		if err := e.SetBitrate(rate); err != nil {
			t.Errorf("%d bit/s: %v", rate, err)
		}
		if _, key, err := e.Encode(p, 0, false); err != nil || key && rate != 10_000_000 {
			t.Errorf("a picture at %d bit/s: key frame %v, %v", rate, key, err)
		}
	}
}

// TestLayersCanBeLeftOut drops the highest temporal layer before the decoder, which must not miss it.
func TestLayersCanBeLeftOut(t *testing.T) {
	for _, layers := range []int{1, 2, 3} {
		t.Run(fmt.Sprintf("%d layers", layers), func(t *testing.T) {
			c := config(640, 360, 30, 1_000_000)
			c.TemporalLayers = layers
			e, dec, camera := open(t, c), decoder(t, c), conformance.NewCamera(c.Width, c.Height, 1)
			const pictures = 60
			seen, kept, least := 0, 0, 99.0
			for n := range pictures {
				p := camera.Look()
				data, _, err := e.Encode(p, int64(n)*3000, n == 31)
				if err != nil {
					t.Fatal(err)
				}
				if layers > 1 && e.Layer() == layers-1 {
					continue
				}
				kept++
				look := media.SinkFunc[*media.Picture](func(got *media.Picture) error {
					seen++
					least = min(least, hwaccel.PSNR(got, p))
					return nil
				})
				if err := dec.Decode(&media.Frame{Data: data, Timestamp: p.Timestamp}, look); err != nil {
					t.Fatal(err)
				}
			}
			t.Logf("%d kept, the worst is %.1f dB like the original", kept, least)
			if want := pictures / min(layers, 2); kept < want-1 || kept > want+1 || seen != kept || least < 30 {
				t.Errorf("%d of %d pictures kept, %d came back, the worst is %.1f dB like the original", kept, pictures, seen, least)
			}
		})
	}
}

// TestTheLastMacroblockMayNotBreakTheBound takes noise at the best quality there is, in which OpenH264 by itself makes the
// last slice of a picture too long: two macroblocks fill a slice, and the number of them is odd.
func TestTheLastMacroblockMayNotBreakTheBound(t *testing.T) {
	c := config(336, 208, 30, 60_000_000)
	c.MaxNAL = 1000
	e, dec, camera := open(t, c), decoder(t, c), conformance.NewCamera(c.Width, c.Height, 1)
	camera.Noise = 127
	seen, keys := 0, 0
	look := media.SinkFunc[*media.Picture](func(*media.Picture) error { seen++; return nil })
	const pictures = 60
	for n := range pictures {
		data, key, err := e.Encode(camera.Look(), int64(n)*3000, false)
		if err != nil {
			t.Fatal(err)
		}
		if key {
			keys++
		}
		for _, unit := range units(data) {
			if len(unit) > c.MaxNAL {
				t.Fatalf("picture %d has a NAL unit of %d bytes, bound %d", n, len(unit), c.MaxNAL)
			}
		}
		if err := dec.Decode(&media.Frame{Data: data}, look); err != nil {
			t.Fatal(err)
		}
	}
	if keys < 2 {
		t.Errorf("%d key frames: nothing was too long, so this test shows nothing", keys)
	}
	if seen != pictures || keys > 6 {
		t.Errorf("%d pictures of %d came back, with %d key frames", seen, pictures, keys)
	}
}

func TestOpenRefuses(t *testing.T) {
	for name, bend := range map[string]func(*openh264.Config){
		"an odd size":       func(c *openh264.Config) { c.Width = 641 },
		"no size":           func(c *openh264.Config) { c.Height = 0 },
		"a tiny size":       func(c *openh264.Config) { c.Width = 14 },
		"too many layers":   func(c *openh264.Config) { c.TemporalLayers = 5 },
		"tiny NAL units":    func(c *openh264.Config) { c.MaxNAL = 599 },
		"no level for that": func(c *openh264.Config) { c.Width, c.Height = 8192, 8192 },
	} {
		c := config(640, 360, 30, 600_000)
		bend(&c)
		if _, err := openh264.Open(c); !errors.Is(err, hwaccel.ErrUnsupported) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestSmallestBoundWorks(t *testing.T) {
	c := config(640, 360, 30, 600_000)
	c.MaxNAL = 600
	e, camera := open(t, c), conformance.NewCamera(c.Width, c.Height, 1)
	for n := range 10 {
		data, _, err := e.Encode(camera.Look(), int64(n)*3000, false)
		if err != nil {
			t.Fatal(err)
		}
		for _, unit := range units(data) {
			if len(unit) > c.MaxNAL {
				t.Fatalf("a NAL unit of %d bytes", len(unit))
			}
		}
	}
}

func TestCloseTwice(t *testing.T) {
	e := open(t, config(640, 360, 30, 600_000))
	e.Close()
	e.Close()
	if _, _, err := e.Encode(hwaccel.Pattern(640, 360, 0), 0, false); !errors.Is(err, hwaccel.ErrClosed) {
		t.Errorf("Encode: %v", err)
	}
	if err := e.SetBitrate(1000); !errors.Is(err, hwaccel.ErrClosed) {
		t.Errorf("SetBitrate: %v", err)
	}
}

func TestCallErrorHasTheLibrarysName(t *testing.T) {
	for code, want := range map[int]string{1: "cmInitParaError", 5: "cmUnsupportedData", 77: "CM_RETURN 77"} {
		if got := (&openh264.CallError{Code: code}).Error(); got != want {
			t.Errorf("code %d: %q, want %q", code, got, want)
		}
	}
}
