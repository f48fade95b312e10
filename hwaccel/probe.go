package hwaccel

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"legroom/media"
)

// What a probe runs: a size that every card takes, and enough pictures for a median.
const (
	probeWidth    = 640
	probeHeight   = 360
	probePictures = 12
	probePSNR     = 25 // dB; what is below is not the picture that was sent
)

// Probe finds out what works by doing it: it encodes moving pictures, decodes them and looks at the result. What d lists
// in its Capabilities is only what it claims. The other Device, reference, decodes what d encodes and makes the streams
// that d decodes, where no Sample is stored: a card that can do one of the two is so judged by what it can do. It may be d
// itself, and d stands in for it where it does not know the codec.
// The result holds what worked, with its speed. The error joins a *ProbeError for everything that did not, and does not
// make the result less true. It takes some 100 ms on a processor.
func Probe(ctx context.Context, d, reference Device) (Capabilities, error) {
	p := newProbe(d, reference, patterns(probeWidth, probeHeight, probePictures))
	claims := d.Capabilities()
	found := Capabilities{Capacity: claims.Capacity}
	found.Encode = p.each(ctx, Encode, claims.Encode, p.encode)
	found.Decode = p.each(ctx, Decode, claims.Decode, p.decode)
	found.Scale = p.each(ctx, Scale, claims.Scale, p.scale)
	return found, errors.Join(p.faults...)
}

type probe struct {
	device, reference Device
	pictures          []*media.Picture
	// streams that were made, by codec.
	streams map[media.CodecName][]*media.Frame
	faults  []error
}

// patterns are so many pictures of a size.
func patterns(width, height, pictures int) []*media.Picture {
	var all []*media.Picture
	for n := range pictures {
		all = append(all, Pattern(width, height, n))
	}
	return all
}

func newProbe(d, reference Device, pictures []*media.Picture) *probe {
	return &probe{device: d, reference: reference, pictures: pictures, streams: make(map[media.CodecName][]*media.Frame)}
}

// other is who does the other half of a codec: reference, or the Device itself where that cannot.
func (p *probe) other(op Operation, codec media.CodecName) Device {
	if _, err := p.reference.Capabilities().Find(op, codec, p.pictures[0].Width, p.pictures[0].Height); err != nil {
		return p.device
	}
	return p.reference
}

// each tries the claims of one Operation and keeps those that hold.
func (p *probe) each(ctx context.Context, op Operation, claims []Capability,
	try func(media.CodecName) ([]time.Duration, error),
) []Capability {
	var works []Capability
	for _, claim := range claims {
		if ctx.Err() != nil {
			p.faults = append(p.faults, &ProbeError{p.device.Name(), op, claim.Codec, context.Cause(ctx)})
			continue
		}
		took, err := try(claim.Codec)
		if err != nil {
			p.faults = append(p.faults, &ProbeError{p.device.Name(), op, claim.Codec, err})
			continue
		}
		claim.Speed = speed(took)
		works = append(works, claim)
	}
	return works
}

// speed in pixels a second, of the median picture: one that the operating system held up says nothing of the engine.
func speed(took []time.Duration) int64 {
	slices.Sort(took)
	median := max(took[len(took)/2], time.Microsecond)
	return int64(probeWidth*probeHeight) * int64(time.Second) / int64(median)
}

func (p *probe) encode(codec media.CodecName) ([]time.Duration, error) {
	frames, took, err := encodeAll(p.device, codec, p.pictures)
	if err != nil {
		return nil, err
	}
	if _, err := p.decodeAll(p.other(Decode, codec), codec, frames); err != nil {
		return nil, fmt.Errorf("look at what was encoded: %w", err)
	}
	p.streams[codec] = frames
	return took, nil
}

func (p *probe) decode(codec media.CodecName) ([]time.Duration, error) {
	frames := p.streams[codec]
	if frames == nil {
		frames = Sample(codec)
	}
	if frames == nil {
		var err error
		if frames, _, err = encodeAll(p.other(Encode, codec), codec, p.pictures); err != nil {
			return nil, fmt.Errorf("make a stream to decode: %w", err)
		}
		p.streams[codec] = frames
	}
	return p.decodeAll(p.device, codec, frames)
}

