package tap

import (
	"crypto/rand"
	"testing"

	"github.com/pion/rtp"
	"go.uber.org/goleak"

	"legroom/e2ee/sframe"
	"legroom/gateway/api"
	"legroom/media"
	"legroom/rooms"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func opusOf(s *rooms.Sender) rooms.Stream {
	return rooms.Stream{
		By: rooms.Info{ID: "someone", Kind: rooms.Browser, Sender: s}, Source: media.Microphone,
		Codec: media.Codec{Name: media.Opus, ClockRate: 48000, Channels: 2},
	}
}

func cameraOf(s *rooms.Sender) rooms.Stream {
	v := opusOf(s)
	v.Source, v.Codec = media.Camera, media.Codec{Name: media.VP8, ClockRate: 90000}
	return v
}

func sealer(t *testing.T, kind sframe.Kind, id sframe.KeyID, err error) *sframe.Sealer {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	s, err := sframe.NewSealer(sframe.StreamConfig{BaseKey: make([]byte, sframe.BaseKeySize), Kind: kind, KeyID: id})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func browserSealer(t *testing.T, kind sframe.Kind, leaf int, epoch uint64) *sframe.Sealer {
	t.Helper()
	id, err := sframe.BrowserKeyID(0, leaf, epoch)
	return sealer(t, kind, id, err)
}

// line is one stream on its way, packet after packet.
type line struct {
	t  *testing.T
	to *watcher
	at uint16
}

func (l *line) packet(payload []byte, timestamp uint32, marker bool) {
	l.t.Helper()
	p := &media.Packet{Packet: rtp.Packet{Payload: payload}}
	p.SequenceNumber, p.Timestamp, p.Marker = l.at, timestamp, marker
	l.at++
	if err := l.to.Write(p); err != nil {
		l.t.Fatal(err)
	}
}

func (l *line) sound(payload []byte) { l.t.Helper(); l.packet(payload, uint32(l.at)*960, false) }

// picture sends a frame in packets of some 500 bytes; skip leaves one of them out.
func (l *line) picture(frame []byte, timestamp uint32, skip int) {
	l.t.Helper()
	for i := 0; len(frame) > 0; i++ {
		n := min(500, len(frame))
		head := byte(0)
		if i == 0 {
			head = 0x10
		}
		part := append([]byte{head}, frame[:n]...)
		if frame = frame[n:]; i == skip {
			l.at++
			continue
		}
		l.packet(part, timestamp, len(frame) == 0)
	}
}

func random(n int, first ...byte) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	copy(b, first)
	return b
}

func seal(t *testing.T, s *sframe.Sealer, codec media.CodecName, frame []byte) []byte {
	t.Helper()
	out, err := s.Seal(nil, codec, frame)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// silent holds that not one byte of a stream is passed on.
func silent(t *testing.T, s api.TapStream) {
	t.Helper()
	if len(s.Heads) > 0 || len(s.Samples) > 0 {
		t.Errorf("%d heads and %d samples of a stream that is not sealed", len(s.Heads), len(s.Samples))
	}
}

func TestSealedSound(t *testing.T) {
	w := newWatcher(opusOf(&rooms.Sender{Leaf: 3}))
	l := &line{t: t, to: w}
	first, second := browserSealer(t, sframe.Audio, 3, 7), browserSealer(t, sframe.Audio, 3, 8)
	l.packet(nil, 0, false) // padding
	for i := range 40 {
		s := first
		if i >= 20 { // a new epoch counts anew
			s = second
		}
		l.sound(seal(t, s, media.Opus, random(80, 0x78)))
	}
	got := w.stream()
	if got.Packets != 41 || got.Payloads != 40 || got.Sealed != 40 || len(got.Heads) != 40 || len(got.Samples) != maxSamples {
		t.Fatalf("%d packets, %d payloads, %d sealed, %d heads, %d samples", got.Packets, got.Payloads, got.Sealed, len(got.Heads), len(got.Samples))
	}
	h := got.Heads[25]
	if *h.Sender.Leaf != 3 || h.Sender.Grant != nil || h.Epoch != 8 || h.Counter != 5 || len(h.First) != 24 || len(h.Last) != 24 {
		t.Errorf("head %+v", h)
	}
}

// TestNoByteOfWhatIsNotSealed: of a stream of which one payload is in clear, or of another sender, sizes are all that
// leaves.
func TestNoByteOfWhatIsNotSealed(t *testing.T) {
	own := func(t *testing.T) *sframe.Sealer { t.Helper(); return browserSealer(t, sframe.Audio, 3, 7) }
	cases := map[string]struct {
		sender *rooms.Sender
		send   func(t *testing.T, l *line)
		sealed uint64
	}{
		"plain": {&rooms.Sender{Leaf: 3}, func(_ *testing.T, l *line) {
			for range 60 {
				l.sound(random(80, 0xfc)) // 20 ms of full band sound in stereo
			}
		}, 0},
		"one in clear": {&rooms.Sender{Leaf: 3}, func(t *testing.T, l *line) {
			s := own(t)
			for i := range 60 {
				if i == 30 {
					l.sound(random(80, 0xfc))
					continue
				}
				l.sound(seal(t, s, media.Opus, random(80)))
			}
		}, 59},
		"of another leaf": {&rooms.Sender{Leaf: 4}, func(t *testing.T, l *line) {
			s := own(t)
			for range 60 {
				l.sound(seal(t, s, media.Opus, random(80)))
			}
		}, 0},
		"of nobody": {nil, func(t *testing.T, l *line) {
			s := own(t)
			for range 60 {
				l.sound(seal(t, s, media.Opus, random(80)))
			}
		}, 0},
		"too few": {&rooms.Sender{Leaf: 3}, func(t *testing.T, l *line) {
			s := own(t)
			for range enough - 1 {
				l.sound(seal(t, s, media.Opus, random(80)))
			}
		}, enough - 1},
		// The first byte of plain sound, read as a header, is key id 7 and a counter of one byte: leaf 0 in epoch 7.
		"plain that looks sealed": {&rooms.Sender{Leaf: 0}, func(_ *testing.T, l *line) {
			for i := range 60 {
				l.sound(random(80, 0x78, byte(8+i*53%200)))
			}
		}, 60},
		"bytes that nearly count": {&rooms.Sender{Leaf: 0}, func(_ *testing.T, l *line) {
			for i := range 60 {
				l.sound(random(80, 0x78, byte(8+i^1)))
			}
		}, 60},
		"a counter again": {&rooms.Sender{Leaf: 3}, func(t *testing.T, l *line) {
			s := own(t)
			for i := range 60 {
				b := seal(t, s, media.Opus, random(80))
				l.sound(b)
				if i == 30 {
					l.sound(b)
				}
			}
		}, 61},
		"every counter twice": {&rooms.Sender{Leaf: 3}, func(t *testing.T, l *line) {
			s := own(t)
			for range 30 {
				b := seal(t, s, media.Opus, random(80))
				l.sound(b)
				l.sound(b)
			}
		}, 60},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			w := newWatcher(opusOf(c.sender))
			c.send(t, &line{t: t, to: w})
			got := w.stream()
			silent(t, got)
			if got.Sealed != c.sealed {
				t.Errorf("%d of %d sealed, want %d", got.Sealed, got.Payloads, c.sealed)
			}
		})
	}
}

