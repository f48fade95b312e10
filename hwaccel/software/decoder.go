package software

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/asticode/go-astiav"

	"legroom/hwaccel"
	"legroom/hwaccel/ffmpeg"
	"legroom/media"
)

// refused is EINVAL, by which FFmpeg's decoders refuse a picture above max_pixels; go-astiav has no name for it.
const refused = astiav.Error(-22)

// decoder is a video decoder of FFmpeg in one thread.
type decoder struct {
	config  hwaccel.DecoderConfig
	slots   slots
	context *astiav.CodecContext
	packet  *ffmpeg.Packet
	frame   *astiav.Frame
	picture media.Picture
}

// OpenDecoder opens a decoder for H.264, VP8, VP9 or AV1. Errors: hwaccel.ErrUnsupported.
func (d *Device) OpenDecoder(c hwaccel.DecoderConfig) (hwaccel.Decoder, error) {
	if c.MaxWidth <= 0 || c.MaxHeight <= 0 {
		return nil, fmt.Errorf("software: decode at most %dx%d: %w", c.MaxWidth, c.MaxHeight, hwaccel.ErrUnsupported)
	}
	if _, err := d.capabilities.Find(hwaccel.Decode, c.Codec.Name, c.MaxWidth, c.MaxHeight); err != nil {
		return nil, fmt.Errorf("software: %w", err)
	}
	codec := astiav.FindDecoderByName(decoderOf(c.Codec.Name))
	context := astiav.AllocCodecContext(codec)
	// Threads that work on several pictures at a time would each add a picture of delay.
	context.SetThreadCount(1)
	context.SetFlags(astiav.NewCodecContextFlags(astiav.CodecContextFlagLowDelay))
	// Pictures are coded in blocks of up to 64 pixels, so the coded size may be that much above the shown one.
	pixels := (c.MaxWidth + 63) / 64 * 64 * ((c.MaxHeight + 63) / 64 * 64)
	if err := ffmpeg.Open(context, codec, ffmpeg.Options{"max_pixels": strconv.Itoa(pixels)}); err != nil {
		context.Free()
		return nil, fmt.Errorf("software: decode %s: %w: %w", c.Codec.Name, hwaccel.ErrUnsupported, err)
	}
	return &decoder{
		config: c, slots: d.slots, context: context,
		packet: ffmpeg.NewPacket(), frame: astiav.AllocFrame(),
	}, nil
}

func (d *decoder) Decode(f *media.Frame, out media.Sink[*media.Picture]) error {
	if d.context == nil {
		return hwaccel.ErrClosed
	}
	if err := d.slots.run(func() error { return d.packet.Send(d.context, f.Data, int64(f.Timestamp)) }); err != nil {
		return d.failed(err)
	}
	for {
		err := d.slots.run(func() error { return ffmpeg.ReceiveFrame(d.context, d.frame) })
		if errors.Is(err, astiav.ErrEagain) {
			return nil
		}
		if err != nil {
			return d.failed(err)
		}
		if err := d.show(out); err != nil {
			return err
		}
	}
}

// show lends the decoded picture to out.
func (d *decoder) show(out media.Sink[*media.Picture]) error {
	defer d.frame.Unref()
	if err := ffmpeg.View(&d.picture, d.frame); err != nil {
		return fmt.Errorf("software: decode %s: %w", d.config.Codec.Name, err)
	}
	if d.picture.Width > d.config.MaxWidth || d.picture.Height > d.config.MaxHeight {
		return fmt.Errorf("software: decode %s: picture of %dx%d, at most %dx%d: %w", d.config.Codec.Name,
			d.picture.Width, d.picture.Height, d.config.MaxWidth, d.config.MaxHeight, hwaccel.ErrUnsupported)
	}
	d.picture.Timestamp = uint32(d.frame.Pts())
	return out.Write(&d.picture)
}

func (d *decoder) failed(err error) error {
	kind := hwaccel.ErrBitstream
	if errors.Is(err, refused) {
		kind = hwaccel.ErrUnsupported
	}
	return fmt.Errorf("software: decode %s: %w: %w", d.config.Codec.Name, kind, err)
}

func (d *decoder) Close() error {
	if d.context == nil {
		return nil
	}
	d.frame.Free()
	d.packet.Free()
	d.context.Free()
	d.context = nil
	return nil
}
