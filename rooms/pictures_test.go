package rooms_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"legroom/hwaccel"
	"legroom/hwaccel/software"
	"legroom/internal/clock"
	"legroom/media"
	"legroom/rooms"
	"legroom/transcode"
)

var (
	h264   = media.Codec{Name: media.H264, ClockRate: 90000, Fmtp: "packetization-mode=1;profile-level-id=42e01f"}
	single = media.Codec{Name: media.H264, ClockRate: 90000, Fmtp: "packetization-mode=0;profile-level-id=42e01f"}
)

// soon is how long, in real time, what is to be seen may take on a machine that is busy.
const soon = 20 * time.Second

// cinema is a Registry with a clock and the processor as its Device, in real time: codecs work in no other.
type cinema struct {
	*rooms.Registry
	room    *rooms.Room
	devices *hwaccel.Fallback
}

func openCinema(t *testing.T, mode rooms.Mode) *cinema {
	t.Helper()
	device, err := software.New(t.Context(), software.Config{Share: 100, Log: quiet, Measured: measured()})
	if err != nil {
		t.Fatal(err)
	}
	cfg := rooms.DefaultConfig()
	beat := clock.New(clock.Config{Slots: 2})
	cfg.Clock, cfg.Log = beat, slog.New(slog.NewTextHandler(t.Output(), nil))
	cfg.Policy = func(number string) (rooms.Policy, bool) {
		p := rooms.DefaultPolicy(number)
		p.Mode, p.Lobby = mode, false
		return p, true
	}
	c := &cinema{Registry: rooms.New(cfg), devices: &hwaccel.Fallback{Devices: []hwaccel.Device{device}}}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { _ = beat.Run(ctx) })
	wg.Go(func() { _ = c.Registry.Run(ctx) })
	wg.Go(func() { _ = c.UseDevices(ctx, c.devices.Devices) })
	t.Cleanup(func() {
		cancel()
		wg.Wait()
	})
	if c.room, err = c.Room("1000"); err != nil {
		t.Fatal(err)
	}
	return c
}

// measured is a fast processor: a probe takes seconds.
func measured() *hwaccel.Capabilities {
	var c hwaccel.Capabilities
	for _, codec := range []media.CodecName{media.H264, media.VP8} {
		able := hwaccel.Capability{Codec: codec, MaxWidth: 4096, MaxHeight: 4096, Speed: 1 << 40, LimitsNAL: codec == media.H264}
		c.Decode, c.Encode = append(c.Decode, able), append(c.Encode, able)
	}
	c.Scale = []hwaccel.Capability{{MaxWidth: 4096, MaxHeight: 4096, Speed: 1 << 40}}
	return &c
}

// screen is a room system: it hears a mix and sees one picture, which it decodes.
type screen struct {
	*leg
	t       *testing.T
	codec   media.Codec
	devices *hwaccel.Fallback

	mu     sync.Mutex
	limits media.PictureLimits
	seen   *media.Picture // the last
	count  int
}

func (c *cinema) screen(t *testing.T, codec media.Codec, limits media.PictureLimits) *screen {
	return &screen{leg: phone(g722), t: t, codec: codec, devices: c.devices, limits: limits}
}

func (s *screen) Accepts(k media.Kind) []media.Codec {
	if k == media.Video {
		return []media.Codec{s.codec}
	}
	return s.leg.Accepts(k)
}

func (s *screen) Capacity(k media.Kind) int { return 1 }

func (s *screen) PictureLimits() media.PictureLimits {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.limits
}

// Send opens what is seen. A new one ends the one before.
func (s *screen) Send(info media.TrackInfo) (media.Sink[*media.Packet], error) {
	if info.Kind() == media.Audio {
		return s.leg.Send(info)
	}
	decode, err := transcode.NewDecodeVideo(transcode.DecodeVideoConfig{
		Codec: info.Codec, Devices: s.devices, MaxWidth: 1920, MaxHeight: 1088, InMemory: true,
		RequestKeyframe: func() { info.RequestKeyframe(0) },
	}, media.SinkFunc[*media.Picture](s.look))
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = decode.Run(ctx)
	}()
	s.t.Cleanup(func() {
		cancel()
		<-done
	})
	return decode, nil
}

// look takes a decoded picture.
func (s *screen) look(p *media.Picture) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen, s.count = clonePicture(p), s.count+1
	return nil
}

func clonePicture(p *media.Picture) *media.Picture {
	c := *p
	for i := range c.Planes {
		c.Planes[i] = append([]byte(nil), p.Planes[i]...)
	}
	return &c
}

