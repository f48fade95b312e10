package sip

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"legroom/media"
	"legroom/sip/sdp"
)

// TestLimitsOfPictures: what may be sent follows level, max-fs, max-mbps, max-fr, imageattr, b= and what is asked for later.
func TestLimitsOfPictures(t *testing.T) {
	h264 := func(mode string) media.Codec {
		return media.Codec{Name: media.H264, ClockRate: 90000, Fmtp: "packetization-mode=" + mode + ";profile-level-id=42e01f"}
	}
	vp8 := media.Codec{Name: media.VP8, ClockRate: 90000}
	level := func(fs, mbps uint32) sdp.VideoLimits { return sdp.VideoLimits{MaxFS: fs, MaxMBPS: mbps} }
	cases := map[string]struct {
		codec media.Codec
		send  sdp.VideoLimits
		sizes []sdp.Size
		most  int
		rate  int
		want  media.PictureLimits
	}{
		"level 3.1":            {h264("1"), level(3600, 108000), nil, 14_000_000, 0, media.PictureLimits{Width: 1280, Height: 720, FrameRate: 30, Bitrate: 4_000_000}},
		"level 4":              {h264("1"), level(8192, 245760), nil, 2_000_000, 0, media.PictureLimits{Width: 1920, Height: 1080, FrameRate: 30, Bitrate: 2_000_000}},
		"mode 0":               {h264("0"), level(3600, 108000), nil, 0, 0, media.PictureLimits{Width: 1280, Height: 720, FrameRate: 30, Bitrate: 4_000_000, NAL: 1200}},
		"level 3":              {h264("1"), level(1620, 40500), nil, 0, 0, media.PictureLimits{Width: 848, Height: 480, FrameRate: 25, Bitrate: 4_000_000}},
		"level 2.2, too slow":  {h264("1"), level(1620, 20250), nil, 0, 0, media.PictureLimits{Width: 640, Height: 360, FrameRate: 22, Bitrate: 4_000_000}},
		"level 1.3":            {h264("1"), level(396, 11880), nil, 768_000, 0, media.PictureLimits{Width: 416, Height: 234, FrameRate: 30, Bitrate: 768_000}},
		"level 1":              {h264("1"), level(99, 1485), nil, 64_000, 0, media.PictureLimits{Width: 208, Height: 112, FrameRate: 16, Bitrate: 64_000}},
		"a level that is none": {h264("1"), level(1, 1), nil, 0, 0, media.PictureLimits{Width: 176, Height: 96, FrameRate: 1, Bitrate: 4_000_000}},
		"vp8 without a word":   {vp8, sdp.VideoLimits{}, nil, 0, 0, media.PictureLimits{Width: 1920, Height: 1080, FrameRate: 30, Bitrate: 4_000_000}},
		"vp8 small":            {vp8, sdp.VideoLimits{MaxFS: 580, MaxFPS: 15}, nil, 0, 0, media.PictureLimits{Width: 480, Height: 270, FrameRate: 15, Bitrate: 4_000_000}},
		"likes another size":   {h264("1"), level(3600, 108000), []sdp.Size{{Width: 800, Height: 600}, {Width: 1280, Height: 720}}, 0, 0, media.PictureLimits{Width: 800, Height: 600, FrameRate: 30, Bitrate: 4_000_000}},
		"likes what is ours":   {vp8, sdp.VideoLimits{}, []sdp.Size{{Width: 3840, Height: 2160}}, 0, 0, media.PictureLimits{Width: 1920, Height: 1080, FrameRate: 30, Bitrate: 4_000_000}},
		"asked for less":       {h264("1"), level(3600, 108000), nil, 1_000_000, 300_000, media.PictureLimits{Width: 1280, Height: 720, FrameRate: 30, Bitrate: 300_000}},
		"asked for more":       {h264("1"), level(3600, 108000), nil, 1_000_000, 3_000_000, media.PictureLimits{Width: 1280, Height: 720, FrameRate: 30, Bitrate: 1_000_000}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			a := sdp.Agreed{Codec: c.codec, MaxBitrate: c.most, Video: sdp.AgreedVideo{Send: c.send, Sizes: c.sizes}}
			if got := limitsOf(a, defaultVideo(), c.rate); got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestLimitsThatMoved(t *testing.T) {
	base := media.PictureLimits{Width: 1280, Height: 720, FrameRate: 30, Bitrate: 1_000_000}
	for bitrate, want := range map[int]bool{1_000_000: false, 1_100_000: false, 900_000: false, 899_000: true, 1_101_000: true} {
		to := base
		to.Bitrate = bitrate
		if moved(base, to) != want {
			t.Errorf("%d: moved %v", bitrate, !want)
		}
	}
	smaller := base
	smaller.Height = 719
	if !moved(base, smaller) || !moved(media.PictureLimits{}, base) || moved(media.PictureLimits{}, media.PictureLimits{}) {
		t.Error("a change of size, or from nothing, is one")
	}
}

// TestKindsOfPackets: what of RFC 6184 table 3 each packetization-mode has.
func TestKindsOfPackets(t *testing.T) {
	for kind := range byte(32) {
		single := kind < 24
		if got := carriable([]byte{0x60 | kind, 0, 0}, 0); got != single {
			t.Errorf("type %d in mode 0: %v", kind, got)
		}
		if got, want := carriable([]byte{0x60 | kind, 0, 0}, 1), single || kind == 24 || kind == 28; got != want {
			t.Errorf("type %d in mode 1: %v", kind, got)
		}
	}
	if carriable(nil, 1) {
		t.Error("nothing is no packet")
	}
}

// TestAsker: many requests are one now and one at the end of the interval, and none after the end.
func TestAsker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		told := make(chan time.Duration, 10)
		begin := time.Now()
		a := newAsker(func() { told <- time.Since(begin) })
		for range 10 {
			a.ask()
			time.Sleep(10 * time.Millisecond)
		}
		time.Sleep(2 * time.Second)
		a.ask()
		a.ask()
		a.end()
		a.ask()
		time.Sleep(2 * time.Second)
		synctest.Wait()
		close(told)
		var sent []time.Duration
		for at := range told {
			sent = append(sent, at)
		}
		if len(sent) != 3 || sent[0] != 0 || sent[1] != 500*time.Millisecond || sent[2] != 2100*time.Millisecond {
			t.Errorf("sent at %v", sent)
		}
	})
}

