package jitter

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pion/rtp"
	"pgregory.net/rapid"

	"legroom/media"
)

// tape writes down what a Reorder does: "5" is a packet released, "-2" a gap of two.
type tape struct{ said []string }

func (s *tape) Write(p *media.Packet) error {
	s.said = append(s.said, fmt.Sprint(p.SequenceNumber))
	if len(p.Payload) != 1 || p.Payload[0] != byte(p.SequenceNumber) {
		s.said = append(s.said, "wrong payload")
	}
	return nil
}

func (s *tape) Close() error { s.said = append(s.said, "closed"); return nil }

func (s *tape) gap(lost int, next *media.Packet) {
	s.said = append(s.said, fmt.Sprint(-lost))
}

func packet(seq uint16, ts uint32, marker bool) *media.Packet {
	return &media.Packet{Packet: rtp.Packet{
		Header:  rtp.Header{SequenceNumber: seq, Timestamp: ts, Marker: marker, SSRC: 7},
		Payload: []byte{byte(seq)},
	}}
}

func TestReorder(t *testing.T) {
	for _, c := range []struct {
		name string
		in   string // sequence numbers; m before one: marker; p: after a pause; s: another SSRC
		want string
	}{
		{"in order", "1 2 3", "1 2 3"},
		{"swapped", "1 3 2 4", "1 2 3 4"},
		{"two late", "1 4 2 3 5", "1 2 3 4 5"},
		{"lost, known when the third behind it comes", "1 3 4 5 6", "1 -1 3 4 5 6"},
		{"lost, not known yet", "1 3 4", "1"},
		{"two lost", "1 4 5 6", "1 -2 4 5 6"},
		{"lost and later one more", "1 3 4 5 7 8 9 10", "1 -1 3 4 5 -1 7 8 9 10"},
		{"too late", "1 3 4 5 2 6", "1 -1 3 4 5 6"},
		{"copies", "1 1 3 3 2 2 4", "1 2 3 4"},
		{"around the end of the numbers", "65534 0 65535 1", "65534 65535 0 1"},
		{"lost around the end", "65535 1 2 3", "65535 -1 1 2 3"},
		{"a burst of loss", "1 50", "1"},
		{"a burst of loss goes on", "1 50 51", "1"},
		{"a burst of loss ends", "1 50 51 52", "1 -48 50 51 52"},
		{"restart", "1 2 5000 5001", "1 2 5000 5001"},
		{"restart backwards", "5000 5001 1 2", "5000 5001 1 2"},
		{"marker brings out the end of a word", "1 2 4 5 m6", "1 2 -1 4 5 6"},
		{"marker with loss before it", "1 2 m5", "1 2 -2 5"},
		{"pause brings out the end of a word", "1 2 3 5 p6", "1 2 3 -1 5 6"},
		{"a sender that marks all", "m1 m2 m4 m3 m5", "1 2 3 4 5"},
		{"another source", "1 2 4 s9 s10", "1 2 -1 4 9 10"},
	} {
		t.Run(c.name, func(t *testing.T) {
			out := &tape{}
			r := NewReorder(DefaultReorderConfig(), out, out.gap)
			pause := uint32(0)
			for _, word := range strings.Fields(c.in) {
				var seq uint16
				kind := strings.TrimRight(word, "0123456789")
				if _, err := fmt.Sscan(strings.TrimPrefix(word, kind), &seq); err != nil {
					t.Fatal(err)
				}
				if kind == "p" {
					pause += 8000
				}
				p := packet(seq, uint32(seq)*160+pause, kind == "m")
				if kind == "s" {
					p.SSRC = 8
				}
				if err := r.Write(p); err != nil {
					t.Fatal(err)
				}
				// The writer takes its memory back.
				p.Payload[0] = 0xee
			}
			if got := strings.Join(out.said, " "); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestReorderFlushAndClose(t *testing.T) {
	out := &tape{}
	r := NewReorder(DefaultReorderConfig(), out, out.gap)
	for _, seq := range []uint16{1, 3, 4} {
		_ = r.Write(packet(seq, uint32(seq)*160, false))
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if want := []string{"1", "-1", "3", "4", "closed"}; !slices.Equal(out.said, want) {
		t.Errorf("got %q, want %q", out.said, want)
	}
	if s := r.Stats(); s.Released != 3 || s.Lost != 1 {
		t.Errorf("stats %+v", s)
	}
}

func TestReorderGivesOnErrors(t *testing.T) {
	r := NewReorder(DefaultReorderConfig(), media.SinkFunc[*media.Packet](func(*media.Packet) error { return media.ErrClosed }), nil)
	if err := r.Write(packet(1, 0, false)); !errors.Is(err, media.ErrClosed) {
		t.Errorf("error %v, want that of the sink", err)
	}
}

// Whatever comes in, what goes out is in order, once, and together with the gaps accounts for every number.
func TestReorderAlwaysAccountsForEveryPacket(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		window := rapid.IntRange(1, 64).Draw(t, "window")
		last, started := uint16(0), false
		expect := func(lost int) {
			if started {
				last += uint16(lost)
			}
		}
		sink := media.SinkFunc[*media.Packet](func(p *media.Packet) error {
			if started && p.SequenceNumber != last+1 {
				t.Fatalf("%d after %d", p.SequenceNumber, last)
			}
			started, last = true, p.SequenceNumber
			return nil
		})
		r := NewReorder(ReorderConfig{Window: window, Spurts: true}, sink, func(lost int, _ *media.Packet) { expect(lost) })
		base := rapid.Uint16().Draw(t, "base")
		for i := range 200 {
			seq := base + uint16(i) + uint16(rapid.IntRange(-20, 20).Draw(t, "shift"))
			_ = r.Write(packet(seq, uint32(i*160), rapid.IntRange(0, 30).Draw(t, "marker") == 0))
		}
		_ = r.Flush()
	})
}

func TestReorderMakesNoMemory(t *testing.T) {
	r := NewReorder(DefaultReorderConfig(), media.SinkFunc[*media.Packet](func(*media.Packet) error { return nil }), nil)
	a, b := packet(0, 0, false), packet(1, 160, false)
	n := testing.AllocsPerRun(200, func() {
		// Every second pair comes in the wrong order.
		_ = r.Write(b)
		_ = r.Write(a)
		a.SequenceNumber += 2
		b.SequenceNumber += 2
		a.Timestamp += 320
		b.Timestamp += 320
	})
	if n != 0 {
		t.Fatalf("%v allocations a pair", n)
	}
}
