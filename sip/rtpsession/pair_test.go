package rtpsession

import (
	"context"
	"log/slog"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/pion/rtp"

	"legroom/media"
	"legroom/sip/sdp"
)

// local is a Config on loopback with ports of the system's choice.
func local() Config {
	cfg := DefaultConfig()
	cfg.Address = netip.MustParseAddr("127.0.0.1")
	cfg.PortMin, cfg.PortMax = 0, 0
	return cfg
}

func open(t testing.TB, cfg Config, cert *Certificate) *Session {
	t.Helper()
	s, err := New(cfg, Options{Log: slog.New(slog.DiscardHandler), Ports: NewPorts(cfg), Certificate: cert})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close(nil) })
	return s
}

// start runs a session until the test ends and gives what Run returns.
func start(t testing.TB, s *Session) <-chan error {
	t.Helper()
	ended := make(chan error, 1)
	var wg sync.WaitGroup
	wg.Go(func() { ended <- s.Run(context.Background()) })
	t.Cleanup(func() {
		_ = s.Close(nil)
		wg.Wait()
	})
	until(t, "the session to run", func() bool {
		s.life.mu.Lock()
		defer s.life.mu.Unlock()
		return s.life.running
	})
	return ended
}

// capture keeps what a session hands on.
type capture struct {
	mu      sync.Mutex
	packets []*media.Packet
	digits  []rune
}

func listen(s *Session) *capture {
	c := &capture{}
	s.OnPacket(media.SinkFunc[*media.Packet](func(p *media.Packet) error {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.packets = append(c.packets, p.Clone())
		return nil
	}))
	s.OnDigit(func(r rune, _ time.Duration) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.digits = append(c.digits, r)
	})
	return c
}

func (c *capture) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.packets)
}

func (c *capture) keys() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return string(c.digits)
}

func (c *capture) at(i int) *media.Packet {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.packets[i]
}

// until waits for a condition.
func until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	deadline := time.NewTimer(10 * time.Second)
	defer deadline.Stop()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatalf("waited too long for %s", what)
		}
	}
}

var (
	pcma = media.Codec{Name: media.PCMA, ClockRate: 8000, Channels: 1, PacketTime: 20 * time.Millisecond}
	opus = media.Codec{Name: media.Opus, ClockRate: 48000, Channels: 2, PacketTime: 20 * time.Millisecond}
)

// negotiate does offer and answer between two sessions, a offering, and applies it to both.
func negotiate(t testing.TB, a, b *Session, codec media.Codec, offerer, answerer func(*sdp.Capabilities)) (na, nb *sdp.Negotiation) {
	t.Helper()
	caps := func(s *Session, change func(*sdp.Capabilities)) sdp.Capabilities {
		c := sdp.Capabilities{
			Address: netip.MustParseAddr("127.0.0.1"),
			Media: []sdp.LocalMedia{{Kind: media.Audio, Codecs: []media.Codec{codec}, Port: s.LocalPort(),
				RTCPPort: s.LocalRTCPPort(), Events: true}},
			SDES: sdp.Off, DTLS: sdp.Off, Secret: sdp.NewSecret(), Fingerprint: s.opts.Certificate.Fingerprint(), SessionID: 1,
		}
		change(&c)
		return c
	}
	ca, cb := caps(a, offerer), caps(b, answerer)
	offer := sdp.Offer(ca)
	seen, err := sdp.Parse(offer.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if nb, err = sdp.Answer(seen, cb); err != nil {
		t.Fatal(err)
	}
	answer, err := sdp.Parse(nb.Local.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if na, err = sdp.Accept(offer, answer, ca); err != nil {
		t.Fatal(err)
	}
	for s, n := range map[*Session]*sdp.Negotiation{a: na, b: nb} {
		agreed, ok := n.Audio()
		if !ok {
			t.Fatal("no audio agreed")
		}
		if err := s.Apply(agreed); err != nil {
			t.Fatal(err)
		}
	}
	return na, nb
}

func sound(timestamp uint32, payload string) *media.Packet {
	return &media.Packet{Packet: rtp.Packet{Header: rtp.Header{Timestamp: timestamp}, Payload: []byte(payload)}, Level: media.NoLevel}
}
