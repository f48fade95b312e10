package software

import (
	"fmt"

	"legroom/hwaccel"
	"legroom/hwaccel/ffmpeg"
)

// OpenDecoder opens a decoder for H.264, VP8, VP9 or AV1. Errors: hwaccel.ErrUnsupported.
func (d *Device) OpenDecoder(c hwaccel.DecoderConfig) (hwaccel.Decoder, error) {
	if err := d.capabilities.CheckDecoder(c); err != nil {
		return nil, fmt.Errorf("software: %w", err)
	}
	return ffmpeg.OpenDecoder(ffmpeg.DecoderSetup{
		Device: d.Name(), Name: decoderOf(c.Codec.Name), Config: c, Calls: d.slots,
	})
}
