package peer

import (
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
	"pgregory.net/rapid"

	"legroom/media"
	"legroom/media/payload"
)

// TestRenumber checks against the definition: a packet's number is its distance from the start less what was dropped
// before it.
func TestRenumber(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := renumber{mask: 0xffff}
		first := rapid.Uint16().Draw(t, "first")
		r.begin(first)
		base := r.last
		dropped := map[int]bool{}
		high, drops := 0, 0
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			switch rapid.IntRange(0, 3).Draw(t, "kind") {
			case 0:
				high++
				dropped[high] = true
				drops++
				r.drop(first + uint16(high))
			case 1: // late
				i := rapid.IntRange(0, high).Draw(t, "late")
				before := 0
				for d := range dropped {
					if d < i {
						before++
					}
				}
				out, ok := r.number(first + uint16(i))
				if ok == dropped[i] && drops <= dropMemory {
					t.Fatalf("late %d: ok %v, dropped %v", i, ok, dropped[i])
				}
				if ok && out != base+uint16(i-before) {
					t.Fatalf("late %d is %d, want %d", i, out, base+uint16(i-before))
				}
			default:
				high += rapid.IntRange(1, 3).Draw(t, "ahead")
				out, ok := r.number(first + uint16(high))
				if want := base + uint16(high-drops); !ok || out != want {
					t.Fatalf("%d is %d (%v), want %d", high, out, ok, want)
				}
			}
		}
		next := r.last + 1
		r.begin(rapid.Uint16().Draw(t, "second"))
		if r.last != next {
			t.Fatalf("second source begins at %d, want %d", r.last, next)
		}
	})
}

func TestStampFollowsTheClock(t *testing.T) {
	at := time.Unix(1000, 0)
	s := stamp{clock: 48000}
	s.begin(10, 1_000_000, at)
	if seq, ts, ok := s.next(11, 1_000_960, at.Add(20*time.Millisecond)); !ok || seq != 11 || ts != 1_000_960 {
		t.Fatalf("got %d %d %v", seq, ts, ok)
	}
	// Another source, 100 ms later, with other numbers altogether.
	s.begin(60000, 7, at.Add(120*time.Millisecond))
	if seq, ts, ok := s.next(60000, 7, at.Add(120*time.Millisecond)); !ok || seq != 12 || ts != 1_000_960+4800 {
		t.Fatalf("after the switch: %d %d %v", seq, ts, ok)
	}
	if now := s.now(at.Add(170 * time.Millisecond)); now != 1_000_960+4800+2400 {
		t.Errorf("clock stands at %d", now)
	}
	if _, _, ok := s.next(59999, 0, at); ok {
		t.Error("a packet from before the switch was numbered")
	}
}

// nullWriter is the connection of a slot that is measured without one.
type nullWriter struct{ n int }

func (w *nullWriter) WriteRTP(h *rtp.Header, b []byte) (int, error) { w.n++; return len(b), nil }
func (w *nullWriter) Write(b []byte) (int, error)                   { return len(b), nil }

type nullEstimator struct{}

func (nullEstimator) Sent(uint16, int, time.Time) {}

// bareSlot is a slot without a connection.
func bareSlot(kind media.Kind, codec media.Codec) (*DownTrack, *feed, *nullWriter) {
	p := &path{estimate: nullEstimator{}}
	p.open.Store(true)
	w := &nullWriter{}
	d := newDownTrack(kind, p)
	d.wire.writer = w
	d.wire.ext.attach(&d.wire.header, []webrtc.RTPHeaderExtensionParameter{{URI: uriTransportCC, ID: 3}, {URI: uriAbsSendTime, ID: 4}, {URI: uriAudioLevel, ID: 5}})
	f := &feed{slot: d, track: media.TrackInfo{Codec: codec}, format: format{codec: codec, payload: 96}, ended: func(*feed) {}}
	if kind == media.Video {
		f.origin = &origin{vp8: codec.Name == media.VP8}
	}
	d.put(f)
	return d, f, w
}

