package payload

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/pion/rtp"
	"pgregory.net/rapid"

	"legroom/media"
)

// annexB puts NAL units together.
func annexB(nals ...[]byte) []byte {
	var b []byte
	for _, n := range nals {
		b = append(append(b, 0, 0, 0, 1), n...)
	}
	return b
}

// nal makes a unit of a type and length that holds no start code and no zero at its end.
func nal(header byte, length int) []byte {
	r := rand.New(rand.NewPCG(uint64(header), uint64(length)))
	b := []byte{header}
	for len(b) < length {
		b = append(b, byte(1+r.IntN(255)))
	}
	return b
}

// packets cuts a frame and keeps copies.
func packets(t testing.TB, cfg H264PacketizerConfig, f *media.Frame) ([]*media.Packet, error) {
	t.Helper()
	var out []*media.Packet
	z := NewH264Packetizer(cfg, media.SinkFunc[*media.Packet](func(p *media.Packet) error {
		out = append(out, p.Clone())
		return nil
	}))
	return out, z.Write(f)
}

func TestPacketizerKinds(t *testing.T) {
	sps, pps, sei, idr := nal(0x67, 12), nal(0x68, 5), nal(0x06, 9), nal(0x65, 3000)
	slice := nal(0x41, 400)
	for _, c := range []struct {
		name  string
		mode  int
		data  []byte
		want  string // types of the payloads
		fails error
	}{
		{"one slice", 1, annexB(slice), "1", nil},
		{"key frame", 1, annexB(sps, pps, sei, idr), "24 28 28 28", nil},
		{"lone parameter set", 1, annexB(sps, idr), "7 28 28 28", nil},
		{"access unit delimiter goes", 1, annexB([]byte{0x09, 0xf0}, slice), "1", nil},
		{"delimiter at the end", 1, annexB(sps, pps, []byte{0x09, 0xf0}), "24", nil},
		{"three-byte start codes", 1, append([]byte{0, 0, 1}, slice...), "1", nil},
		{"mode 0", 0, annexB(sps, pps, slice), "7 8 1", nil},
		{"mode 0, too large", 0, annexB(sps, idr), "7", ErrTooLarge},
		{"no start code", 1, slice[:1], "", nil},
		{"empty", 1, nil, "", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := DefaultH264PacketizerConfig()
			cfg.Mode = c.mode
			got, err := packets(t, cfg, &media.Frame{Data: c.data, Timestamp: 90})
			if !errors.Is(err, c.fails) {
				t.Errorf("error %v, want %v", err, c.fails)
			}
			kinds := ""
			for i, p := range got {
				kinds += fmt.Sprint(" ", p.Payload[0]&nalType)
				if int(p.SequenceNumber) != i || p.Timestamp != 90 || len(p.Payload) > cfg.MTU {
					t.Errorf("packet %d: %v", i, p.Header)
				}
				if c.fails == nil && p.Marker != (i == len(got)-1) {
					t.Errorf("packet %d: marker %v", i, p.Marker)
				}
			}
			if c.want != "" {
				c.want = " " + c.want
			}
			if kinds != c.want {
				t.Errorf("types%s, want%s", kinds, c.want)
			}
		})
	}
}

// What is cut is put together again, whatever it is cut of.
func TestPacketsAndBack(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var units [][]byte
		for range rapid.IntRange(1, 6).Draw(rt, "units") {
			header := rapid.SampledFrom([]byte{0x67, 0x68, 0x06, 0x65, 0x41, 0x01}).Draw(rt, "header")
			units = append(units, nal(header, rapid.IntRange(2, 5000).Draw(rt, "length")))
		}
		data := annexB(units...)
		cfg := H264PacketizerConfig{MTU: rapid.IntRange(64, 1500).Draw(rt, "mtu"), Mode: 1}
		cut, err := packets(t, cfg, &media.Frame{Data: data, Timestamp: 1})
		if err != nil {
			rt.Fatal(err)
		}
		var got []byte
		z := NewH264Depacketizer(media.SinkFunc[*media.Frame](func(f *media.Frame) error {
			got = bytes.Clone(f.Data)
			return nil
		}))
		for _, p := range cut {
			if err := z.Write(p); err != nil {
				rt.Fatal(err)
			}
		}
		if !bytes.Equal(got, data) || z.Dropped() != 0 {
			rt.Fatalf("%d bytes came back of %d", len(got), len(data))
		}
	})
}

