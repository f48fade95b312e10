package sip

import (
	"errors"
	"slices"
	"strconv"

	"legroom/internal/fault"
	"legroom/media"
	"legroom/sip/sdp"
)

// VideoConfig is what pictures are offered to and accepted from room systems. Most of it bounds what we send as well as
// what we receive.
type VideoConfig struct {
	// Codecs taken, best first: H264, VP8; an empty list refuses every line of pictures. Of H.264 packetization-mode 1 goes
	// before 0, and constrained baseline before high. Default H264, VP8.
	Codecs []media.CodecName `yaml:"codecs"`
	// Width and Height of the largest picture, pixels. Default 1920 and 1080.
	Width  int `yaml:"width"`
	Height int `yaml:"height"`
	// FrameRate is the most pictures a second. Default 30.
	FrameRate int `yaml:"frameRate"`
	// Bitrate is the most in each direction, bit/s. Default 4000000.
	Bitrate int `yaml:"bitrate"`
	// Slides accepts a second line, for what is presented (RFC 4796). Default false.
	Slides bool `yaml:"slides"`
}

// defaultVideo is 1080p30.
func defaultVideo() VideoConfig {
	return VideoConfig{
		Codecs: []media.CodecName{media.H264, media.VP8}, Width: 1920, Height: 1080, FrameRate: 30, Bitrate: 4_000_000,
	}
}

// Bounds of the numbers.
const (
	maxPictureSide = 4096
	minPictureSide = 128
	maxFrameRate   = 60
	minBitrate     = 128_000
	maxBitrate     = 50_000_000
)

func (c VideoConfig) validate() error {
	var errs []error
	for i, name := range c.Codecs {
		at := "codecs[" + strconv.Itoa(i) + "]"
		switch {
		case name != media.H264 && name != media.VP8:
			errs = append(errs, fault.At(at, "%q is none of H264, VP8", name))
		case slices.Contains(c.Codecs[:i], name):
			errs = append(errs, fault.At(at, "%q is there twice", name))
		}
	}
	within := func(path string, n, least, most int) {
		if n < least || n > most {
			errs = append(errs, fault.At(path, "%d is not within %d and %d", n, least, most))
		}
	}
	within("width", c.Width, minPictureSide, maxPictureSide)
	within("height", c.Height, minPictureSide, maxPictureSide)
	within("frameRate", c.FrameRate, 1, maxFrameRate)
	within("bitrate", c.Bitrate, minBitrate, maxBitrate)
	return errors.Join(errs...)
}

// codecs in the order of the Config. Of H.264 the level is that of any device; what is over it is said by the limits.
func (c VideoConfig) codecs() []media.Codec {
	var out []media.Codec
	for _, name := range c.Codecs {
		if name != media.H264 {
			out = append(out, media.Codec{Name: name, ClockRate: 90000})
			continue
		}
		for _, fmtp := range []string{
			"profile-level-id=42e01f;packetization-mode=1", "profile-level-id=42e01f;packetization-mode=0",
			"profile-level-id=64001f;packetization-mode=1",
		} {
			out = append(out, media.Codec{Name: name, ClockRate: 90000, Fmtp: fmtp})
		}
	}
	return out
}

// limits of what we receive.
func (c VideoConfig) limits() sdp.VideoLimits {
	blocks := uint32(macroblocks(c.Width, c.Height))
	return sdp.VideoLimits{
		MaxFS: blocks, MaxMBPS: blocks * uint32(c.FrameRate), MaxFPS: float64(c.FrameRate), MaxBitrate: uint64(c.Bitrate),
	}
}

// macroblocks of a picture.
func macroblocks(width, height int) int { return ((width + 15) / 16) * ((height + 15) / 16) }

// LocalMedia are the ends that a call can have, sound first, for sdp.Capabilities. Their ports are 9, the one that is nobody's,
// until a call opens some.
func (c Config) LocalMedia() []sdp.LocalMedia {
	audio := sdp.LocalMedia{Kind: media.Audio, Events: true, Port: 9, RTCPPort: 9}
	for _, name := range c.Codecs {
		audio.Codecs = append(audio.Codecs, codecOf(name))
	}
	out := []sdp.LocalMedia{audio}
	if len(c.Video.Codecs) == 0 {
		return out
	}
	contents := []sdp.Content{sdp.MainContent}
	if c.Video.Slides {
		contents = append(contents, sdp.SlidesContent)
	}
	for _, content := range contents {
		out = append(out, sdp.LocalMedia{
			Kind: media.Video, Codecs: c.Video.codecs(), Port: 9, RTCPPort: 9, Video: sdp.LocalVideo{
				Content: content, Limits: c.Video.limits(), Feedback: sdp.Feedback{NACK: true, PLI: true, FIR: true, TMMBR: true},
			},
		})
	}
	return out
}