func TestForwardingAllocatesNothing(t *testing.T) {
	for name, c := range map[string]struct {
		kind  media.Kind
		codec media.Codec
	}{"opus": {media.Audio, offeredAudio[0]}, "VP8": {media.Video, vp8}} {
		t.Run(name, func(t *testing.T) {
			_, f, w := bareSlot(c.kind, c.codec)
			body := make([]byte, 1100)
			copy(body, vp8Frame(1, 1, 0, false, true, 1)[0])
			p := &media.Packet{Packet: rtp.Packet{Header: rtp.Header{Version: 2}, Payload: body}, Arrived: time.Now()}
			write := func() {
				p.SequenceNumber++
				p.Timestamp += 3000
				if err := f.Write(p); err != nil {
					t.Fatal(err)
				}
			}
			for range 2 * keptPackets {
				write()
			}
			if n := testing.AllocsPerRun(1000, write); n != 0 {
				t.Errorf("%v allocations a packet", n)
			}
			if w.n < 1000 {
				t.Errorf("%d packets were sent", w.n)
			}
		})
	}
}

// TestTemporalLayersGiveWay: with a limit in place frames above it stay out, and what goes out has no holes.
func TestTemporalLayersGiveWay(t *testing.T) {
	d, f, _ := bareSlot(media.Video, vp8)
	var sent []*rtp.Packet
	d.wire.writer = recordWriter(func(h *rtp.Header, b []byte) {
		p := &rtp.Packet{Header: *h, Payload: append([]byte(nil), b...)}
		sent = append(sent, p)
	})
	seq := uint16(65500)
	at := time.Unix(1000, 0)
	frame := func(i int) {
		tid := uint8([]int{0, 2, 1, 2}[i%4])
		for n, b := range vp8Frame(uint16(32700+i)&0x7fff, uint8(i/4), tid, i%8 == 2, i == 0, 1+i%3) {
			_ = f.Write(&media.Packet{Arrived: at, Packet: rtp.Packet{Header: rtp.Header{Version: 2, SequenceNumber: seq, Timestamp: uint32(i * 3000), Marker: n == i%3}, Payload: b}})
			seq++
		}
		at = at.Add(33 * time.Millisecond)
	}
	highest := func(from int) (top int) {
		for _, p := range sent[from:] {
			desc, err := payload.ParseVP8(p.Payload)
			if err != nil {
				t.Fatal(err)
			}
			top = max(top, desc.TID)
		}
		return top
	}
	for i := range 40 {
		frame(i)
	}
	if highest(0) != 2 {
		t.Fatalf("highest layer %d before the limit", highest(0))
	}
	mark := len(sent)
	d.forward.aim(grant{layer: 0, temporal: 0})
	for i := 40; i < 80; i++ {
		frame(i)
	}
	if top := highest(mark); top != 0 {
		t.Errorf("layer %d above the limit", top)
	}
	mark = len(sent)
	d.forward.aim(grant{layer: 0, temporal: allTemporal})
	for i := 80; i < 120; i++ {
		frame(i)
	}
	if highest(mark) != 2 {
		t.Error("the limit was lifted and the layers did not come back")
	}
	decodable(t, sent)
}

type recordWriter func(h *rtp.Header, b []byte)

func (w recordWriter) WriteRTP(h *rtp.Header, b []byte) (int, error) { w(h, b); return len(b), nil }
func (w recordWriter) Write(b []byte) (int, error)                   { return len(b), nil }

func TestH264BeginsWithParameterSets(t *testing.T) {
	for name, c := range map[string]struct {
		payload []byte
		want    bool
	}{
		"SPS":              {[]byte{0x67, 1, 2}, true},
		"STAP-A with SPS":  {[]byte{0x78, 0, 2, 0x67, 1, 0, 2, 0x68, 1}, true},
		"STAP-A SPS later": {[]byte{0x78, 0, 2, 0x09, 1, 0, 2, 0x67, 1}, true},
		"IDR alone":        {[]byte{0x65, 1, 2}, false},
		"FU-A of an SPS":   {[]byte{0x7c, 0x87, 1}, true},
		"FU-A of an IDR":   {[]byte{0x7c, 0x85, 1}, false},
		"slice":            {[]byte{0x41, 1, 2}, false},
		"STAP-A cut short": {[]byte{0x78, 9, 9, 0x09}, false},
		"empty":            {nil, false},
	} {
		if got := hasSPS(c.payload); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
