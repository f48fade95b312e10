package rooms_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"legroom/audio"
	"legroom/audio/opus"
	"legroom/internal/clock"
	"legroom/media"
	"legroom/media/mediatest"
	"legroom/rooms"
	"legroom/transcode"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	pcmu  = media.Codec{Name: media.PCMU, ClockRate: 8000, Channels: 1, PacketTime: 20 * time.Millisecond}
	pcma  = media.Codec{Name: media.PCMA, ClockRate: 8000, Channels: 1, PacketTime: 20 * time.Millisecond}
	g722  = media.Codec{Name: media.G722, ClockRate: 8000, Channels: 1, PacketTime: 20 * time.Millisecond}
	full  = media.Codec{Name: media.Opus, ClockRate: 48000, Channels: 2, PacketTime: 20 * time.Millisecond}
	vp8   = media.Codec{Name: media.VP8, ClockRate: 90000}
	quiet = slog.New(slog.NewTextHandler(io.Discard, nil))
)

const (
	// patience is how long, in virtual time, a test waits for what is to happen.
	patience = 10 * time.Second
	// longest is how much virtual time a test may take: while a clock beats in its bubble there is always more of it, and
	// a wait that never ends would not be noticed.
	longest = time.Minute
)

// house is a Registry with a clock, for a test in a bubble of virtual time.
type house struct {
	*rooms.Registry
	policy rooms.Policy
}

// inHouse runs a test in virtual time, with rooms of one policy. A bubble does not notice who waits for a mutex that is
// never unlocked: no test holds one while it does something else.
func inHouse(t *testing.T, adjust func(*rooms.Config, *rooms.Policy), test func(t *testing.T, h *house)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		h := &house{policy: rooms.DefaultPolicy("1000")}
		h.policy.Mode, h.policy.Lobby, h.policy.OnDemand = rooms.Open, false, true
		cfg := rooms.DefaultConfig()
		beat := clock.New(clock.Config{Slots: 2})
		cfg.Clock, cfg.Log = beat, quiet
		if adjust != nil {
			adjust(&cfg, &h.policy)
		}
		cfg.Policy = func(number string) (rooms.Policy, bool) {
			p := h.policy
			p.Number = number
			return p, len(number) == 4
		}
		h.Registry = rooms.New(cfg)
		limit := time.AfterFunc(longest, func() {
			debug.SetTraceback("all")
			panic(fmt.Sprintf("%s waits for ever: %v of virtual time are over", t.Name(), longest))
		})
		defer limit.Stop()
		ctx, cancel := context.WithCancel(context.Background())
		var wg sync.WaitGroup
		wg.Go(func() { _ = beat.Run(ctx) })
		wg.Go(func() { _ = h.Registry.Run(ctx) })
		defer wg.Wait()
		defer cancel()
		test(t, h)
	})
}

// join seats a leg in room 1000, or fails the test.
func (h *house) join(t *testing.T, req rooms.JoinRequest) *rooms.Participant {
	t.Helper()
	room, err := h.Room("1000")
	if err != nil {
		t.Fatal(err)
	}
	req.Clear = true
	p, err := room.Join(req)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// await waits until c is closed or tells something, or fails the test.
func await(t *testing.T, c <-chan struct{}, what string) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(patience):
		t.Fatalf("%s: not within %v", what, patience)
	}
}

// leg is an endpoint with real codecs and no network: what it is sent it decodes and keeps.
type leg struct {
	sounds int // capacity
	videos int
	unseal func(payload []byte) ([]byte, error) // of a browser in an encrypted room that has keys; else nil

	mu     sync.Mutex
	codecs map[media.Kind][]media.Codec
	lines  []*line
	closed error
}

func phone(c ...media.Codec) *leg {
	return &leg{codecs: map[media.Kind][]media.Codec{media.Audio: c}, sounds: 1}
}

func browser() *leg {
	return &leg{
		codecs: map[media.Kind][]media.Codec{media.Audio: {full}, media.Video: {vp8}},
		sounds: 8, videos: 3,
	}
}

func (l *leg) Accepts(k media.Kind) []media.Codec {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.codecs[k]
}

func (l *leg) Capacity(k media.Kind) int {
	if k == media.Audio {
		return l.sounds
	}
	return l.videos
}

func (l *leg) Close(cause error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = cause
	return nil
}

// cause it was closed with.
func (l *leg) cause() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.closed
}

func (l *leg) Send(info media.TrackInfo) (media.Sink[*media.Packet], error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.sounds == 1 && len(l.lines) > 0 {
		_ = l.lines[len(l.lines)-1].Close()
	}
	n := &line{info: info, unseal: l.unseal, got: heard{level: media.NoLevel}}
	if info.Kind() == media.Audio {
		var err error
		if n.decode, err = transcode.NewDecode(info.Codec, media.SinkFunc[*media.PCM](n.hear)); err != nil {
			return nil, err
		}
	}
	l.lines = append(l.lines, n)
	return n, nil
}

// all lists the lines that were ever opened.
func (l *leg) all() []*line {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lines
}