// shows waits until what is seen is so.
func (s *screen) shows(what string, so func(*media.Picture) bool) {
	s.t.Helper()
	for end := time.Now().Add(soon); ; {
		s.mu.Lock()
		seen, count := s.seen, s.count
		s.mu.Unlock()
		if seen != nil && so(seen) {
			return
		}
		if time.Now().After(end) {
			s.t.Fatalf("%s: not within %v, after %d pictures; the last is %s", what, soon, count, describe(seen))
		}
		<-time.After(20 * time.Millisecond)
	}
}

func describe(p *media.Picture) string {
	if p == nil {
		return "none"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%dx%d, brightness", p.Width, p.Height)
	for y := range 4 {
		for x := range 4 {
			fmt.Fprintf(&b, " %d", brightness(p, x*p.Width/4, y*p.Height/4, p.Width/4, p.Height/4))
		}
		b.WriteString(" /")
	}
	return b.String()
}

// brightness is the mean of a part of the picture.
func brightness(p *media.Picture, x, y, w, h int) int {
	sum := 0
	for row := y; row < y+h; row++ {
		for _, luma := range p.Planes[0][row*p.Stride[0]+x:][:w] {
			sum += int(luma)
		}
	}
	return sum / max(w*h, 1)
}

// camera publishes pictures of one brightness, 15 a second, until the test ends.
func (c *cinema) camera(t *testing.T, p *rooms.Participant, codec media.Codec, width, height int, luma byte) {
	t.Helper()
	sending := struct {
		sync.Mutex
		encode *transcode.EncodeVideo
	}{}
	sink, err := p.Publish(media.TrackInfo{Source: media.Camera, Codec: codec, RequestKeyframe: func(uint8) {
		sending.Lock()
		defer sending.Unlock()
		sending.encode.ForceKeyframe()
	}})
	if err != nil {
		t.Fatal(err)
	}
	out := media.SinkFunc[*media.Packet](func(p *media.Packet) error {
		p.Arrived = time.Now()
		return sink.Write(p)
	})
	sending.Lock()
	sending.encode, err = transcode.NewEncodeVideo(transcode.EncodeVideoConfig{
		Codec: codec, Devices: c.devices, Width: width, Height: height, FrameRate: 15, Bitrate: 500_000,
	}, out)
	sending.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { _ = sending.encode.Run(ctx) })
	wg.Go(func() {
		picture := hwaccel.NewPicture(width, height)
		for i := range picture.Planes[0] {
			picture.Planes[0][i] = luma
		}
		for i := 1; i < 3; i++ {
			for j := range picture.Planes[i] {
				picture.Planes[i][j] = 128
			}
		}
		beat := time.NewTicker(time.Second / 15)
		defer beat.Stop()
		for {
			_ = sending.encode.Write(picture)
			picture.Timestamp += 6000
			select {
			case <-ctx.Done():
				return
			case <-p.Done():
				return
			case <-beat.C:
			}
		}
	})
	t.Cleanup(func() {
		cancel()
		wg.Wait()
		_ = sink.Close()
	})
}

func (c *cinema) join(t *testing.T, req rooms.JoinRequest) *rooms.Participant {
	t.Helper()
	req.Clear = true
	p, err := c.room.Join(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Leave(nil) })
	return p
}

// near tells whether a brightness is that of a camera, as codecs leave it.
func near(got int, want byte) bool { return got > int(want)-12 && got < int(want)+12 }

// TestPictureOfMany: a room system sees two people beside each other, one of them alone when the other goes, and a card when
// nobody is left; all in one stream of its own codec.
func TestPictureOfMany(t *testing.T) {
	for name, codec := range map[string]media.Codec{"H.264 mode 1": h264, "H.264 mode 0": single, "VP8": vp8} {
		t.Run(name, func(t *testing.T) {
			c := openCinema(t, rooms.Open)
			room := c.screen(t, codec, media.PictureLimits{Width: 640, Height: 360})
			c.join(t, rooms.JoinRequest{Leg: room, Kind: rooms.RoomSystem, Name: "Boardroom", Role: rooms.Host})
			room.shows("a card", func(p *media.Picture) bool { return p.Width == 640 && p.Height == 360 })
			dark := c.join(t, rooms.JoinRequest{Leg: browser(), Kind: rooms.Browser})
			c.camera(t, dark, vp8, 320, 180, 60)
			bright := c.join(t, rooms.JoinRequest{Leg: browser(), Kind: rooms.Browser})
			c.camera(t, bright, vp8, 320, 180, 200)
			room.shows("both", func(p *media.Picture) bool {
				if p.Width < 640 {
					return false
				}
				left, right := brightness(p, 40, 150, 200, 60), brightness(p, 400, 150, 200, 60)
				return near(left, 60) && near(right, 200)
			})
			dark.Leave(nil)
			room.shows("one", func(p *media.Picture) bool {
				return near(brightness(p, p.Width/3, p.Height*2/5, p.Width/3, p.Height/6), 200)
			})
		})
	}
}

