package rtpsession

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"testing"
)

// TestPorts: pairs are even and odd, exhaustion is told, and what is closed can be bound again.
func TestPorts(t *testing.T) {
	free := open(t, local(), nil) // learn where there is room
	first := free.LocalPort()
	if first&1 != 0 || free.LocalRTCPPort() != first+1 {
		t.Fatalf("pair %d, %d", first, free.LocalRTCPPort())
	}
	_ = free.Close(nil)
	cfg := local()
	cfg.PortMin, cfg.PortMax = first, first+1
	ports := NewPorts(cfg)
	opts := Options{Log: slog.New(slog.DiscardHandler), Ports: ports}
	for round := range 3 {
		s, err := New(cfg, opts)
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		if s.LocalPort() != first {
			t.Errorf("port %d outside the range", s.LocalPort())
		}
		if _, err := New(cfg, opts); !errors.Is(err, ErrNoPorts) {
			t.Errorf("second session: %v, want ErrNoPorts", err)
		}
		if round == 1 { // once by the end of Run, else by Close alone
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if err := s.Run(ctx); err != nil {
				t.Errorf("run: %v", err)
			}
			continue
		}
		_ = s.Close(nil)
		_ = s.Close(nil)
	}
}

func TestNoAddress(t *testing.T) {
	cfg := local()
	if _, err := New(cfg, Options{Ports: NewPorts(cfg), IPv6: true}); !errors.Is(err, ErrNoAddress) {
		t.Errorf("no IPv6 address: %v", err)
	}
	cfg.Address = netip.MustParseAddr("192.0.2.1") // not of this machine
	if _, err := New(cfg, Options{Ports: NewPorts(cfg)}); err == nil || errors.Is(err, ErrNoPorts) {
		t.Errorf("foreign address: %v", err)
	}
}

func TestRangeGoesRound(t *testing.T) {
	cfg := local()
	cfg.PortMin, cfg.PortMax = 20001, 20010
	p := NewPorts(cfg)
	if p.first != 20002 || p.pairs != 4 {
		t.Errorf("first %d, pairs %d; want 20002 and 4", p.first, p.pairs)
	}
}

func TestConfig(t *testing.T) {
	if err := DefaultConfig().Validate(); err != nil {
		t.Fatal(err)
	}
	bad := map[string]func(*Config){
		"address": func(c *Config) { c.Address = netip.Addr{} }, "address6": func(c *Config) { c.Address6 = netip.MustParseAddr("1.2.3.4") },
		"one port": func(c *Config) { c.PortMin = 0 }, "turned": func(c *Config) { c.PortMin, c.PortMax = 30000, 20000 },
		"narrow": func(c *Config) { c.PortMax = c.PortMin + 1 }, "dscp": func(c *Config) { c.DSCP = 64 },
		"timeout": func(c *Config) { c.MediaTimeout = 1 }, "handshake": func(c *Config) { c.HandshakeTimeout = 0 },
		"buffer": func(c *Config) { c.SocketBuffer = 1 },
	}
	for name, spoil := range bad {
		cfg := DefaultConfig()
		spoil(&cfg)
		if cfg.Validate() == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
