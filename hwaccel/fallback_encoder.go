package hwaccel

import (
	"errors"
	"sync/atomic"

	"legroom/media"
)

// OpenEncoder opens an encoder that survives its Device: the picture that the Device failed at becomes a key frame of the
// next one. Errors: ErrUnsupported, ErrBusy, as joined from all Devices.
func (f *Fallback) OpenEncoder(c EncoderConfig) (Encoder, error) {
	e := &fallbackEncoder{devices: f, config: c}
	if err := e.begin(0); err != nil {
		return nil, err
	}
	return e, nil
}

type fallbackEncoder struct {
	devices *Fallback
	config  EncoderConfig
	place   place
	// on is the encoder in use; nil when closed, or when no Device is left and failed says why.
	on     Encoder
	failed error
	force  atomic.Bool
	sink   watched[*media.Frame]
}

func (e *fallbackEncoder) begin(from int) (err error) {
	c := e.config
	job := Job{Operation: Encode, Codec: c.Codec.Name, Width: c.Width, Height: c.Height, FrameRate: c.FrameRate}
	e.place, err = e.devices.find(from, job, func(d Device) (err error) {
		e.on, err = d.OpenEncoder(c)
		return err
	})
	return err
}

func (e *fallbackEncoder) Encode(p *media.Picture, out media.Sink[*media.Frame]) error {
	for {
		if e.on == nil {
			return e.gone()
		}
		if e.force.Swap(false) {
			e.on.ForceKeyframe()
		}
		e.sink = watched[*media.Frame]{to: out}
		err := e.on.Encode(p, &e.sink)
		// What is wrong with the picture or with who takes it would be wrong on every Device.
		if err == nil || e.sink.failed || errors.Is(err, ErrPicture) {
			return err
		}
		e.move(err)
	}
}

// move goes on on the next Device, or leaves the encoder without one.
func (e *fallbackEncoder) move(why error) {
	from := e.place.index
	e.leave()
	if err := e.begin(from + 1); err != nil {
		e.on, e.failed = nil, errors.Join(why, err)
		return
	}
	e.devices.moved(from, e.place.index, why)
}

func (e *fallbackEncoder) leave() {
	_ = e.on.Close()
	_ = e.place.lease.Close()
	e.on = nil
}

func (e *fallbackEncoder) gone() error {
	if e.failed != nil {
		return e.failed
	}
	return ErrClosed
}

func (e *fallbackEncoder) ForceKeyframe() { e.force.Store(true) }

func (e *fallbackEncoder) SetBitrate(bitsPerSecond int) error {
	if e.on == nil {
		return e.gone()
	}
	err := e.on.SetBitrate(bitsPerSecond)
	if err == nil {
		// The next Device begins with it.
		e.config.Bitrate = bitsPerSecond
	}
	return err
}

func (e *fallbackEncoder) Close() error {
	if e.on != nil {
		e.leave()
	}
	e.failed = nil
	return nil
}

// watched tells an error of the sink from one of the stage that writes to it.
type watched[T media.Unit] struct {
	to     media.Sink[T]
	wrote  bool
	failed bool
}

func (w *watched[T]) Write(u T) error {
	err := w.to.Write(u)
	w.wrote = true
	w.failed = w.failed || err != nil
	return err
}

func (w *watched[T]) Close() error { return nil }
