package software

import (
	"bytes"
	"errors"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"legroom/hwaccel"
	"legroom/hwaccel/conformance"
	"legroom/hwaccel/ffmpeg"
	"legroom/media"
)

// unmeasured is the Device with what it claims, for tests that do not ask what a probe finds.
func unmeasured() *Device {
	return device(claims(1000), 2)
}

func encoderOf(t testing.TB, d *Device, c hwaccel.EncoderConfig) hwaccel.Encoder {
	t.Helper()
	e, err := d.OpenEncoder(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	return e
}

func decoderFor(t testing.TB, d *Device, c hwaccel.EncoderConfig) hwaccel.Decoder {
	t.Helper()
	dec, err := d.OpenDecoder(hwaccel.DecoderConfig{Codec: c.Codec, MaxWidth: c.Width, MaxHeight: c.Height})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = dec.Close() })
	return dec
}

func encoderConfig(codec media.CodecName, z benchSize) hwaccel.EncoderConfig {
	return hwaccel.EncoderConfig{
		Codec: media.Codec{Name: codec}, Width: z.width, Height: z.height, FrameRate: 30, Bitrate: z.bitrate,
	}
}

// TestNALUnitsKeepToTheirBoundInNoise is the hard case: a key frame of noise has some 250 slices.
func TestNALUnitsKeepToTheirBoundInNoise(t *testing.T) {
	d := unmeasured()
	for _, z := range benchSizes()[1:] {
		t.Run(z.name, func(t *testing.T) {
			c := encoderConfig(media.H264, z)
			c.MaxNAL = 1200
			e, dec, camera := encoderOf(t, d, c), decoderFor(t, d, c), conformance.NewCamera(z.width, z.height, 1)
			camera.Noise = 20
			longest, most, seen := 0, 0, 0
			look := media.SinkFunc[*media.Picture](func(*media.Picture) error { seen++; return nil })
			check := media.SinkFunc[*media.Frame](func(f *media.Frame) error {
				units := bytes.Split(f.Data, []byte{0, 0, 0, 1})[1:]
				most = max(most, len(units))
				for _, unit := range units {
					longest = max(longest, len(unit))
				}
				return dec.Decode(f, look)
			})
			const frames = 300
			for n := range frames {
				if n == frames/2 {
					e.ForceKeyframe()
				}
				if err := e.Encode(camera.Look(), check); err != nil {
					t.Fatal(err)
				}
			}
			t.Logf("the longest of all NAL units has %d bytes; %d in one picture", longest, most)
			if longest > c.MaxNAL || most < 50 {
				t.Errorf("a NAL unit has %d bytes, bound %d; %d in one picture", longest, c.MaxNAL, most)
			}
			if seen != frames {
				t.Errorf("%d pictures of %d came back", seen, frames)
			}
		})
	}
}

func copyOf(p *media.Picture) *media.Picture {
	c := *p
	for i, plane := range p.Planes {
		c.Planes[i] = slices.Clone(plane)
	}
	return &c
}

// TestWhatACameraSeesComesBack decodes by FFmpeg what the libraries encode at the rate of a room system.
func TestWhatACameraSeesComesBack(t *testing.T) {
	d := unmeasured()
	for codec, floor := range map[media.CodecName]float64{media.H264: 37, media.VP8: 38, media.VP9: 39} {
		t.Run(string(codec), func(t *testing.T) {
			c := encoderConfig(codec, benchSizes()[1])
			db, bitrate := quality(t, encoderOf(t, d, c), decoderFor(t, d, c), c)
			t.Logf("%.1f dB at %d bit/s", db, bitrate)
			if db < floor {
				t.Errorf("%.1f dB like the original, want %.0f", db, floor)
			}
		})
	}
}

// quality is the mean PSNR of the second second of what a camera sees, dB, and its bits.
func quality(t testing.TB, e hwaccel.Encoder, dec hwaccel.Decoder, c hwaccel.EncoderConfig) (float64, int) {
	t.Helper()
	camera := conformance.NewCamera(c.Width, c.Height, 1)
	sum, pictures, bits := 0.0, 0, 0
	for n := range 60 {
		p := camera.Look()
		look := media.SinkFunc[*media.Picture](func(got *media.Picture) error {
			if n >= 30 {
				sum, pictures = sum+hwaccel.PSNR(got, p), pictures+1
			}
			return nil
		})
		err := e.Encode(p, media.SinkFunc[*media.Frame](func(f *media.Frame) error {
			if n >= 30 {
				bits += 8 * len(f.Data)
			}
			return dec.Decode(f, look)
		}))
		if err != nil {
			t.Fatal(err)
		}
	}
	if pictures != 30 {
		t.Fatalf("%d pictures of 30 came back", pictures)
	}
	return sum / float64(pictures), bits
}

