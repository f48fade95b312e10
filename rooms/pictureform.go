package rooms

import "legroom/media"

// pictureForm is how a picture is encoded for one leg and all that take the same. It is comparable.
type pictureForm struct {
	codec         media.Codec
	width, height int
	rate          int // pictures a second
	bitrate       int // bit/s
	nal           int // bytes, see media.PictureLimits
}

// pictureSizes are those that the gateway makes, largest first, each with three rungs of bit rate, bit/s. On the last one
// half of the pictures are left out: fewer of them are better to look at than worse ones.
var pictureSizes = []struct {
	width, height int
	rungs         [3]int
}{
	{1920, 1080, [3]int{3_000_000, 1_800_000, 1_000_000}},
	{1280, 720, [3]int{1_500_000, 900_000, 500_000}},
	{960, 540, [3]int{1_000_000, 600_000, 350_000}},
	{640, 360, [3]int{600_000, 400_000, 220_000}},
	{320, 180, [3]int{200_000, 130_000, 80_000}},
}

const pictureRate = 30

// formFor is the best form for a leg that takes a codec within limits, in no larger a size than most.
func formFor(codec media.Codec, limits media.PictureLimits, mostHeight int) pictureForm {
	codec.PacketTime = 0
	form := pictureForm{codec: codec, nal: limits.NAL}
	for _, size := range pictureSizes {
		form.width, form.height = size.width, size.height
		if size.height > mostHeight || over(size.width, limits.Width) || over(size.height, limits.Height) {
			continue
		}
		for i, bitrate := range size.rungs {
			form.bitrate, form.rate = bitrate, within(pictureRate, limits.FrameRate)
			if i == len(size.rungs)-1 {
				form.rate = within(pictureRate/2, limits.FrameRate)
			}
			if !over(bitrate, limits.Bitrate) {
				return form
			}
		}
	}
	form.bitrate = within(form.bitrate, limits.Bitrate)
	return form
}

// steady is the form that was, as long as that is near enough to what may be sent now.
func (f pictureForm) steady(before pictureForm, limits media.PictureLimits) pictureForm {
	same := before
	same.width, same.height, same.rate, same.bitrate = f.width, f.height, f.rate, f.bitrate
	fits := !over(before.width, limits.Width) && !over(before.height, limits.Height)
	bound := float64(limits.Bitrate)
	switch {
	case same != f || before == f || before.bitrate == 0 || !fits || limits.Bitrate == 0:
		return f
	case f.bitrate < before.bitrate && float64(before.bitrate) <= bound*(1+slack):
		return before
	case f.bitrate > before.bitrate && float64(f.bitrate) > bound*(1-slack):
		return before
	}
	return f
}

// over tells whether n is above a limit, of which 0 is none.
func over(n, limit int) bool { return limit > 0 && n > limit }

// within is n, or a smaller limit.
func within(n, limit int) int {
	if over(n, limit) {
		return limit
	}
	return n
}
