package payload

import (
	"bytes"
	"errors"
	"testing"

	"github.com/pion/rtp"
	"pgregory.net/rapid"

	"legroom/media"
)

// vp8Frame is of a length and begins like a key frame, or another.
func vp8Frame(key bool, length int) []byte {
	b := nal(0, max(length, 10))
	b[0] |= 1
	if key {
		b[0] &^= 1
		copy(b[3:], []byte{0x9d, 0x01, 0x2a, 0x80, 2, 0x68, 1})
	}
	return b
}

func vp8Packets(t testing.TB, cfg VP8PacketizerConfig, frames ...*media.Frame) []*media.Packet {
	t.Helper()
	var out []*media.Packet
	z := NewVP8Packetizer(cfg, media.SinkFunc[*media.Packet](func(p *media.Packet) error {
		out = append(out, p.Clone())
		return nil
	}))
	for _, f := range frames {
		if err := z.Write(f); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func TestVP8PacketsAreDescribed(t *testing.T) {
	for name, c := range map[string]struct {
		cfg  VP8PacketizerConfig
		size int
		tl0  int
		tid  int
	}{
		"picture id alone":  {VP8PacketizerConfig{MTU: 100, PictureID: 0x7fff}, 4, NoVP8, NoVP8},
		"with the layer":    {VP8PacketizerConfig{MTU: 100, PictureID: 0x7fff, TL0PicIdx: true}, 6, 0, 0},
		"an MTU of nothing": {VP8PacketizerConfig{PictureID: 0x7fff}, 4, NoVP8, NoVP8},
	} {
		t.Run(name, func(t *testing.T) {
			got := vp8Packets(t, c.cfg, &media.Frame{Data: vp8Frame(true, 500), Timestamp: 9}, &media.Frame{Data: vp8Frame(false, 20), Timestamp: 10})
			frame, last := 0, len(got)-2
			for i, p := range got {
				d, err := ParseVP8(p.Payload)
				if err != nil {
					t.Fatal(err)
				}
				if i > last {
					frame = 1
				}
				tl0 := c.tl0
				if tl0 != NoVP8 {
					tl0 += frame
				}
				if d.PictureID != []int{0x7fff, 0}[frame] || !d.LongID || d.Size != c.size || d.TL0PicIdx != tl0 || d.TID != c.tid || d.KeyIdx != NoVP8 {
					t.Errorf("packet %d: %+v", i, d)
				}
				if d.Start != (i == 0 || frame == 1) || d.Partition != 0 || p.Marker != (i >= last) || int(p.SequenceNumber) != i {
					t.Errorf("packet %d: %+v, %v", i, d, p.Header)
				}
				if len(p.Payload) > max(c.cfg.MTU, 64) || frame == 0 && len(p.Payload) < max(c.cfg.MTU, 64)*3/4 {
					t.Errorf("packet %d has %d bytes", i, len(p.Payload))
				}
				if IsKeyframe(media.VP8, p.Payload) != (i == 0) {
					t.Errorf("packet %d: key frame %v", i, i != 0)
				}
			}
		})
	}
	z := NewVP8Packetizer(DefaultVP8PacketizerConfig(), nil)
	if err := z.Write(&media.Frame{}); !errors.Is(err, ErrShort) {
		t.Errorf("an empty frame: %v", err)
	}
}

func TestVP8PacketsAndBack(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		cfg := VP8PacketizerConfig{
			MTU: rapid.IntRange(64, 1500).Draw(rt, "mtu"), TL0PicIdx: rapid.Bool().Draw(rt, "tl0"),
			PictureID: rapid.Uint16().Draw(rt, "id"),
		}
		var frames []*media.Frame
		for i := range rapid.IntRange(1, 4).Draw(rt, "frames") {
			key := rapid.Bool().Draw(rt, "key")
			data := vp8Frame(key, rapid.IntRange(10, 5000).Draw(rt, "length"))
			frames = append(frames, &media.Frame{Data: data, Keyframe: key, Timestamp: uint32(i) * 3000})
		}
		n := 0
		z := NewVP8Depacketizer(media.SinkFunc[*media.Frame](func(f *media.Frame) error {
			want := frames[n]
			if !bytes.Equal(f.Data, want.Data) || f.Keyframe != want.Keyframe || f.Timestamp != want.Timestamp || f.Gap {
				rt.Fatalf("frame %d: %d bytes of %d, %+v", n, len(f.Data), len(want.Data), f.Keyframe)
			}
			n++
			return nil
		}))
		for _, p := range vp8Packets(t, cfg, frames...) {
			if err := z.Write(p); err != nil {
				rt.Fatal(err)
			}
		}
		if n != len(frames) || z.Dropped() != 0 {
			rt.Fatalf("%d frames of %d, %d dropped", n, len(frames), z.Dropped())
		}
	})
}

