package software

import (
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/asticode/go-astiav"

	"legroom/hwaccel"
	"legroom/hwaccel/ffmpeg"
	"legroom/media"
)

// clock is the rate of a picture's timestamps, Hz (RFC 6184 section 5.1, RFC 7741 section 4.1).
const clock = 90000

// encoder is a video encoder of FFmpeg in one thread that adds no delay.
type encoder struct {
	config  hwaccel.EncoderConfig
	recipe  recipe
	slots   slots
	context *astiav.CodecContext
	packet  *ffmpeg.Packet
	frame   *astiav.Frame
	out     media.Frame
	force   atomic.Bool
	// reopen asks for a new context, with another bitrate, before the next picture.
	reopen bool
	// last is the timestamp of the last picture and pts that picture in the encoder's own, unbroken time.
	last    uint32
	pts     int64
	started bool
}

// OpenEncoder opens an encoder for H.264, VP8 or VP9. Errors: hwaccel.ErrUnsupported.
func (d *Device) OpenEncoder(c hwaccel.EncoderConfig) (hwaccel.Encoder, error) {
	if err := c.Check(); err != nil {
		return nil, fmt.Errorf("software: %w", err)
	}
	able, err := d.capabilities.Find(hwaccel.Encode, c.Codec.Name, c.Width, c.Height)
	if err != nil {
		return nil, fmt.Errorf("software: %w", err)
	}
	if c.MaxNAL > 0 && !able.LimitsNAL {
		return nil, fmt.Errorf("software: encode %s in pieces of %d bytes: %w", c.Codec.Name, c.MaxNAL, hwaccel.ErrUnsupported)
	}
	e := &encoder{config: c, recipe: recipeOf(c.Codec.Name), slots: d.slots}
	if err := e.open(); err != nil {
		return nil, err
	}
	if e.frame, err = ffmpeg.NewFrame(c.Width, c.Height); err != nil {
		e.context.Free()
		return nil, err
	}
	e.packet = ffmpeg.NewPacket()
	return e, nil
}

// open makes a new codec context by the configuration.
func (e *encoder) open() error {
	c := e.config
	codec := astiav.FindEncoderByName(e.recipe.name)
	context := astiav.AllocCodecContext(codec)
	context.SetWidth(c.Width)
	context.SetHeight(c.Height)
	context.SetPixelFormat(astiav.PixelFormatYuv420P)
	context.SetTimeBase(astiav.NewRational(1, clock))
	context.SetFramerate(astiav.NewRational(c.FrameRate, 1))
	context.SetBitRate(int64(c.Bitrate))
	context.SetThreadCount(1)
	e.recipe.prepare(context, c)
	if err := ffmpeg.Open(context, codec, e.recipe.options(c)); err != nil {
		context.Free()
		return fmt.Errorf("software: encode %s: %w: %w", c.Codec.Name, hwaccel.ErrUnsupported, err)
	}
	if e.context != nil {
		e.context.Free()
	}
	e.context = context
	return nil
}

func (e *encoder) Encode(p *media.Picture, out media.Sink[*media.Frame]) error {
	if e.context == nil {
		return hwaccel.ErrClosed
	}
	if err := ffmpeg.Fits(p, e.config.Width, e.config.Height); err != nil {
		return fmt.Errorf("software: encode %s: %w", e.config.Codec.Name, err)
	}
	if e.reopen {
		if err := e.slots.run(e.open); err != nil {
			return err
		}
		e.reopen = false
	}
	if err := e.slots.run(func() error { return e.send(p) }); err != nil {
		return fmt.Errorf("software: encode %s: %w", e.config.Codec.Name, err)
	}
	return e.receive(p, out)
}

// send hands the picture to the encoder, which does its work in this call.
func (e *encoder) send(p *media.Picture) error {
	if err := ffmpeg.Fill(e.frame, p); err != nil {
		return err
	}
	e.frame.SetPts(e.advance(p.Timestamp))
	ffmpeg.SetDuration(e.frame, int64(clock/e.config.FrameRate))
	kind := astiav.PictureTypeNone
	if e.force.Swap(false) {
		kind = astiav.PictureTypeI
	}
	e.frame.SetPictureType(kind)
	return e.context.SendFrame(e.frame)
}

// receive lends to out what came of the picture.
func (e *encoder) receive(p *media.Picture, out media.Sink[*media.Frame]) error {
	for {
		err := e.packet.Receive(e.context)
		if errors.Is(err, astiav.ErrEagain) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("software: encode %s: %w", e.config.Codec.Name, err)
		}
		e.out = media.Frame{Data: e.packet.Data(), Timestamp: p.Timestamp, Keyframe: e.packet.Keyframe()}
		if err := out.Write(&e.out); err != nil {
			return err
		}
	}
}

// advance turns a timestamp, which wraps and may jump when the source changes, into time that only grows. A jump counts
// as a second at most: libvpx would save up bits for the whole of it.
func (e *encoder) advance(timestamp uint32) int64 {
	step := int64(int32(timestamp - e.last))
	if !e.started || step <= 0 {
		step = int64(clock / e.config.FrameRate)
	}
	e.started, e.last = true, timestamp
	e.pts += min(step, clock)
	return e.pts
}

func (e *encoder) ForceKeyframe() { e.force.Store(true) }

func (e *encoder) SetBitrate(bitsPerSecond int) error {
	switch {
	case e.context == nil:
		return hwaccel.ErrClosed
	case bitsPerSecond <= 0:
		return fmt.Errorf("software: encode at %d bit/s: %w", bitsPerSecond, hwaccel.ErrUnsupported)
	}
	if e.recipe.smoothRate {
		e.config.Bitrate = bitsPerSecond
		e.context.SetBitRate(int64(bitsPerSecond))
		e.context.SetRateControlMaxRate(int64(bitsPerSecond))
		e.context.SetRateControlBufferSize(bitsPerSecond / 2)
		return nil
	}
	change := bitsPerSecond - e.config.Bitrate
	if max(change, -change)*10 < e.config.Bitrate {
		return nil
	}
	e.config.Bitrate = bitsPerSecond
	e.reopen = true
	return nil
}

func (e *encoder) Close() error {
	if e.context == nil {
		return nil
	}
	e.frame.Free()
	e.packet.Free()
	e.context.Free()
	e.context = nil
	return nil
}
