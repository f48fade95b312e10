package software

import (
	"fmt"

	"legroom/hwaccel"
	"legroom/hwaccel/ffmpeg"
	"legroom/media"
)

type scaler struct {
	config hwaccel.ScalerConfig
	slots  slots
	sws    *ffmpeg.Scaler
}

// OpenScaler opens a scaler. Errors: hwaccel.ErrUnsupported.
func (d *Device) OpenScaler(c hwaccel.ScalerConfig) (hwaccel.Scaler, error) {
	if err := d.capabilities.CheckScaler(c); err != nil {
		return nil, fmt.Errorf("software: %w", err)
	}
	sws, err := ffmpeg.NewScaler(c.Width, c.Height)
	if err != nil {
		return nil, fmt.Errorf("software: scale to %dx%d: %w", c.Width, c.Height, err)
	}
	return &scaler{config: c, slots: d.slots, sws: sws}, nil
}

func (s *scaler) Scale(src *media.Picture, out media.Sink[*media.Picture]) error {
	if s.sws == nil {
		return hwaccel.ErrClosed
	}
	if src.Width == s.config.Width && src.Height == s.config.Height {
		return out.Write(src)
	}
	var result *media.Picture
	err := s.slots.Do(func() (err error) {
		result, err = s.sws.Scale(src)
		return err
	})
	if err != nil {
		return fmt.Errorf("software: scale: %w", err)
	}
	return out.Write(result)
}

func (s *scaler) Close() error {
	if s.sws != nil {
		s.sws.Free()
		s.sws = nil
	}
	return nil
}
