// Package conformance is the one test suite that every hwaccel.Device has to pass.
package conformance

import (
	"errors"
	"slices"
	"testing"

	"legroom/hwaccel"
	"legroom/media"
)

// size of a picture; the small one is no multiple of a block in either direction.
type size struct{ width, height int }

var sizes = []size{{322, 182}, {640, 360}}

const (
	// pictures of a stream: enough for rate control to settle.
	pictures = 30
	// goodPSNR is what pictures must be like at the bitrate of these tests, dB.
	goodPSNR = 30
	bitrate  = 1_500_000
)

// Run tests all that d says it can do, and that it refuses the rest in the right words. Streams come from reference, and
// what d encodes is decoded by it: the software Device, or d itself.
func Run(t *testing.T, d, reference hwaccel.Device) {
	for _, able := range d.Capabilities().Encode {
		t.Run("encode "+string(able.Codec), func(t *testing.T) { encoding(t, suite{d, reference, able}) })
	}
	for _, able := range d.Capabilities().Decode {
		t.Run("decode "+string(able.Codec), func(t *testing.T) { decoding(t, suite{d, reference, able}) })
	}
	if len(d.Capabilities().Scale) > 0 {
		t.Run("scale", func(t *testing.T) { scaling(t, d) })
	}
	t.Run("leases", func(t *testing.T) { leases(t, d) })
	t.Run("refusals", func(t *testing.T) { refusals(t, d) })
	t.Run("probe", func(t *testing.T) { probing(t, d, reference) })
}

// suite is a Device, the one that judges it, and what is under test.
type suite struct {
	device, reference hwaccel.Device
	able              hwaccel.Capability
}

func (s suite) codec() media.Codec { return media.Codec{Name: s.able.Codec, ClockRate: 90000} }

func (s suite) encoderConfig(z size) hwaccel.EncoderConfig {
	return hwaccel.EncoderConfig{
		Codec: s.codec(), Width: z.width, Height: z.height, FrameRate: 30, Bitrate: bitrate,
	}
}

func (s suite) encoder(t *testing.T, d hwaccel.Device, c hwaccel.EncoderConfig) hwaccel.Encoder {
	t.Helper()
	e, err := d.OpenEncoder(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	return e
}

func (s suite) decoder(t *testing.T, d hwaccel.Device) hwaccel.Decoder {
	t.Helper()
	dec, err := d.OpenDecoder(hwaccel.DecoderConfig{Codec: s.codec(), MaxWidth: 1280, MaxHeight: 720, InMemory: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = dec.Close() })
	return dec
}

// stream encodes pictures from to to of the pattern and keeps the frames.
func stream(t *testing.T, e hwaccel.Encoder, z size, from, to int) []*media.Frame {
	t.Helper()
	var frames []*media.Frame
	keep := media.SinkFunc[*media.Frame](func(f *media.Frame) error {
		c := *f
		c.Data = slices.Clone(f.Data)
		frames = append(frames, &c)
		return nil
	})
	for n := from; n < to; n++ {
		if err := e.Encode(hwaccel.Pattern(z.width, z.height, n), keep); err != nil {
			t.Fatal(err)
		}
	}
	return frames
}

// recognise decodes frames and compares each picture with the pattern of its timestamp. It returns how many came.
func recognise(t *testing.T, dec hwaccel.Decoder, frames []*media.Frame, z size) int {
	t.Helper()
	seen := 0
	look := media.SinkFunc[*media.Picture](func(got *media.Picture) error {
		seen++
		want := hwaccel.Pattern(z.width, z.height, int(got.Timestamp/3000))
		if db := hwaccel.PSNR(got, want); db < goodPSNR {
			t.Errorf("picture %d of %dx%d is %.1f dB like the original, want %d", seen, got.Width, got.Height, db, goodPSNR)
		}
		return nil
	})
	for _, f := range frames {
		if err := dec.Decode(f, look); err != nil {
			t.Fatal(err)
		}
	}
	return seen
}

func wants(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: got %v, want %v", what, err, want)
	}
}
