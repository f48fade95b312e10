package payload

import (
	"errors"
	"testing"
	"time"

	"legroom/media"
)

func TestKeyframesAndFrameStarts(t *testing.T) {
	for _, c := range []struct {
		name       string
		codec      media.CodecName
		payload    []byte
		key, start bool
	}{
		{"VP8 key frame", media.VP8, []byte{0x10, 0x10, 0, 0, 0x9d, 1, 0x2a}, true, true},
		{"VP8 predicted frame", media.VP8, []byte{0x10, 0x11}, false, true},
		{"VP8 key frame, second packet", media.VP8, []byte{0x00, 0x10}, false, false},
		{"VP8 key frame, second partition", media.VP8, []byte{0x11, 0x10}, false, false},
		{"VP8 key frame behind long picture id", media.VP8, []byte{0x90, 0xf0, 0x80, 1, 7, 0x20, 0x10}, true, true},
		{"VP8 cut in its descriptor", media.VP8, []byte{0x90, 0xf0, 0x80}, false, false},
		{"VP9 key frame", media.VP9, []byte{0x8c, 0x85, 0x01, 0x82}, true, true},
		{"VP9 key frame, upper layer", media.VP9, []byte{0xac, 0x85, 0x01, 0x02, 0x00, 0x82}, false, true},
		{"VP9 predicted", media.VP9, []byte{0xcc, 0x85, 0x01, 0x82}, false, true},
		{"H.264 IDR", media.H264, []byte{0x65, 0x88}, true, true},
		{"H.264 slice", media.H264, []byte{0x41, 0x9a}, false, true},
		{"H.264 SPS", media.H264, []byte{0x67, 0x42}, true, true},
		{"H.264 PPS alone", media.H264, []byte{0x68, 0xce}, false, true},
		{"H.264 STAP-A of SPS and PPS", media.H264, []byte{0x78, 0, 2, 0x67, 0x42, 0, 2, 0x68, 0xce}, true, true},
		{"H.264 STAP-A of SEI and slice", media.H264, []byte{0x78, 0, 2, 0x06, 0x05, 0, 2, 0x41, 0x9a}, false, true},
		{"H.264 STAP-A with a length beyond its end", media.H264, []byte{0x78, 0, 99, 0x67, 0x42}, false, true},
		{"H.264 FU-A, start of an IDR", media.H264, []byte{0x7c, 0x85, 0x88}, true, true},
		{"H.264 FU-A, middle of an IDR", media.H264, []byte{0x7c, 0x05, 0x88}, false, false},
		{"H.264 FU-A, start of a slice", media.H264, []byte{0x5c, 0x81, 0x9a}, false, true},
		{"AV1 new sequence", media.AV1, []byte{0x18, 0x0a}, true, true},
		{"AV1 continued", media.AV1, []byte{0x90, 0x0a}, false, false},
		{"audio", media.PCMU, []byte{0xff}, true, true},
		{"no codec", "X", []byte{1, 2, 3}, false, false},
		{"empty H.264", media.H264, nil, false, false},
		{"empty VP8", media.VP8, nil, false, false},
		{"empty VP9", media.VP9, nil, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := IsKeyframe(c.codec, c.payload); got != c.key {
				t.Errorf("key frame %v, want %v", got, c.key)
			}
			if got := IsFrameStart(c.codec, c.payload); got != c.start {
				t.Errorf("frame start %v, want %v", got, c.start)
			}
		})
	}
}

