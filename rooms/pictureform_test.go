package rooms

import (
	"testing"

	"legroom/media"
)

// TestPictureForm: the largest size and rate that a leg takes, fewer pictures before worse ones, and no change for a little.
func TestPictureForm(t *testing.T) {
	codec := media.Codec{Name: media.H264, ClockRate: 90000, Fmtp: "packetization-mode=0"}
	for _, c := range []struct {
		name    string
		limits  media.PictureLimits
		most    int
		before  int // bit/s of the form before, at 720 rows; 0 for none
		height  int
		bitrate int
		rate    int
	}{
		{"no limit", media.PictureLimits{}, 720, 0, 720, 1_500_000, 30},
		{"no limit but ours", media.PictureLimits{}, 1080, 0, 1080, 3_000_000, 30},
		{"its size", media.PictureLimits{Width: 640, Height: 480}, 1080, 0, 360, 600_000, 30},
		{"its rate", media.PictureLimits{FrameRate: 20}, 720, 0, 720, 1_500_000, 20},
		{"the second rung", media.PictureLimits{Bitrate: 1_000_000}, 720, 0, 720, 900_000, 30},
		{"the third rung", media.PictureLimits{Bitrate: 600_000}, 720, 0, 720, 500_000, 15},
		{"less than any rung of the size", media.PictureLimits{Bitrate: 450_000}, 720, 0, 540, 350_000, 15},
		{"less than all", media.PictureLimits{Bitrate: 50_000}, 720, 0, 180, 50_000, 15},
		{"a little less than before", media.PictureLimits{Bitrate: 1_400_000}, 720, 1_500_000, 720, 1_500_000, 30},
		{"much less than before", media.PictureLimits{Bitrate: 1_200_000}, 720, 1_500_000, 720, 900_000, 30},
		{"a little more than before", media.PictureLimits{Bitrate: 1_550_000}, 720, 900_000, 720, 900_000, 30},
		{"much more than before", media.PictureLimits{Bitrate: 2_000_000}, 720, 900_000, 720, 1_500_000, 30},
	} {
		t.Run(c.name, func(t *testing.T) {
			form := formFor(codec, c.limits, c.most)
			if c.before > 0 {
				form = form.steady(pictureForm{codec: codec, width: 1280, height: 720, rate: 30, bitrate: c.before}, c.limits)
			}
			if form.height != c.height || form.bitrate != c.bitrate || form.rate != c.rate {
				t.Errorf("%d rows, %d bit/s, %d pictures a second", form.height, form.bitrate, form.rate)
			}
		})
	}
}
