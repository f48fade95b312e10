package software

import (
	"os"
	"syscall"
	"testing"

	"legroom/hwaccel"
	"legroom/hwaccel/conformance"
	"legroom/media"
)

// guarded is memory of n bytes with a page right behind it that nobody may read: who does ends the program.
func guarded(t *testing.T, n int) []byte {
	t.Helper()
	page := os.Getpagesize()
	whole := (n + page - 1) / page * page
	all, err := syscall.Mmap(-1, 0, whole+page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Munmap(all) })
	if err := syscall.Mprotect(all[whole:], syscall.PROT_NONE); err != nil {
		t.Fatal(err)
	}
	return all[whole-n : whole]
}

// TestNothingIsReadBehindAPlane takes pictures whose last rows end where their memory does: the libraries are given the
// caller's memory, and must not take what lies behind it for padding.
func TestNothingIsReadBehindAPlane(t *testing.T) {
	d := unmeasured()
	for _, z := range []benchSize{{"", 322, 182, 300_000}, {"", 640, 360, 300_000}, {"", 18, 18, 50_000}} {
		camera := conformance.NewCamera(z.width, z.height, 1)
		for _, codec := range []media.CodecName{media.H264, media.VP8, media.VP9} {
			e := encoderOf(t, d, encoderConfig(codec, z))
			frames := 0
			for range 5 {
				p := *camera.Look()
				for i, plane := range p.Planes {
					p.Planes[i] = guarded(t, len(plane))
					copy(p.Planes[i], plane)
				}
				count := media.SinkFunc[*media.Frame](func(*media.Frame) error { frames++; return nil })
				if err := e.Encode(&p, count); err != nil {
					t.Fatal(err)
				}
			}
			if frames != 5 {
				t.Errorf("%s of %dx%d: %d frames of 5", codec, z.width, z.height, frames)
			}
		}
	}
}

var _ hwaccel.Encoder = (*encoder)(nil)
