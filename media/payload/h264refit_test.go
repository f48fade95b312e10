package payload

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/pion/rtp"
	"pgregory.net/rapid"

	"legroom/media"
)

// refit brings packets to another form and keeps copies.
func refit(cfg H264PacketizerConfig, in []*media.Packet) (out []*media.Packet, stats H264RefitStats, err error) {
	z := NewH264Refit(cfg, media.SinkFunc[*media.Packet](func(p *media.Packet) error {
		out = append(out, p.Clone())
		return nil
	}))
	for _, p := range in {
		err = errors.Join(err, z.Write(p))
	}
	return out, z.Stats(), err
}

func TestRefitKinds(t *testing.T) {
	sps, pps, idr, slice := nal(0x67, 12), nal(0x68, 5), nal(0x65, 3000), nal(0x41, 500)
	for _, c := range []struct {
		name     string
		from, to H264PacketizerConfig
		data     []byte
		want     string // types of the payloads
		fails    error
	}{
		{"as it is", H264PacketizerConfig{1200, 1}, H264PacketizerConfig{1200, 1}, annexB(sps, pps, idr), " 24 28 28 28", nil},
		{"smaller fragments", H264PacketizerConfig{1200, 1}, H264PacketizerConfig{700, 1}, annexB(sps, pps, idr), " 24 28 28 28 28 28", nil},
		{"a unit to be cut", H264PacketizerConfig{1200, 1}, H264PacketizerConfig{300, 1}, annexB(slice), " 28 28", nil},
		{"an aggregate taken apart", H264PacketizerConfig{1200, 1}, H264PacketizerConfig{1200, 0}, annexB(sps, pps, slice), " 7 8 1", nil},
		{"too large for mode 0", H264PacketizerConfig{1200, 1}, H264PacketizerConfig{1200, 0}, annexB(sps, pps, idr), " 7 8", ErrTooLarge},
		{"put together for mode 0", H264PacketizerConfig{200, 1}, H264PacketizerConfig{1200, 0}, annexB(slice), " 1", nil},
		{"a unit too large for mode 0", H264PacketizerConfig{1200, 0}, H264PacketizerConfig{300, 0}, annexB(slice), "", ErrTooLarge},
	} {
		t.Run(c.name, func(t *testing.T) {
			in, err := packets(t, c.from, &media.Frame{Data: c.data, Timestamp: 90})
			if err != nil {
				t.Fatal(err)
			}
			got, stats, err := refit(c.to, in)
			kinds := ""
			for i, p := range got {
				kinds += fmt.Sprint(" ", p.Payload[0]&nalType)
				if len(p.Payload) > c.to.MTU || p.Timestamp != 90 || int(p.SequenceNumber) != i {
					t.Errorf("packet %d: %d bytes, %v", i, len(p.Payload), p.Header)
				}
				if c.fails == nil && p.Marker != (i == len(got)-1) {
					t.Errorf("packet %d: marker %v", i, p.Marker)
				}
			}
			if kinds != c.want || !errors.Is(err, c.fails) || (stats.Dropped > 0) != (c.fails != nil) || int(stats.Packets) != len(got) {
				t.Errorf("types%s, want%s; %+v; %v", kinds, c.want, stats, err)
			}
		})
	}
}

// What is brought to another form holds the same pictures, and what is lost before is missing behind.
func TestRefitKeepsTheFrames(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		mode := rapid.IntRange(0, 1).Draw(rt, "mode")
		from := H264PacketizerConfig{MTU: rapid.IntRange(64, 1500).Draw(rt, "from"), Mode: 1}
		to := H264PacketizerConfig{MTU: rapid.IntRange(64, 1500).Draw(rt, "to"), Mode: mode}
		largest := 5000
		if mode == 0 {
			largest = to.MTU
		}
		// A packet before, so that what is lost behind it is noticed.
		before := rtp.Header{Timestamp: 1000, Marker: true}
		in := []*media.Packet{{Packet: rtp.Packet{Header: before, Payload: []byte{0x41, 1}}}}
		var want [][]byte
		frames := rapid.IntRange(1, 4).Draw(rt, "frames")
		for i := range frames {
			units := [][]byte{nal(0x09, 2)}
			length, header := rapid.IntRange(2, largest), byte(0x41)
			if rapid.Bool().Draw(rt, "key") {
				units = append(units, nal(0x67, length.Draw(rt, "SPS")), nal(0x68, length.Draw(rt, "PPS")))
				header = 0x65
			}
			for n := range rapid.IntRange(1, 4).Draw(rt, "slices") {
				unit := nal(header, length.Draw(rt, "length"))
				if unit[1] = 0x41; n == 0 {
					unit[1] = 0xc1 // of the first block
				}
				units = append(units, unit)
			}
			cut, err := packets(t, from, &media.Frame{Data: annexB(units...), Timestamp: uint32(i)})
			if err != nil {
				rt.Fatal(err)
			}
			want = append(want, annexB(units[1:]...)) // delimiters do not travel
			for _, p := range cut {
				p.SequenceNumber = uint16(len(in))
				in = append(in, p)
			}
		}
		lost := rapid.IntRange(1, 2*len(in)).Draw(rt, "lost")
		hit := -1
		if lost < len(in) {
			hit = int(in[lost].Timestamp)
			in = append(in[:lost:lost], in[lost+1:]...)
		}
		out, _, err := refit(to, in)
		if err != nil {
			rt.Fatal(err)
		}
		got := make(map[uint32][]byte)
		z := NewH264Depacketizer(media.SinkFunc[*media.Frame](func(f *media.Frame) error {
			got[f.Timestamp] = bytes.Clone(f.Data)
			return nil
		}))
		for _, p := range out {
			if len(p.Payload) > to.MTU {
				rt.Fatalf("packet of %d bytes", len(p.Payload))
			}
			_ = z.Write(p)
		}
		for i, data := range want {
			frame, came := got[uint32(i)]
			switch {
			case came && !bytes.Equal(frame, data):
				rt.Fatalf("frame %d is another", i)
			case !came && (hit < 0 || i < hit):
				rt.Fatalf("frame %d of %d did not come; packet %d of frame %d was lost", i, frames, lost, hit)
			}
		}
	})
}

