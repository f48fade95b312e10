package transcode

import (
	"errors"

	"legroom/hwaccel"
	"legroom/media"
)

// videoDecoder is the part of the stage that Run's goroutine has for itself.
type videoDecoder struct {
	stage *DecodeVideo
	dec   hwaccel.Decoder // nil: none could be opened
	shown media.Sink[*media.Picture]
	// begun tells that a frame was decoded; clean that nothing is missing since the last key frame, else it is since.
	begun, clean, started bool
	since                 uint32
	late                  bool // the frame being decoded came when patience was over
	bad                   int  // key frames in a row
}

func (v *videoDecoder) open() (err error) {
	c := v.stage.cfg
	v.dec, err = c.Devices.OpenDecoder(hwaccel.DecoderConfig{
		Codec: c.Codec, MaxWidth: c.MaxWidth, MaxHeight: c.MaxHeight, InMemory: c.InMemory,
	}, c.FrameRate)
	return err
}

func (v *videoDecoder) close() {
	if v.dec != nil {
		_ = v.dec.Close()
		v.dec = nil
	}
}

// decode takes the next frame. Errors: none that would count as a drop of the Queue.
func (v *videoDecoder) decode(f *media.Frame) error {
	d := v.stage
	if !v.started || f.Gap && v.clean {
		v.started, v.clean, v.since = true, false, f.Timestamp
	}
	v.clean = v.clean || f.Keyframe
	v.late = int32(f.Timestamp-v.since) >= int32(d.cfg.Codec.Ticks(d.cfg.Patience))
	if !v.begun && !v.clean && !v.late {
		d.counts.held.Add(1)
		return nil
	}
	v.begun = true
	err := hwaccel.ErrUnsupported
	if v.dec != nil || f.Keyframe && v.open() == nil {
		err = v.dec.Decode(f, v.shown)
	}
	if err == nil {
		v.bad = 0
		return nil
	}
	d.counts.failed.Add(1)
	if v.clean {
		v.clean, v.since = false, f.Timestamp
	}
	if key := d.key.Load(); key == 0 || int32(uint32(key)-f.Timestamp) <= 0 {
		d.asker.want() // none is on its way
	}
	if f.Keyframe {
		v.failed()
	}
	return nil
}

// failed counts key frames that do not decode. A decoder that has run out of Devices, because of what somebody sent, gets
// another chance.
func (v *videoDecoder) failed() {
	if v.bad++; v.bad < reopenAfter {
		return
	}
	v.bad = 0
	v.close()
	_ = v.open() // else with the next key frame
}

// show hands a picture on, unless it is damaged.
func (v *videoDecoder) show(p *media.Picture) error {
	d := v.stage
	if !v.clean && !v.late {
		d.counts.held.Add(1)
		return nil
	}
	if v.clean {
		d.asker.good()
	}
	d.counts.pictures.Add(1)
	if err := d.out.Write(p); errors.Is(err, media.ErrClosed) {
		_ = d.frames.Close()
	}
	return nil
}
