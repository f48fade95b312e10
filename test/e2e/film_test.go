//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"legroom/hwaccel"
	"legroom/hwaccel/software"
	"legroom/media"
	"legroom/sip/siptest"
	"legroom/test/e2e/film"
	"legroom/test/e2e/server"
	"legroom/transcode"
)

// What is filmed: pictures enough that none comes twice while they are looked at, few enough a second for two cores.
const (
	filmRate   = 15
	filmLength = 20 * filmRate
	looking    = 8 * time.Second
)

// processor is the Device that a test decodes with.
func processor(t *testing.T) hwaccel.Device {
	t.Helper()
	measured := hwaccel.Capabilities{Scale: []hwaccel.Capability{{MaxWidth: 4096, MaxHeight: 4096, Speed: 1 << 40}}}
	for _, codec := range []media.CodecName{media.H264, media.VP8} {
		able := hwaccel.Capability{Codec: codec, MaxWidth: 4096, MaxHeight: 4096, Speed: 1 << 40, LimitsNAL: true}
		measured.Decode, measured.Encode = append(measured.Decode, able), append(measured.Encode, able)
	}
	d, err := software.New(t.Context(), software.Config{Share: 100, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Measured: &measured})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestFilms: a scripted room system and Chromium show each other films whose pictures have numbers. None comes out of order,
// and none stands for longer than half a second.
func TestFilms(t *testing.T) {
	sizes := []size{{640, 360, 600_000}}
	if os.Getenv("LEGROOM_SOAK") != "" {
		sizes = append(sizes, size{1280, 720, 1_500_000}, size{1920, 1080, 3_000_000})
	}
	device := processor(t)
	for _, s := range sizes {
		camera := filepath.Join(t.TempDir(), "film.y4m")
		film.Y4M(t, camera, s.width, s.height, filmRate, filmLength)
		packets := film.Packets(t, device, s.width, s.height, filmRate, filmLength, s.bitrate)
		for name, codec := range map[string]media.Codec{"H.264": siptest.H264Mode1, "VP8 one way": siptest.VP8} {
			if codec.Name == media.H264 && s.height > 720 {
				codec.Fmtp = strings.Replace(codec.Fmtp, "42e01f", "42e028", 1) // level 4
			}
			t.Run(fmt.Sprintf("%s %d", name, s.height), func(t *testing.T) { films(t, device, camera, packets, codec) })
		}
		_ = os.Remove(camera)
	}
}

// size of a film, pixels, and its bit/s.
type size struct{ width, height, bitrate int }

func films(t *testing.T, device hwaccel.Device, camera string, packets [][]*media.Packet, codec media.Codec) {
	gateway := server.Start(t, config(false, room{number: "1001", pictures: true}))
	anna := enter(t, driver(t).LaunchWithCamera(voice(t, 440), camera), gateway.Link("1001", "h."+hostSecret, queryWithCamera), "Anna")
	anna.See("[data-testid=room]")
	phone := siptest.New(t, siptest.Options{
		Server: gateway.SIP(), Codecs: []media.CodecName{media.G722},
		Video: []media.Codec{codec}, Feedback: siptest.AllFeedback, User: "boardroom",
	})
	call := phone.Invite("1001")
	call.Answered()
	seen := watch(t, device, call.Pictures, codec)
	stop := project(t, call.Pictures, packets, codec)
	seen.wait(t)
	if codec.Name == media.H264 {
		anna.Until(`() => [...document.querySelectorAll("[data-testid=tile]")].some((tile) => {
			return !tile.querySelector(".plate-name").textContent.includes("Anna") && tile.querySelector("video")?.videoWidth > 0;
		})`, nil)
		view(t, "Chromium sees the room", func() film.Viewing {
			var sights []struct{ At, N float64 }
			anna.Evaluate(readNumbers, looking.Milliseconds(), &sights)
			var list []film.Sight
			for _, s := range sights {
				list = append(list, film.Sight{At: time.Duration(s.At * float64(time.Millisecond)), Number: int(s.N)})
			}
			return film.Judge(list, filmLength)
		})
	}
	view(t, "the room sees Chromium", func() film.Viewing {
		seen.begin()
		<-time.After(looking)
		return film.Judge(seen.end(), filmLength)
	})
	stop()
	call.Bye()
}

// view requires a film to be seen well; a machine that stands still for a moment gets another try.
func view(t *testing.T, what string, look func() film.Viewing) {
	t.Helper()
	for try := 1; ; try++ {
		v := look()
		t.Logf("%s: %v (try %d)", what, v, try)
		if v.Back > 0 {
			t.Errorf("%s: pictures out of order", what)
		}
		if v.Freeze <= 500*time.Millisecond && v.Pictures > int(looking.Seconds())*filmRate/2 {
			return
		}
		if try == 4 {
			t.Errorf("%s: %v", what, v)
			return
		}
	}
}

// readNumbers reads the numbers of the picture that is not one's own for some ms: [{At, N}].
const readNumbers = `(length) => new Promise((done) => {
	const video = [...document.querySelectorAll("[data-testid=tile] video")].find((v) => {
		return !v.closest("[data-testid=tile]").querySelector(".plate-name").textContent.includes("Anna") && v.videoWidth > 0;
	});
	const blocks = 16, glass = new OffscreenCanvas(blocks * 4, 4).getContext("2d", { willReadFrequently: true });
	const seen = [], began = performance.now();
	const each = (at) => {
		glass.drawImage(video, 0, 0, video.videoWidth, video.videoHeight / 12, 0, 0, blocks * 4, 4);
		const data = glass.getImageData(0, 0, blocks * 4, 4).data;
		const white = (block) => data[4 * (2 * blocks * 4 + block * 4 + 2)] > 125;
		let gray = 0;
		for (let block = 2; block < blocks; block++) gray = gray * 2 + (white(block) ? 1 : 0);
		let n = 0;
		for (let g = gray; g > 0; g >>= 1) n ^= g;
		if (white(0) && !white(1)) seen.push({ At: at - began, N: n });
		if (performance.now() - began < length) video.requestVideoFrameCallback(each);
		else done(seen);
	};
	video.requestVideoFrameCallback(each);
})`

// project shows a film to the gateway, over and over, until stop is called. In VP8 nothing is shown: the film is in H.264.
func project(t *testing.T, p *siptest.Pictures, packets [][]*media.Packet, codec media.Codec) (stop func()) {
	t.Helper()
	return projectAt(t, p, packets, codec, filmRate)
}

// projectAt shows rate pictures a second.
func projectAt(t *testing.T, p *siptest.Pictures, packets [][]*media.Packet, codec media.Codec, rate int) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	if codec.Name == media.H264 {
		wg.Go(func() {
			beat := time.NewTicker(time.Second / time.Duration(rate))
			defer beat.Stop()
			var sequence uint16
			for n := 0; ; n++ {
				frame := packets[n%len(packets)]
				for i, packet := range frame {
					p.Send(sequence, uint32(n*90000/rate), i == len(frame)-1, packet.Payload)
					sequence++
				}
				select {
				case <-ctx.Done():
					return
				case <-beat.C:
				}
			}
		})
	}
	stop = func() {
		cancel()
		wg.Wait()
	}
	t.Cleanup(stop)
	return stop
}