// FuzzPictures hands encoders pictures of any shape: what does not fit is refused, and memory outside is not read.
func FuzzPictures(f *testing.F) {
	f.Add(64, 48, 64, 32, 32, 64*48, 32*24, 32*24)
	f.Add(64, 48, 63, 32, 32, 64*48, 32*24, 32*24)
	f.Add(64, 48, 64, 16, 32, 64*48, 32*24, 32*24)
	f.Add(64, 48, 64, 32, 48, 64*48, 32*24, 48*24)
	f.Add(64, 48, 80, 40, 40, 80*47+64, 40*23+32, 40*23+32)
	f.Add(64, 48, -64, 32, 32, 64*48, 32*24, 32*24)
	f.Add(64, 48, 1<<62, 32, 32, 64*48, 32*24, 32*24)
	f.Add(0, 0, 0, 0, 0, 0, 0, 0)
	d := unmeasured()
	var encoders []hwaccel.Encoder
	for _, codec := range []media.CodecName{media.H264, media.VP8, media.VP9} {
		encoders = append(encoders, encoderOf(f, d, encoderConfig(codec, benchSize{"", 64, 48, 100_000})))
	}
	none := media.SinkFunc[*media.Frame](func(*media.Frame) error { return nil })
	f.Fuzz(func(t *testing.T, width, height, luma, first, second, y, u, v int) {
		p := &media.Picture{Width: width, Height: height, Stride: [3]int{luma, first, second}}
		for i, n := range []int{y, u, v} {
			p.Planes[i] = make([]byte, min(max(n, 0), 1<<16))
		}
		fits := hwaccel.Fits(p, 64, 48) == nil && first == second
		for _, e := range encoders {
			if err := e.Encode(p, none); (err == nil) != fits || err != nil && !errors.Is(err, hwaccel.ErrPicture) {
				t.Errorf("picture that fits: %v, got %v", fits, err)
			}
		}
	})
}

func TestOpenRefusesWhatALibraryCannotTake(t *testing.T) {
	d := unmeasured()
	for name, bend := range map[string]func(*hwaccel.EncoderConfig){
		"too small a side":     func(c *hwaccel.EncoderConfig) { c.Width = 14 },
		"too small a NAL unit": func(c *hwaccel.EncoderConfig) { c.MaxNAL = 100 },
		"more than any level":  func(c *hwaccel.EncoderConfig) { c.Width, c.Height, c.FrameRate = 3840, 2160, 120 },
	} {
		c := encoderConfig(media.H264, benchSizes()[0])
		bend(&c)
		if _, err := d.OpenEncoder(c); !errors.Is(err, hwaccel.ErrUnsupported) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// TestOpenAndCloseLeaveNothing looks at the memory of the process, as the libraries' is not Go's.
func TestOpenAndCloseLeaveNothing(t *testing.T) {
	d := unmeasured()
	p := hwaccel.Pattern(320, 180, 0)
	none := media.SinkFunc[*media.Frame](func(*media.Frame) error { return nil })
	for _, codec := range []media.CodecName{media.H264, media.VP8, media.VP9} {
		t.Run(string(codec), func(t *testing.T) {
			// The C library has an arena for each thread, and a goroutine that wanders would fill them all.
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			cycle := func(times int) {
				for range times {
					e, err := d.OpenEncoder(encoderConfig(codec, benchSize{"", 320, 180, 300_000}))
					if err != nil {
						t.Fatal(err)
					}
					if err := e.Encode(p, none); err != nil {
						t.Fatal(err)
					}
					_ = e.Close()
				}
			}
			cycle(100)
			before := resident(t)
			cycle(1000)
			grown := resident(t) - before
			t.Logf("%d KiB more after 1000", grown>>10)
			// An encoder of this size has about a megabyte; the rest is Go's heap between two collections.
			if grown > 8<<20 {
				t.Errorf("1000 encoders that were closed left %d KiB", grown>>10)
			}
		})
	}
}

// resident memory of the process, bytes.
func resident(t *testing.T) int {
	t.Helper()
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Skip(err)
	}
	pages, err := strconv.Atoi(strings.Fields(string(text))[1])
	if err != nil {
		t.Fatal(err)
	}
	return pages * os.Getpagesize()
}

func TestLibrariesSayTheirVersions(t *testing.T) {
	for _, l := range append(Libraries(), ffmpeg.Libraries()...) {
		if l.Name == "" || l.Version == "" || l.Licence == "" {
			t.Errorf("%+v", l)
		}
	}
	for _, l := range Libraries() {
		if !regexp.MustCompile(`^\d+\.\d+\.\d+`).MatchString(l.Version) {
			t.Errorf("%s has version %q", l.Name, l.Version)
		}
	}
}
