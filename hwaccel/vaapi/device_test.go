package vaapi

import (
	"errors"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"legroom/hwaccel"
	"legroom/hwaccel/conformance"
	"legroom/hwaccel/ffmpeg"
	"legroom/hwaccel/software"
	"legroom/hwaccel/vaapitest"
	"legroom/media"
)

// Patience with the test driver, which takes milliseconds: on a machine that is busy with other tests it is not to pass for
// one that hangs, and tests in which it does wait for the short one.
const (
	patient   = time.Minute
	impatient = 2 * time.Second
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// judge is the software Device.
func judge(t *testing.T) hwaccel.Device {
	t.Helper()
	d, err := software.New(t.Context(), software.DefaultConfig())
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// claimed opens the card of the test driver with what the driver says of itself.
func claimed(t *testing.T, patience time.Duration) (*Device, vaapitest.Control) {
	t.Helper()
	control := vaapitest.Install(t)
	d, err := Open(Config{Node: vaapitest.Node, Driver: vaapitest.Name, Patience: patience})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d, control
}

// probed opens it with what a probe found.
func probed(t *testing.T, reference hwaccel.Device) *Device {
	t.Helper()
	d, _ := claimed(t, patient)
	found, err := hwaccel.Probe(t.Context(), d, reference)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Open(Config{Node: vaapitest.Node, Driver: vaapitest.Name, Measured: &found, Patience: patient})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = again.Close() })
	return again
}

func TestConformance(t *testing.T) {
	reference := judge(t)
	conformance.Run(t, probed(t, reference), reference)
}

// TestConformanceOfCards is the same for the cards of this machine, by what each was found to do.
func TestConformanceOfCards(t *testing.T) {
	if len(Nodes()) == 0 {
		t.Skip("this machine has no render node")
	}
	reference := judge(t)
	for _, node := range Nodes() {
		t.Run(Name(node), func(t *testing.T) {
			claimed, err := Open(Config{Node: node})
			if err != nil {
				t.Skip(err) // a card without a driver, or of another kind
			}
			found, err := hwaccel.Probe(t.Context(), claimed, reference)
			t.Logf("%s: %v", claimed.Driver, err) // a card need not do everything, and says why
			_ = claimed.Close()
			d, err := Open(Config{Node: node, Measured: &found})
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			conformance.Run(t, d, reference)
		})
	}
}

func TestDriverSpeaksForItself(t *testing.T) {
	d, _ := claimed(t, patient)
	if !strings.Contains(d.Driver, "Legroom test driver") {
		t.Errorf("driver %q", d.Driver)
	}
	if d.Name() != "vaapi:null" {
		t.Errorf("name %q", d.Name())
	}
	c := d.Capabilities()
	for _, want := range []struct {
		op    hwaccel.Operation
		codec media.CodecName
		has   bool
	}{
		{hwaccel.Decode, media.H264, true},
		{hwaccel.Encode, media.H264, true},
		{hwaccel.Decode, media.VP9, true},
		{hwaccel.Encode, media.VP9, false},
		{hwaccel.Decode, media.H265, false},
		{hwaccel.Scale, "", true},
	} {
		if _, err := c.Find(want.op, want.codec, 1920, 1080); (err == nil) != want.has {
			t.Errorf("%s %s: %v", want.op, want.codec, err)
		}
	}
}

func TestWhatCannotBeOpenedSaysWhy(t *testing.T) {
	vaapitest.Install(t)
	for name, c := range map[string]Config{
		"no such node":         {Node: "/dev/dri/renderD999"},
		"a node that is none":  {Node: "/dev/null/x"},
		"a driver that is not": {Node: vaapitest.Node, Driver: "nobodyhasthis"},
	} {
		t.Run(name, func(t *testing.T) {
			d, err := Open(c)
			if err == nil {
				_ = d.Close()
				t.Fatal("it was opened")
			}
			var call *ffmpeg.CallError
			if !errors.As(err, &call) || len(call.Log) == 0 {
				t.Errorf("%v tells no reason", err)
			}
		})
	}
}

