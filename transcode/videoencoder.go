package transcode

import (
	"errors"
	"fmt"
	"time"

	"legroom/hwaccel"
	"legroom/media"
	"legroom/media/payload"
)

// videoEncoder is the part of the stage that Run's goroutine has for itself.
type videoEncoder struct {
	stage  *EncodeVideo
	enc    hwaccel.Encoder
	scaler hwaccel.Scaler // nil: none was needed
	// inMemory tells that the encoder takes no pictures of the card they are on.
	inMemory bool
	cutter   media.Sink[*media.Frame]
	scaled   media.Sink[*media.Picture]
	cut      media.Sink[*media.Frame]
	line     pictureLine
	picture  media.Picture // with the timestamp it is sent with
	bits     int64         // as the encoder knows it
	sent     time.Time     // the last picture
	forced   time.Time     // the last key frame
	key      bool          // a key frame was made of the picture
	fatal    error
}

func (v *videoEncoder) open(e *EncodeVideo, mode int) (err error) {
	c := e.cfg
	v.stage, v.bits = e, int64(c.Bitrate)
	v.line.step = e.rate.step
	v.scaled, v.cut = media.SinkFunc[*media.Picture](v.encode), media.SinkFunc[*media.Frame](v.made)
	if c.Codec.Name == media.VP8 {
		v.cutter = payload.NewVP8Packetizer(payload.VP8PacketizerConfig{MTU: c.MTU}, e.out)
	} else {
		v.cutter = payload.NewH264Packetizer(payload.H264PacketizerConfig{MTU: c.MTU, Mode: mode}, e.out)
	}
	v.enc, err = c.Devices.OpenEncoder(hwaccel.EncoderConfig{
		Codec: c.Codec, Width: c.Width, Height: c.Height, FrameRate: c.FrameRate, Bitrate: c.Bitrate, MaxNAL: c.MaxNAL,
	})
	if err != nil {
		return err
	}
	if c.SourceWidth > 0 && (c.SourceWidth != c.Width || c.SourceHeight != c.Height) {
		if err = v.openScaler(c.SourceWidth, c.SourceHeight); err != nil {
			v.close()
		}
	}
	return err
}

func (v *videoEncoder) openScaler(width, height int) (err error) {
	c := v.stage.cfg
	v.scaler, err = c.Devices.OpenScaler(hwaccel.ScalerConfig{Width: c.Width, Height: c.Height, InMemory: v.inMemory},
		width, height, c.FrameRate)
	if err != nil {
		v.scaler = nil
	}
	return err
}

func (v *videoEncoder) close() {
	if v.scaler != nil {
		_ = v.scaler.Close()
	}
	_ = v.enc.Close()
}

// untilKey is how long it takes until a key frame that was asked for may be made of the last picture.
func (v *videoEncoder) untilKey() time.Duration {
	return max(time.Until(v.forced.Add(keysApart)), time.Until(v.sent.Add(stillAfter)), 0)
}

// step does what is due. Errors: those that end the stage.
func (v *videoEncoder) step() error {
	e, now := v.stage, time.Now()
	p, fresh := e.box.take()
	switch {
	case fresh:
		v.picture = *p
		v.picture.Timestamp = v.line.follow(p.Timestamp)
	case e.asked.Load() && v.untilKey() <= 0 && e.box.last() != nil:
		v.picture = *e.box.last()
		v.picture.Timestamp = v.line.repeat(uint32(now.Sub(v.sent) * pictureClock / time.Second))
	default:
		return nil
	}
	forced := e.asked.Load() && now.Sub(v.forced) >= keysApart
	if forced {
		e.asked.Store(false)
		v.enc.ForceKeyframe()
	}
	if bits := e.bits.Load(); bits != v.bits {
		v.bits = bits
		_ = v.enc.SetBitrate(int(bits)) // an encoder that is gone says so with the picture
	}
	v.key = false
	err := v.pass()
	v.sent = now
	if v.key || forced {
		v.forced = now
	}
	if forced && !v.key {
		e.asked.Store(true) // the picture was left out, or no Device took it
	}
	if err != nil {
		e.counts.failed.Add(1)
	}
	return v.fatal
}

// pass brings the picture to the encoder.
func (v *videoEncoder) pass() error {
	p := &v.picture
	err := v.bring(p)
	if p.Surface != nil && !v.inMemory && errors.Is(err, hwaccel.ErrPicture) {
		// The encoder is on another Device than the picture: from now on pictures come to it by way of memory.
		if v.inMemory = true; v.scaler != nil {
			_ = v.scaler.Close()
			v.scaler = nil
		}
		err = v.bring(p)
	}
	return err
}

func (v *videoEncoder) bring(p *media.Picture) error {
	c := v.stage.cfg
	if p.Width == c.Width && p.Height == c.Height && (p.Surface == nil || !v.inMemory) {
		return v.encode(p)
	}
	if v.scaler == nil {
		if err := v.openScaler(p.Width, p.Height); err != nil {
			return err
		}
	}
	return v.scaler.Scale(p, v.scaled)
}

func (v *videoEncoder) encode(p *media.Picture) error {
	err := v.enc.Encode(p, v.cut)
	if err != nil && !errors.Is(err, hwaccel.ErrPicture) {
		// The encoder has tried all Devices.
		v.fatal = fmt.Errorf("transcode: encode %v: %w", v.stage.cfg.Codec, err)
	}
	return err
}

// made takes a frame of the encoder. Errors: none that would be laid at the Device's door.
func (v *videoEncoder) made(f *media.Frame) error {
	c := &v.stage.counts
	c.frames.Add(1)
	if f.Keyframe {
		v.key = true
		c.keys.Add(1)
	}
	if err := v.cutter.Write(f); err != nil {
		c.refused.Add(1)
		if errors.Is(err, media.ErrClosed) {
			v.fatal = err
		}
	}
	return nil
}
