package nvidia

import (
	"errors"
	"os"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"legroom/hwaccel"
	"legroom/hwaccel/conformance"
	"legroom/hwaccel/ffmpeg"
	"legroom/hwaccel/software"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func hasDriver() bool {
	_, err := os.Stat("/proc/driver/nvidia/version")
	return err == nil
}

// TestWithoutDriverItSaysSo: the error's own words would send everybody to look for permissions.
func TestWithoutDriverItSaysSo(t *testing.T) {
	if hasDriver() {
		t.Skip("this machine has NVIDIA's driver")
	}
	d, err := Open(Config{})
	if err == nil {
		_ = d.Close()
		t.Fatal("it was opened")
	}
	var call *ffmpeg.CallError
	if !errors.As(err, &call) || !strings.Contains(strings.Join(call.Log, " "), "libcuda.so.1") {
		t.Errorf("%v does not name what is missing", err)
	}
}

func TestConformance(t *testing.T) {
	if !hasDriver() {
		t.Skip("this machine has no driver of NVIDIA")
	}
	reference, err := software.New(t.Context(), software.DefaultConfig())
	if err != nil {
		t.Fatal(err)
	}
	claimed, err := Open(Config{})
	if err != nil {
		t.Fatal(err)
	}
	found, err := hwaccel.Probe(t.Context(), claimed, reference)
	t.Log(err) // a card need not do everything, and says why
	_ = claimed.Close()
	d, err := Open(Config{Measured: &found})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	conformance.Run(t, d, reference)
}

func TestEveryClaimHasAWay(t *testing.T) {
	c := claims()
	for _, able := range c.Decode {
		if name := decoders()[able.Codec]; !ffmpeg.HasDecoder(name) {
			t.Errorf("decode %s: FFmpeg was built without %q", able.Codec, name)
		}
	}
	for _, able := range c.Encode {
		if r := encoders()[able.Codec]; !ffmpeg.HasEncoder(r.Name) {
			t.Errorf("encode %s: FFmpeg was built without %q", able.Codec, r.Name)
		}
	}
}
