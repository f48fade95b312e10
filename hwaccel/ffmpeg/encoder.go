package ffmpeg

import (
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/asticode/go-astiav"

	"legroom/hwaccel"
	"legroom/media"
)

// encoderSurfaces is the size of an encoder's pool: what a driver may hold at a time, and one being filled.
const encoderSurfaces = 8

// Recipe is how one of FFmpeg's encoders is opened.
type Recipe struct {
	// Name of FFmpeg's encoder; empty is none.
	Name string
	// Prepare sets what are fields of the context and not options.
	Prepare func(*astiav.CodecContext, hwaccel.EncoderConfig)
	// Options of the encoder; nil for none.
	Options func(hwaccel.EncoderConfig) Options
	// LimitsNAL and SmoothRate are those of hwaccel.Capability.
	LimitsNAL, SmoothRate bool
}

// EncoderSetup says how an Encoder is made.
type EncoderSetup struct {
	// Device names it in errors.
	Device string
	// Recipe of the encoder.
	Recipe Recipe
	// Config as hwaccel has it, checked.
	Config hwaccel.EncoderConfig
	// Card that pictures are brought to; nil when the encoder takes them from memory.
	Card *Card
	// Calls makes the calls; the Encoder closes it.
	Calls Calls
}

// Encoder is a video encoder of FFmpeg in one thread that adds no delay. It implements hwaccel.Encoder.
type Encoder struct {
	setup   EncoderSetup
	context *astiav.CodecContext
	packet  *Packet
	// frame takes pictures in memory; pool and staging those on a card.
	frame   *astiav.Frame
	pool    *surfaces
	staging *staging
	out     media.Frame
	force   atomic.Bool
	// reopen asks for a new context, with another bitrate, before the next picture.
	reopen bool
	// time and kind are when the picture is shown and what it is to be, for send.
	time hwaccel.Timeline
	kind astiav.PictureType
	// lost tells that a call hangs, perhaps: what it uses is not touched any more.
	lost                bool
	open, send, receive func() error
}

// OpenEncoder opens an encoder. It closes s.Calls when it fails. Errors: hwaccel.ErrUnsupported, hwaccel.ErrLost.
func OpenEncoder(s EncoderSetup) (hwaccel.Encoder, error) {
	e := &Encoder{setup: s, packet: NewPacket()}
	// Made once: a function made for each picture would be an allocation each.
	e.open, e.send = e.openContext, e.sendPicture
	e.receive = func() error { return e.packet.Receive(e.context) }
	if err := s.Calls.Do(e.begin); err != nil {
		s.Calls.Close(e.free)
		return nil, refusal(s.Device, hwaccel.Encode, s.Config.Codec.Name, err)
	}
	return e, nil
}

func (e *Encoder) begin() (err error) {
	c := e.setup.Config
	if e.setup.Card == nil {
		e.frame, err = NewFrame(c.Width, c.Height)
	} else {
		e.staging = newStaging(e.setup.Card)
		e.pool, err = newSurfaces(e.setup.Card, c.Width, c.Height, encoderSurfaces)
	}
	if err != nil {
		return err
	}
	return e.openContext()
}

// openContext makes a new codec context by the configuration.
func (e *Encoder) openContext() error {
	c := e.setup.Config
	codec := astiav.FindEncoderByName(e.setup.Recipe.Name)
	if codec == nil {
		return fmt.Errorf("ffmpeg: it was built without %s: %w", e.setup.Recipe.Name, hwaccel.ErrUnsupported)
	}
	context := astiav.AllocCodecContext(codec)
	context.SetWidth(c.Width)
	context.SetHeight(c.Height)
	context.SetPixelFormat(astiav.PixelFormatYuv420P)
	context.SetTimeBase(astiav.NewRational(1, hwaccel.Clock))
	context.SetFramerate(astiav.NewRational(c.FrameRate, 1))
	context.SetBitRate(int64(c.Bitrate))
	context.SetThreadCount(1)
	e.setup.Recipe.Prepare(context, c)
	var options Options
	if e.setup.Recipe.Options != nil {
		options = e.setup.Recipe.Options(c)
	}
	var err error
	if e.pool != nil {
		err = e.pool.encodeFrom(context)
	}
	if err == nil {
		err = Open(context, codec, options)
	}
	if err != nil {
		context.Free()
		return err
	}
	if e.context != nil {
		e.context.Free()
	}
	e.context = context
	return nil
}