// TestPicturesStayOnTheCard decodes, scales and encodes without a picture in memory.
func TestPicturesStayOnTheCard(t *testing.T) {
	d, _ := claimed(t, patient)
	reference := judge(t)
	frames := encoded(t, reference, 640, 360, 5)
	dec, err := d.OpenDecoder(hwaccel.DecoderConfig{Codec: h264(), MaxWidth: 640, MaxHeight: 360})
	if err != nil {
		t.Fatal(err)
	}
	defer dec.Close()
	half, err := d.OpenScaler(hwaccel.ScalerConfig{Width: 320, Height: 180})
	if err != nil {
		t.Fatal(err)
	}
	defer half.Close()
	enc, err := d.OpenEncoder(hwaccel.EncoderConfig{Codec: h264(), Width: 320, Height: 180, FrameRate: 30, Bitrate: 1_000_000})
	if err != nil {
		t.Fatal(err)
	}
	defer enc.Close()
	back, err := reference.OpenDecoder(hwaccel.DecoderConfig{Codec: h264(), MaxWidth: 320, MaxHeight: 180, InMemory: true})
	if err != nil {
		t.Fatal(err)
	}
	defer back.Close()
	byOther, err := reference.OpenScaler(hwaccel.ScalerConfig{Width: 320, Height: 180, InMemory: true})
	if err != nil {
		t.Fatal(err)
	}
	defer byOther.Close()
	seen := 0
	look := media.SinkFunc[*media.Picture](func(p *media.Picture) error {
		same := media.SinkFunc[*media.Picture](func(want *media.Picture) error {
			if db := hwaccel.PSNR(p, want); db < 30 {
				t.Errorf("picture %d is %.1f dB like the original", seen, db)
			}
			return nil
		})
		seen++
		return byOther.Scale(hwaccel.Pattern(640, 360, seen-1), same)
	})
	onCard := func(p *media.Picture) {
		if p.Surface == nil || p.Planes[0] != nil {
			t.Errorf("a picture of %dx%d left the card", p.Width, p.Height)
		}
	}
	small := media.SinkFunc[*media.Picture](func(p *media.Picture) error {
		onCard(p)
		return enc.Encode(p, media.SinkFunc[*media.Frame](func(f *media.Frame) error { return back.Decode(f, look) }))
	})
	large := media.SinkFunc[*media.Picture](func(p *media.Picture) error {
		onCard(p)
		return half.Scale(p, small)
	})
	for _, f := range frames {
		if err := dec.Decode(f, large); err != nil {
			t.Fatal(err)
		}
	}
	if seen != len(frames) {
		t.Errorf("%d pictures of %d", seen, len(frames))
	}
}

func TestLyingEncoderIsFoundOut(t *testing.T) {
	d, control := claimed(t, patient)
	control.Set(vaapitest.Grey)
	found, err := hwaccel.Probe(t.Context(), d, judge(t))
	if len(found.Encode) != 0 || len(found.Decode) == 0 || err == nil {
		t.Errorf("found %+v, %v", found, err)
	}
}

func TestFailingDriverIsReportedInItsWords(t *testing.T) {
	d, control := claimed(t, patient)
	control.Set(vaapitest.Fail)
	r := hwaccel.Examine(t.Context(), d, judge(t))
	if c := r.Capabilities; len(c.Encode)+len(c.Decode)+len(c.Scale) != 0 {
		t.Errorf("found %+v", c)
	}
	for _, refusal := range r.Refusals {
		if !strings.Contains(refusal.Reason, "FFmpeg: ") {
			t.Errorf("%s %s: %q does not say what FFmpeg said", refusal.Operation, refusal.Codec, refusal.Reason)
		}
	}
	if len(r.Refusals) == 0 {
		t.Error("nothing was refused")
	}
}