// lossy writes all packets but the one lost, and gives the frames that come.
func lossy(write func(*media.Packet) error, cut []*media.Packet, lost int, frames *[]media.Frame) []media.Frame {
	*frames = nil
	for i, p := range cut {
		if i != lost {
			_ = write(p)
		}
	}
	return *frames
}

// padded writes a packet of padding before the one behind it, or instead of one that is lost.
func padded(write func(*media.Packet) error, padding *media.Packet) func(*media.Packet) error {
	sent := false
	return func(p *media.Packet) error {
		if !sent && p.Timestamp != ^uint32(0) && int16(p.SequenceNumber-padding.SequenceNumber) > 0 {
			sent = true
			_ = write(padding)
		}
		return write(p)
	}
}

// TestLossCostsItsFrameAlone: of three frames the one that a packet is lost of does not come, and the next tells so. What
// a frame begins with is known by its format, so those behind it are not held for broken.
func TestLossCostsItsFrameAlone(t *testing.T) {
	var frames []media.Frame
	keep := media.SinkFunc[*media.Frame](func(f *media.Frame) error {
		frames = append(frames, *f.Clone())
		return nil
	})
	slice := nal(0x41, 2000)
	slice[1] |= 0x80 // of the first block
	key := annexB(nal(0x67, 12), nal(0x68, 5), nal(0x65, 3000))
	var h264 []*media.Packet
	z := NewH264Packetizer(DefaultH264PacketizerConfig(), media.SinkFunc[*media.Packet](func(p *media.Packet) error {
		h264 = append(h264, p.Clone())
		return nil
	}))
	for i, data := range [][]byte{annexB(slice), annexB(slice), key} {
		if err := z.Write(&media.Frame{Data: data, Timestamp: uint32(i)}); err != nil {
			t.Fatal(err)
		}
	}
	vp8 := vp8Packets(t, DefaultVP8PacketizerConfig(), &media.Frame{Data: vp8Frame(false, 2000)},
		&media.Frame{Data: vp8Frame(false, 2000), Timestamp: 1}, &media.Frame{Data: vp8Frame(true, 5000), Timestamp: 2})
	for name, cut := range map[string][]*media.Packet{"H.264": h264, "VP8": vp8} {
		t.Run(name, func(t *testing.T) {
			for lost, p := range cut {
				write := NewH264Depacketizer(keep).Write
				if name == "VP8" {
					write = NewVP8Depacketizer(keep).Write
				}
				// Padding in between changes nothing, before or behind what is lost.
				for i, at := 0, lost/2; i < len(cut); i++ {
					cut[i].SequenceNumber = uint16(i)
					if i >= at {
						cut[i].SequenceNumber++
					}
				}
				padding := &media.Packet{Packet: rtp.Packet{Header: rtp.Header{SequenceNumber: uint16(lost / 2), Padding: true}}}
				write = padded(write, padding)
				// What begins the stream cannot be missed.
				before := cut[0].Clone()
				before.SequenceNumber = ^uint16(0)
				before.Timestamp = ^uint32(0)
				before.Marker = true
				before.Payload = map[string][]byte{"H.264": {0x41, 0x9a}, "VP8": {0x10, 0x01}}[name]
				_ = write(before)
				got := lossy(write, cut, lost, &frames)
				if len(got) != 2 {
					t.Fatalf("packet %d of frame %d lost: %d frames", lost, p.Timestamp, len(got))
				}
				for i, f := range got {
					if want := i == int(p.Timestamp); f.Gap != want {
						t.Errorf("packet %d of frame %d lost: frame %d, gap %v", lost, p.Timestamp, f.Timestamp, f.Gap)
					}
				}
			}
		})
	}
}

