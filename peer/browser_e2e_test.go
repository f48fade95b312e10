//go:build e2e

package peer

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"legroom/media"
)

// browserReport is what the page tells of both connections.
type browserReport struct {
	Sent []struct {
		Kind, RID              string
		Packets, Frames, Width int
		Target                 float64
	}
	Got []struct {
		Kind, MID                                   string
		Packets, Lost, Frames, Width, Freezes, PLIs int
		Energy                                      float64
	}
	State []string
	Data  string
}

// page serves the test page and joins its two connections to an Engine.
type page struct {
	t    *testing.T
	legs map[string]*Leg
	room *room

	mu      sync.Mutex
	ready   bool
	last    browserReport
	failure string
	stopped bool
}

var sources = map[string]media.Source{"microphone": media.Microphone, "camera": media.Camera, "screen": media.Screen}

func (p *page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet {
		http.ServeFile(w, r, filepath.Join("testdata", "browser.html"))
		return
	}
	var in struct {
		Leg, SDP, Candidate, MID, Error string
		Tracks                          []struct{ MID, Source string }
		browserReport
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	out := map[string]any{}
	var err error
	switch r.URL.Path {
	case "/offer":
		var tracks []OfferTrack
		for _, t := range in.Tracks {
			tracks = append(tracks, OfferTrack{MID: t.MID, Source: sources[t.Source]})
		}
		out["sdp"], err = p.legs[in.Leg].Offer(r.Context(), Offer{SDP: in.SDP, Tracks: tracks})
	case "/published":
		// The camera must have been in the room before it is taken away.
		eventually(p.t, "camera in the room at first", func() bool { return p.room.track(media.Camera) != nil })
		p.room.forget(media.Camera)
	case "/candidate":
		err = p.legs[in.Leg].Candidate(in.Candidate, in.MID)
	default:
		p.note(r.URL.Path, in.browserReport, in.Error, out)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	_ = json.NewEncoder(w).Encode(out)
}

func (p *page) note(path string, report browserReport, failure string, out map[string]any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch path {
	case "/ready":
		p.ready = true
	case "/report":
		p.last = report
	case "/fail":
		p.failure = failure
	}
	out["go"] = !p.stopped
}

// until waits for the page to report something.
func (p *page) until(what string, ok func(browserReport) bool) {
	p.t.Helper()
	eventually(p.t, what, func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.failure != "" {
			p.t.Fatalf("page failed: %s", p.failure)
		}
		return p.ready && ok(p.last)
	})
}

// startChromium opens url until the test ends.
func startChromium(t *testing.T, url string) {
	t.Helper()
	var path string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Skip("no Chromium on this machine")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, path, "--headless=new", "--no-sandbox", "--use-fake-device-for-media-stream",
		"--use-fake-ui-for-media-stream", "--allow-loopback-in-peer-connection", "--disable-gpu",
		"--disable-background-networking", "--no-first-run", "--disable-component-update", "--disable-sync",
		"--autoplay-policy=no-user-gesture-required", "--user-data-dir="+t.TempDir(), url)
	// A group of its own, so that the helpers of the browser end with it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	if os.Getenv("PEER_LOG") != "" {
		cmd.Stderr = os.Stderr
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = cmd.Wait()
	})
}

// TestChromium publishes the fake camera and microphone of a real browser and shows them to it again.
func TestChromium(t *testing.T) {
	for _, codec := range []string{"VP8", "H264"} {
		t.Run(codec, func(t *testing.T) { chromium(t, codec) })
	}
}

func chromium(t *testing.T, codec string) {
	e := startEngine(t, testConfig())
	r := &room{}
	p := &page{t: t, room: r, legs: map[string]*Leg{"pub": newTestLeg(t, e, "pub", r), "view": newTestLeg(t, e, "view", &room{})}}
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	t.Cleanup(func() { p.mu.Lock(); p.stopped = true; p.mu.Unlock() })
	startChromium(t, server.URL+"/?codec="+codec)
	p.until("page ready", func(browserReport) bool { return true })
	view := p.legs["view"]
	for _, source := range []media.Source{media.Microphone, media.Camera} {
		eventually(t, source.String()+" in the room", func() bool { return r.track(source) != nil })
		track := r.track(source)
		info := track.info
		info.Participant = "p1"
		sink, err := view.Send(info)
		if err != nil {
			t.Fatal(err)
		}
		track.Add(sink)
	}
	t.Cleanup(func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		t.Logf("last report: %+v", p.last)
		t.Logf("publisher: %+v", p.legs["pub"].Stats())
		t.Logf("viewer: %+v", view.Stats())
	})
	if got := r.track(media.Camera).info; string(got.Codec.Name) != codec || got.Layers != 3 {
		t.Errorf("camera published as %s in %d layers", got.Codec, got.Layers)
	}
	decoded := func(b browserReport) (frames, width int) {
		for _, g := range b.Got {
			if g.Kind == "video" && g.Frames > frames {
				frames, width = g.Frames, g.Width
			}
		}
		return frames, width
	}
	p.until("sound and pictures", func(b browserReport) bool {
		frames, _ := decoded(b)
		energy := 0.0
		for _, g := range b.Got {
			energy += g.Energy
		}
		return frames > 10 && energy > 0
	})
	for _, want := range []struct{ height, width int }{{135, 240}, {540, 960}, {135, 240}} {
		began := time.Now()
		view.View([]View{{Participant: "p1", Source: media.Camera, Width: want.height * 16 / 9, Height: want.height}})
		from := 0
		p.until(fmt.Sprintf("a picture %d wide", want.width), func(b browserReport) bool {
			frames, width := decoded(b)
			if width != want.width {
				from = frames
			}
			return width == want.width && frames > from+10
		})
		t.Logf("%d wide after %v", want.width, time.Since(began).Round(10*time.Millisecond))
	}
	levels := 0
	for _, m := range r.track(media.Microphone).packets() {
		if m.Level != media.NoLevel && m.Level < 127 {
			levels++
		}
	}
	if levels == 0 {
		t.Error("no packet of the microphone carried a level")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.last.Data == "connected" {
		t.Error("a data channel was accepted")
	}
	for _, g := range p.last.Got {
		if g.Lost > 0 {
			t.Errorf("%s: %d packets lost on loopback", g.Kind, g.Lost)
		}
	}
}
