package vaapi

import (
	"strconv"

	"github.com/asticode/go-astiav"

	"legroom/hwaccel"
	"legroom/hwaccel/ffmpeg"
	"legroom/media"
)

// Largest pictures that are asked for, though a card may say more.
const (
	maxWidth  = 3840
	maxHeight = 2160
)

// endless stands for "no key frame that nobody asked for".
const endless = 1 << 30

// codecs that are asked for, in the order in which they are listed.
func codecs() []media.CodecName {
	return []media.CodecName{media.H264, media.H265, media.VP8, media.VP9, media.AV1}
}

// share of what was measured that is lent, thousandths: a card that is used up delays every picture.
const share = 900

// capacity of a card: each of its engines apart.
func capacity() hwaccel.Capacity {
	return hwaccel.Capacity{Load: hwaccel.Load{Decode: share, Encode: share, Scale: share}}
}

// decoders are FFmpeg's own, of which the card does the work.
func decoders() map[media.CodecName]string {
	return map[media.CodecName]string{
		media.H264: "h264", media.H265: "hevc", media.VP8: "vp8", media.VP9: "vp9", media.AV1: "av1",
	}
}

// encoders are the recipes of all codecs. VAAPI fixes the rate when an encoder is opened, so none has SmoothRate.
func encoders(lowPower map[media.CodecName]bool) map[media.CodecName]ffmpeg.Recipe {
	all := make(map[media.CodecName]ffmpeg.Recipe)
	for codec, name := range map[media.CodecName]string{
		media.H264: "h264_vaapi", media.H265: "hevc_vaapi", media.VP8: "vp8_vaapi", media.VP9: "vp9_vaapi", media.AV1: "av1_vaapi",
	} {
		all[codec] = recipe(codec, name, lowPower[codec])
	}
	return all
}

func recipe(codec media.CodecName, name string, lowPower bool) ffmpeg.Recipe {
	return ffmpeg.Recipe{
		Name: name,
		Prepare: func(cc *astiav.CodecContext, c hwaccel.EncoderConfig) {
			if codec == media.H264 {
				cc.SetProfile(astiav.ProfileH264ConstrainedBaseline)
			}
			// Equal maximum and mean is how FFmpeg says constant bitrate; half a second of buffer. A driver that has no
			// constant bitrate takes what it has.
			cc.SetRateControlMaxRate(int64(c.Bitrate))
			cc.SetRateControlBufferSize(c.Bitrate / 2)
			cc.SetMaxBFrames(0)
			gop := c.KeyInterval
			if gop == 0 {
				gop = endless
			}
			cc.SetGopSize(gop)
		},
		Options: func(hwaccel.EncoderConfig) ffmpeg.Options {
			// A picture comes out before the next goes in.
			return ffmpeg.Options{"async_depth": "1", "low_power": strconv.FormatBool(lowPower)}
		},
	}
}
