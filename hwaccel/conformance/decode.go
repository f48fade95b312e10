package conformance

import (
	"errors"
	"testing"

	"legroom/hwaccel"
	"legroom/media"
)

func decoding(t *testing.T, s suite) {
	t.Run("a stored stream", func(t *testing.T) { storedStream(t, s) })
	if _, err := s.reference.Capabilities().Find(hwaccel.Encode, s.able.Codec, 640, 360); err != nil {
		t.Run("close twice", func(t *testing.T) { closeDecoder(t, s) })
		return
	}
	t.Run("a size that changes with a key frame", func(t *testing.T) { changingSize(t, s) })
	t.Run("broken units do no harm and end with the next key frame", func(t *testing.T) { brokenStream(t, s) })
	t.Run("a picture above the bound is refused", func(t *testing.T) { tooLarge(t, s) })
	t.Run("errors of the sink come back", func(t *testing.T) { sinkErrors(t, s) })
	t.Run("close twice", func(t *testing.T) { closeDecoder(t, s) })
	t.Run("no allocation a picture", func(t *testing.T) { decodeAllocs(t, s) })
}

// storedStream is for codecs that are decoded here and encoded nowhere; the others skip it.
func storedStream(t *testing.T, s suite) {
	frames := hwaccel.Sample(s.able.Codec)
	if frames == nil {
		t.Skipf("no stream of %s is stored", s.able.Codec)
	}
	z := size{640, 360}
	dec := s.decoder(t, s.device)
	any := media.SinkFunc[*media.Picture](func(*media.Picture) error { return nil })
	// Units of unknown types are skipped in silence (AV1 specification section 5.3), so this may be no error.
	noise := &media.Frame{Data: []byte("this is no picture at all, is it?")}
	if err := dec.Decode(noise, any); err != nil && !errors.Is(err, hwaccel.ErrBitstream) {
		t.Errorf("noise: %v", err)
	}
	if seen := recognise(t, dec, frames, z); seen != len(frames) {
		t.Errorf("%d pictures of %d", seen, len(frames))
	}
	small, err := s.device.OpenDecoder(hwaccel.DecoderConfig{Codec: s.codec(), MaxWidth: 160, MaxHeight: 90, InMemory: true})
	if err != nil {
		t.Fatal(err)
	}
	defer small.Close()
	none := media.SinkFunc[*media.Picture](func(*media.Picture) error { t.Error("a picture came"); return nil })
	if err := small.Decode(frames[0], none); !errors.Is(err, hwaccel.ErrUnsupported) && !errors.Is(err, hwaccel.ErrBitstream) {
		t.Errorf("a picture above the bound: %v", err)
	}
}

func changingSize(t *testing.T, s suite) {
	dec := s.decoder(t, s.device)
	for _, z := range []size{sizes[1], sizes[0], sizes[1]} {
		frames := stream(t, s.encoder(t, s.reference, s.encoderConfig(z)), z, 0, 5)
		if seen := recognise(t, dec, frames, z); seen != len(frames) {
			t.Errorf("%dx%d: %d pictures of %d", z.width, z.height, seen, len(frames))
		}
	}
}

func brokenStream(t *testing.T, s suite) {
	z := sizes[1]
	e := s.encoder(t, s.reference, s.encoderConfig(z))
	frames := stream(t, e, z, 0, 10)
	dec := s.decoder(t, s.device)
	any := media.SinkFunc[*media.Picture](func(*media.Picture) error { return nil })

	wants(t, "an empty unit", dec.Decode(&media.Frame{}, any), hwaccel.ErrBitstream)
	wants(t, "noise", dec.Decode(&media.Frame{Data: []byte("this is no picture at all, is it?")}, any), hwaccel.ErrBitstream)
	// Units that are cut, turned round or come out of order may or may not give a picture, but nothing else than
	// ErrBitstream.
	for n, f := range frames {
		cut, bent := *f, *f
		cut.Data = f.Data[:len(f.Data)/2+1]
		bent.Data = append([]byte(nil), f.Data...)
		for i := 40 + n; i < len(bent.Data); i += 97 {
			bent.Data[i] ^= 0x5a
		}
		for _, each := range []*media.Frame{frames[len(frames)-1-n], &bent, &cut} {
			if err := dec.Decode(each, any); err != nil && !errors.Is(err, hwaccel.ErrBitstream) &&
				!errors.Is(err, hwaccel.ErrUnsupported) {
				t.Errorf("frame %d: %v", n, err)
			}
		}
	}
	e.ForceKeyframe()
	whole := stream(t, e, z, 10, 20)
	if seen := recognise(t, dec, whole, z); seen != len(whole) {
		t.Errorf("after the next key frame %d pictures of %d", seen, len(whole))
	}
}

func tooLarge(t *testing.T, s suite) {
	z := sizes[1]
	frames := stream(t, s.encoder(t, s.reference, s.encoderConfig(z)), z, 0, 1)
	for _, bound := range []size{{z.width / 4, z.height / 4}, {z.width - 2, z.height}} {
		dec, err := s.device.OpenDecoder(hwaccel.DecoderConfig{
			Codec: s.codec(), MaxWidth: bound.width, MaxHeight: bound.height, InMemory: true,
		})
		if err != nil {
			t.Fatal(err)
		}
		none := media.SinkFunc[*media.Picture](func(*media.Picture) error { t.Error("a picture came"); return nil })
		err = dec.Decode(frames[0], none)
		if !errors.Is(err, hwaccel.ErrUnsupported) && !errors.Is(err, hwaccel.ErrBitstream) {
			t.Errorf("a picture above %dx%d: got %v", bound.width, bound.height, err)
		}
		_ = dec.Close()
	}
}

func sinkErrors(t *testing.T, s suite) {
	z := sizes[0]
	frames := stream(t, s.encoder(t, s.reference, s.encoderConfig(z)), z, 0, 2)
	dec := s.decoder(t, s.device)
	full := errors.New("full")
	wants(t, "an error of the sink",
		dec.Decode(frames[0], media.SinkFunc[*media.Picture](func(*media.Picture) error { return full })), full)
	if seen := recognise(t, dec, frames[1:], z); seen != 1 {
		t.Error("decoding did not go on after an error of the sink")
	}
}

func closeDecoder(t *testing.T, s suite) {
	dec := s.decoder(t, s.device)
	for range 2 {
		if err := dec.Close(); err != nil {
			t.Fatal(err)
		}
	}
	none := media.SinkFunc[*media.Picture](func(*media.Picture) error { return nil })
	wants(t, "Decode after Close", dec.Decode(&media.Frame{Data: []byte{0}}, none), hwaccel.ErrClosed)
}

func decodeAllocs(t *testing.T, s suite) {
	z := sizes[0]
	frames := stream(t, s.encoder(t, s.reference, s.encoderConfig(z)), z, 0, pictures)
	dec := s.decoder(t, s.device)
	var sink media.Sink[*media.Picture] = media.SinkFunc[*media.Picture](func(*media.Picture) error { return nil })
	n := 0
	allocs := testing.AllocsPerRun(pictures-2, func() {
		if err := dec.Decode(frames[n], sink); err != nil {
			t.Fatal(err)
		}
		n++
	})
	if allocs != 0 {
		t.Errorf("%v allocations a picture", allocs)
	}
}
