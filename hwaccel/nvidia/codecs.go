package nvidia

import (
	"github.com/asticode/go-astiav"

	"legroom/hwaccel"
	"legroom/hwaccel/ffmpeg"
	"legroom/media"
)

// Largest pictures that are asked for.
const (
	maxWidth  = 3840
	maxHeight = 2160
)

// endless stands for "no key frame that nobody asked for".
const endless = 1 << 30

// share of what was measured that is lent, thousandths: a card that is used up delays every picture.
const share = 900

// claims are all that some card can do; a probe finds out about this one.
func claims() hwaccel.Capabilities {
	able := func(codecs ...media.CodecName) (all []hwaccel.Capability) {
		for _, codec := range codecs {
			all = append(all, hwaccel.Capability{Codec: codec, MaxWidth: maxWidth, MaxHeight: maxHeight})
		}
		return all
	}
	return hwaccel.Capabilities{
		Decode:   able(media.H264, media.H265, media.VP8, media.VP9, media.AV1),
		Encode:   able(media.H264, media.H265, media.AV1),
		Capacity: hwaccel.Capacity{Load: hwaccel.Load{Decode: share, Encode: share}},
	}
}

// decoders are FFmpeg's own, of which the card does the work.
func decoders() map[media.CodecName]string {
	return map[media.CodecName]string{
		media.H264: "h264", media.H265: "hevc", media.VP8: "vp8", media.VP9: "vp9", media.AV1: "av1",
	}
}

// encoders of NVENC. A new bitrate resets them, so none has SmoothRate.
func encoders() map[media.CodecName]ffmpeg.Recipe {
	return map[media.CodecName]ffmpeg.Recipe{
		media.H264: recipe("h264_nvenc", "baseline"),
		media.H265: recipe("hevc_nvenc", "main"),
		media.AV1:  recipe("av1_nvenc", ""),
	}
}

func recipe(name, profile string) ffmpeg.Recipe {
	return ffmpeg.Recipe{
		Name: name,
		Prepare: func(cc *astiav.CodecContext, c hwaccel.EncoderConfig) {
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
			o := ffmpeg.Options{"preset": "p4", "tune": "ull", "rc": "cbr", "zerolatency": "1", "delay": "0", "forced-idr": "1"}
			if profile != "" {
				o["profile"] = profile
			}
			return o
		},
	}
}