// TestInformer: one request at a time, what is asked for meanwhile comes after it, and nothing after a refusal.
func TestInformer(t *testing.T) {
	var i informer
	if !i.begin() || i.begin() || i.begin() {
		t.Error("two at a time")
	}
	if !i.done(false) || !i.begin() || i.done(false) {
		t.Error("what was asked for meanwhile is one more")
	}
	i.begin()
	i.begin()
	if i.done(true) || i.begin() {
		t.Error("asked again after a refusal")
	}
	var other informer
	other.refuse()
	if other.begin() {
		t.Error("asked who does not understand")
	}
}

func TestWeakerProtection(t *testing.T) {
	order := []Security{SecurityUnknown, SecurityClear, SecuritySDESKeyInClear, SecuritySDES, SecurityDTLS}
	for i, a := range order {
		for j, b := range order {
			if got := a.weaker(b); got != order[min(i, j)] {
				t.Errorf("%v and %v: %v", a, b, got)
			}
		}
	}
}

func TestVideoConfigFaults(t *testing.T) {
	c := VideoConfig{Codecs: []media.CodecName{media.H264, media.H265, media.H264}, Width: 10, Height: 9000, FrameRate: 0, Bitrate: 5}
	err := c.validate()
	if err == nil {
		t.Fatal("nothing found")
	}
	for _, at := range []string{"codecs[1]", "codecs[2]", "width", "height", "frameRate", "bitrate"} {
		if !strings.Contains(err.Error(), at) {
			t.Errorf("%s is not among the faults:\n%v", at, err)
		}
	}
	if err := defaultVideo().validate(); err != nil {
		t.Error(err)
	}
}

// TestEndsOfACall: sound first, then pictures with H.264 before VP8, and slides only when they are asked for.
func TestEndsOfACall(t *testing.T) {
	cfg := DefaultConfig()
	ends := cfg.LocalMedia()
	if len(ends) != 2 || ends[0].Kind != media.Audio || ends[1].Video.Content != sdp.MainContent {
		t.Fatalf("%+v", ends)
	}
	var names []string
	for _, c := range ends[1].Codecs {
		names = append(names, string(c.Name)+" "+c.Fmtp)
	}
	want := "H264 profile-level-id=42e01f;packetization-mode=1, H264 profile-level-id=42e01f;packetization-mode=0, H264 profile-level-id=64001f;packetization-mode=1, VP8 "
	if got := strings.Join(names, ", "); got != want {
		t.Errorf("codecs %s", got)
	}
	if l := ends[1].Video.Limits; l.MaxFS != 8160 || l.MaxMBPS != 244800 || l.MaxFPS != 30 || l.MaxBitrate != 4_000_000 {
		t.Errorf("limits %+v", l)
	}
	cfg.Video.Slides = true
	if ends := cfg.LocalMedia(); len(ends) != 3 || ends[2].Video.Content != sdp.SlidesContent {
		t.Errorf("%+v", ends)
	}
	cfg.Video.Codecs = nil
	if ends := cfg.LocalMedia(); len(ends) != 1 {
		t.Errorf("%+v", ends)
	}
}
