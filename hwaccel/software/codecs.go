package software

import (
	"strconv"

	"github.com/asticode/go-astiav"

	"legroom/hwaccel"
	"legroom/hwaccel/ffmpeg"
	"legroom/media"
)

// Largest pictures: what the H.264 encoder takes, and more than a conference shows.
const (
	maxWidth  = 3840
	maxHeight = 2160
)

// endless stands for "no key frame that nobody asked for" with libvpx, which has no word for it.
const endless = 1 << 30

// codecs are those the Device knows, in the order in which they are listed. AV1 is only decoded: to encode it takes more
// than a conference can spend.
func codecs() []media.CodecName {
	return []media.CodecName{media.H264, media.VP8, media.VP9, media.AV1}
}

// decoderOf names FFmpeg's decoder, empty when there is none. Its own serve, being faster than the libraries'; for AV1 it
// has none of its own, that is dav1d.
func decoderOf(codec media.CodecName) string {
	switch codec {
	case media.H264:
		return "h264"
	case media.VP8:
		return "vp8"
	case media.VP9:
		return "vp9"
	case media.AV1:
		return "libdav1d"
	default:
		return ""
	}
}

// recipeOf gives the encoder of a codec; one without a name when there is none.
func recipeOf(codec media.CodecName) ffmpeg.Recipe {
	switch codec {
	case media.H264:
		if ffmpeg.HasEncoder("libx264") {
			// Only a build that asked for it and is under the GPL has it.
			return ffmpeg.Recipe{Name: "libx264", Prepare: prepareX264, Options: optionsX264, LimitsNAL: true, SmoothRate: true}
		}
		return ffmpeg.Recipe{Name: "libopenh264", Prepare: prepareOpenH264, Options: optionsOpenH264, LimitsNAL: true}
	case media.VP8:
		return ffmpeg.Recipe{Name: "libvpx", Prepare: prepareVPX, Options: optionsVP8}
	case media.VP9:
		return ffmpeg.Recipe{Name: "libvpx-vp9", Prepare: prepareVPX, Options: optionsVP9}
	default:
		return ffmpeg.Recipe{}
	}
}

func prepareOpenH264(cc *astiav.CodecContext, c hwaccel.EncoderConfig) {
	cc.SetProfile(astiav.ProfileH264ConstrainedBaseline)
	cc.SetGopSize(c.KeyInterval)
}

func optionsOpenH264(c hwaccel.EncoderConfig) ffmpeg.Options {
	o := ffmpeg.Options{"rc_mode": "bitrate", "allow_skip_frames": "0"}
	if c.MaxNAL > 0 {
		o["max_nal_size"] = strconv.Itoa(c.MaxNAL)
	}
	return o
}

func prepareX264(cc *astiav.CodecContext, c hwaccel.EncoderConfig) {
	// x264 follows a change of its rate while running only if it has a maximum and a buffer.
	cc.SetRateControlMaxRate(int64(c.Bitrate))
	cc.SetRateControlBufferSize(c.Bitrate / 2)
	cc.SetMaxBFrames(0)
	cc.SetGopSize(keyInterval(c))
}

func optionsX264(c hwaccel.EncoderConfig) ffmpeg.Options {
	o := ffmpeg.Options{"preset": "superfast", "tune": "zerolatency", "profile": "baseline", "forced-idr": "1"}
	if c.MaxNAL > 0 {
		o["x264-params"] = "slice-max-size=" + strconv.Itoa(c.MaxNAL)
	}
	return o
}

func prepareVPX(cc *astiav.CodecContext, c hwaccel.EncoderConfig) {
	// Equal minimum and maximum is how FFmpeg says constant bitrate to libvpx; half a second of buffer.
	cc.SetRateControlMaxRate(int64(c.Bitrate))
	cc.SetRateControlMinRate(int64(c.Bitrate))
	cc.SetRateControlBufferSize(c.Bitrate / 2)
	cc.SetGopSize(keyInterval(c))
}

func optionsVP8(hwaccel.EncoderConfig) ffmpeg.Options {
	// A negative speed of VP8 is a fixed one; a positive one takes as much of real time as it finds.
	return ffmpeg.Options{"deadline": "realtime", "cpu-used": "-6", "lag-in-frames": "0", "auto-alt-ref": "0"}
}

func optionsVP9(hwaccel.EncoderConfig) ffmpeg.Options {
	return ffmpeg.Options{"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0", "auto-alt-ref": "0"}
}

func keyInterval(c hwaccel.EncoderConfig) int {
	if c.KeyInterval == 0 {
		return endless
	}
	return c.KeyInterval
}
