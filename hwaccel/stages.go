package hwaccel

import (
	"fmt"

	"legroom/media"
)

// DecoderConfig says what a Decoder is for.
type DecoderConfig struct {
	// Codec of the stream.
	Codec media.Codec
	// MaxWidth and MaxHeight bound the pictures, pixels: a stream that claims more is refused and allocates nothing.
	MaxWidth, MaxHeight int
	// InMemory asks for pictures with Planes where the Device would rather keep them on its card.
	InMemory bool
}

// Decoder turns access units into pictures. One goroutine at a time uses it.
type Decoder interface {
	// Decode takes one access unit and writes the pictures that come out to out before it returns: none, or one.
	// Owner: f is lent; a picture is lent to out. It adds no delay: a picture comes with the unit that completes it.
	// Errors: ErrBitstream, after which decoding goes on; ErrUnsupported when the stream is of a kind or size that this
	// Device cannot decode (an engine may not tell that from ErrBitstream; no picture comes either way); ErrClosed; else
	// those of out.
	Decode(f *media.Frame, out media.Sink[*media.Picture]) error
	// Close frees the decoder. It may be called more than once.
	Close() error
}

// EncoderConfig says what an Encoder makes.
type EncoderConfig struct {
	// Codec of the stream. Of H.264 the constrained baseline profile is made, which every receiver takes.
	Codec media.Codec
	// Width and Height of the pictures, pixels, even numbers.
	Width, Height int
	// FrameRate in pictures a second: what the rate control reckons with.
	FrameRate int
	// Bitrate in bits a second.
	Bitrate int
	// KeyInterval is the number of pictures between key frames that nobody asked for; 0 means none but the first.
	KeyInterval int
	// MaxNAL bounds the NAL units of H.264, bytes; 0 is no bound. It needs Capability.LimitsNAL.
	MaxNAL int
}

// Check refuses what no Device can make.
func (c EncoderConfig) Check() error {
	switch {
	case c.Width <= 0 || c.Height <= 0 || c.Width%2 != 0 || c.Height%2 != 0:
		return fmt.Errorf("hwaccel: encode %dx%d: sizes are even and above 0: %w", c.Width, c.Height, ErrUnsupported)
	case c.FrameRate <= 0 || c.FrameRate > 240:
		return fmt.Errorf("hwaccel: encode %d pictures a second: %w", c.FrameRate, ErrUnsupported)
	case c.Bitrate <= 0:
		return fmt.Errorf("hwaccel: encode at %d bit/s: %w", c.Bitrate, ErrUnsupported)
	case c.MaxNAL < 0 || c.KeyInterval < 0:
		return fmt.Errorf("hwaccel: encode with a bound below 0: %w", ErrUnsupported)
	}
	return nil
}

// Encoder turns pictures into access units. One goroutine at a time uses it; ForceKeyframe may be called from any.
type Encoder interface {
	// Encode takes one picture of the configured size and writes its access unit to out before it returns; rate control
	// may leave a picture out. Owner: p is lent; the frame is lent to out. Timestamps are 90 kHz ticks and go through.
	// Errors: ErrPicture, ErrClosed; else those of the engine and of out.
	Encode(p *media.Picture, out media.Sink[*media.Frame]) error
	// ForceKeyframe makes the next picture a key frame, however often it was called before that.
	ForceKeyframe()
	// SetBitrate changes the target, bits a second. Without Capability.SmoothRate it costs a key frame, so the Device
	// leaves a change of less than a tenth undone. Errors: ErrUnsupported for a rate that is not above 0, ErrClosed.
	SetBitrate(bitsPerSecond int) error
	// Close frees the encoder. It may be called more than once.
	Close() error
}

// ScalerConfig says what a Scaler makes.
type ScalerConfig struct {
	// Width and Height of the result, pixels, even numbers.
	Width, Height int
	// InMemory asks for results with Planes where the Device would rather keep them on its card.
	InMemory bool
}

// Scaler brings pictures of any size to one size. One goroutine at a time uses it.
type Scaler interface {
	// Scale writes the picture in the configured size to out before it returns; one that has the size already goes
	// through untouched. Owner: src is lent; the result is lent to out. Errors: ErrPicture, ErrClosed; else those of out.
	Scale(src *media.Picture, out media.Sink[*media.Picture]) error
	// Close frees the scaler. It may be called more than once.
	Close() error
}