// encoderFor is what a probe asks for: at the bitrate any codec keeps the picture recognisable.
func encoderFor(codec media.CodecName, width, height int) EncoderConfig {
	return EncoderConfig{
		Codec: media.Codec{Name: codec, ClockRate: 90000},
		Width: width, Height: height, FrameRate: 30, Bitrate: max(2_000_000, 3*width*height),
	}
}

func encodeAll(d Device, codec media.CodecName, pictures []*media.Picture) ([]*media.Frame, []time.Duration, error) {
	enc, err := d.OpenEncoder(encoderFor(codec, pictures[0].Width, pictures[0].Height))
	if err != nil {
		return nil, nil, err
	}
	defer enc.Close()
	var frames []*media.Frame
	keep := media.SinkFunc[*media.Frame](func(f *media.Frame) error {
		c := *f
		c.Data = slices.Clone(f.Data)
		frames = append(frames, &c)
		return nil
	})
	var took []time.Duration
	for _, picture := range pictures {
		began := time.Now()
		if err := enc.Encode(picture, keep); err != nil {
			return nil, nil, err
		}
		took = append(took, time.Since(began))
	}
	if len(frames) != len(pictures) || !frames[0].Keyframe {
		return nil, nil, fmt.Errorf("%d pictures became %d frames: %w", len(pictures), len(frames), ErrUnsupported)
	}
	return frames, took, nil
}

// decodeAll decodes the stream of the probe's pictures and compares each picture with what it was.
func (p *probe) decodeAll(d Device, codec media.CodecName, frames []*media.Frame) ([]time.Duration, error) {
	dec, err := d.OpenDecoder(DecoderConfig{
		Codec:    media.Codec{Name: codec, ClockRate: 90000},
		MaxWidth: p.pictures[0].Width, MaxHeight: p.pictures[0].Height, InMemory: true,
	})
	if err != nil {
		return nil, err
	}
	defer dec.Close()
	seen := 0
	compare := media.SinkFunc[*media.Picture](func(got *media.Picture) error {
		want := p.pictures[min(seen, len(p.pictures)-1)]
		seen++
		if db := PSNR(got, want); db < probePSNR {
			return fmt.Errorf("picture %d is only %.1f dB like the original: %w", seen, db, ErrUnsupported)
		}
		return nil
	})
	var took []time.Duration
	for _, frame := range frames {
		began := time.Now()
		if err := dec.Decode(frame, compare); err != nil {
			return nil, err
		}
		took = append(took, time.Since(began))
	}
	if seen != len(frames) {
		return nil, fmt.Errorf("%d frames became %d pictures: %w", len(frames), seen, ErrUnsupported)
	}
	return took, nil
}

// scale halves the pictures and doubles them again, which must leave them recognisable.
func (p *probe) scale(media.CodecName) ([]time.Duration, error) {
	down, err := p.device.OpenScaler(ScalerConfig{Width: probeWidth / 2, Height: probeHeight / 2})
	if err != nil {
		return nil, err
	}
	defer down.Close()
	up, err := p.device.OpenScaler(ScalerConfig{Width: probeWidth, Height: probeHeight, InMemory: true})
	if err != nil {
		return nil, err
	}
	defer up.Close()
	var took []time.Duration
	for n, picture := range p.pictures {
		compare := media.SinkFunc[*media.Picture](func(got *media.Picture) error {
			if db := PSNR(got, picture); db < probePSNR {
				return fmt.Errorf("picture %d is only %.1f dB like the original: %w", n, db, ErrUnsupported)
			}
			return nil
		})
		again := media.SinkFunc[*media.Picture](func(half *media.Picture) error { return up.Scale(half, compare) })
		began := time.Now()
		if err := down.Scale(picture, again); err != nil {
			return nil, err
		}
		took = append(took, time.Since(began)/2)
	}
	return took, nil
}
