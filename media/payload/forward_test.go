package payload

import (
	"encoding/base64"
	"errors"
	"testing"

	"legroom/media"
)

func TestSPS(t *testing.T) {
	for _, c := range []struct {
		name, base64  string
		profile       string
		width, height int
		err           error
	}{
		{"baseline, of RFC 6184", "Z0IACpZTBYmI", "42000a", 88 * 2, 72 * 2, nil},
		{"high 1080p, cropped", "Z2QAKKzZQHgCJ+XARAAAAwAEAAADAPI8YMZY", "640028", 1920, 1080, nil},
		{"cut", "Z0LAHg", "42c01e", 0, 0, ErrShort},
		{"a picture parameter set", "aM4G4g==", "", 0, 0, ErrFormat},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, err := base64.StdEncoding.DecodeString(c.base64)
			if err != nil {
				b, _ = base64.RawStdEncoding.DecodeString(c.base64)
			}
			s, err := ParseSPS(b)
			if !errors.Is(err, c.err) {
				t.Fatalf("%v, want %v", err, c.err)
			}
			if err == nil && (s.Width != c.width || s.Height != c.height || s.Profile.String() != c.profile) {
				t.Errorf("%+v", s)
			}
			if found, ok := FindSPS(b); ok != (err == nil) || ok && found != s {
				t.Errorf("found %+v, %v", found, ok)
			}
		})
	}
	// Baseline with frames numbered plainly, then a width of 65536 blocks.
	giant := append([]byte{0x67, 0x42, 0, 10}, packed("11111"+"0"+"00000000000000001"+"0000000000000000"+"1"+"1")...)
	if _, err := ParseSPS(giant); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a giant: %v", err)
	}
}

// packed are bits as bytes, with zeros behind.
func packed(bits string) []byte {
	b := make([]byte, len(bits)/8+8)
	for i, c := range bits {
		b[i/8] |= byte(c-'0') << (7 - i%8)
	}
	return b
}

func FuzzSPS(f *testing.F) {
	f.Add([]byte{0x67, 0x42, 0xc0, 0x1e, 0xd9, 0x00, 0xa0, 0x47, 0xfe, 0xc8})
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := ParseSPS(b)
		if err == nil && (s.Width <= 0 || s.Height <= 0 || s.Width > maxBlocks*16 || s.Height > maxBlocks*32) {
			t.Fatalf("%+v", s)
		}
		_, _ = FindSPS(b)
		_, _ = ParseH264Params(string(b))
	})
}

func TestCanForward(t *testing.T) {
	h264 := func(fmtp string) media.Codec { return media.Codec{Name: media.H264, ClockRate: 90000, Fmtp: fmtp} }
	vp8 := media.Codec{Name: media.VP8, ClockRate: 90000}
	const base1, base0, high1 = "profile-level-id=42e01f;packetization-mode=1", "packetization-mode=0; profile-level-id=42e01f", "profile-level-id=64001f;packetization-mode=1"
	hd := media.PictureLimits{Width: 1280, Height: 720, FrameRate: 30, Bitrate: 2_000_000}
	level := func(id string) ProfileLevel { p, _ := ParseProfileLevel(id); return p }
	for _, c := range []struct {
		name   string
		from   Stream
		to     media.Codec
		limits media.PictureLimits
		fits   bool
	}{
		{"the same", Stream{Codec: h264(base1)}, h264(base1), media.PictureLimits{}, true},
		{"another codec", Stream{Codec: vp8}, h264(base1), media.PictureLimits{}, false},
		{"VP8", Stream{Codec: vp8, Width: 1280, Height: 720}, vp8, hd, true},
		{"VP8 that is too wide", Stream{Codec: vp8, Width: 1282, Height: 720}, vp8, hd, false},
		{"VP8 of unknown size", Stream{Codec: vp8}, vp8, hd, false},
		{"a stronger profile", Stream{Codec: h264(base1)}, h264(high1), media.PictureLimits{}, true},
		{"a weaker profile", Stream{Codec: h264(high1)}, h264(base1), media.PictureLimits{}, false},
		{"the SPS is of a weaker one than agreed", Stream{Codec: h264(high1), Profile: level("42e01f")}, h264(base1), media.PictureLimits{}, true},
		{"the SPS is of a higher level than agreed", Stream{Codec: h264(base1), Profile: level("42e028")}, h264(base1), media.PictureLimits{}, false},
		{"a lower level", Stream{Codec: h264(base1)}, h264("profile-level-id=42e016;packetization-mode=1"), media.PictureLimits{}, false},
		{"mode 0 to mode 1", Stream{Codec: h264(base0)}, h264(base1), media.PictureLimits{}, true},
		{"mode 0 to mode 0", Stream{Codec: h264(base0)}, h264(base0), media.PictureLimits{NAL: 1200}, true},
		{"mode 1 to mode 0", Stream{Codec: h264(base1)}, h264(base0), media.PictureLimits{NAL: 1200}, false},
		{"mode 1 to mode 0, slices that fit", Stream{Codec: h264(base1), NAL: 1100}, h264(base0), media.PictureLimits{NAL: 1200}, true},
		{"mode 1 to mode 0, slices that do not", Stream{Codec: h264(base1), NAL: 1201}, h264(base0), media.PictureLimits{NAL: 1200}, false},
		{"mode 1 to mode 0 of no known size", Stream{Codec: h264(base1), NAL: 1100}, h264(base0), media.PictureLimits{}, false},
		{"mode 0, slices that do not fit", Stream{Codec: h264(base0), NAL: 1300}, h264(base0), media.PictureLimits{NAL: 1200}, false},
		{"interleaved", Stream{Codec: h264("profile-level-id=42e01f;packetization-mode=2")}, h264(base1), media.PictureLimits{}, false},
		{"parameters that are none", Stream{Codec: h264("profile-level-id=42")}, h264(base1), media.PictureLimits{}, false},
		{"a receiver of none", Stream{Codec: h264(base1)}, h264("packetization-mode=x"), media.PictureLimits{}, false},
		{"all within", Stream{Codec: h264(base1), Width: 1280, Height: 720, FrameRate: 30, Bitrate: 1_500_000}, h264(base1), hd, true},
		{"too high", Stream{Codec: h264(base1), Width: 720, Height: 1280}, h264(base1), hd, false},
		{"too fast", Stream{Codec: h264(base1), Width: 1280, Height: 720, FrameRate: 60}, h264(base1), hd, false},
		{"too many bits", Stream{Codec: h264(base1), Width: 1280, Height: 720, Bitrate: 3_000_000}, h264(base1), hd, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := CanForward(c.from, c.to, c.limits)
			if (err == nil) != c.fits || err != nil && !errors.Is(err, ErrUnfit) {
				t.Error(err)
			}
		})
	}
}