// spectator decodes what a scripted room system receives and reads its numbers.
type spectator struct {
	mu     sync.Mutex
	began  time.Time
	sights []film.Sight
}

func (s *spectator) begin() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.began, s.sights = time.Now(), nil
}

// wait for the first picture: the gateway finds out about its devices at its first start.
func (s *spectator) wait(t *testing.T) {
	t.Helper()
	for end := time.Now().Add(40 * time.Second); len(s.end()) == 0; <-time.After(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the room sees nothing")
		}
	}
}

func (s *spectator) end() []film.Sight {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sights
}

// see takes a picture: the other one alone, or on the one tile below the banner.
func (s *spectator) see(p *media.Picture) error {
	n, ok := film.Number(p, 0, 0, p.Width, p.Height)
	if !ok {
		n, ok = film.Number(p, p.Width*40/1280, p.Height*46/720, p.Width*1200/1280, p.Height*674/720)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if ok {
		s.sights = append(s.sights, film.Sight{At: time.Since(s.began), Number: n})
	}
	return nil
}

// watch decodes what comes until the test ends.
func watch(t *testing.T, device hwaccel.Device, p *siptest.Pictures, codec media.Codec) *spectator {
	t.Helper()
	s := &spectator{began: time.Now()}
	decode, err := transcode.NewDecodeVideo(transcode.DecodeVideoConfig{
		Codec: codec, Devices: &hwaccel.Fallback{Devices: []hwaccel.Device{device}}, MaxWidth: 1920, MaxHeight: 1088, InMemory: true,
		RequestKeyframe: func() { _ = p.Session.RequestKeyframe() },
	}, media.SinkFunc[*media.Picture](s.see))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { _ = decode.Run(ctx) })
	p.Session.OnPacket(decode)
	t.Cleanup(func() {
		cancel()
		wg.Wait()
	})
	return s
}
