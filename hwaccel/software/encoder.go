package software

import (
	"fmt"

	"legroom/hwaccel"
	"legroom/hwaccel/ffmpeg"
)

// OpenEncoder opens an encoder for H.264, VP8 or VP9. Errors: hwaccel.ErrUnsupported.
func (d *Device) OpenEncoder(c hwaccel.EncoderConfig) (hwaccel.Encoder, error) {
	if err := d.capabilities.CheckEncoder(c); err != nil {
		return nil, fmt.Errorf("software: %w", err)
	}
	return ffmpeg.OpenEncoder(ffmpeg.EncoderSetup{
		Device: d.Name(), Recipe: recipeOf(c.Codec.Name), Config: c, Calls: d.slots,
	})
}