func TestDurations(t *testing.T) {
	opus := media.Codec{Name: media.Opus, ClockRate: 48000, Channels: 2}
	for _, c := range []struct {
		name    string
		codec   media.Codec
		payload []byte
		want    time.Duration
		err     error
	}{
		{"PCMU", media.Codec{Name: media.PCMU, ClockRate: 8000}, make([]byte, 160), 20 * time.Millisecond, nil},
		{"G.722", media.Codec{Name: media.G722, ClockRate: 8000}, make([]byte, 240), 30 * time.Millisecond, nil},
		{"Opus SILK 60", opus, []byte{3 << 3}, 60 * time.Millisecond, nil},
		{"Opus hybrid 10", opus, []byte{12 << 3}, 10 * time.Millisecond, nil},
		{"Opus CELT 2.5, two", opus, []byte{16<<3 | 1, 0}, 5 * time.Millisecond, nil},
		{"Opus 6 times 20", opus, []byte{31<<3 | 3, 6}, 120 * time.Millisecond, nil},
		{"Opus 7 times 20", opus, []byte{31<<3 | 3, 7}, 0, ErrFormat},
		{"Opus of no frame", opus, []byte{31<<3 | 3, 0}, 0, ErrFormat},
		{"Opus without its count", opus, []byte{31<<3 | 3}, 0, ErrShort},
		{"empty", opus, nil, 0, ErrShort},
		{"video", media.Codec{Name: media.VP8}, []byte{1}, 0, ErrFormat},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Duration(c.codec, c.payload)
			if got != c.want || !errors.Is(err, c.err) {
				t.Errorf("%v, %v; want %v, %v", got, err, c.want, c.err)
			}
			if ticks, _ := Ticks(c.codec, c.payload); ticks != c.codec.Ticks(c.want) {
				t.Errorf("%d ticks", ticks)
			}
		})
	}
}

func TestSilence(t *testing.T) {
	for _, name := range []media.CodecName{media.PCMU, media.PCMA, media.G722, media.Opus} {
		c := media.Codec{Name: name, ClockRate: 8000}
		for _, d := range []time.Duration{10, 20, 40, 60} {
			p, err := AppendSilence(nil, c, d*time.Millisecond)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := Duration(c, p); err != nil || got != d*time.Millisecond {
				t.Errorf("%s: silence of %d ms has %v, %v", name, d, got, err)
			}
		}
		if p, _ := AppendSilence(nil, c, time.Hour); len(p) > 960 {
			t.Errorf("%s: an hour of silence has %d bytes", name, len(p))
		}
	}
	if _, err := AppendSilence(nil, media.Codec{Name: media.H264}, time.Second); !errors.Is(err, ErrFormat) {
		t.Errorf("silence of video: %v", err)
	}
}

func TestVP8DescriptorIsReadAndRewritten(t *testing.T) {
	for _, c := range []struct {
		name                    string
		in                      []byte
		id, tl0, tid, key, size int
		long                    bool
		out                     []byte // with picture id 0x1234 and TL0PICIDX 0x156
	}{
		{"bare", []byte{0x10, 1}, -1, -1, -1, -1, 1, false, []byte{0x10, 1}},
		{"short id", []byte{0x90, 0x80, 0x05, 1}, 5, -1, -1, -1, 3, false, []byte{0x90, 0x80, 0x34, 1}},
		{"long id", []byte{0x90, 0x80, 0x81, 0x02, 1}, 0x102, -1, -1, -1, 4, true, []byte{0x90, 0x80, 0x92, 0x34, 1}},
		{
			"all", []byte{0x90, 0xf0, 0x81, 0x02, 9, 0x63, 1}, 0x102, 9, 1, 3, 6, true,
			[]byte{0x90, 0xf0, 0x92, 0x34, 0x56, 0x63, 1},
		},
		{"layer without ids", []byte{0x90, 0x20, 0x80, 1}, -1, -1, 2, -1, 3, false, []byte{0x90, 0x20, 0x80, 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, err := ParseVP8(c.in)
			if err != nil {
				t.Fatal(err)
			}
			if d.PictureID != c.id || d.TL0PicIdx != c.tl0 || d.TID != c.tid || d.KeyIdx != c.key || d.Size != c.size || d.LongID != c.long {
				t.Errorf("read %+v", d)
			}
			d.Rewrite(c.in, 0x1234, 0x156)
			if string(c.in) != string(c.out) {
				t.Errorf("rewritten % x, want % x", c.in, c.out)
			}
			for n := range d.Size + 1 {
				if _, err := ParseVP8(c.in[:n]); !errors.Is(err, ErrShort) {
					t.Errorf("cut to %d bytes: %v", n, err)
				}
			}
		})
	}
}

