package gateway

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"legroom/configs"
	"legroom/sip"
)

func TestExplain(t *testing.T) {
	taken := &net.OpError{Op: "listen", Err: os.NewSyscallError("bind", syscall.EADDRINUSE)}
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"SIP port taken":      {&sip.ListenError{Network: "udp", Address: ":5060", Err: taken}, "Port :5060 (udp) is taken"},
		"web port taken":      {&ListenError{What: "web", Address: ":8443", Err: taken}, "change web.listen"},
		"media port taken":    {fmt.Errorf("peer: listen udp :8443: %w", taken), "A port is taken"},
		"low port":            {&ListenError{What: "web", Address: ":443", Err: fs.ErrPermission}, "need root"},
		"foreign address":     {&ListenError{What: "web", Address: "192.0.2.9:1", Err: syscall.EADDRNOTAVAIL}, "does not have the address"},
		"certificate missing": {&CertificateError{Path: "/x.pem", Err: fs.ErrNotExist}, "There is no certificate at /x.pem"},
		"SIP certificate":     {&sip.CertificateError{Path: "/y.pem", Err: fs.ErrNotExist}, "sip.tls.certificate"},
		"disk full":           {&StateError{Path: "/state/web.key", Err: &fs.PathError{Op: "write", Err: syscall.ENOSPC}}, "The disk of /state/web.key is full"},
		"read only":           {&StateError{Path: "/state", Err: &fs.PathError{Op: "mkdir", Err: syscall.EROFS}}, "cannot be written"},
		"configuration":       {&configs.Error{File: "f", Faults: []configs.Fault{{Line: 3, Column: 1, Path: "a", Msg: "b"}}}, "f:3:1: a: b"},
		"anything else":       {errors.New("odd"), "odd"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Explain(fmt.Errorf("start: %w", c.err)); !strings.Contains(got, c.want) {
				t.Fatalf("says %q, want %q", got, c.want)
			}
		})
	}
}

func quickConfig(t *testing.T) configs.Config {
	t.Helper()
	c := configs.Default()
	c.StateDir = t.TempDir()
	c.SIP.Listen = []sip.ListenConfig{{Network: "tcp", Address: "127.0.0.1:0"}}
	c.Web.Listen, c.Operate.Listen = "127.0.0.1:0", "127.0.0.1:0"
	c.Browsers.UDP, c.Browsers.TCP = "127.0.0.1:0", "127.0.0.1:0"
	return c
}

// TestTakenPorts takes each port first: the start names it, and leaves no other socket open.
func TestTakenPorts(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	for name, take := range map[string]func(*configs.Config){
		"sip":     func(c *configs.Config) { c.SIP.Listen[0].Address = l.Addr().String() },
		"web":     func(c *configs.Config) { c.Web.Listen = l.Addr().String() },
		"operate": func(c *configs.Config) { c.Operate.Listen = l.Addr().String() },
		"media":   func(c *configs.Config) { c.Browsers.TCP = l.Addr().String() },
	} {
		t.Run(name, func(t *testing.T) {
			cfg := quickConfig(t)
			take(&cfg)
			_, err := New(cfg, slog.New(slog.DiscardHandler))
			if err == nil || !strings.Contains(Explain(err), "is taken") || !strings.Contains(Explain(err), l.Addr().String()) {
				t.Fatalf("says %q", Explain(err))
			}
		})
	}
}

func TestMissingCertificate(t *testing.T) {
	cfg := quickConfig(t)
	cfg.Web.Certificate, cfg.Web.Key = filepath.Join(t.TempDir(), "none.pem"), filepath.Join(t.TempDir(), "none.key")
	_, err := New(cfg, slog.New(slog.DiscardHandler))
	if err == nil || !strings.Contains(Explain(err), "There is no certificate at "+cfg.Web.Certificate) {
		t.Fatalf("says %v", err)
	}
}

func TestOwnCertificate(t *testing.T) {
	dir, err := openStateDir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	make := func(cfg configs.Web, at time.Time) tls.Certificate {
		t.Helper()
		cert, err := certificateOf(cfg, dir, at)
		if err != nil {
			t.Fatal(err)
		}
		return cert
	}
	first := make(configs.Web{}, now)
	if fingerprint(make(configs.Web{}, now)) != fingerprint(first) {
		t.Error("made anew at the second start")
	}
	for _, name := range []string{"localhost", "127.0.0.1"} {
		if err := first.Leaf.VerifyHostname(name); err != nil {
			t.Error(err)
		}
	}
	named := make(configs.Web{Names: []string{"meet.example"}}, now)
	if named.Leaf.VerifyHostname("meet.example") != nil || fingerprint(named) == fingerprint(first) {
		t.Error("a new name must be in the certificate")
	}
	if late := make(configs.Web{Names: []string{"meet.example"}}, now.Add(ownLife-ownRenew+time.Hour)); fingerprint(late) == fingerprint(named) {
		t.Error("not renewed before its end")
	}
	if info, err := os.Stat(dir.file(ownKey)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("key file %v %v", info, err)
	}
}