func TestRefitKeepsTheHeader(t *testing.T) {
	in := &media.Packet{Packet: rtp.Packet{Header: rtp.Header{
		Version: 2, SSRC: 7, PayloadType: 97, SequenceNumber: 65535, Timestamp: 5, Marker: true, Padding: true, PaddingSize: 4,
	}, PaddingSize: 4, Payload: nal(0x41, 100)}, Layer: 2}
	out, _, _ := refit(H264PacketizerConfig{64, 1}, []*media.Packet{in, in, {}})
	if len(out) != 2 {
		t.Fatalf("%d packets", len(out))
	}
	for i, p := range out {
		if p.SSRC != 7 || p.PayloadType != 97 || p.Timestamp != 5 || p.Layer != 2 || p.Padding || p.Marker != (i == 1) {
			t.Errorf("packet %d: %v", i, p.Header)
		}
	}
}

func TestRefitMakesNoMemory(t *testing.T) {
	for _, mode := range []int{0, 1} {
		in, _ := packets(t, DefaultH264PacketizerConfig(), &media.Frame{Data: annexB(nal(0x67, 12), nal(0x68, 5), nal(0x65, 1300))})
		z := NewH264Refit(H264PacketizerConfig{1400 - mode*700, mode}, media.SinkFunc[*media.Packet](func(*media.Packet) error { return nil }))
		seq := uint16(0)
		n := testing.AllocsPerRun(50, func() {
			for _, p := range in {
				p.SequenceNumber = seq
				seq++
				_ = z.Write(p)
			}
		})
		if n != 0 || z.Stats().Packets == 0 || z.Stats().Dropped > 0 {
			t.Errorf("mode %d: %v allocations, %+v", mode, n, z.Stats())
		}
	}
}

func FuzzRefit(f *testing.F) {
	f.Add([]byte{0x7c, 0x85, 0x88, 0x7c, 0x45, 0x88}, uint8(3), false)
	f.Add([]byte{0x78, 0, 2, 0x67, 0x42, 0, 2, 0x68, 0xce}, uint8(9), true)
	f.Add([]byte{0x38, 0, 1, 0x38}, uint8(99), true)       // an aggregate within an aggregate
	f.Add([]byte{0x7c, 0xdc, 0x7c, 1, 2}, uint8(99), true) // and a fragment within a fragment
	f.Fuzz(func(t *testing.T, b []byte, size uint8, single bool) {
		cfg := H264PacketizerConfig{MTU: 64, Mode: 1}
		if single {
			cfg.Mode = 0
		}
		total := 0
		z := NewH264Refit(cfg, media.SinkFunc[*media.Packet](func(p *media.Packet) error {
			if kind := p.Payload[0] & nalType; len(p.Payload) > 64 || single && (kind == nalSTAPA || kind == nalFUA) {
				t.Fatalf("% x", p.Payload)
			}
			total += len(p.Payload)
			return nil
		}))
		p, in := &media.Packet{}, len(b)
		for n := int(size) + 1; len(b) > 0; p.SequenceNumber++ {
			p.Payload, p.Marker = b[:min(n, len(b))], len(b) <= n
			_ = z.Write(p)
			b = b[len(p.Payload):]
		}
		if total > 2*in {
			t.Fatalf("%d bytes of %d", total, in)
		}
	})
}
