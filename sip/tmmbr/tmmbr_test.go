package tmmbr

import (
	"bytes"
	"encoding/hex"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"pgregory.net/rapid"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// goldens are written by hand from RFC 5104 sections 4.2.1.1 and 4.2.2.1. 1 Mbit/s is 125000 x 2^3: exponent 3, mantissa
// 0x1e848; with 40 bytes of overhead the word is 000011 1 1110 1000 0100 1000 0 0010 1000.
var goldens = []struct {
	name, bytes string
	want        rtcp.Packet
}{
	{"request", "83cd0004 00000001 00000000 00000002 0fd09028", &Request{1, []Bound{{2, 1_000_000, 40}}}},
	{"request of nothing", "83cd0004 00000001 00000000 00000002 00000000", &Request{1, []Bound{{2, 0, 0}}}},
	{"notification", "84cd0006 00000002 00000000 00000001 0fd09028 00000003 03fffe00", &Notification{2, []Bound{{1, 1_000_000, 40}, {3, 1<<17 - 1, 0}}}},
	{"no limit", "84cd0002 00000002 00000000", &Notification{2, nil}},
}

func TestGoldens(t *testing.T) {
	for _, c := range goldens {
		t.Run(c.name, func(t *testing.T) {
			want := unhex(t, c.bytes)
			got, err := c.want.Marshal()
			if err != nil || !bytes.Equal(got, want) || c.want.MarshalSize() != len(want) {
				t.Errorf("written %x, want %x: %v", got, want, err)
			}
			packets, err := rtcp.Unmarshal(want)
			if err != nil {
				t.Fatal(err)
			}
			if p, ok := Read(packets[0]); !ok || !reflect.DeepEqual(p, c.want) {
				t.Errorf("read %+v", p)
			}
		})
	}
	if r := (&Request{Bounds: []Bound{{SSRC: 7}, {SSRC: 8}}}).DestinationSSRC(); !reflect.DeepEqual(r, []uint32{7, 8}) {
		t.Error(r)
	}
}

func TestRefuses(t *testing.T) {
	for name, in := range map[string]string{
		"nothing": "", "a header": "83cd0000", "no bound": "83cd0002 00000001 00000000", "half a bound": "83cd0003 00000001 00000000 00000002",
		"longer than it is": "83cd0006 00000001 00000000 00000002 0fd09028", "another format": "84cd0004 00000001 00000000 00000002 0fd09028",
		"another type": "83ce0004 00000001 00000000 00000002 0fd09028",
	} {
		if err := new(Request).Unmarshal(unhex(t, in)); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, p := range map[string]rtcp.Packet{"empty": &Request{}, "large": &Notification{Bounds: make([]Bound, MaxBounds+1)}} {
		if _, err := p.Marshal(); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, ok := Read(&rtcp.PictureLossIndication{}); ok {
		t.Error("a PLI was read")
	}
}

// TestRates: what is read is never more than what was meant, and nearly that.
func TestRates(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := Bound{SSRC: 5, Rate: rapid.Uint64Range(0, maxRate).Draw(t, "rate"), Overhead: rapid.Uint16Range(0, MaxOverhead).Draw(t, "overhead")}
		got := boundOf(5, b.word())
		if got.Rate > b.Rate || float64(b.Rate-got.Rate) > float64(b.Rate)/65536 || got.Overhead != b.Overhead {
			t.Fatalf("%+v became %+v", b, got)
		}
	})
	if got := boundOf(1, 63<<26|1<<9); got.Rate != maxRate {
		t.Errorf("%+v", got)
	}
}

func ask(from uint32, rate uint64, overhead uint16) *Request {
	return &Request{Sender: from, Bounds: []Bound{{SSRC: 99, Rate: 1}, {SSRC: 2, Rate: rate, Overhead: overhead}}}
}

func TestOwner(t *testing.T) {
	at := func(s int) time.Time { return time.Unix(int64(s), 0) }
	o := NewOwner(2)
	if _, ok := o.Limit(10); ok || len(o.Notification().Bounds) != 0 {
		t.Error("a limit nobody set")
	}
	if n := o.Apply(&Request{Sender: 1, Bounds: []Bound{{SSRC: 99, Rate: 1}}}, at(0)); n != nil {
		t.Errorf("another's limit: %+v", n)
	}
	steps := []struct {
		name string
		in   *Request
		want []Bound
	}{
		{"the first", ask(10, 1_000_000, 40), []Bound{{10, 1_000_000, 40}}},
		{"a looser one, whatever the packet rate", ask(11, 2_000_000, 40), []Bound{{10, 1_000_000, 40}}},
		{"one that rules at many packets", ask(12, 1_500_000, 200), []Bound{{10, 1_000_000, 40}, {12, 1_500_000, 200}}},
		{"one that would only rule where nothing is left", ask(13, 100_000_000, 500), []Bound{{10, 1_000_000, 40}, {12, 1_500_000, 200}}},
		{"an equal one", ask(9, 1_000_000, 40), []Bound{{9, 1_000_000, 40}, {12, 1_500_000, 200}}},
		{"the first asks for more", ask(9, 3_000_000, 40), []Bound{{10, 1_000_000, 40}, {12, 1_500_000, 200}}},
		{"nothing at all", ask(14, 0, 0), []Bound{{14, 0, 0}}},
	}
	for i, s := range steps {
		if n := o.Apply(s.in, at(i)); n == nil || n.Sender != 2 || !reflect.DeepEqual(n.Bounds, s.want) {
			t.Errorf("%s: %+v, want %+v", s.name, n, s.want)
		}
	}
	if rate, ok := o.Limit(50); rate != 0 || !ok {
		t.Error(rate, ok)
	}
	if !o.Forget(14) || o.Forget(14) {
		t.Error("who left is still there, or left twice")
	}
	// At 50 packets: 1,000,000 - 50x40x8 = 984,000 against 1,500,000 - 50x200x8 = 1,420,000; at 900: 712,000 against 60,000.
	for packets, want := range map[float64]uint64{0: 1_000_000, 50: 984_000, 900: 60_000, 1e6: 0} {
		if rate, ok := o.Limit(packets); rate != want || !ok {
			t.Errorf("%v packets: %d, want %d", packets, rate, want)
		}
	}
	if !o.Expire(at(2)) || len(o.asked) != 3 || o.Expire(at(2)) {
		t.Errorf("%+v", o.asked)
	}
	for i := range 100 {
		o.Apply(ask(uint32(100+i), uint64(5_000_000+i), 40), at(9))
	}
	if len(o.asked) > maxAskers || len(o.set) > maxAskers {
		t.Errorf("%d askers", len(o.asked))
	}
}

// TestBoundingSet: at every packet rate the set rules as all limits together do, as long as anything is left to send, and
// without any one of its members it would not.
func TestBoundingSet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := NewOwner(2)
		n := rapid.IntRange(1, maxAskers).Draw(t, "askers")
		for i := range n {
			rate := rapid.Uint64Range(0, 2000).Draw(t, "rate") * 1000
			o.Apply(ask(uint32(i+1), rate, rapid.Uint16Range(0, MaxOverhead).Draw(t, "overhead")), time.Time{})
		}
		for packets := 0.0; packets < 3000; packets += 7 {
			want := float64(1 << 62)
			for _, a := range o.asked {
				want = min(want, a.bound.net(packets))
			}
			if got, _ := o.Limit(packets); got != uint64(max(want, 0)) {
				t.Fatalf("at %v packets %d, all together %v", packets, got, want)
			}
		}
		for i := 1; i < len(o.set); i++ {
			if o.set[i].Overhead <= o.set[i-1].Overhead || o.set[i].Rate < o.set[i-1].Rate {
				t.Fatalf("no use: %+v", o.set)
			}
		}
	})
}

func FuzzRead(f *testing.F) {
	for _, c := range goldens {
		f.Add(unhex(f, c.bytes))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		raw := rtcp.RawPacket(b)
		if len(b) < 4 {
			return
		}
		p, ok := Read(&raw)
		if !ok {
			return
		}
		out, err := p.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		again := rtcp.RawPacket(out)
		back, ok := Read(&again)
		if !ok || !reflect.DeepEqual(back, p) {
			t.Fatalf("%+v became %+v", p, back)
		}
		if r, ok := p.(*Request); ok {
			o := NewOwner(r.Bounds[0].SSRC)
			if n := o.Apply(r, time.Time{}); n == nil || len(n.Bounds) != 1 {
				t.Fatalf("%+v answers %+v", n, r)
			}
		}
	})
}
