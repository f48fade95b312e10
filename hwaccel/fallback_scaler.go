package hwaccel

import (
	"errors"
	"fmt"

	"legroom/media"
)

// OpenScaler opens a scaler that works where each picture lies: on its card, or on the last Device, the processor, for one
// in memory. It follows the pictures when they come from elsewhere, as they do when a decoder's card is lost. The capacity
// is for so many pictures a second of up to width x height, or of what is made of them if that is more; what the processor
// will need is taken at once. Pictures on cards need Devices whose Surfaces are of this package.
// Errors: ErrUnsupported, ErrBusy, of the last Device.
func (f *Fallback) OpenScaler(c ScalerConfig, width, height, frameRate int) (Scaler, error) {
	s := &fallbackScaler{devices: f, config: c, memory: true}
	s.job = Job{Operation: Scale, Width: max(width, c.Width), Height: max(height, c.Height), FrameRate: frameRate}
	if err := s.begin(len(f.Devices) - 1); err != nil {
		return nil, err
	}
	return s, nil
}

type fallbackScaler struct {
	devices *Fallback
	config  ScalerConfig
	job     Job
	place   place
	on      Scaler // nil: none is open
	// memory tells that the scaler in use was looked for on behalf of pictures in memory.
	memory bool
	closed bool
	sink   watched[*media.Picture]
	// foreign tells that a Device let a picture through that should have come into memory.
	foreign bool
	out     media.Sink[*media.Picture]
}

// begin opens the scaler of one Device.
func (s *fallbackScaler) begin(index int) error {
	if index < 0 {
		return fmt.Errorf("hwaccel: no device is left: %w", ErrUnsupported)
	}
	d := s.devices.Devices[index]
	load, err := d.Capabilities().Load(s.job)
	if err != nil {
		return err
	}
	lease, err := d.Acquire(load)
	if err != nil {
		return err
	}
	if s.on, err = d.OpenScaler(s.config); err != nil {
		_ = lease.Close()
		s.on = nil
		return err
	}
	s.place = place{index, lease}
	return nil
}

func (s *fallbackScaler) Scale(src *media.Picture, out media.Sink[*media.Picture]) error {
	if s.closed {
		return ErrClosed
	}
	memory := src.Surface == nil
	if memory {
		if err := whole(src); err != nil {
			return err
		}
	}
	var err error
	if s.on != nil && s.memory == memory {
		if err = s.try(src, out); err == nil || s.sink.failed {
			return err
		}
	}
	s.memory = memory
	return s.search(src, out, err)
}

// search looks for the Device that takes the picture: cards first for one on a card.
func (s *fallbackScaler) search(src *media.Picture, out media.Sink[*media.Picture], why error) error {
	all := []error{why}
	for n := range s.devices.Devices {
		index := n
		if s.memory {
			index = len(s.devices.Devices) - 1 - n
		}
		s.leave()
		err := s.begin(index)
		if err == nil {
			if err = s.try(src, out); err == nil || s.sink.failed {
				return err
			}
		}
		all = append(all, err)
	}
	s.leave()
	return errors.Join(all...)
}

func (s *fallbackScaler) try(src *media.Picture, out media.Sink[*media.Picture]) error {
	s.out, s.foreign = out, false
	s.sink = watched[*media.Picture]{to: s}
	err := s.on.Scale(src, &s.sink)
	s.sink.failed = s.sink.failed && !s.foreign
	return err
}

// Write takes what the scaler of the Device made. It is no part of Scaler.
func (s *fallbackScaler) Write(p *media.Picture) error {
	if s.config.InMemory && p.Surface != nil {
		s.foreign = true
		return fmt.Errorf("hwaccel: picture on a card: %w", ErrPicture)
	}
	return s.out.Write(p)
}

func (s *fallbackScaler) leave() {
	if s.on != nil {
		_ = s.on.Close()
		_ = s.place.lease.Close()
		s.on = nil
	}
}

func (s *fallbackScaler) Close() error {
	s.leave()
	s.closed = true
	return nil
}
