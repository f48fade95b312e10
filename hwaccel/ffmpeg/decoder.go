package ffmpeg

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/asticode/go-astiav"

	"legroom/hwaccel"
	"legroom/media"
)

// refused is EINVAL, by which FFmpeg's decoders refuse a picture above max_pixels; go-astiav has no name for it.
const refused = astiav.Error(-22)

// keptSurfaces is how many pictures those who look at a decoder's may keep on the card, each one or two: three rungs of
// encoders, a compositor, and as many again.
const keptSurfaces = 16

// DecoderSetup says how a Decoder is made.
type DecoderSetup struct {
	// Device names it in errors.
	Device string
	// Name of FFmpeg's decoder.
	Name string
	// Config as hwaccel has it.
	Config hwaccel.DecoderConfig
	// Card that decodes; nil is the processor.
	Card *Card
	// Calls makes the calls; the Decoder closes it.
	Calls Calls
}

// Decoder is a video decoder of FFmpeg. It implements hwaccel.Decoder.
type Decoder struct {
	setup    DecoderSetup
	context  *astiav.CodecContext
	packet   *Packet
	frame    *astiav.Frame
	surface  Surface
	download download
	picture  media.Picture
	// data and pts are of the unit that Decode was given, for send.
	data []byte
	pts  int64
	// lost tells that a call hangs, perhaps: what it uses is not touched any more.
	lost          bool
	send, receive func() error
}

// OpenDecoder opens a decoder that adds no delay, in one thread. It closes s.Calls when it fails.
// Errors: hwaccel.ErrUnsupported, hwaccel.ErrLost.
func OpenDecoder(s DecoderSetup) (hwaccel.Decoder, error) {
	d := &Decoder{setup: s, packet: NewPacket(), frame: astiav.AllocFrame(), surface: Surface{card: s.Card}}
	// Made once: a function made for each picture would be an allocation each.
	d.send = func() error { return d.packet.Send(d.context, d.data, d.pts) }
	d.receive = d.next
	if err := s.Calls.Do(d.open); err != nil {
		s.Calls.Close(d.free)
		return nil, refusal(s.Device, hwaccel.Decode, s.Config.Codec.Name, err)
	}
	return d, nil
}

func (d *Decoder) open() error {
	codec := astiav.FindDecoderByName(d.setup.Name)
	d.context = astiav.AllocCodecContext(codec)
	// Threads that work on several pictures at a time would each add a picture of delay.
	d.context.SetThreadCount(1)
	d.context.SetFlags(astiav.NewCodecContextFlags(astiav.CodecContextFlagLowDelay))
	if d.setup.Card != nil {
		if err := d.setup.Card.decodeOn(d.context, keptSurfaces); err != nil {
			return err
		}
	}
	// Pictures are coded in blocks of up to 64 pixels, so the coded size may be that much above the shown one.
	c := d.setup.Config
	pixels := (c.MaxWidth + 63) / 64 * 64 * ((c.MaxHeight + 63) / 64 * 64)
	return Open(d.context, codec, Options{"max_pixels": strconv.Itoa(pixels)})
}

// refusal of a stage that cannot be opened.
func refusal(device string, op hwaccel.Operation, codec media.CodecName, err error) error {
	if errors.Is(err, hwaccel.ErrLost) {
		return fmt.Errorf("%s: %s %s: %w", device, op, codec, err)
	}
	return fmt.Errorf("%s: %s %s: %w: %w", device, op, codec, hwaccel.ErrUnsupported, err)
}

// Decode is that of hwaccel.Decoder.
func (d *Decoder) Decode(f *media.Frame, out media.Sink[*media.Picture]) error {
	switch {
	case d.setup.Calls == nil:
		return hwaccel.ErrClosed
	case d.lost:
		return d.failed(hwaccel.ErrLost)
	}
	// FFmpeg copies the data before the driver sees any of it.
	d.data, d.pts = f.Data, int64(f.Timestamp)
	if err := d.do(d.send); err != nil {
		return d.failed(err)
	}
	d.data = nil
	for {
		err := d.do(d.receive)
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

// do makes a call, unless one hangs.
func (d *Decoder) do(f func() error) error {
	err := d.setup.Calls.Do(f)
	d.lost = d.lost || errors.Is(err, hwaccel.ErrLost)
	return err
}

// next takes the next picture and brings it to where it is wanted.
func (d *Decoder) next() error {
	if err := ReceiveFrame(d.context, d.frame); err != nil {
		return err
	}
	var err error
	switch {
	case d.setup.Card == nil:
		err = View(&d.picture, d.frame)
	case d.setup.Config.InMemory:
		err = d.download.get(&d.picture, d.frame)
	default:
		d.surface.frame = d.frame
		d.picture = media.Picture{Width: d.frame.Width(), Height: d.frame.Height(), Surface: &d.surface}
	}
	if err != nil {
		d.frame.Unref()
	}
	return err
}

// show lends the decoded picture to out.
func (d *Decoder) show(out media.Sink[*media.Picture]) error {
	defer d.frame.Unref()
	c := d.setup.Config
	if d.picture.Width > c.MaxWidth || d.picture.Height > c.MaxHeight {
		return fmt.Errorf("%s: decode %s: picture of %dx%d, at most %dx%d: %w", d.setup.Device, c.Codec.Name,
			d.picture.Width, d.picture.Height, c.MaxWidth, c.MaxHeight, hwaccel.ErrUnsupported)
	}
	d.picture.Timestamp = uint32(d.frame.Pts())
	return out.Write(&d.picture)
}

func (d *Decoder) failed(err error) error {
	kind := hwaccel.ErrBitstream
	switch {
	case errors.Is(err, hwaccel.ErrLost), errors.Is(err, hwaccel.ErrUnsupported):
		return fmt.Errorf("%s: decode %s: %w", d.setup.Device, d.setup.Config.Codec.Name, err)
	case errors.Is(err, refused):
		kind = hwaccel.ErrUnsupported
	}
	return fmt.Errorf("%s: decode %s: %w: %w", d.setup.Device, d.setup.Config.Codec.Name, kind, err)
}

func (d *Decoder) free() {
	d.download.free()
	d.frame.Free()
	d.packet.Free()
	if d.context != nil {
		d.context.Free()
	}
}

// Close is that of hwaccel.Decoder.
func (d *Decoder) Close() error {
	if d.setup.Calls != nil {
		d.setup.Calls.Close(d.free)
		d.setup.Calls = nil
	}
	return nil
}