// TestRepeatedPackets: a packet that the network repeats is not a counter that a sender used twice.
func TestRepeatedPackets(t *testing.T) {
	w := newWatcher(opusOf(&rooms.Sender{Leaf: 3}))
	l := &line{t: t, to: w}
	s := browserSealer(t, sframe.Audio, 3, 7)
	for range 300 {
		b := seal(t, s, media.Opus, random(80))
		l.sound(b)
		l.at--
		l.sound(b)
	}
	if got := w.stream(); got.Payloads != 300 || len(got.Heads) != 300 {
		t.Errorf("%d payloads, %d heads", got.Payloads, len(got.Heads))
	}
}

func TestLineOfAGrant(t *testing.T) {
	w := newWatcher(opusOf(&rooms.Sender{Grant: 33, Line: 2}))
	l := &line{t: t, to: w}
	id, err := sframe.GranteeKeyID(33, 2, 7)
	s := sealer(t, sframe.Audio, id, err)
	for range 20 {
		l.sound(seal(t, s, media.Opus, random(80)))
	}
	got := w.stream()
	if got.Sealed != 20 || len(got.Heads) != 20 || *got.Heads[0].Sender.Grant != 1 || *got.Heads[0].Sender.Line != 2 || *got.Sender.Grant != 33 {
		t.Errorf("%d sealed, %d heads, %+v", got.Sealed, len(got.Heads), got.Sender)
	}
	other := newWatcher(opusOf(&rooms.Sender{Grant: 33, Line: 1}))
	l = &line{t: t, to: other}
	for range 20 {
		l.sound(seal(t, s, media.Opus, random(80)))
	}
	if got := other.stream(); got.Sealed != 0 {
		t.Errorf("%d payloads of another line are taken for its own", got.Sealed)
	}
}