func TestDepacketizerDropsWhatIsIncomplete(t *testing.T) {
	key := annexB(nal(0x67, 12), nal(0x68, 5), nal(0x65, 3000))
	cut, err := packets(t, DefaultH264PacketizerConfig(), &media.Frame{Data: key, Timestamp: 1})
	if err != nil {
		t.Fatal(err)
	}
	after := nal(0x41, 10)
	for lost := range len(cut) + 1 {
		var frames []media.Frame
		z := NewH264Depacketizer(media.SinkFunc[*media.Frame](func(f *media.Frame) error {
			frames = append(frames, *f.Clone())
			return nil
		}))
		// A frame before, so that the loss of the first packet is noticed.
		_ = z.Write(&media.Packet{Packet: rtp.Packet{Header: rtp.Header{SequenceNumber: 65535, Timestamp: 0, Marker: true}, Payload: after}})
		for i, p := range cut {
			if i != lost {
				_ = z.Write(p)
			}
		}
		next := rtp.Header{SequenceNumber: uint16(len(cut)), Timestamp: 2, Marker: true}
		_ = z.Write(&media.Packet{Packet: rtp.Packet{Header: next, Payload: after}})
		want := 2
		if lost == len(cut) {
			want = 3 // nothing was lost
		} else if lost == len(cut)-1 {
			want = 1 // the last packet and its marker: the frame behind cannot be told from the rest
		}
		if len(frames) < want || len(frames) == 3 && lost < len(cut) {
			t.Errorf("packet %d lost: %d frames", lost, len(frames))
		}
		if lost == len(cut) && (!frames[1].Keyframe || frames[0].Keyframe) {
			t.Error("the key frame is not told from the others")
		}
	}
}

func TestDepacketizerIsBounded(t *testing.T) {
	z := NewH264Depacketizer(media.SinkFunc[*media.Frame](func(*media.Frame) error { return nil }))
	p := &media.Packet{Packet: rtp.Packet{Payload: nal(0x41, 60000)}}
	var err error
	for range 100 {
		if e := z.Write(p); e != nil {
			err = e
		}
		p.SequenceNumber++
	}
	if !errors.Is(err, ErrTooLarge) || cap(z.frame.Data) > 2*maxFrame {
		t.Errorf("error %v, %d bytes kept", err, cap(z.frame.Data))
	}
}

func TestPacketizerMakesNoMemory(t *testing.T) {
	z := NewH264Packetizer(DefaultH264PacketizerConfig(), media.SinkFunc[*media.Packet](func(*media.Packet) error { return nil }))
	f := &media.Frame{Data: annexB(nal(0x67, 12), nal(0x68, 5), nal(0x65, 30000))}
	if n := testing.AllocsPerRun(50, func() { _ = z.Write(f) }); n != 0 {
		t.Fatalf("%v allocations a frame", n)
	}
}

func FuzzDepacketizer(f *testing.F) {
	f.Add([]byte{0x7c, 0x85, 0x88, 0x7c, 0x45, 0x88}, uint8(3))
	f.Add([]byte{0x78, 0, 2, 0x67, 0x42, 0, 2, 0x68, 0xce}, uint8(9))
	f.Fuzz(func(t *testing.T, b []byte, size uint8) {
		z := NewH264Depacketizer(media.SinkFunc[*media.Frame](func(fr *media.Frame) error {
			if !bytes.HasPrefix(fr.Data, []byte{0, 0, 0, 1}) {
				t.Fatalf("frame % x", fr.Data)
			}
			// What was put together can be cut again.
			_, _ = packets(t, H264PacketizerConfig{MTU: 64, Mode: 1}, fr)
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
