package ffmpeg

import (
	"strings"
	"testing"

	"github.com/asticode/go-astiav"
	"go.uber.org/goleak"

	"legroom/hwaccel"
	"legroom/media"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestDefaultBuildHasNoGPLCode(t *testing.T) {
	if HasEncoder("libx264") {
		t.Skip("built with X264=1")
	}
	if !strings.HasPrefix(Licence(), "LGPL") {
		t.Errorf("FFmpeg says its licence is %q", Licence())
	}
	for _, l := range Libraries() {
		if l.Name == "" || l.Version == "" || strings.HasPrefix(l.Licence, "GPL") {
			t.Errorf("%+v", l)
		}
	}
	if !strings.HasPrefix(Version(), "7.1") {
		t.Errorf("go-astiav needs FFmpeg 7.1, this is %s", Version())
	}
}

func TestOpenRefusesOptionsThatNobodyUnderstands(t *testing.T) {
	codec := astiav.FindDecoderByName("vp8")
	for name, c := range map[string]struct {
		options Options
		good    bool
	}{
		"none":           {nil, true},
		"known":          {Options{"max_pixels": "1000"}, true},
		"a typing error": {Options{"max_pixls": "1000"}, false},
		"a bad value":    {Options{"max_pixels": "many"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			context := astiav.AllocCodecContext(codec)
			defer context.Free()
			if err := Open(context, codec, c.options); (err == nil) != c.good {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestFillAndViewAreTheSamePicture(t *testing.T) {
	for _, size := range [][2]int{{64, 36}, {322, 182}} {
		original := hwaccel.Pattern(size[0], size[1], 3)
		frame, err := NewFrame(size[0], size[1])
		if err != nil {
			t.Fatal(err)
		}
		if err := Fill(frame, original); err != nil {
			t.Fatal(err)
		}
		var got media.Picture
		if err := View(&got, frame); err != nil {
			t.Fatal(err)
		}
		for plane := range got.Planes {
			for y := range rows(plane, size[1]) {
				a := original.Planes[plane][y*original.Stride[plane]:][:columns(plane, size[0])]
				b := got.Planes[plane][y*got.Stride[plane]:][:columns(plane, size[0])]
				if string(a) != string(b) {
					t.Fatalf("%v: plane %d row %d differs", size, plane, y)
				}
			}
		}
		frame.Free()
	}
}
