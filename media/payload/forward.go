package payload

import (
	"errors"
	"fmt"

	"legroom/media"
)

// ErrUnfit says that a stream cannot be forwarded to a receiver as it is.
var ErrUnfit = errors.New("payload: the receiver does not take the stream")

// Stream is what is known of a stream of pictures. A field of 0 is not known.
type Stream struct {
	// Codec as it was agreed with the sender. Its Fmtp bounds what comes; what the sender's own SPS says counts before it.
	Codec media.Codec
	// Profile and level by the stream's SPS; the zero value is not known, and those of Codec count.
	Profile ProfileLevel
	// Width and Height, pixels.
	Width, Height int
	// FrameRate in pictures a second, and Bitrate in bits a second.
	FrameRate, Bitrate int
	// NAL is the size of the largest NAL unit seen, bytes.
	NAL int
}

// Saw adds what an SPS says.
func (s Stream) Saw(p SPS) Stream {
	s.Profile, s.Width, s.Height = p.Profile, p.Width, p.Height
	return s
}

// CanForward tells whether a stream may be forwarded to a receiver as it is, cut into other packets where need be (see
// H264Refit); the error says in words why not. What is not known is taken to fit, but for a size where there is a limit.
// Errors: ErrUnfit. Source: RFC 6184 sections 6 and 8.2.2.
func CanForward(s Stream, to media.Codec, limits media.PictureLimits) error {
	if !s.Codec.Same(to) {
		return unfit("%s is not %s", s.Codec.Name, to.Name)
	}
	if limits.Width > 0 && (s.Width == 0 || s.Width > limits.Width) || limits.Height > 0 && (s.Height == 0 || s.Height > limits.Height) {
		return unfit("pictures of %dx%d, at most %dx%d are taken", s.Width, s.Height, limits.Width, limits.Height)
	}
	if limits.FrameRate > 0 && s.FrameRate > limits.FrameRate {
		return unfit("%d pictures a second, at most %d are taken", s.FrameRate, limits.FrameRate)
	}
	if limits.Bitrate > 0 && s.Bitrate > limits.Bitrate {
		return unfit("%d bit/s, at most %d are taken", s.Bitrate, limits.Bitrate)
	}
	if to.Name == media.H264 {
		return canForwardH264(s, to, limits)
	}
	return nil
}

func canForwardH264(s Stream, to media.Codec, limits media.PictureLimits) error {
	sends, err := ParseH264Params(s.Codec.Fmtp)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnfit, err)
	}
	takes, err := ParseH264Params(to.Fmtp)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnfit, err)
	}
	profile := sends.Profile
	if s.Profile != (ProfileLevel{}) {
		profile = s.Profile
	}
	switch {
	case !takes.Profile.Decodes(profile):
		return unfit("%s of level %d.%d, taken is %s up to %d.%d", profile.Profile, profile.Level/10, profile.Level%10,
			takes.Profile.Profile, takes.Profile.Level/10, takes.Profile.Level%10)
	case sends.Mode > 1:
		return unfit("packets are interleaved")
	case sends.Mode == 1 && takes.Mode == 0 && limits.NAL == 0:
		return unfit("fragments to a receiver of packetization mode 0 of which it is not known how large a NAL unit it takes")
	case (takes.Mode == 0 || limits.NAL > 0) && sends.Mode == 1 && (s.NAL == 0 || s.NAL > limits.NAL),
		limits.NAL > 0 && s.NAL > limits.NAL:
		return unfit("NAL units of %d bytes, at most %d are taken", s.NAL, limits.NAL)
	}
	return nil
}

func unfit(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrUnfit, fmt.Sprintf(format, args...))
}
