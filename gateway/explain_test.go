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
	"legroom/e2ee"
	"legroom/sip"
)

func TestExplain(t *testing.T) {
	taken := &net.OpError{Op: "listen", Err: os.NewSyscallError("bind", syscall.EADDRINUSE)}
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"SIP port taken":  {&sip.ListenError{Network: "udp", Address: ":5060", Err: taken}, "Port :5060 (udp) is taken by another program. End it, or change sip.listen."},
		"web port taken":  {&ListenError{Setting: "web.listen", Network: "tcp", Address: ":8443", Err: taken}, "End it, or change web.listen."},
		"low port":        {&ListenError{Setting: "web.listen", Network: "tcp", Address: ":443", Err: fs.ErrPermission}, "need root"},
		"foreign address": {&ListenError{Setting: "web.listen", Network: "tcp", Address: "192.0.2.9:1", Err: syscall.EADDRNOTAVAIL}, "does not have the address"},
		"no such file":    {&fs.PathError{Op: "open", Path: "/x.yaml", Err: syscall.ENOENT}, "There is no file /x.yaml."},
		"unreadable file": {&fs.PathError{Op: "open", Path: "/x.yaml", Err: syscall.EACCES}, "/x.yaml may not be read by user"},
		"disk full":       {&StateError{Path: "/state/web.key", Err: &fs.PathError{Op: "write", Err: syscall.ENOSPC}}, "The disk of /state/web.key is full"},
		"read only":       {&StateError{Path: "/state", Err: &fs.PathError{Op: "mkdir", Err: syscall.EROFS}}, "cannot be written"},
		"configuration":   {&configs.Error{File: "f", Faults: []configs.Fault{{Line: 3, Column: 1, Path: "a", Msg: "b"}}}, "f:3:1: a: b"},
		"damaged key":     {&e2ee.IdentityError{Path: "/state/gateway.key", Err: errDamaged}, "The key of this gateway, /state/gateway.key, is damaged; restore it"},
		"unreadable key":  {&e2ee.IdentityError{Path: "/state/gateway.key", Err: &fs.PathError{Op: "open", Err: syscall.EACCES}}, "/state/gateway.key, cannot be read: permission denied. Let user"},
		"anything else":   {errors.New("odd"), "odd"},
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
	c.Devices.Use = false
	c.SIP.Listen = []sip.ListenConfig{{Network: "tcp", Address: "127.0.0.1:0"}}
	c.Web.Listen, c.Operate.Listen = "127.0.0.1:0", "127.0.0.1:0"
	c.Browsers.UDP, c.Browsers.TCP = "127.0.0.1:0", "127.0.0.1:0"
	return c
}

// TestTakenPorts takes each port first: the start names it and its setting, and leaves no other socket open.
func TestTakenPorts(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	u, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = u.Close() }()
	tcp, udp := l.Addr().String(), u.LocalAddr().String()
	for setting, take := range map[string]func(*configs.Config) (address string){
		"sip.listen":        func(c *configs.Config) string { c.SIP.Listen[0].Address = tcp; return tcp },
		"web.listen":        func(c *configs.Config) string { c.Web.Listen = tcp; return tcp },
		"operate.listen":    func(c *configs.Config) string { c.Operate.Listen = tcp; return tcp },
		"browsers.tcp":      func(c *configs.Config) string { c.Browsers.TCP = tcp; return tcp },
		"browsers.udp":      func(c *configs.Config) string { c.Browsers.UDP = udp; return udp },
		"browsers.turn.udp": func(c *configs.Config) string { c.Browsers.TURN.UDP = udp; return udp },
		"browsers.turn.tcp": func(c *configs.Config) string { c.Browsers.TURN.TCP = tcp; return tcp },
		"browsers.turn.tls": func(c *configs.Config) string { c.Browsers.TURN.TLS = tcp; return tcp },
	} {
		t.Run(setting, func(t *testing.T) {
			cfg := quickConfig(t)
			address := take(&cfg)
			_, err := New(cfg, slog.New(slog.DiscardHandler))
			if err == nil {
				t.Fatal("starts")
			}
			says := Explain(err)
			if !strings.HasPrefix(says, "Port "+address+" (") || !strings.HasSuffix(says, ") is taken by another program. End it, or change "+setting+".") {
				t.Fatalf("says %q", says)
			}
		})
	}
}

// TestMissingCertificates: whichever file is missing is the one that is named, with its own settings.
func TestMissingCertificates(t *testing.T) {
	there := quickConfig(t)
	g, err := New(there, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	g.Close()
	cert, key := filepath.Join(there.StateDir, ownCertificate), filepath.Join(there.StateDir, ownKey)
	none := filepath.Join(t.TempDir(), "none.pem")
	for name, c := range map[string]struct {
		change func(*configs.Config)
		want   string
	}{
		"web certificate": {func(c *configs.Config) { c.Web.Certificate, c.Web.Key = none, key }, "no certificate at NONE. Put it there, correct web.certificate and web.key, or leave both empty"},
		"web key":         {func(c *configs.Config) { c.Web.Certificate, c.Web.Key = cert, none }, "no key at NONE. Put it there, correct web.certificate and web.key, or leave both empty"},
		"SIP certificate": {func(c *configs.Config) { c.SIP.TLS.Certificate, c.SIP.TLS.Key = none, key }, "no certificate at NONE. Put it there, correct sip.tls.certificate and sip.tls.key, or leave both empty"},
		"SIP key":         {func(c *configs.Config) { c.SIP.TLS.Certificate, c.SIP.TLS.Key = cert, none }, "no key at NONE. Put it there, correct sip.tls.certificate and sip.tls.key, or leave both empty"},
		"peers":           {func(c *configs.Config) { c.SIP.TLS.PeerCA = none }, "no certificate at NONE. Put it there, correct sip.tls.peerCA, or leave it empty"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := quickConfig(t)
			cfg.SIP.Listen[0].Network = "tls"
			c.change(&cfg)
			_, err := New(cfg, slog.New(slog.DiscardHandler))
			if err == nil || !strings.Contains(Explain(err), strings.Replace(c.want, "NONE", none, 1)) {
				t.Fatalf("says %v", err)
			}
		})
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
		cert, err := certificateOf(cfg, dir, at, slog.New(slog.DiscardHandler))
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
