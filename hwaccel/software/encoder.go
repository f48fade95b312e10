package software

import (
	"fmt"
	"sync/atomic"

	"legroom/hwaccel"
	"legroom/hwaccel/ffmpeg"
	"legroom/hwaccel/software/openh264"
	"legroom/hwaccel/software/vpx"
	"legroom/media"
)

// engine is an encoder of a codec library, which is told when a picture is shown and whether it is to be a key frame.
type engine interface {
	// Encode gives an access unit, which may be empty and is the engine's until the next call, and whether it is a key frame.
	Encode(p *media.Picture, at int64, key bool) ([]byte, bool, error)
	SetBitrate(bitsPerSecond int) error
	Close()
}

// OpenEncoder opens an encoder for H.264, VP8 or VP9. Errors: hwaccel.ErrUnsupported.
func (d *Device) OpenEncoder(c hwaccel.EncoderConfig) (hwaccel.Encoder, error) {
	if err := d.capabilities.CheckEncoder(c); err != nil {
		return nil, fmt.Errorf("software: %w", err)
	}
	if c.Codec.Name == media.H264 && hasX264() {
		return ffmpeg.OpenEncoder(ffmpeg.EncoderSetup{Device: d.Name(), Recipe: recipeX264(), Config: c, Calls: d.slots})
	}
	e := &encoder{config: c, slots: d.slots}
	// Made once: a function made for each picture would be an allocation each.
	e.call = e.encode
	if err := d.slots.Do(e.open); err != nil {
		return nil, fmt.Errorf("software: encode %s: %w", c.Codec.Name, err)
	}
	return e, nil
}

// encoder makes an engine a hwaccel.Encoder: timestamps, key frames that are asked for or due, and a slot for each call.
type encoder struct {
	config hwaccel.EncoderConfig
	slots  slots
	engine engine
	call   func() error
	force  atomic.Bool
	// age is how many pictures the last key frame is old.
	age  int
	time hwaccel.Timeline

	// What the next call is about, and what came of it. picture is lent and not kept.
	picture *media.Picture
	out     media.Frame
}

func (e *encoder) open() (err error) {
	switch e.config.Codec.Name {
	case media.H264:
		e.engine, err = openh264.Open(openh264.Config{EncoderConfig: e.config})
	default:
		e.engine, err = vpx.Open(vpx.Config{EncoderConfig: e.config})
	}
	return err
}

// Encode is that of hwaccel.Encoder.
func (e *encoder) Encode(p *media.Picture, out media.Sink[*media.Frame]) error {
	if e.engine == nil {
		return hwaccel.ErrClosed
	}
	if err := hwaccel.Fits(p, e.config.Width, e.config.Height); err != nil {
		return e.failed(err)
	}
	e.picture = p
	e.time.Advance(p.Timestamp, int64(hwaccel.Clock/e.config.FrameRate))
	err := e.slots.Do(e.call)
	e.picture = nil
	if err != nil {
		return e.failed(err)
	}
	if len(e.out.Data) == 0 {
		return nil
	}
	return out.Write(&e.out)
}

// encode is Encode's call into C.
func (e *encoder) encode() error {
	due := e.config.KeyInterval > 0 && e.age >= e.config.KeyInterval
	asked := e.force.Swap(false)
	data, key, err := e.engine.Encode(e.picture, e.time.Now(), due || asked)
	if asked && !key {
		e.force.Store(true) // who asked still waits
	}
	if err != nil {
		return err
	}
	if e.age++; key {
		e.age = 1
	}
	e.out = media.Frame{Data: data, Timestamp: e.picture.Timestamp, Keyframe: key}
	return nil
}

// ForceKeyframe is that of hwaccel.Encoder.
func (e *encoder) ForceKeyframe() { e.force.Store(true) }

// SetBitrate is that of hwaccel.Encoder.
func (e *encoder) SetBitrate(bitsPerSecond int) error {
	if e.engine == nil {
		return hwaccel.ErrClosed
	}
	if err := e.engine.SetBitrate(bitsPerSecond); err != nil {
		return e.failed(err)
	}
	return nil
}

// Close is that of hwaccel.Encoder.
func (e *encoder) Close() error {
	if e.engine != nil {
		e.engine.Close()
		e.engine = nil
	}
	return nil
}

func (e *encoder) failed(err error) error {
	return fmt.Errorf("software: encode %s: %w", e.config.Codec.Name, err)
}
