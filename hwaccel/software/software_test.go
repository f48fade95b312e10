package software

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"legroom/hwaccel"
	"legroom/hwaccel/conformance"
	"legroom/internal/fault"
	"legroom/media"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// open makes the Device, with a log that fails the test when FFmpeg says something it should not have to.
func open(t *testing.T) *Device {
	t.Helper()
	c := DefaultConfig()
	c.Log = slog.New(slog.DiscardHandler)
	d, err := New(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestConformance(t *testing.T) {
	d := open(t)
	conformance.Run(t, d, d)
}

func TestWhatItCan(t *testing.T) {
	c := open(t).Capabilities()
	if _, err := c.Find(hwaccel.Decode, media.AV1, 1920, 1080); err != nil {
		t.Error(err)
	}
	for _, op := range []hwaccel.Operation{hwaccel.Decode, hwaccel.Encode} {
		for _, name := range []media.CodecName{media.H264, media.VP8, media.VP9} {
			if _, err := c.Find(op, name, 1920, 1080); err != nil {
				t.Error(err)
			}
		}
	}
	if c.Capacity.Total <= 0 {
		t.Error("it lends nothing")
	}
}

func TestMeasuredCapabilitiesAreTakenAsTheyAre(t *testing.T) {
	found := open(t).Capabilities()
	stored, err := json.Marshal(found)
	if err != nil {
		t.Fatal(err)
	}
	var read hwaccel.Capabilities
	if err := json.Unmarshal(stored, &read); err != nil {
		t.Fatal(err)
	}
	c := DefaultConfig()
	c.Measured = &read
	d, err := New(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(d.Capabilities(), found) {
		t.Errorf("got %+v, want %+v", d.Capabilities(), found)
	}
}

func TestNewStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	late := errors.New("too late")
	cancel(late)
	if _, err := New(ctx, DefaultConfig()); !errors.Is(err, late) {
		t.Fatalf("got %v", err)
	}
}

func TestValidate(t *testing.T) {
	for _, share := range []int{0, -1, 101} {
		all := fault.All(Config{Share: share}.Validate())
		if len(all) != 1 || all[0].Path != "share" {
			t.Errorf("share %d: %v", share, all)
		}
	}
	if err := DefaultConfig().Validate(); err != nil {
		t.Error(err)
	}
}

func TestFFmpegSpeaksToTheLogAndNotOftener(t *testing.T) {
	var out bytes.Buffer
	c := DefaultConfig()
	c.Log = slog.New(slog.NewTextHandler(&out, nil))
	d, err := New(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	dec, err := d.OpenDecoder(hwaccel.DecoderConfig{Codec: media.Codec{Name: media.H264}, MaxWidth: 640, MaxHeight: 360})
	if err != nil {
		t.Fatal(err)
	}
	defer dec.Close()
	none := media.SinkFunc[*media.Picture](func(*media.Picture) error { return nil })
	for range 50 {
		if err := dec.Decode(&media.Frame{Data: []byte("no picture")}, none); !errors.Is(err, hwaccel.ErrBitstream) {
			t.Fatalf("got %v", err)
		}
	}
	if lines := strings.Count(out.String(), "ffmpeg: "); lines == 0 || lines > 3 {
		t.Errorf("%d lines for 50 broken units:\n%s", lines, out.String())
	}
}
