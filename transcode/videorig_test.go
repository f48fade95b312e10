package transcode_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"legroom/hwaccel"
	"legroom/hwaccel/software"
	"legroom/media"
	"legroom/transcode"
)

// processor is the software Device, probed once, with room for any test: what is asked here is not whether it has any.
var processor = sync.OnceValues(func() (*software.Device, error) {
	probed, err := software.New(context.Background(), software.DefaultConfig())
	if err != nil {
		return nil, err
	}
	able := probed.Capabilities()
	able.Capacity.Total = 1_000_000
	c := software.DefaultConfig()
	c.Measured = &able
	return software.New(context.Background(), c)
})

func onProcessor(t testing.TB) *hwaccel.Fallback {
	t.Helper()
	d, err := processor()
	if err != nil {
		t.Fatal(err)
	}
	return &hwaccel.Fallback{Devices: []hwaccel.Device{d}}
}

// videoCodecs are those of the matrix, by name.
func videoCodecs() map[string]media.Codec {
	return map[string]media.Codec{"H.264 mode 0": h264(0), "H.264 mode 1": h264(1), "VP8": vp8()}
}

func h264(mode int) media.Codec {
	return media.Codec{
		Name: media.H264, ClockRate: 90000, Fmtp: fmt.Sprintf("profile-level-id=42e01f;packetization-mode=%d", mode),
	}
}

func vp8() media.Codec { return media.Codec{Name: media.VP8, ClockRate: 90000} }

// runner is a stage with a goroutine.
type runner interface {
	Run(ctx context.Context) error
	Close() error
}

// starts runs a stage until the test ends, and tells how it ended.
func starts(t testing.TB, r runner) <-chan error {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- r.Run(context.Background()) }() // ends when the test closes it
	t.Cleanup(func() {
		_ = r.Close()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	return done
}

// encoding is an EncodeVideoConfig with a rate at which pictures stay recognisable.
func encoding(c media.Codec, on *hwaccel.Fallback, width, height int) transcode.EncodeVideoConfig {
	return transcode.EncodeVideoConfig{
		Codec: c, Devices: on, Width: width, Height: height, FrameRate: 30, Bitrate: 3 * width * height,
	}
}

func encodeVideo(t testing.TB, c transcode.EncodeVideoConfig, out media.Sink[*media.Packet]) *transcode.EncodeVideo {
	t.Helper()
	e, err := transcode.NewEncodeVideo(c, out)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func decodeVideo(t testing.TB, c transcode.DecodeVideoConfig, out media.Sink[*media.Picture]) *transcode.DecodeVideo {
	t.Helper()
	d, err := transcode.NewDecodeVideo(c, out)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// gallery looks at pictures of hwaccel.Pattern: each is to be the one that its timestamp says, in order.
type gallery struct {
	t             testing.TB
	width, height int
	originals     []*media.Picture

	mu     sync.Mutex
	seen   []uint32
	worst  float64
	wrong  int
	sizes  map[[2]int]int
	onCard int
	came   chan struct{} // if not nil, told of each
}

func newGallery(t testing.TB, width, height, pictures int) *gallery {
	g := &gallery{t: t, width: width, height: height, worst: 100, sizes: make(map[[2]int]int)}
	for n := range pictures {
		g.originals = append(g.originals, hwaccel.Pattern(width, height, n))
	}
	return g
}

func (g *gallery) Write(p *media.Picture) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := p.Timestamp / 3000
	g.seen = append(g.seen, n)
	g.sizes[[2]int{p.Width, p.Height}]++
	if p.Surface != nil {
		g.onCard++
	}
	if p.Width == g.width && p.Surface == nil {
		g.compare(p, int(n))
	}
	if g.came != nil {
		g.came <- struct{}{}
	}
	return nil
}

// compare finds the original that the picture is like.
func (g *gallery) compare(p *media.Picture, n int) {
	best, at := 0.0, -1
	for i := max(n-2, 0); i <= min(n+2, len(g.originals)-1); i++ {
		if db := hwaccel.PSNR(p, g.originals[i]); db > best {
			best, at = db, i
		}
	}
	if at != n {
		g.wrong++
	}
	g.worst = min(g.worst, best)
}

func (g *gallery) Close() error { return nil }

// check wants so many pictures or more, each the right one and this much like it.
func (g *gallery) check(least int, db float64) {
	g.t.Helper()
	g.mu.Lock()
	defer g.mu.Unlock()
	for i := 1; i < len(g.seen); i++ {
		if g.seen[i] <= g.seen[i-1] {
			g.t.Errorf("picture %d came behind %d", g.seen[i], g.seen[i-1])
		}
	}
	if len(g.seen) < least || g.wrong > 0 || g.worst < db {
		g.t.Errorf("%d pictures of at least %d, %d mixed up, the worst %.1f dB like the original", len(g.seen), least, g.wrong, g.worst)
	}
}

func (g *gallery) count() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.seen)
}
