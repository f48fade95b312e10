package openh264

import "legroom/hwaccel"

// level is a line of the table of levels. Source: H.264 Table A-1.
type level struct {
	// idc is the level times ten.
	idc int
	// size is the largest picture, macroblocks, and rate the most of them a second.
	size, rate int
	// bitrate of the constrained baseline profile, bits a second.
	bitrate int
}

// levels in rising order, up to what the largest pictures need. 1b is left out: its place in the bitstream is a constraint
// flag that receivers read in two ways.
func levels() []level {
	return []level{
		{10, 99, 1485, 64_000},
		{11, 396, 3000, 192_000},
		{12, 396, 6000, 384_000},
		{13, 396, 11_880, 768_000},
		{20, 396, 11_880, 2_000_000},
		{21, 792, 19_800, 4_000_000},
		{22, 1620, 20_250, 4_000_000},
		{30, 1620, 40_500, 10_000_000},
		{31, 3600, 108_000, 14_000_000},
		{32, 5120, 216_000, 20_000_000},
		{40, 8192, 245_760, 20_000_000},
		{41, 8192, 245_760, 50_000_000},
		{42, 8704, 522_240, 50_000_000},
		{50, 22_080, 589_824, 135_000_000},
		{51, 36_864, 983_040, 240_000_000},
		{52, 36_864, 2_073_600, 240_000_000},
	}
}

// levelOf is the lowest level for a size, frame rate and bitrate; where only the bitrate is too high, the highest.
func levelOf(c hwaccel.EncoderConfig) (level, bool) {
	width, height := (c.Width+15)/16, (c.Height+15)/16
	var best level
	for _, l := range levels() {
		// A side is at most the root of eight times the size (A.3.1).
		if width*height > l.size || width*height*c.FrameRate > l.rate || max(width*width, height*height) > 8*l.size {
			continue
		}
		if best = l; c.Bitrate <= l.bitrate {
			break
		}
	}
	return best, best.idc != 0
}
