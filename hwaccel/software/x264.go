package software

import (
	"strconv"

	"github.com/asticode/go-astiav"

	"legroom/hwaccel"
	"legroom/hwaccel/ffmpeg"
)

// endless stands for "no key frame that nobody asked for" with x264, which has no word for it.
const endless = 1 << 30

// hasX264 tells whether x264 makes the H.264. Only a build that asked for it and is under the GPL has it.
func hasX264() bool { return ffmpeg.HasEncoder("libx264") }

func recipeX264() ffmpeg.Recipe {
	return ffmpeg.Recipe{Name: "libx264", Prepare: prepareX264, Options: optionsX264, LimitsNAL: true, SmoothRate: true}
}

func prepareX264(cc *astiav.CodecContext, c hwaccel.EncoderConfig) {
	// x264 follows a change of its rate while running only if it has a maximum and a buffer.
	cc.SetRateControlMaxRate(int64(c.Bitrate))
	cc.SetRateControlBufferSize(c.Bitrate / 2)
	cc.SetMaxBFrames(0)
	if c.KeyInterval == 0 {
		c.KeyInterval = endless
	}
	cc.SetGopSize(c.KeyInterval)
}

func optionsX264(c hwaccel.EncoderConfig) ffmpeg.Options {
	// A scene that changes is no reason for a key frame that nobody asked for.
	own := "scenecut=0"
	if c.MaxNAL > 0 {
		own += ":slice-max-size=" + strconv.Itoa(c.MaxNAL)
	}
	return ffmpeg.Options{
		"preset": "superfast", "tune": "zerolatency", "profile": "baseline", "forced-idr": "1", "x264-params": own,
	}
}
