package sip_test

import (
	"context"
	"log/slog"
	"net/netip"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"legroom/media"
	"legroom/sip"
	"legroom/sip/siptest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience bounds every wait; nothing here takes that long.
const patience = 15 * time.Second

// handlerFunc makes a Handler of a function.
type handlerFunc func(context.Context, *sip.Dialog)

func (f handlerFunc) Call(ctx context.Context, d *sip.Dialog) { f(ctx, d) }

// bench is a running Server with what it was told to remember.
type bench struct {
	*sip.Server
	t *testing.T

	mu       sync.Mutex
	refusals []sip.Refusal
	stop     context.CancelFunc
	ended    chan error
}

// localConfig listens on free loopback ports only.
func localConfig(t *testing.T) sip.Config {
	cfg := sip.DefaultConfig()
	cfg.Listen = []sip.ListenConfig{
		{Network: "udp", Address: "127.0.0.1:0"}, {Network: "tcp", Address: "127.0.0.1:0"}, {Network: "tls", Address: "127.0.0.1:0"},
	}
	cfg.StateDir = t.TempDir()
	cfg.RTP.Address = netip.MustParseAddr("127.0.0.1")
	cfg.RTP.PortMin, cfg.RTP.PortMax = 0, 0
	cfg.TLS.InsecurePeers = true
	cfg.Timers.T1 = 20 * time.Millisecond
	return cfg
}

// start runs a Server until the test ends; change may alter its Config.
func start(t *testing.T, h sip.Handler, change ...func(*sip.Config)) *bench {
	t.Helper()
	b := &bench{t: t, ended: make(chan error, 1)}
	cfg := localConfig(t)
	cfg.Log = slog.New(slog.DiscardHandler)
	cfg.OnRefused = func(r sip.Refusal) {
		b.mu.Lock()
		b.refusals = append(b.refusals, r)
		b.mu.Unlock()
	}
	for _, f := range change {
		f(&cfg)
	}
	var err error
	if b.Server, err = sip.New(cfg, h); err != nil {
		t.Fatalf("New: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	b.stop = cancel
	go func() { b.ended <- b.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-b.ended; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	return b
}

// phone makes a Phone that talks to the server.
func (b *bench) phone(o siptest.Options) *siptest.Phone {
	b.t.Helper()
	if o.Transport == "" {
		o.Transport = "udp"
	}
	o.Server = b.Addr(o.Transport)
	return siptest.New(b.t, o)
}

func (b *bench) refused() []sip.Refusal {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]sip.Refusal(nil), b.refusals...)
}

// refusedAll waits for n refusals; they are told after the answer went out.
func (b *bench) refusedAll(n int) []sip.Refusal {
	b.t.Helper()
	eventually(b.t, "refusals", func() bool { return len(b.refused()) >= n })
	return b.refused()
}

// eventually waits for a condition that something else makes true.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatalf("never: %s", what)
		}
	}
}

// echo is a Handler that answers and sends back what it hears, until the call ends.
func echo(t *testing.T) handlerFunc {
	return func(ctx context.Context, d *sip.Dialog) {
		leg, err := d.Answer(ctx)
		if err != nil {
			if d.Cause() == nil {
				t.Errorf("Answer: %v", err)
			}
			return
		}
		if err := leg.Publish(mirror{leg}); err != nil && d.Cause() == nil {
			t.Errorf("Publish: %v", err)
		}
		if err := leg.Run(ctx); err != nil {
			t.Errorf("Run: %v", err)
		}
	}
}

// mirror is a Publisher that sends a leg what it says.
type mirror struct{ leg *sip.Leg }

func (m mirror) Publish(info media.TrackInfo) (media.Sink[*media.Packet], error) {
	info.Source = media.Mix
	return m.leg.Send(info)
}