// TestHungDriverCostsItsDeviceAndNothingElse hangs the driver under an encoder, while a decoder waits for its next picture.
func TestHungDriverCostsItsDeviceAndNothingElse(t *testing.T) {
	d, control := claimed(t, impatient)
	enc, err := d.OpenEncoder(hwaccel.EncoderConfig{Codec: h264(), Width: 640, Height: 360, FrameRate: 30, Bitrate: 1_000_000})
	if err != nil {
		t.Fatal(err)
	}
	dec, err := d.OpenDecoder(hwaccel.DecoderConfig{Codec: h264(), MaxWidth: 640, MaxHeight: 360, InMemory: true})
	if err != nil {
		t.Fatal(err)
	}
	frames := encoded(t, judge(t), 640, 360, 1)
	control.Set(vaapitest.Hang)
	noFrame := media.SinkFunc[*media.Frame](func(*media.Frame) error { t.Error("a frame came"); return nil })
	noPicture := media.SinkFunc[*media.Picture](func(*media.Picture) error { t.Error("a picture came"); return nil })
	lost := func(what string, err error) {
		t.Helper()
		if !errors.Is(err, hwaccel.ErrLost) {
			t.Errorf("%s: %v", what, err)
		}
	}
	lost("a picture that hangs", enc.Encode(hwaccel.Pattern(640, 360, 0), noFrame))
	lost("the next one", enc.Encode(hwaccel.Pattern(640, 360, 1), noFrame))
	lost("another stage", dec.Decode(frames[0], noPicture))
	_, err = d.OpenDecoder(hwaccel.DecoderConfig{Codec: h264(), MaxWidth: 640, MaxHeight: 360})
	lost("a new decoder", err)
	_, err = d.OpenScaler(hwaccel.ScalerConfig{Width: 320, Height: 180})
	lost("a new scaler", err)
	_, err = d.Acquire(hwaccel.Load{Decode: 1})
	lost("a lease", err)
	if d.Lost() != 1 {
		t.Errorf("%d threads hang", d.Lost())
	}
	// Closing waits for nobody; what hangs is freed when it comes back, which goleak sees to.
	_ = enc.Close()
	_ = dec.Close()
	control.Set(vaapitest.None)
}

// TestHungDriverEndsAProbe: whoever waits for the table waits for one call and not for each.
func TestHungDriverEndsAProbe(t *testing.T) {
	d, control := claimed(t, impatient)
	reference := judge(t)
	control.Set(vaapitest.Hang)
	r := hwaccel.Examine(t.Context(), d, reference)
	claims := d.Capabilities()
	if c := r.Capabilities; len(c.Encode)+len(c.Decode)+len(c.Scale) != 0 {
		t.Errorf("found %+v", c)
	}
	if want := len(claims.Encode) + len(claims.Decode) + len(claims.Scale); len(r.Refusals) != want {
		t.Errorf("%d refusals, want %d: %+v", len(r.Refusals), want, r.Refusals)
	}
	if d.Lost() != 1 {
		t.Errorf("%d threads hang", d.Lost())
	}
	control.Set(vaapitest.None)
}

func h264() media.Codec { return media.Codec{Name: media.H264, ClockRate: 90000} }

// encoded are pictures of the pattern in H.264.
func encoded(t *testing.T, d hwaccel.Device, width, height, pictures int) []*media.Frame {
	t.Helper()
	e, err := d.OpenEncoder(hwaccel.EncoderConfig{
		Codec: h264(), Width: width, Height: height, FrameRate: 30, Bitrate: 2_000_000,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	var frames []*media.Frame
	keep := media.SinkFunc[*media.Frame](func(f *media.Frame) error {
		c := *f
		c.Data = append([]byte(nil), f.Data...)
		frames = append(frames, &c)
		return nil
	})
	for n := range pictures {
		if err := e.Encode(hwaccel.Pattern(width, height, n), keep); err != nil {
			t.Fatal(err)
		}
	}
	return frames
}