func TestVP8DepacketizerRefusesWhatIsNone(t *testing.T) {
	for name, payloads := range map[string][][]byte{
		"a frame without its start":  {{0x90, 0x80, 0x80, 1, 0x01}, {0x80, 0x80, 0x80, 2, 1}},
		"a start within":             {{0x90, 0x80, 0x80, 1, 0x01}, {0x90, 0x80, 0x80, 1, 1}},
		"another picture":            {{0x90, 0x80, 0x80, 1, 0x01}, {0x80, 0x80, 0x80, 2, 1}},
		"a partition before the one": {{0x90, 0x80, 0x80, 1, 0x01}, {0x92, 0x80, 0x80, 1, 1}, {0x91, 0x80, 0x80, 1, 1}},
		"a key frame without a head": {{0x10, 0x00, 0, 0, 1, 2, 3, 4, 5, 6, 7}},
		"half a key frame's head":    {{0x10, 0x00, 0, 0, 0x9d, 1, 0x2a}},
		"a descriptor alone":         {{0x10, 0x01}, {0x00}},
	} {
		t.Run(name, func(t *testing.T) {
			came := 0
			z := NewVP8Depacketizer(media.SinkFunc[*media.Frame](func(*media.Frame) error { came++; return nil }))
			var err error
			for i, b := range payloads {
				h := rtp.Header{SequenceNumber: uint16(i), Marker: i == len(payloads)-1}
				err = errors.Join(err, z.Write(&media.Packet{Packet: rtp.Packet{Header: h, Payload: b}}))
			}
			if came != 0 || z.Dropped() != 1 || !errors.Is(err, ErrFormat) && !errors.Is(err, ErrShort) {
				t.Errorf("%d frames, %d dropped, %v", came, z.Dropped(), err)
			}
		})
	}
}

func TestVP8IsBoundedAndMakesNoMemory(t *testing.T) {
	none := media.SinkFunc[*media.Frame](func(*media.Frame) error { return nil })
	z := NewVP8Depacketizer(none)
	p := &media.Packet{Packet: rtp.Packet{Payload: append([]byte{0x10, 0x01}, make([]byte, 60000)...)}}
	var err error
	for range 100 {
		err = errors.Join(err, z.Write(p))
		p.SequenceNumber++
		p.Payload[0] = 0
	}
	if !errors.Is(err, ErrTooLarge) || cap(z.frame.Data) > 2*maxFrame {
		t.Errorf("error %v, %d bytes kept", err, cap(z.frame.Data))
	}
	back := NewVP8Depacketizer(none)
	cutter := NewVP8Packetizer(VP8PacketizerConfig{MTU: 1200, TL0PicIdx: true}, back)
	f := &media.Frame{Data: vp8Frame(true, 30000)}
	if n := testing.AllocsPerRun(50, func() { f.Timestamp++; _ = cutter.Write(f) }); n != 0 {
		t.Errorf("%v allocations a frame", n)
	}
	if back.Dropped() > 0 {
		t.Errorf("%d frames dropped", back.Dropped())
	}
}

func FuzzVP8Depacketizer(f *testing.F) {
	f.Add([]byte{0x90, 0x80, 0x80, 1, 0x01, 2, 3, 0x80, 0x80, 0x80, 1, 4}, uint8(6))
	f.Add([]byte{0x10, 0x10, 0, 0, 0x9d, 1, 0x2a, 0, 5, 0xd0, 2}, uint8(30))
	f.Fuzz(func(t *testing.T, b []byte, size uint8) {
		z := NewVP8Depacketizer(media.SinkFunc[*media.Frame](func(fr *media.Frame) error {
			if len(fr.Data) == 0 || fr.Keyframe != (fr.Data[0]&1 == 0) {
				t.Fatalf("frame % x, key frame %v", fr.Data, fr.Keyframe)
			}
			vp8Packets(t, VP8PacketizerConfig{}, fr)
			return nil
		}))
		p := &media.Packet{}
		for n := int(size%32) + 1; len(b) > 0; p.SequenceNumber++ {
			p.Payload, p.Marker = b[:min(n, len(b))], len(b) <= n
			_ = z.Write(p)
			b = b[len(p.Payload):]
		}
	})
}
