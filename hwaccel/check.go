package hwaccel

import "fmt"

// CheckDecoder refuses a decoder that the Device does not have. Errors: ErrUnsupported.
func (c Capabilities) CheckDecoder(d DecoderConfig) error {
	if d.MaxWidth <= 0 || d.MaxHeight <= 0 {
		return fmt.Errorf("hwaccel: decode at most %dx%d: %w", d.MaxWidth, d.MaxHeight, ErrUnsupported)
	}
	_, err := c.Find(Decode, d.Codec.Name, d.MaxWidth, d.MaxHeight)
	return err
}

// CheckEncoder refuses an encoder that no Device can be, or that this one does not have. Errors: ErrUnsupported.
func (c Capabilities) CheckEncoder(e EncoderConfig) error {
	if err := e.Check(); err != nil {
		return err
	}
	able, err := c.Find(Encode, e.Codec.Name, e.Width, e.Height)
	if err != nil {
		return err
	}
	if e.MaxNAL > 0 && !able.LimitsNAL {
		return fmt.Errorf("hwaccel: encode %s in pieces of %d bytes: %w", e.Codec.Name, e.MaxNAL, ErrUnsupported)
	}
	return nil
}

// CheckScaler refuses a scaler that the Device does not have. Errors: ErrUnsupported.
func (c Capabilities) CheckScaler(s ScalerConfig) error {
	if s.Width <= 0 || s.Height <= 0 || s.Width%2 != 0 || s.Height%2 != 0 {
		return fmt.Errorf("hwaccel: scale to %dx%d: sizes are even and above 0: %w", s.Width, s.Height, ErrUnsupported)
	}
	_, err := c.Find(Scale, "", s.Width, s.Height)
	return err
}
