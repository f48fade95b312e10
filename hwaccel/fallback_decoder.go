package hwaccel

import (
	"errors"
	"fmt"

	"legroom/media"
)

// brokenKeyframes in a row are the Device's fault and not the sender's.
const brokenKeyframes = 2

// OpenDecoder opens a decoder that survives its Device, for so many pictures a second. A stream goes on on the next Device
// with a key frame; until one comes Decode answers ErrBitstream, upon which everybody asks for one.
// Errors: ErrUnsupported, ErrBusy, as joined from all Devices.
func (f *Fallback) OpenDecoder(c DecoderConfig, frameRate int) (Decoder, error) {
	d := &fallbackDecoder{devices: f, config: c, frameRate: frameRate}
	if err := d.begin(0); err != nil {
		return nil, err
	}
	return d, nil
}

type fallbackDecoder struct {
	devices   *Fallback
	config    DecoderConfig
	frameRate int
	place     place
	// on is the decoder in use; nil when closed, or when no Device is left and failed says why.
	on     Decoder
	failed error
	// broken counts key frames without a picture.
	broken int
	// waits tells that the stream goes on with a key frame.
	waits bool
	sink  watched[*media.Picture]
}

func (d *fallbackDecoder) begin(from int) (err error) {
	c := d.config
	job := Job{Operation: Decode, Codec: c.Codec.Name, Width: c.MaxWidth, Height: c.MaxHeight, FrameRate: d.frameRate}
	d.place, err = d.devices.find(from, job, func(device Device) (err error) {
		d.on, err = device.OpenDecoder(c)
		return err
	})
	return err
}

func (d *fallbackDecoder) Decode(f *media.Frame, out media.Sink[*media.Picture]) error {
	for {
		switch {
		case d.on == nil && d.failed != nil:
			return d.failed
		case d.on == nil:
			return ErrClosed
		case d.waits && !f.Keyframe:
			return fmt.Errorf("hwaccel: %s: no key frame since the last device: %w", d.config.Codec.Name, ErrBitstream)
		}
		d.waits = false
		d.sink = watched[*media.Picture]{to: out}
		err := d.on.Decode(f, &d.sink)
		if d.sink.wrote {
			d.broken = 0
		}
		if err == nil || d.sink.failed || !d.atFault(f, err) {
			return err
		}
		d.move(err)
	}
}

// atFault tells whether an error is to be laid at the Device's door, and there is another to turn to.
func (d *fallbackDecoder) atFault(f *media.Frame, err error) bool {
	if errors.Is(err, ErrLost) {
		return true
	}
	if f.Keyframe {
		d.broken++
	}
	return d.broken >= brokenKeyframes && d.place.index+1 < len(d.devices.Devices)
}

// move goes on on the next Device, or leaves the decoder without one.
func (d *fallbackDecoder) move(why error) {
	from := d.place.index
	d.leave()
	d.broken, d.waits = 0, true
	if err := d.begin(from + 1); err != nil {
		d.on, d.failed = nil, errors.Join(why, err)
		return
	}
	d.devices.moved(from, d.place.index, why)
}

func (d *fallbackDecoder) leave() {
	_ = d.on.Close()
	_ = d.place.lease.Close()
	d.on = nil
}

func (d *fallbackDecoder) Close() error {
	if d.on != nil {
		d.leave()
	}
	d.failed = nil
	return nil
}
