package hwaccel

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"legroom/media"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// raw is a Device with a codec of its own that does not compress: enough to see whether Probe believes what it is shown.
type raw struct {
	claims Capabilities
	// bend spoils a frame on its way out of the encoder.
	bend func(*media.Frame)
	// mute makes the decoder swallow what it is given.
	mute bool
	// breaks is the number of pictures after which the encoder fails; 0 is never.
	breaks int
	budget *Budget
	// largest picture that is encoded and decoded, pixels; 0 is any.
	largest int
}

// fits tells whether a picture is not too large.
func (r *raw) fits(width, height int) bool { return r.largest == 0 || width*height <= r.largest }

func (r *raw) Name() string               { return "raw" }
func (r *raw) Capabilities() Capabilities { return r.claims }
func (r *raw) Acquire(l Load) (*Lease, error) {
	if r.budget == nil {
		return nil, ErrBusy
	}
	return r.budget.Acquire(l)
}
func (r *raw) OpenScaler(ScalerConfig) (Scaler, error) { return nil, ErrUnsupported }

func (r *raw) OpenDecoder(c DecoderConfig) (Decoder, error) {
	if c.Codec.Name != "raw" || !r.fits(c.MaxWidth, c.MaxHeight) {
		return nil, ErrUnsupported
	}
	return &rawDecoder{r, c}, nil
}

func (r *raw) OpenEncoder(c EncoderConfig) (Encoder, error) {
	if c.Codec.Name != "raw" || !r.fits(c.Width, c.Height) {
		return nil, ErrUnsupported
	}
	return &rawEncoder{device: r}, nil
}

type rawDecoder struct {
	device *raw
	config DecoderConfig
}

func (d *rawDecoder) Decode(f *media.Frame, out media.Sink[*media.Picture]) error {
	if d.device.mute {
		return nil
	}
	p := NewPicture(d.config.MaxWidth, d.config.MaxHeight)
	copy(p.Planes[0], f.Data)
	return out.Write(p)
}
func (d *rawDecoder) Close() error { return nil }

type rawEncoder struct {
	device *raw
	sent   int
}

func (e *rawEncoder) Encode(p *media.Picture, out media.Sink[*media.Frame]) error {
	if e.device.breaks > 0 && e.sent == e.device.breaks {
		return errBroken
	}
	if p.Planes[0] == nil {
		return ErrPicture
	}
	f := &media.Frame{Data: append([]byte(nil), p.Planes[0]...), Keyframe: e.sent == 0}
	e.sent++
	if e.device.bend != nil {
		e.device.bend(f)
	}
	return out.Write(f)
}
func (e *rawEncoder) ForceKeyframe()       {}
func (e *rawEncoder) SetBitrate(int) error { return nil }
func (e *rawEncoder) Close() error         { return nil }

var errBroken = errors.New("the card is broken")

func claims(codecs ...media.CodecName) Capabilities {
	c := Capabilities{Capacity: Capacity{Total: 1000}}
	for _, name := range codecs {
		able := Capability{Codec: name, MaxWidth: 1920, MaxHeight: 1080}
		c.Decode, c.Encode = append(c.Decode, able), append(c.Encode, able)
	}
	return c
}

func TestProbeBelievesOnlyWhatItSees(t *testing.T) {
	good := &raw{claims: claims("raw")}
	cases := []struct {
		name           string
		device         *raw
		decode, encode int
		says           string
	}{
		{"all works", good, 1, 1, ""},
		{"a codec that is only listed", &raw{claims: claims("raw", "dream")}, 1, 1, "dream"},
		{"an encoder without key frames", &raw{claims: claims("raw"), bend: func(f *media.Frame) { f.Keyframe = false }}, 1, 0, "encode raw"},
		{"an encoder of grey pictures", &raw{claims: claims("raw"), bend: func(f *media.Frame) { clear(f.Data) }}, 1, 0, "dB"},
		{"a decoder that swallows", &raw{claims: claims("raw"), mute: true}, 0, 1, "became 0 pictures"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			found, err := Probe(t.Context(), c.device, good)
			if len(found.Decode) != c.decode || len(found.Encode) != c.encode {
				t.Errorf("found %+v", found)
			}
			if (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
				t.Errorf("error is %v, want %q", err, c.says)
			}
			var fault *ProbeError
			if err != nil && !errors.As(err, &fault) {
				t.Errorf("%v is no ProbeError", err)
			}
			for _, able := range append(found.Decode, found.Encode...) {
				if able.Speed <= 0 {
					t.Errorf("%+v was not measured", able)
				}
			}
		})
	}
}

func TestProbeStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	d := &raw{claims: claims("raw")}
	found, err := Probe(ctx, d, d)
	if !errors.Is(err, context.Canceled) || len(found.Decode) != 0 {
		t.Fatalf("found %+v, %v", found, err)
	}
}

func TestMeasureFindsTheLargestSizeAndTheSpeed(t *testing.T) {
	d := &raw{claims: claims("raw")}
	found, err := Probe(t.Context(), d, d)
	if err != nil {
		t.Fatal(err)
	}
	before := found.Decode[0].Speed
	d.largest = 1280 * 720
	measured := Measure(t.Context(), d, d, found)
	for _, able := range append(measured.Decode, measured.Encode...) {
		if able.MaxWidth != 1280 || able.MaxHeight != 720 || able.Speed <= 0 {
			t.Errorf("%+v", able)
		}
	}
	if found.Decode[0].MaxWidth != 1920 || found.Decode[0].Speed != before {
		t.Errorf("what it was given became %+v", found.Decode[0])
	}
	d.largest = 640 * 360
	if able := Measure(t.Context(), d, d, found).Encode[0]; able.MaxWidth != 640 || able.Speed != found.Encode[0].Speed {
		t.Errorf("of a card for small pictures: %+v", able)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if able := Measure(ctx, d, d, found).Encode[0]; able != found.Encode[0] {
		t.Errorf("cut off: %+v", able)
	}
}

func TestStreamsAreBoundByTheScarcest(t *testing.T) {
	job := Job{Operation: Encode, Codec: media.H264, Width: 1280, Height: 720, FrameRate: 30}
	for name, c := range map[string]struct {
		capacity Capacity
		want     int
	}{
		"its engine":       {Capacity{Load: Load{Encode: 900, Decode: 1}}, 9},
		"all engines":      {Capacity{Load: Load{Encode: 900}, Total: 500}, 5},
		"open encoders":    {Capacity{Load: Load{Encode: 900, Encoders: 3}}, 3},
		"nothing to spare": {Capacity{Load: Load{Encode: 99}}, 0},
	} {
		able := claims(media.H264)
		able.Capacity, able.Encode[0].Speed = c.capacity, 1280*720*300
		if got := able.Streams(job); got != c.want {
			t.Errorf("%s: %d streams, want %d", name, got, c.want)
		}
	}
	if n := claims(media.H264).Streams(job); n != 0 {
		t.Errorf("%d streams of a speed that nobody measured", n)
	}
}

func TestReportSaysWhatWasRefused(t *testing.T) {
	d := &raw{claims: claims("raw", "dream")}
	r := Examine(t.Context(), d, d)
	if r.Device != "raw" || len(r.Capabilities.Decode) != 1 || len(r.Refusals) != 2 {
		t.Fatalf("%+v", r)
	}
	text, err := json.Marshal(r)
	if err != nil || !strings.Contains(string(text), `"operation":"encode","codec":"dream"`) {
		t.Fatalf("%s, %v", text, err)
	}
	var again Report
	if err := json.Unmarshal(text, &again); err != nil || !reflect.DeepEqual(again, r) {
		t.Errorf("%+v became %+v, %v", r, again, err)
	}
	if err := json.Unmarshal([]byte(`{"refusals":[{"operation":"dance"}]}`), &again); !errors.Is(err, ErrUnsupported) {
		t.Errorf("an operation that is none: %v", err)
	}
}

func TestLoadComesFromMeasuredSpeed(t *testing.T) {
	c := claims(media.H264)
	c.Decode[0].Speed = 1280 * 720 * 900
	hd := Job{Operation: Decode, Codec: media.H264, Width: 1280, Height: 720, FrameRate: 30}
	if l, err := c.Load(hd, hd); err != nil || l != (Load{Decode: 68}) {
		t.Errorf("two jobs of a thirtieth each are %+v, %v", l, err)
	}
	unmeasured := hd
	unmeasured.Operation = Encode
	if _, err := c.Load(hd, unmeasured); !errors.Is(err, ErrUnsupported) {
		t.Errorf("a job that nobody measured: %v", err)
	}
	c.Encode[0].Speed = c.Decode[0].Speed
	if l, err := c.Load(hd, unmeasured); err != nil || l != (Load{Decode: 34, Encode: 34, Encoders: 1}) {
		t.Errorf("decode and encode are %+v, %v", l, err)
	}
	for name, j := range map[string]Job{
		"another codec": {Operation: Decode, Codec: media.AV1, Width: 640, Height: 360, FrameRate: 30},
		"too large":     {Operation: Decode, Codec: media.H264, Width: 4096, Height: 360, FrameRate: 30},
		"no operation":  {Codec: media.H264, Width: 640, Height: 360, FrameRate: 30},
		"scale":         {Operation: Scale, Width: 640, Height: 360, FrameRate: 30},
	} {
		if _, err := c.Load(j); !errors.Is(err, ErrUnsupported) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestBudgetLimitsEachEngineAndTheSum(t *testing.T) {
	cases := []struct {
		name     string
		capacity Capacity
		load     Load
		fits     int
	}{
		{"decode engine", Capacity{Load: Load{Decode: 1000}}, Load{Decode: 300, Encode: 900}, 3},
		{"encode engine", Capacity{Load: Load{Encode: 1000}}, Load{Decode: 900, Encode: 250}, 4},
		{"number of encoders", Capacity{Load: Load{Encode: 9000, Encoders: 2}}, Load{Encode: 1, Encoders: 1}, 2},
		{"one engine for all", Capacity{Total: 1000}, Load{Decode: 100, Encode: 100, Scale: 100}, 3},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b := NewBudget(c.capacity)
			for n := range c.fits {
				if _, err := b.Acquire(c.load); err != nil {
					t.Fatalf("lease %d: %v", n+1, err)
				}
			}
			if _, err := b.Acquire(c.load); !errors.Is(err, ErrBusy) {
				t.Fatalf("one too many: %v", err)
			}
		})
	}
}

func TestBudgetNeverLendsMoreThanItHas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const total = 1000
		b := NewBudget(Capacity{Total: total})
		var held []*Lease
		for range rapid.IntRange(1, 50).Draw(t, "steps") {
			if len(held) > 0 && rapid.Bool().Draw(t, "release") {
				i := rapid.IntRange(0, len(held)-1).Draw(t, "which")
				_ = held[i].Close()
				_ = held[i].Close()
				held = append(held[:i], held[i+1:]...)
				continue
			}
			l, err := b.Acquire(Load{Decode: rapid.IntRange(0, 400).Draw(t, "decode"), Scale: rapid.IntRange(0, 400).Draw(t, "scale")})
			if err == nil {
				held = append(held, l)
			}
		}
		var sum Load
		for _, l := range held {
			sum = sum.plus(l.Load())
		}
		if b.Used() != sum || sum.Decode+sum.Scale > total {
			t.Fatalf("used %+v, held %+v", b.Used(), sum)
		}
	})
}

func TestPSNR(t *testing.T) {
	a := Pattern(64, 36, 1)
	if db := PSNR(a, Pattern(64, 36, 1)); !math.IsInf(db, 1) {
		t.Errorf("equal pictures: %v dB", db)
	}
	if db := PSNR(a, Pattern(64, 36, 12)); db > 25 {
		t.Errorf("the pattern does not move: %v dB", db)
	}
	if db := PSNR(a, Pattern(32, 36, 1)); db != 0 {
		t.Errorf("pictures of different sizes: %v dB", db)
	}
	if db := PSNR(a, &media.Picture{Width: 64, Height: 36}); db != 0 {
		t.Errorf("a picture without planes: %v dB", db)
	}
	grey := NewPicture(64, 36)
	for i := range grey.Planes[0] {
		grey.Planes[0][i] = 128
	}
	if db := PSNR(a, grey); db > probePSNR {
		t.Errorf("the pattern looks like grey: %v dB", db)
	}
}