func TestVP8Size(t *testing.T) {
	key := []byte{0x10, 0x10, 0, 0, 0x9d, 1, 0x2a, 0x00, 0x45, 0xd0, 0x02}
	w, h, err := VP8Size(key)
	if w != 1280 || h != 720 || err != nil {
		t.Errorf("%d x %d, %v", w, h, err)
	}
	key[4] = 0
	if _, _, err := VP8Size(key); !errors.Is(err, ErrFormat) {
		t.Errorf("without start code: %v", err)
	}
	if _, _, err := VP8Size([]byte{0x10, 0x11, 0, 0}); !errors.Is(err, ErrFormat) {
		t.Errorf("of a predicted frame: %v", err)
	}
	if _, _, err := VP8Size(key[:8]); !errors.Is(err, ErrShort) {
		t.Errorf("cut: %v", err)
	}
}

func TestProfileLevels(t *testing.T) {
	for _, c := range []struct {
		in      string
		profile H264Profile
		level   uint8
		err     error
	}{
		{"42e01f", ConstrainedBaseline, 31, nil},
		{"42001f", Baseline, 31, nil},
		{"42C00B", ConstrainedBaseline, 11, nil},
		{"42f00b", ConstrainedBaseline, 9, nil},
		{"4d0028", Main, 40, nil},
		{"4d8028", ConstrainedBaseline, 40, nil},
		{"64001f", High, 31, nil},
		{"640c1f", ConstrainedHigh, 31, nil},
		{"", Baseline, 10, nil},
		{"42e0", 0, 0, ErrFormat},
		{"zzzzzz", 0, 0, ErrFormat},
		{"99001f", 0, 31, ErrFormat},
	} {
		p, err := ParseProfileLevel(c.in)
		if p.Profile != c.profile || p.Level != c.level || !errors.Is(err, c.err) {
			t.Errorf("%q is %v %d, %v", c.in, p.Profile, p.Level, err)
		}
		if again, _ := ParseProfileLevel(p.String()); err == nil && again != p {
			t.Errorf("%q becomes %v", c.in, p)
		}
	}
	for _, c := range []struct {
		receiver, stream string
		want             bool
	}{
		{"42e01f", "42e01f", true}, {"42e01f", "42e020", false}, {"42e01f", "42001f", false}, {"64001f", "42e01e", true},
		{"4d001f", "64001f", false}, {"64001f", "4d001f", true}, {"42001f", "42e01f", true}, {"4d001f", "42001f", false},
		{"42e00b", "42f00b", true},
	} {
		r, _ := ParseProfileLevel(c.receiver)
		s, _ := ParseProfileLevel(c.stream)
		if got := r.Decodes(s); got != c.want {
			t.Errorf("%s decodes %s: %v", c.receiver, c.stream, got)
		}
	}
}

func FuzzParsers(f *testing.F) {
	for _, b := range [][]byte{{0x90, 0xf0, 0x81, 2, 9, 0x63, 1}, {0x78, 0, 2, 0x67, 0x42}, {0x7c, 0x85, 0x88}, {0xfb, 6}, {0xac, 0x85}} {
		f.Add(b)
	}
	names := []media.CodecName{media.VP8, media.VP9, media.H264, media.AV1, media.Opus}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, n := range names {
			IsKeyframe(n, b)
			IsFrameStart(n, b)
		}
		if d, err := ParseVP8(b); err == nil {
			if d.Size >= len(b) {
				t.Fatalf("descriptor of %d bytes in %d", d.Size, len(b))
			}
			d.Rewrite(b, 1, 2)
			again, err := ParseVP8(b)
			if err != nil || again.Size != d.Size || again.PictureID != d.PictureID || again.TL0PicIdx != d.TL0PicIdx {
				t.Fatalf("rewritten %+v reads as %+v, %v", d, again, err)
			}
		}
		_, _, _ = VP8Size(b)
		if toc, err := ParseOpus(b); err == nil && (toc.Duration() <= 0 || toc.Duration() > maxAudio) {
			t.Fatalf("%v", toc)
		}
		_, _ = ParseProfileLevel(string(b))
	})
}
