package sip

import (
	"context"
	"fmt"
	"net/netip"
	"testing"
	"time"
)

// answerer takes every call and lets it go on.
type answerer struct{ dialogs chan *Dialog }

func (a answerer) Call(ctx context.Context, d *Dialog) {
	if _, err := d.Answer(ctx); err == nil {
		a.dialogs <- d
		<-ctx.Done()
	}
}

func running(t *testing.T, h Handler, listen ...ListenConfig) *Server {
	t.Helper()
	cfg := DefaultConfig()
	cfg.Listen = listen
	cfg.StateDir = t.TempDir()
	cfg.RTP.Address = netip.MustParseAddr("127.0.0.1")
	cfg.RTP.PortMin, cfg.RTP.PortMax = 0, 0
	cfg.Timers.T1 = 50 * time.Millisecond
	s, err := New(cfg, h)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	t.Cleanup(func() {
		for _, d := range s.dialogs.all() {
			_ = d.Hangup(nil)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	return s
}

func TestWeRefreshTheSession(t *testing.T) {
	local := ListenConfig{Network: "udp", Address: "127.0.0.1:0"}
	for _, update := range []bool{true, false} {
		t.Run(fmt.Sprintf("update %v", update), func(t *testing.T) {
			a := answerer{make(chan *Dialog, 1)}
			far, near := running(t, a, local), running(t, nil, local)
			d, _, err := near.Dial(t.Context(), DialRequest{To: "sip:1@" + far.Addr("udp").String()})
			if err != nil {
				t.Fatalf("Dial: %v", err)
			}
			other := <-a.dialogs
			<-other.answered.over
			d.mu.Lock()
			if !d.updates {
				t.Error("the Allow of the answer was not noted")
			}
			d.updates = update
			d.mu.Unlock()
			if terms := d.timer.current(); terms != (sessionTerms{30 * time.Minute, true}) {
				t.Errorf("we called and refresh: %+v", terms)
			}
			if terms := other.timer.current(); terms != (sessionTerms{30 * time.Minute, false}) {
				t.Errorf("the other side: %+v", terms)
			}
			before := d.timer.endTimer()
			d.refresh(t.Context())
			if d.ctx.Err() != nil || d.timer.endTimer() == before {
				t.Errorf("not refreshed, cause %v", d.Cause())
			}
			// The one who was called refreshes too, when it has to.
			other.refresh(t.Context())
			if d.ctx.Err() != nil || other.ctx.Err() != nil {
				t.Errorf("causes %v, %v", d.Cause(), other.Cause())
			}
			_ = d.Hangup(nil)
		})
	}
}

func TestRefreshOfACallThatIsGone(t *testing.T) {
	local := ListenConfig{Network: "udp", Address: "127.0.0.1:0"}
	a := answerer{make(chan *Dialog, 1)}
	far, near := running(t, a, local), running(t, nil, local)
	d, _, err := near.Dial(t.Context(), DialRequest{To: "sip:1@" + far.Addr("udp").String()})
	if err != nil {
		t.Fatalf("Dial: %v", err)
	}
	other := <-a.dialogs
	<-other.answered.over
	far.dialogs.forget(other)
	d.refresh(t.Context())
	_ = other.Hangup(nil)
	<-d.Done()
	if d.Cause() != ErrSessionExpired {
		t.Errorf("cause %v", d.Cause())
	}
}

func TestLargeRequestGoesOverTCP(t *testing.T) {
	long := make([]byte, 1000)
	for i := range long {
		long[i] = 'a'
	}
	dial := func(t *testing.T, far *Server) string {
		near := running(t, nil, ListenConfig{Network: "udp", Address: "127.0.0.1:0"})
		_, _, err := near.Dial(t.Context(), DialRequest{
			To: "sip:1@" + far.Addr("udp").String(), From: Party{User: string(long)},
		})
		if err != nil {
			t.Fatalf("Dial: %v", err)
		}
		d := <-far.handler.(answerer).dialogs
		return d.Transport()
	}
	t.Run("where the other side takes it", func(t *testing.T) {
		far := bothOnOnePort(t)
		if got := dial(t, far); got != "tcp" {
			t.Errorf("came over %s", got)
		}
	})
	t.Run("where it does not", func(t *testing.T) {
		far := running(t, answerer{make(chan *Dialog, 1)}, ListenConfig{Network: "udp", Address: "127.0.0.1:0"})
		if got := dial(t, far); got != "udp" {
			t.Errorf("came over %s", got)
		}
	})
}

// bothOnOnePort listens on UDP and TCP of one free port.
func bothOnOnePort(t *testing.T) *Server {
	t.Helper()
	for range 20 {
		cfg := DefaultConfig()
		cfg.Listen = []ListenConfig{{Network: "udp", Address: "127.0.0.1:0"}}
		probe, err := New(cfg, nil)
		if err != nil {
			t.Fatal(err)
		}
		addr := probe.Addr("udp").String()
		_ = probe.Close()
		cfg.Listen = []ListenConfig{{Network: "udp", Address: addr}, {Network: "tcp", Address: addr}}
		if test, err := New(cfg, nil); err == nil {
			_ = test.Close()
			return running(t, answerer{make(chan *Dialog, 1)}, cfg.Listen...)
		}
	}
	t.Fatal("no port is free on both")
	return nil
}

// endTimer identifies the interval that runs.
func (t *sessionTimer) endTimer() *time.Timer {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.end
}

func BenchmarkInviteTo200(b *testing.B) {
	local := ListenConfig{Network: "udp", Address: "127.0.0.1:0"}
	cfg := DefaultConfig()
	cfg.Listen = []ListenConfig{local}
	cfg.RTP.Address = netip.MustParseAddr("127.0.0.1")
	a := answerer{make(chan *Dialog, 1)}
	servers := make([]*Server, 2)
	ended := make(chan error, 2)
	ctx, cancel := context.WithCancel(context.Background())
	for i, h := range []Handler{a, nil} {
		var err error
		if servers[i], err = New(cfg, h); err != nil {
			b.Fatal(err)
		}
		go func() { ended <- servers[i].Run(ctx) }()
	}
	to := "sip:1@" + servers[0].Addr("udp").String()
	for b.Loop() {
		d, _, err := servers[1].Dial(ctx, DialRequest{To: to})
		if err != nil {
			b.Fatal(err)
		}
		<-a.dialogs
		_ = d.Hangup(nil)
		<-d.Done()
	}
	cancel()
	<-ended
	<-ended
}