// TestPictureAsItComes: where there is one other and nothing to be marked its pictures come as they are, and are composed
// as soon as a telephone listens, which has to be marked.
func TestPictureAsItComes(t *testing.T) {
	c := openCinema(t, rooms.Open)
	room := c.screen(t, h264, media.PictureLimits{Width: 1280, Height: 720})
	who := c.join(t, rooms.JoinRequest{Leg: room, Kind: rooms.RoomSystem, Name: "Boardroom", Role: rooms.Host})
	other := c.join(t, rooms.JoinRequest{Leg: browser(), Kind: rooms.Browser})
	c.camera(t, other, h264, 640, 360, 90)
	room.shows("the other, as he comes", func(p *media.Picture) bool {
		return p.Width == 640 && near(brightness(p, 10, 10, 620, 340), 90)
	})
	if plan, sees := who.PicturePlan(); !sees || !plan.Forward() {
		t.Errorf("plan is %v, want forward", plan)
	}
	listener := c.join(t, rooms.JoinRequest{Leg: phone(pcma), Kind: rooms.Phone, Name: "Telephone"})
	room.shows("the other below a mark", func(p *media.Picture) bool {
		return p.Width == 1280 && near(brightness(p, 400, 300, 400, 200), 90) && !near(brightness(p, 400, 4, 400, 20), 90)
	})
	if plan, _ := who.PicturePlan(); !strings.HasPrefix(plan.String(), "compose 1280x720 (software) > encode H264") {
		t.Errorf("plan is %v", plan)
	}
	listener.Leave(nil)
	room.shows("the other, as he comes again", func(p *media.Picture) bool { return p.Width == 640 })
}

// TestNobodySeesHimself: two room systems with cameras see each other.
func TestNobodySeesHimself(t *testing.T) {
	c := openCinema(t, rooms.Open)
	limits := media.PictureLimits{Width: 320, Height: 180}
	dark, bright := c.screen(t, single, limits), c.screen(t, single, limits)
	first := c.join(t, rooms.JoinRequest{Leg: dark, Kind: rooms.RoomSystem, Name: "Dark", Role: rooms.Host})
	c.camera(t, first, single, 320, 180, 60)
	second := c.join(t, rooms.JoinRequest{Leg: bright, Kind: rooms.RoomSystem, Name: "Bright"})
	c.camera(t, second, single, 320, 180, 200)
	dark.shows("the other", func(p *media.Picture) bool {
		return near(brightness(p, p.Width/3, p.Height/3, p.Width/3, p.Height/3), 200)
	})
	bright.shows("the other", func(p *media.Picture) bool {
		return near(brightness(p, p.Width/3, p.Height/3, p.Width/3, p.Height/3), 60)
	})
}

// TestRenditionOfPictures: a browser that takes VP8 sees a room system that sends H.264.
func TestRenditionOfPictures(t *testing.T) {
	c := openCinema(t, rooms.Open)
	who := c.join(t, rooms.JoinRequest{Leg: phone(g722), Kind: rooms.RoomSystem, Name: "Boardroom", Role: rooms.Host})
	c.camera(t, who, h264, 640, 360, 150)
	viewer := browser()
	c.join(t, rooms.JoinRequest{Leg: viewer, Kind: rooms.Browser})
	for end := time.Now().Add(soon); ; {
		for _, n := range viewer.open() {
			if n.info.Kind() == media.Video && n.info.Codec.Name == media.VP8 && n.packets() > 10 {
				return
			}
		}
		if time.Now().After(end) {
			t.Fatalf("no VP8 within %v", soon)
		}
		<-time.After(20 * time.Millisecond)
	}
}

// TestPicturesOfAnEncryptedRoom: without a grant of pictures a room system of a mixed room sees words and nobody.
func TestPicturesOfAnEncryptedRoom(t *testing.T) {
	c := openCinema(t, rooms.Mixed)
	room := c.screen(t, h264, media.PictureLimits{Width: 640, Height: 360})
	p := c.join(t, rooms.JoinRequest{Leg: room, Kind: rooms.RoomSystem, Name: "Boardroom", Role: rooms.Host})
	if err := p.LetIn(); err != nil {
		t.Fatal(err)
	}
	room.shows("a card", func(p *media.Picture) bool { return p.Width == 640 })
	if _, err := p.Publish(media.TrackInfo{Source: media.Camera, Codec: h264}); err == nil {
		t.Error("its own picture came in clear into an encrypted room")
	}
}
