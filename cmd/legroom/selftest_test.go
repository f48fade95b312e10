package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"

	"legroom/e2ee/sframe"
	"legroom/gateway/api"
	"legroom/gateway/selftest"
	"legroom/gateway/tap"
	"legroom/hwaccel"
	"legroom/hwaccel/software"
	"legroom/media"
)

// camera is a real stream of plain VP8 that begins with a key frame.
func camera(t *testing.T, n int) [][]byte {
	t.Helper()
	cfg := software.DefaultConfig()
	device, err := software.New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	encoder, err := device.OpenEncoder(hwaccel.EncoderConfig{
		Codec: media.Codec{Name: media.VP8, ClockRate: 90000}, Width: 320, Height: 180, Bitrate: 300_000, FrameRate: 30,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer encoder.Close()
	var out [][]byte
	keep := media.SinkFunc[*media.Frame](func(f *media.Frame) error {
		out = append(out, append([]byte{}, f.Data...))
		return nil
	})
	for i := range n {
		if err := encoder.Encode(hwaccel.Pattern(320, 180, i), keep); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// cameraStream is what a gateway tells of pictures that it takes for sealed.
func cameraStream(t *testing.T, pictures [][]byte) api.TapStream {
	t.Helper()
	leaf, n := uint32(3), uint64(len(pictures))
	s := api.TapStream{
		Participant: "someone", Kind: "browser", Source: "camera", Codec: "VP8", Sender: &api.TapSender{Leaf: &leaf}, Packets: n, Payloads: n, Sealed: n,
	}
	for i, b := range pictures {
		if _, err := tap.Header(media.VP8, sframe.Video, b); err != nil {
			t.Fatal(err)
		}
		s.Heads = append(s.Heads, api.TapHead{Size: len(b), First: b[:24], Last: b[len(b)-24:]})
		if i < 8 {
			s.Samples = append(s.Samples, b)
		}
	}
	return s
}

// TestPlainDecoderAndPictures: a real decoder of VP8 takes every picture of a camera that bears the trailer of a sealed one
// and is not sealed, and not those that are.
func TestPlainDecoderAndPictures(t *testing.T) {
	id, err := sframe.BrowserKeyID(0, 3, 7)
	if err != nil {
		t.Fatal(err)
	}
	sealer, err := sframe.NewSealer(sframe.StreamConfig{BaseKey: make([]byte, sframe.BaseKeySize), Kind: sframe.Video, KeyID: id})
	if err != nil {
		t.Fatal(err)
	}
	var sealed, disguised [][]byte
	for i, f := range camera(t, 24) {
		b, err := sealer.Seal(nil, media.VP8, f)
		if err != nil {
			t.Fatal(err)
		}
		sealed = append(sealed, b)
		tag := make([]byte, 16)
		_, _ = rand.Read(tag)
		h := sframe.Header{KeyID: uint64(id), Counter: uint64(i)}.Append(nil)
		f = append(append(f, tag...), h...)
		disguised = append(disguised, append(f, 0x80|byte(len(h))))
	}
	for name, c := range map[string]struct {
		pictures [][]byte
		outcome  selftest.Outcome
		says     string
	}{
		"sealed":    {sealed, selftest.AllSealed, "a decoder of plain VP8 takes "},
		"disguised": {disguised, selftest.NotSealed, "PLAIN VP8: a decoder takes all of 8 pictures"},
	} {
		r := selftest.NewReport(&api.Tap{Room: "1000", Mode: "mixed", Streams: []api.TapStream{cameraStream(t, c.pictures)}}, decoders())
		var b strings.Builder
		if _, err := r.WriteTo(&b); err != nil || r.Outcome() != c.outcome || !strings.Contains(b.String(), c.says) {
			t.Errorf("%s: outcome %d, %v", name, r.Outcome(), err)
		}
		t.Logf("%s:\n%s", name, b.String())
	}
}

// TestSelftest runs the command against what a gateway may answer.
func TestSelftest(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		status int
		answer any
		exit   int
		says   string
	}{
		"open":       {http.StatusOK, api.Tap{Room: "1000", Mode: "open"}, statusExposed, "This room is open"},
		"no traffic": {http.StatusOK, api.Tap{Room: "1000", Mode: "mixed"}, statusUnjudged, "There was no traffic to judge"},
		"no room":    {http.StatusNotFound, map[string]string{"detail": "nobody has been in that room"}, statusUnjudged, "the gateway says: nobody has been in that room"},
		"no answer":  {http.StatusBadGateway, "", statusUnjudged, "the gateway answered 502"},
		"no JSON":    {http.StatusOK, 7, statusUnjudged, "read the gateway's answer"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var asked string
			gateway := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				asked = r.URL.String()
				w.WriteHeader(c.status)
				_ = json.NewEncoder(w).Encode(c.answer)
			}))
			defer gateway.Close()
			out, exit := runs(t, "selftest", "--e2ee", "1000", "--seconds", "1", "--operate", strings.TrimPrefix(gateway.URL, "http://"))
			if exit != c.exit || !strings.Contains(out, c.says) || asked != "/api/v1/rooms/1000/tap?seconds=1" {
				t.Errorf("exit %d after %q: %s", exit, asked, out)
			}
		})
	}
	for link, says := range map[string]string{
		"https://127.0.0.1:1/r/1000#h.SECRET": "a host's own link", "https://127.0.0.1:1/r/1000": "not whole",
		"http://127.0.0.1:1/r/1000#g.SECRET": "no gateway to talk to at 127.0.0.1:1",
	} {
		if out, exit := runs(t, "selftest", "--e2ee", link); exit != statusUnjudged || !strings.Contains(out, says) || strings.Contains(out, "SECRET") {
			t.Errorf("%s: exit %d: %s", link, exit, out)
		}
	}
	if out, exit := runs(t, "selftest", "--e2ee", "--seconds", "1", "http://127.0.0.1:1/r/1000#g.SECRET"); exit != statusUnjudged || !strings.Contains(out, "5 seconds") {
		t.Errorf("one second: exit %d: %s", exit, out)
	}
	if out, exit := runs(t, "selftest", "1000"); exit == 0 || !strings.Contains(out, "--e2ee") {
		t.Errorf("which test? exit %d: %s", exit, out)
	}
}

// runs the program and gives all that it says, and its exit code.
func runs(t *testing.T, args ...string) (string, int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var b strings.Builder
	cmd := program(ctx, args...)
	cmd.Stdout, cmd.Stderr = &b, &b
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		return b.String(), exit.ExitCode()
	case err != nil:
		t.Fatal(err)
	}
	return b.String(), 0
}