func TestPictures(t *testing.T) {
	w := newWatcher(cameraOf(&rooms.Sender{Leaf: 3}))
	l := &line{t: t, to: w}
	s := browserSealer(t, sframe.Video, 3, 7)
	for i := range 30 {
		first := byte(1)
		if i == 5 {
			first = 0 // a key frame
		}
		skip := -1
		if i == 9 {
			skip = 1
		}
		l.picture(seal(t, s, media.VP8, random(1800, first)), uint32(i)*3000, skip)
	}
	got := w.stream()
	if got.Payloads != 29 || got.Sealed != 29 || got.Unread != 3 || len(got.Heads) != 29 {
		t.Errorf("%d pictures, %d sealed, %d packets of none, %d heads", got.Payloads, got.Sealed, got.Unread, len(got.Heads))
	}
	if len(got.Samples) != maxSamples || got.Samples[0][0]&1 != 0 {
		t.Errorf("%d samples; the first is to be one that a decoder can begin with", len(got.Samples))
	}
	plain := newWatcher(cameraOf(&rooms.Sender{Leaf: 3}))
	l = &line{t: t, to: plain}
	for i := range 30 {
		l.picture(random(1800, 1), uint32(i)*3000, -1)
	}
	got = plain.stream()
	silent(t, got)
	if got.Sealed == got.Payloads || got.Payloads != 30 {
		t.Errorf("%d of %d plain pictures look sealed", got.Sealed, got.Payloads)
	}
}

func TestPictureIsBounded(t *testing.T) {
	w := newWatcher(cameraOf(&rooms.Sender{Leaf: 3}))
	l := &line{t: t, to: w}
	l.packet(random(1000, 0x10), 0, false)
	for range 2 * maxPicture / 1000 {
		l.packet(random(1000, 0), 0, false)
	}
	if n := cap(w.pictures[0].data); n > 2*maxPicture {
		t.Errorf("%d bytes of a picture without an end", n)
	}
	for layer := range uint8(200) {
		p := &media.Packet{Packet: rtp.Packet{Payload: random(100, 0x10)}, Layer: layer}
		_ = w.Write(p)
	}
	if n := len(w.pictures); n > maxLayers+1 {
		t.Errorf("%d layers", n)
	}
}

func FuzzWatcher(f *testing.F) {
	f.Add([]byte{0x10, 1, 2, 3}, true)
	f.Add([]byte{0x99, 3, 1, 1, 0x2c}, false)
	f.Fuzz(func(_ *testing.T, b []byte, marker bool) {
		for _, s := range []rooms.Stream{opusOf(&rooms.Sender{Leaf: 3}), cameraOf(&rooms.Sender{Leaf: 3})} {
			w := newWatcher(s)
			for n := range uint16(enough + 1) {
				_ = w.Write(&media.Packet{Packet: rtp.Packet{Header: rtp.Header{Marker: marker, SequenceNumber: n}, Payload: b}})
			}
			w.stream()
		}
	})
}
