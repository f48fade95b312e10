package software

import (
	"legroom/hwaccel"
	"legroom/hwaccel/ffmpeg"
	"legroom/hwaccel/software/openh264"
	"legroom/hwaccel/software/vpx"
	"legroom/media"
)

// Largest pictures: what the H.264 encoder takes, and more than a conference shows.
const (
	maxWidth  = 3840
	maxHeight = 2160
)

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

// encodes fills in what encoding a codec is like, and tells whether there is an encoder.
func encodes(able *hwaccel.Capability) bool {
	switch able.Codec {
	case media.H264:
		able.LimitsNAL, able.SmoothRate = true, true
	case media.VP8, media.VP9:
		able.SmoothRate = true
	default:
		return false
	}
	return true
}

// Libraries lists the codec libraries that the Device links, beside what FFmpeg brings.
func Libraries() []ffmpeg.Library {
	return []ffmpeg.Library{
		{Name: "OpenH264", Version: openh264.Version(), Licence: "BSD-2-Clause"},
		{Name: "libvpx", Version: vpx.Version(), Licence: "BSD-3-Clause"},
	}
}