// do makes a call, unless one hangs.
func (e *Encoder) do(f func() error) error {
	err := e.setup.Calls.Do(f)
	e.lost = e.lost || errors.Is(err, hwaccel.ErrLost)
	return err
}

// Encode is that of hwaccel.Encoder.
func (e *Encoder) Encode(p *media.Picture, out media.Sink[*media.Frame]) error {
	if err := e.usable(); err != nil {
		return err
	}
	if err := e.take(p); err != nil {
		return e.failed(err)
	}
	if e.reopen {
		if err := e.do(e.open); err != nil {
			return e.failed(err)
		}
		e.reopen = false
	}
	e.time.Advance(p.Timestamp, int64(hwaccel.Clock/e.setup.Config.FrameRate))
	e.kind = astiav.PictureTypeNone
	if e.force.Swap(false) {
		e.kind = astiav.PictureTypeI
	}
	if err := e.do(e.send); err != nil {
		return e.failed(err)
	}
	return e.hand(p.Timestamp, out)
}

// usable tells why nothing more can be done.
func (e *Encoder) usable() error {
	switch {
	case e.setup.Calls == nil:
		return hwaccel.ErrClosed
	case e.lost:
		return e.failed(hwaccel.ErrLost)
	}
	return nil
}

// take takes the picture over from who lends it.
func (e *Encoder) take(p *media.Picture) error {
	c := e.setup.Config
	if p.Width != c.Width || p.Height != c.Height {
		return fmt.Errorf("ffmpeg: picture of %dx%d, not %dx%d: %w", p.Width, p.Height, c.Width, c.Height, hwaccel.ErrPicture)
	}
	if e.pool == nil {
		return Fill(e.frame, p)
	}
	return e.staging.take(p)
}

func (e *Encoder) failed(err error) error {
	return fmt.Errorf("%s: encode %s: %w", e.setup.Device, e.setup.Config.Codec.Name, err)
}

// sendPicture hands the picture to the encoder, which does its work in this call.
func (e *Encoder) sendPicture() error {
	frame := e.frame
	switch {
	case e.pool == nil:
	case e.staging.onCard:
		frame = e.staging.surface
	default:
		var err error
		if frame, err = e.pool.lift(e.staging.nv12); err != nil {
			return err
		}
	}
	frame.SetPts(e.time.Now())
	SetDuration(frame, int64(hwaccel.Clock/e.setup.Config.FrameRate))
	frame.SetPictureType(e.kind)
	return e.context.SendFrame(frame)
}

// hand lends to out what came of the picture.
func (e *Encoder) hand(timestamp uint32, out media.Sink[*media.Frame]) error {
	for {
		err := e.do(e.receive)
		if errors.Is(err, astiav.ErrEagain) {
			return nil
		}
		if err != nil {
			return e.failed(err)
		}
		e.out = media.Frame{Data: e.packet.Data(), Timestamp: timestamp, Keyframe: e.packet.Keyframe()}
		if err := out.Write(&e.out); err != nil {
			return err
		}
	}
}

// ForceKeyframe is that of hwaccel.Encoder.
func (e *Encoder) ForceKeyframe() { e.force.Store(true) }

// SetBitrate is that of hwaccel.Encoder.
func (e *Encoder) SetBitrate(bitsPerSecond int) error {
	if err := e.usable(); err != nil {
		return err
	}
	if bitsPerSecond <= 0 {
		return e.failed(fmt.Errorf("%d bit/s: %w", bitsPerSecond, hwaccel.ErrUnsupported))
	}
	c := &e.setup.Config
	if e.setup.Recipe.SmoothRate {
		c.Bitrate = bitsPerSecond
		e.context.SetBitRate(int64(bitsPerSecond))
		e.context.SetRateControlMaxRate(int64(bitsPerSecond))
		e.context.SetRateControlBufferSize(bitsPerSecond / 2)
		return nil
	}
	change := bitsPerSecond - c.Bitrate
	if max(change, -change)*10 < c.Bitrate {
		return nil
	}
	c.Bitrate = bitsPerSecond
	e.reopen = true
	return nil
}

func (e *Encoder) free() {
	if e.context != nil {
		e.context.Free()
	}
	if e.frame != nil {
		e.frame.Free()
	}
	if e.pool != nil {
		e.pool.free()
	}
	if e.staging != nil {
		e.staging.free()
	}
	e.packet.Free()
}

// Close is that of hwaccel.Encoder.
func (e *Encoder) Close() error {
	if e.setup.Calls != nil {
		e.setup.Calls.Close(e.free)
		e.setup.Calls = nil
	}
	return nil
}
