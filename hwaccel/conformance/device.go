package conformance

import (
	"sync"
	"testing"

	"legroom/hwaccel"
	"legroom/media"
)

func scaling(t *testing.T, d hwaccel.Device) {
	open := func(z size) hwaccel.Scaler {
		s, err := d.OpenScaler(hwaccel.ScalerConfig{Width: z.width, Height: z.height, InMemory: true})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		return s
	}
	full, half := size{640, 360}, size{320, 180}
	down, up := open(half), open(full)
	for n := range 5 {
		original := hwaccel.Pattern(full.width, full.height, n)
		came := 0
		look := media.SinkFunc[*media.Picture](func(got *media.Picture) error {
			came++
			if db := hwaccel.PSNR(got, original); db < goodPSNR || got.Timestamp != original.Timestamp {
				t.Errorf("picture %d: %.1f dB, timestamp %d for %d", n, db, got.Timestamp, original.Timestamp)
			}
			return nil
		})
		again := media.SinkFunc[*media.Picture](func(p *media.Picture) error {
			if p.Width != half.width || p.Height != half.height {
				t.Errorf("scaled to %dx%d", p.Width, p.Height)
			}
			return up.Scale(p, look)
		})
		if err := down.Scale(original, again); err != nil || came != 1 {
			t.Fatalf("picture %d: %d results, %v", n, came, err)
		}
	}
	none := media.SinkFunc[*media.Picture](func(*media.Picture) error { t.Error("a picture came"); return nil })
	wants(t, "a picture without planes", down.Scale(&media.Picture{Width: 640, Height: 360}, none), hwaccel.ErrPicture)
	wants(t, "a picture without a size", down.Scale(&media.Picture{}, none), hwaccel.ErrPicture)
	for range 2 {
		if err := down.Close(); err != nil {
			t.Fatal(err)
		}
	}
	wants(t, "Scale after Close", down.Scale(hwaccel.Pattern(640, 360, 0), none), hwaccel.ErrClosed)
}

// leases fills the Device, is refused, and finds it empty again afterwards.
func leases(t *testing.T, d hwaccel.Device) {
	capabilities := d.Capabilities()
	if len(capabilities.Decode) == 0 {
		t.Skip("the device decodes nothing")
	}
	able := capabilities.Decode[0]
	// Small, as the speed may have been measured while the machine was busy with other things.
	job := hwaccel.Job{Operation: hwaccel.Decode, Codec: able.Codec, Width: 320, Height: 180, FrameRate: 10}
	load, err := capabilities.Load(job)
	if err != nil || load.Decode <= 0 {
		t.Fatalf("load of %+v is %+v, %v", job, load, err)
	}
	const most = 100_000
	var held []*hwaccel.Lease
	fill := func() int {
		for len(held) < most {
			l, err := d.Acquire(load)
			if err != nil {
				wants(t, "a full device", err, hwaccel.ErrBusy)
				break
			}
			held = append(held, l)
		}
		return len(held)
	}
	first := fill()
	if first == 0 || first == most {
		t.Fatalf("%d leases of %+v were to be had", first, load)
	}
	// Released from many goroutines, each of them twice.
	var wg sync.WaitGroup
	for _, l := range held {
		for range 2 {
			wg.Go(func() { _ = l.Close() })
		}
	}
	wg.Wait()
	held = nil
	if again := fill(); again != first {
		t.Errorf("%d leases at first, %d after all were released", first, again)
	}
	for _, l := range held {
		_ = l.Close()
	}
	_, err = d.Acquire(hwaccel.Load{Decode: -1})
	wants(t, "a load below zero", err, hwaccel.ErrUnsupported)
}

// refusals are the things no Device can do.
func refusals(t *testing.T, d hwaccel.Device) {
	opus := media.Codec{Name: media.Opus, ClockRate: 48000, Channels: 2}
	_, err := d.OpenDecoder(hwaccel.DecoderConfig{Codec: opus, MaxWidth: 640, MaxHeight: 360})
	wants(t, "decode of sound", err, hwaccel.ErrUnsupported)
	_, err = d.OpenEncoder(hwaccel.EncoderConfig{Codec: opus, Width: 640, Height: 360, FrameRate: 30, Bitrate: bitrate})
	wants(t, "encode of sound", err, hwaccel.ErrUnsupported)
	_, err = d.OpenScaler(hwaccel.ScalerConfig{Width: 321, Height: 180})
	wants(t, "scale to an odd size", err, hwaccel.ErrUnsupported)
	for _, able := range d.Capabilities().Decode {
		_, err = d.OpenDecoder(hwaccel.DecoderConfig{
			Codec: media.Codec{Name: able.Codec}, MaxWidth: able.MaxWidth + 2, MaxHeight: able.MaxHeight,
		})
		wants(t, "decode above the largest size", err, hwaccel.ErrUnsupported)
		_, err = d.OpenDecoder(hwaccel.DecoderConfig{Codec: media.Codec{Name: able.Codec}})
		wants(t, "decode without a bound", err, hwaccel.ErrUnsupported)
	}
	for _, able := range d.Capabilities().Encode {
		refuseEncoders(t, d, able)
	}
}

func refuseEncoders(t *testing.T, d hwaccel.Device, able hwaccel.Capability) {
	good := hwaccel.EncoderConfig{
		Codec: media.Codec{Name: able.Codec}, Width: 640, Height: 360, FrameRate: 30, Bitrate: bitrate,
	}
	cases := map[string]func(*hwaccel.EncoderConfig){
		"an odd size":           func(c *hwaccel.EncoderConfig) { c.Width = 641 },
		"no size":               func(c *hwaccel.EncoderConfig) { c.Height = 0 },
		"above the largest":     func(c *hwaccel.EncoderConfig) { c.Width = able.MaxWidth + 2 },
		"no frame rate":         func(c *hwaccel.EncoderConfig) { c.FrameRate = 0 },
		"no bitrate":            func(c *hwaccel.EncoderConfig) { c.Bitrate = 0 },
		"a negative NAL bound":  func(c *hwaccel.EncoderConfig) { c.MaxNAL = -1 },
		"a negative key spread": func(c *hwaccel.EncoderConfig) { c.KeyInterval = -1 },
	}
	if !able.LimitsNAL {
		cases["a NAL bound it cannot keep"] = func(c *hwaccel.EncoderConfig) { c.MaxNAL = 1200 }
	}
	for name, bend := range cases {
		c := good
		bend(&c)
		_, err := d.OpenEncoder(c)
		wants(t, string(able.Codec)+" with "+name, err, hwaccel.ErrUnsupported)
	}
}

// probing finds again what the Device says of itself.
func probing(t *testing.T, d, reference hwaccel.Device) {
	found, err := hwaccel.Probe(t.Context(), d, reference)
	if err != nil {
		t.Fatal(err)
	}
	claimed := d.Capabilities()
	for _, op := range []hwaccel.Operation{hwaccel.Decode, hwaccel.Encode, hwaccel.Scale} {
		if len(found.Of(op)) != len(claimed.Of(op)) {
			t.Errorf("%s: %d found of %d", op, len(found.Of(op)), len(claimed.Of(op)))
		}
		for _, able := range found.Of(op) {
			if able.Speed <= 0 {
				t.Errorf("%s %s has no speed", op, able.Codec)
			}
		}
	}
}