// open lists the lines that are not closed.
func (l *leg) open() []*line {
	var list []*line
	for _, n := range l.all() {
		if !n.isClosed() {
			list = append(list, n)
		}
	}
	return list
}

// last line that was opened.
func (l *leg) last(t *testing.T) *line {
	t.Helper()
	lines := l.all()
	if len(lines) == 0 {
		t.Fatal("nothing is sent to the leg")
	}
	return lines[len(lines)-1]
}

// line is one stream to a leg.
type line struct {
	info   media.TrackInfo
	decode *transcode.Decode
	unseal func(payload []byte) ([]byte, error)

	mu     sync.Mutex
	closed bool
	seq    uint16
	got    heard
}

// heard is what came in a line.
type heard struct {
	samples  []int16
	payloads [][]byte
	shared   []*byte // where each payload lies: the same for all legs that share an encode
	stamps   []uint32
	level    media.Level // of the last packet
}

func (n *line) Write(p *media.Packet) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return media.ErrClosed
	}
	n.got.payloads = append(n.got.payloads, slices.Clone(p.Payload))
	n.got.shared = append(n.got.shared, &p.Payload[0])
	n.got.stamps = append(n.got.stamps, p.Timestamp)
	n.got.level = p.Level
	if n.decode == nil {
		return nil
	}
	q := *p
	q.SequenceNumber, n.seq = n.seq, n.seq+1
	if n.unseal != nil {
		var err error
		if q.Payload, err = n.unseal(q.Payload); err != nil {
			return err
		}
	}
	return n.decode.Write(&q)
}

// hear is called by Write, locked.
func (n *line) hear(p *media.PCM) error {
	n.got.samples = append(n.got.samples, p.Samples...)
	return nil
}

func (n *line) Close() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.closed = true
	return nil
}

func (n *line) isClosed() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.closed
}

// forget what was heard so far.
func (n *line) forget() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.got = heard{level: n.got.level}
}

// heard until now. What is in it does not change any more, however much comes behind it.
func (n *line) heard() heard {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.got
}

// share of a tone in what was heard.
func (n *line) share(freq float64) float64 {
	samples := n.heard().samples
	if len(samples) == 0 {
		return 0
	}
	return mediatest.ToneShare(samples, n.info.Codec.SampleRate(), freq)
}

func (n *line) packets() int { return len(n.heard().payloads) }

// mouth speaks into a room in real packets, 50 a second, until it is stopped.
type mouth struct {
	sink   media.Sink[*media.Packet]
	codec  media.Codec
	encode *transcode.Encode
	seq    uint16
	tick   uint32
	last   error
	strip  bool                        // the room has no loudness in packets
	seal   func(payload []byte) []byte // of a browser in an encrypted room; else nil
	sent   [][]byte                    // what seal gave
}

// speak publishes a microphone.
func speak(t *testing.T, p *rooms.Participant, c media.Codec) *mouth {
	t.Helper()
	return utter(t, p, media.Microphone, c)
}

// utter publishes a sound.
func utter(t *testing.T, p *rooms.Participant, source media.Source, c media.Codec) *mouth {
	t.Helper()
	m := &mouth{codec: c}
	var err error
	if m.sink, err = p.Publish(media.TrackInfo{Source: source, Codec: c}); err != nil {
		t.Fatal(err)
	}
	m.encode, err = transcode.NewEncode(transcode.EncodeConfig{Codec: c, Opus: opus.DefaultConfig()},
		media.SinkFunc[*media.Packet](m.send))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// send writes as an endpoint does: browsers tell the loudness in the packet, phones do not.
func (m *mouth) send(p *media.Packet) error {
	if m.codec.Name != media.Opus || m.strip {
		p.Level = media.NoLevel
	}
	if m.seal != nil {
		p.Payload = m.seal(p.Payload)
		m.sent = append(m.sent, p.Payload)
	}
	p.SequenceNumber, p.Arrived = m.seq, time.Now()
	m.seq++
	m.last = m.sink.Write(p)
	return m.last
}

// say speaks one tick; a nil source is silence.
func (m *mouth) say(src mediatest.Source) {
	rate := m.codec.SampleRate()
	p := &media.PCM{Samples: make([]int16, rate/50), Rate: rate, Timestamp: m.tick * uint32(rate/50)}
	if src != nil {
		src.Fill(p.Samples)
	}
	p.Level = audio.Level(p.Samples)
	m.tick++
	_ = m.encode.Write(p)
}

// talk is what several mouths say at the same time, for a while of virtual time.
func talk(d time.Duration, say func()) {
	beat := time.NewTicker(20 * time.Millisecond)
	defer beat.Stop()
	for range int(d / (20 * time.Millisecond)) {
		<-beat.C
		say()
	}
	synctest.Wait()
}

// tone of amplitude 0.3, or as given, at the rate of a codec.
func tone(c media.Codec, freq float64) mediatest.Source {
	return mediatest.NewTone(c.SampleRate(), freq, 0.2)
}

// is fails the test unless err is want.
func is(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) || (want == nil && err != nil) {
		t.Errorf("answers %v, want %v", err, want)
	}
}
