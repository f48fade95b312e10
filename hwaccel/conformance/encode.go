package conformance

import (
	"bytes"
	"fmt"
	"testing"

	"legroom/hwaccel"
	"legroom/media"
)

func encoding(t *testing.T, s suite) {
	for _, z := range sizes {
		t.Run(fmt.Sprintf("%dx%d comes back", z.width, z.height), func(t *testing.T) {
			frames := stream(t, s.encoder(t, s.device, s.encoderConfig(z)), z, 0, pictures)
			if len(frames) != pictures || !frames[0].Keyframe {
				t.Fatalf("%d frames, want %d that begin with a key frame", len(frames), pictures)
			}
			if seen := recognise(t, s.decoder(t, s.reference), frames, z); seen != pictures {
				t.Errorf("%d pictures of %d came back", seen, pictures)
			}
		})
	}
	t.Run("a forced key frame comes at once and once", func(t *testing.T) { forcedKeyframe(t, s) })
	t.Run("a scene that changes is no key frame", func(t *testing.T) { sceneCut(t, s) })
	t.Run("key frames come as often as they are due", func(t *testing.T) { keyInterval(t, s) })
	t.Run("bitrate is kept and follows SetBitrate", func(t *testing.T) { rate(t, s) })
	if s.able.SmoothRate {
		t.Run("a new bitrate costs no key frame", func(t *testing.T) { smoothRate(t, s) })
	}
	t.Run("timestamps go through, wrap and jump included", func(t *testing.T) { timestamps(t, s) })
	t.Run("pictures that do not fit are refused", func(t *testing.T) { strangers(t, s) })
	t.Run("close twice", func(t *testing.T) { closeEncoder(t, s) })
	t.Run("no allocation a picture", func(t *testing.T) { encodeAllocs(t, s) })
	if s.able.LimitsNAL {
		t.Run("NAL units keep to their bound", func(t *testing.T) { boundedNAL(t, s) })
	}
}

func forcedKeyframe(t *testing.T, s suite) {
	z := sizes[1]
	e := s.encoder(t, s.device, s.encoderConfig(z))
	frames := stream(t, e, z, 0, 10)
	e.ForceKeyframe()
	e.ForceKeyframe()
	frames = append(frames, stream(t, e, z, 10, 20)...)
	for n, f := range frames {
		if want := n == 0 || n == 10; f.Keyframe != want {
			t.Errorf("frame %d: key frame %v, want %v", n, f.Keyframe, want)
		}
	}
	// A decoder that begins at the forced key frame sees all: it carries its parameter sets.
	if seen := recognise(t, s.decoder(t, s.reference), frames[10:], z); seen != 10 {
		t.Errorf("from the forced key frame on %d pictures of 10 came back", seen)
	}
}

func rate(t *testing.T, s suite) {
	z := sizes[1]
	c := s.encoderConfig(z)
	c.Bitrate = 400_000
	e := s.encoder(t, s.device, c)
	const second = 30
	stream(t, e, z, 0, second)
	before := volume(stream(t, e, z, second, 4*second)) / 3
	if before > c.Bitrate*3/2 {
		t.Errorf("%d bit/s, asked for %d", before, c.Bitrate)
	}
	if err := e.SetBitrate(c.Bitrate / 4); err != nil {
		t.Fatal(err)
	}
	// Whether or not the change costs a key frame, after a second it has settled.
	stream(t, e, z, 4*second, 5*second)
	after := volume(stream(t, e, z, 5*second, 8*second)) / 3
	if after > before*2/3 {
		t.Errorf("%d bit/s before, %d after a cut to a quarter", before, after)
	}
	wants(t, "SetBitrate(0)", e.SetBitrate(0), hwaccel.ErrUnsupported)
}

// volume in bits.
func volume(frames []*media.Frame) int {
	n := 0
	for _, f := range frames {
		n += 8 * len(f.Data)
	}
	return n
}

func timestamps(t *testing.T, s suite) {
	z := sizes[0]
	e := s.encoder(t, s.device, s.encoderConfig(z))
	for _, ts := range []uint32{0xfffff000, 0xfffffbb8, 0x00000770, 5, 5, 0x80000000, 0x80000000 + 3000} {
		p := hwaccel.Pattern(z.width, z.height, 0)
		p.Timestamp = ts
		came := 0
		err := e.Encode(p, media.SinkFunc[*media.Frame](func(f *media.Frame) error {
			came++
			if f.Timestamp != ts {
				t.Errorf("timestamp %d became %d", ts, f.Timestamp)
			}
			return nil
		}))
		if err != nil || came != 1 {
			t.Fatalf("timestamp %d: %d frames, %v", ts, came, err)
		}
	}
}

func strangers(t *testing.T, s suite) {
	e := s.encoder(t, s.device, s.encoderConfig(sizes[1]))
	none := media.SinkFunc[*media.Frame](func(*media.Frame) error { t.Error("a frame came"); return nil })
	wants(t, "another size", e.Encode(hwaccel.Pattern(320, 180, 0), none), hwaccel.ErrPicture)
	hollow := hwaccel.Pattern(640, 360, 0)
	hollow.Planes[2] = nil
	wants(t, "a plane missing", e.Encode(hollow, none), hwaccel.ErrPicture)
	short := hwaccel.Pattern(640, 360, 0)
	short.Planes[1] = short.Planes[1][:100]
	wants(t, "a plane too short", e.Encode(short, none), hwaccel.ErrPicture)
}

func closeEncoder(t *testing.T, s suite) {
	e := s.encoder(t, s.device, s.encoderConfig(sizes[0]))
	for range 2 {
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
	}
	none := media.SinkFunc[*media.Frame](func(*media.Frame) error { return nil })
	wants(t, "Encode after Close", e.Encode(hwaccel.Pattern(322, 182, 0), none), hwaccel.ErrClosed)
	wants(t, "SetBitrate after Close", e.SetBitrate(1000), hwaccel.ErrClosed)
	e.ForceKeyframe()
}

func encodeAllocs(t *testing.T, s suite) {
	z := sizes[0]
	e := s.encoder(t, s.device, s.encoderConfig(z))
	p := hwaccel.Pattern(z.width, z.height, 0)
	var sink media.Sink[*media.Frame] = media.SinkFunc[*media.Frame](func(*media.Frame) error { return nil })
	allocs := testing.AllocsPerRun(20, func() {
		p.Timestamp += 3000
		if err := e.Encode(p, sink); err != nil {
			t.Fatal(err)
		}
	})
	if allocs != 0 {
		t.Errorf("%v allocations a picture", allocs)
	}
}

func boundedNAL(t *testing.T, s suite) {
	z := sizes[1]
	c := s.encoderConfig(z)
	c.MaxNAL = 1100
	frames := stream(t, s.encoder(t, s.device, c), z, 0, pictures)
	startCode := []byte{0, 0, 0, 1}
	for n, f := range frames {
		if !bytes.HasPrefix(f.Data, startCode) {
			t.Fatalf("frame %d does not begin with a 4-byte start code", n)
		}
		for _, nal := range bytes.Split(f.Data, []byte{0, 0, 1})[1:] {
			// The zero before the next start code's last three bytes is not part of the unit.
			if len(bytes.TrimRight(nal, "\x00")) > c.MaxNAL {
				t.Errorf("frame %d has a NAL unit of %d bytes, bound %d", n, len(nal), c.MaxNAL)
			}
		}
	}
	if seen := recognise(t, s.decoder(t, s.reference), frames, z); seen != pictures {
		t.Errorf("%d pictures of %d came back", seen, pictures)
	}
}
