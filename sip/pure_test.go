package sip

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	gosip "github.com/emiago/sipgo/sip"
	"github.com/icholy/digest"
)

func TestMask(t *testing.T) {
	for _, tc := range []struct{ in, want string }{
		{"", "anonymous"}, {"100", "100"}, {"4711", "4711"}, {"12345", "*** 45"}, {"+4930123456789", "+49 *** 6789"},
		{"004930123456789", "+49 *** 6789"}, {"030123456", "*** 456"}, {"1000.4711", "1000.***"}, {"900100.99", "*** 00.***"},
		{"alice", "a***"}, {"\x00\xff", "***"}, {"+491", "*** 91"}, {"anna4711", "a***"},
	} {
		if got := Mask(tc.in); got != tc.want {
			t.Errorf("%q: %q, want %q", tc.in, got, tc.want)
		}
	}
}

func TestStatusOf(t *testing.T) {
	seen := make(map[error]bool)
	for _, o := range outcomes() {
		code, reason, q850 := StatusOf(fmt.Errorf("wrapped: %w", o.cause))
		if code != o.code || reason != o.reason || q850 != o.q850 || code < 300 || code > 699 || q850 < 1 || q850 > 127 {
			t.Errorf("%v: %d %s %d", o.cause, code, reason, q850)
		}
		if seen[o.cause] {
			t.Errorf("%v is there twice", o.cause)
		}
		seen[o.cause] = true
	}
	for _, err := range []error{
		ErrBusy, ErrNotFound, ErrForbidden, ErrEmergency, ErrDeclined, ErrTooManyCalls, ErrDraining, ErrUnauthorized, ErrNoCodec,
		ErrSRTPRequired, ErrSRTPRefused, ErrAddressFamily, ErrNoAudio, ErrBadSDP, ErrBadRequest, ErrNoMedia, ErrCancelled,
		ErrHungUp, ErrNoACK, ErrNoAnswer, ErrSessionExpired, ErrSilent, ErrUnreachable, ErrGlare, ErrNoDialog, ErrState, ErrInternal,
	} {
		if !seen[err] {
			t.Errorf("%v has no line in the table", err)
		}
	}
	for _, tc := range []struct {
		err  error
		code int
		q850 int
	}{
		{nil, 200, 16}, {&StatusError{Code: 486, Reason: "Busy"}, 486, 17}, {errors.New("unknown"), 500, 41}, {context.Canceled, 487, 16},
	} {
		if code, _, q850 := StatusOf(tc.err); code != tc.code || q850 != tc.q850 {
			t.Errorf("%v: %d %d", tc.err, code, q850)
		}
	}
}

func TestLimiter(t *testing.T) {
	l := newLimiter(10, 5)
	now := time.Unix(1000, 0)
	src := netip.MustParseAddr("203.0.113.7")
	for i := range 5 {
		if !l.take(src, 1, now) {
			t.Fatalf("message %d refused", i)
		}
	}
	if l.take(src, 1, now) {
		t.Error("over the burst")
	}
	if !l.take(netip.MustParseAddr("203.0.113.8"), 1, now) {
		t.Error("another source pays for the first")
	}
	if !l.take(src, 1, now.Add(100*time.Millisecond)) {
		t.Error("nothing refilled")
	}
	// A flood from many addresses: bounded memory, and room again later.
	for i := range maxSources * 2 {
		l.take(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), 1, now)
	}
	if n := len(l.buckets); n > maxSources {
		t.Errorf("%d sources remembered", n)
	}
	if !l.take(netip.MustParseAddr("198.51.100.1"), 1, now.Add(time.Minute)) || len(l.buckets) > maxSources/2 {
		t.Errorf("%d sources still remembered", len(l.buckets))
	}
	a, b := netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("2001:db8::ffff:1")
	if sourceKey(a) != sourceKey(b) {
		t.Error("one IPv6 customer counts as many")
	}
}

// credentials of a client that follows the RFC.
func credentials(t *testing.T, challenge, user, password string, count int) string {
	t.Helper()
	c, err := digest.ParseChallenge(challenge)
	if err != nil {
		t.Fatal(err)
	}
	cred, err := digest.Digest(c, digest.Options{Method: "INVITE", URI: "sip:1000@x", Username: user, Password: password, Count: count})
	if err != nil {
		t.Fatal(err)
	}
	return cred.String()
}

func TestDigest(t *testing.T) {
	a := newAuthenticator("legroom", []UserConfig{{Name: "ann", Password: "secret"}})
	now := time.Unix(100000, 0)
	for i, algorithm := range []string{"SHA-256", "MD5"} {
		c := a.challenges(now, false)[i]
		if !strings.Contains(c, algorithm) || strings.Contains(c, "stale") {
			t.Fatalf("challenge %s", c)
		}
		good := credentials(t, c, "ann", "secret", 1)
		for _, tc := range []struct {
			name, header string
			at           time.Time
			want         error
		}{
			{"right", good, now.Add(time.Second), nil},
			{"replayed", good, now.Add(time.Second), errStale},
			{"next count", credentials(t, c, "ann", "secret", 2), now.Add(time.Second), nil},
			{"count back", good, now.Add(time.Second), errStale},
			{"wrong password", credentials(t, c, "ann", "guess", 3), now, ErrUnauthorized},
			{"unknown user", credentials(t, c, "bob", "secret", 3), now, ErrUnauthorized},
			{"too late", credentials(t, c, "ann", "secret", 4), now.Add(nonceLifetime + time.Second), errStale},
			{"other nonce", strings.Replace(good, `nonce="`, `nonce="x`, 1), now, errStale},
			{"no digest", "Basic YTpi", now, ErrUnauthorized},
			{"huge", "Digest " + strings.Repeat("a", 10000), now, ErrUnauthorized},
			{"garbage", `Digest ,,,="`, now, ErrUnauthorized},
		} {
			if _, err := a.verify("INVITE", tc.header, tc.at); !errors.Is(err, tc.want) {
				t.Errorf("%s %s: %v, want %v", algorithm, tc.name, err, tc.want)
			}
		}
		if _, err := a.verify("BYE", credentials(t, c, "ann", "secret", 9), now); !errors.Is(err, ErrUnauthorized) {
			t.Errorf("credentials of another method: %v", err)
		}
	}
}

func TestDigestMemoryIsBounded(t *testing.T) {
	a := newAuthenticator("r", nil)
	now := time.Unix(100000, 0)
	c := &digest.Credentials{QOP: "auth", Nc: 1}
	for i := range maxNonces + 100 {
		at := now.Add(time.Duration(i) * time.Millisecond)
		c.Nonce = a.nonce(at)
		if !a.use(c, at, at) {
			t.Fatalf("nonce %d refused", i)
		}
	}
	if len(a.used) > maxNonces || len(a.order) > maxNonces {
		t.Errorf("%d nonces remembered", len(a.used))
	}
	// The first was forgotten, so it may not be used again: its counter could be a replay.
	if a.use(&digest.Credentials{Nonce: "first", QOP: "auth", Nc: 5}, now, now) {
		t.Error("a nonce below the floor was taken")
	}
}

func TestScreen(t *testing.T) {
	good := "OPTIONS sip:x@y SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1;rport\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:x@y>\r\nCall-ID: c\r\nCSeq: 1 OPTIONS\r\n"
	for _, tc := range []struct {
		name, in string
		want     verdict
		fault    string
	}{
		{"good", good + "\r\n", pass, ""},
		{"folded", strings.Replace(good, "CSeq: 1 OPTIONS", "CSeq: 1\r\n OPTIONS", 1) + "\r\n", pass, ""},
		{"response", "SIP/2.0 200 OK\r\n\r\n", pass, ""},
		{"noise", "hello\r\n\r\n", drop, ""},
		{"no line", "hello", drop, ""},
		{"no via", "OPTIONS sip:x SIP/2.0\r\nTo: x\r\n\r\n", drop, ""},
		{"no end", good, refuse, "Header Section Not Ended"},
		{"twice", good + "To: <sip:z@y>\r\n\r\n", refuse, "Header Field Repeated"},
		{"short body", good + "Content-Length: 5\r\n\r\nabc", refuse, "Malformed Content-Length"},
		{"long body", good + "Content-Length: 2\r\n\r\nabc", pass, ""},
		{"big cseq", strings.Replace(good, "CSeq: 1", "CSeq: 4294967296", 1) + "\r\n", refuse, "Malformed CSeq"},
		{"quotes", strings.Replace(good, "To: <", `To: "x <`, 1) + "\r\n", refuse, "Unbalanced Quotes"},
		{"version", strings.Replace(good, "y SIP/2.0\r", "y SIP/3.0\r", 1) + "\r\n", refuse, "Version Not Supported"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			v, o := screen([]byte(tc.in))
			if v != tc.want || o.fault != tc.fault {
				t.Fatalf("verdict %d, fault %q", v, o.fault)
			}
			if v == refuse {
				b := o.answer(netip.MustParseAddrPort("192.0.2.1:5070"), "Legroom")
				if !bytes.Contains(b, []byte(";rport=5070;received=192.0.2.1\r\n")) || !bytes.Contains(b, []byte("\r\nCall-ID: c\r\n")) {
					t.Errorf("answer:\n%s", b)
				}
			}
		})
	}
}

func TestBodies(t *testing.T) {
	for _, tc := range []struct {
		name, contentType, body, sdp string
		fails                        bool
	}{
		{"none", "", "", "", false},
		{"plain", "Application/SDP;charset=utf-8", "v=0", "v=0", false},
		{"other", "text/plain", "x", "", true},
		{"no type", "", "x", "", true},
		{"multipart", `multipart/mixed; boundary="b"`, "--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n--b--\r\n", "v=0", false},
		{"multipart cut off", `multipart/mixed; boundary="b"`, "--b\r\nContent-Type: application/sdp\r\n\r\nv=0", "", true},
		{"multipart of many", `multipart/mixed; boundary=b`, strings.Repeat("--b\r\nContent-Type: a/b\r\n\r\nx\r\n", 1000) + "--b--", "", true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := sdpOf(tc.contentType, []byte(tc.body))
			if string(got) != tc.sdp || (err != nil) != tc.fails {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
}

func TestDTMFBodies(t *testing.T) {
	for _, tc := range []struct {
		contentType, body string
		want              rune
		relay             bool
	}{
		{"application/dtmf-relay", "Signal=5\r\nDuration=160\r\n", '5', true},
		{"application/dtmf-relay", "Signal= #\nDuration= 100", '#', true},
		{"application/dtmf-relay", "Signal=11\r\n", '#', true},
		{"application/dtmf-relay", "Duration=100", 0, true},
		{"application/dtmf-relay", "Signal=flash", 0, true},
		{"application/dtmf", "*\r\n", '*', true},
		{"text/plain", "5", 0, false},
	} {
		if r, relay := dtmfOf(tc.contentType, []byte(tc.body)); r != tc.want || relay != tc.relay {
			t.Errorf("%q %q: %q %v", tc.contentType, tc.body, r, relay)
		}
	}
}

func TestPathOfRequests(t *testing.T) {
	uri := func(s string) gosip.Uri {
		var u gosip.Uri
		if err := gosip.ParseUri(s, &u); err != nil {
			t.Fatal(err)
		}
		return u
	}
	for _, tc := range []struct {
		name, transport, flow, target string
		routes                        []string
		network, dest, start          string
	}{
		{"contact", "udp", "192.0.2.1:5060", "sip:a@192.0.2.9:5070", nil, "udp", "192.0.2.9:5070", "sip:a@192.0.2.9:5070"},
		{"default port", "tls", "192.0.2.1:1", "sip:a@192.0.2.9;transport=tls", nil, "tls", "192.0.2.9:5061", "sip:a@192.0.2.9;transport=tls"},
		{"sips", "tls", "192.0.2.1:1", "sips:a@192.0.2.9", nil, "tls", "192.0.2.9:5061", "sips:a@192.0.2.9"},
		{"behind a nat", "udp", "192.0.2.1:40000", "sip:a@10.0.0.5:5060", nil, "udp", "192.0.2.1:40000", "sip:a@10.0.0.5:5060"},
		{"open connection", "tcp", "192.0.2.1:40000", "sip:a@192.0.2.1:5060;transport=tcp", nil, "tcp", "192.0.2.1:40000", "sip:a@192.0.2.1:5060;transport=tcp"},
		{"invalid host", "tls", "192.0.2.1:40000", "sip:a@x.invalid;transport=tls", nil, "tls", "192.0.2.1:40000", "sip:a@x.invalid;transport=tls"},
		{"other transport", "udp", "192.0.2.1:5060", "sip:a@192.0.2.1:5060;transport=tcp", nil, "tcp", "192.0.2.1:5060", "sip:a@192.0.2.1:5060;transport=tcp"},
		{"loose route", "udp", "192.0.2.1:5060", "sip:a@192.0.2.9", []string{"sip:192.0.2.3:5080;lr"}, "udp", "192.0.2.3:5080", "sip:a@192.0.2.9"},
		{"strict route", "udp", "192.0.2.1:5060", "sip:a@192.0.2.9", []string{"sip:192.0.2.3:5080"}, "udp", "192.0.2.3:5080", "sip:192.0.2.3:5080"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := path{transport: tc.transport, flow: netip.MustParseAddrPort(tc.flow), target: uri(tc.target)}
			for _, r := range tc.routes {
				p.routes = append(p.routes, uri(r))
			}
			req := p.request(gosip.BYE)
			if !strings.EqualFold(req.Transport(), tc.network) || req.Destination() != tc.dest || req.Recipient.String() != tc.start {
				t.Errorf("%s to %s: %s", req.Transport(), req.Destination(), req.StartLine())
			}
		})
	}
}

func TestOwnCertificate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "deep", "state")
	cfg := DefaultConfig()
	cfg.StateDir, cfg.Advertise = dir, "gw.example.net"
	first, err := serverTLS(cfg, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	again, err := serverTLS(cfg, time.Now())
	if err != nil || !bytes.Equal(first.Certificates[0].Certificate[0], again.Certificates[0].Certificate[0]) {
		t.Errorf("the second start made another one: %v", err)
	}
	if err := first.Certificates[0].Leaf.VerifyHostname("gw.example.net"); err != nil {
		t.Error(err)
	}
	if info, err := os.Stat(filepath.Join(dir, keyFile)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("key file %v, %v", info.Mode(), err)
	}
	var cert *CertificateError
	if _, err := serverTLS(cfg, time.Now().Add(11*365*24*time.Hour)); !errors.As(err, &cert) || !strings.Contains(err.Error(), "expired") {
		t.Errorf("expired: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, certificateFile), []byte("broken"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := serverTLS(cfg, time.Now()); !errors.As(err, &cert) {
		t.Errorf("broken: %v", err)
	}
	if err := os.Remove(filepath.Join(dir, keyFile)); err != nil {
		t.Fatal(err)
	}
	if _, err := serverTLS(cfg, time.Now()); !errors.As(err, &cert) || !strings.Contains(err.Error(), "belong together") {
		t.Errorf("key gone: %v", err)
	}
	cfg.StateDir = filepath.Join(dir, certificateFile, "x")
	if _, err := serverTLS(cfg, time.Now()); !errors.As(err, &cert) {
		t.Errorf("no folder to be had: %v", err)
	}
}

func TestReaderIsRenewed(t *testing.T) {
	c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	d := newDatagrams(c, &gate{limit: newLimiter(1e6, 1e6), parser: gosip.NewParser()})
	defer d.Close()
	for i := range renewAfter {
		d.sources[netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}), 1)] = struct{}{}
	}
	from, err := net.DialUDP("udp4", nil, c.LocalAddr().(*net.UDPAddr))
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	const message = "SIP/2.0 200 OK\r\n\r\n"
	if _, err := from.Write([]byte(message)); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 2000)
	if _, _, err := d.ReadFrom(b); !errors.Is(err, net.ErrClosed) {
		t.Fatalf("sipgo's reader was not ended: %v", err)
	}
	n, addr, err := d.ReadFrom(b)
	if err != nil || string(b[:n]) != message || addr.String() != from.LocalAddr().String() {
		t.Errorf("the datagram in between was lost: %q from %v, %v", b[:n], addr, err)
	}
	if len(d.sources) != 1 {
		t.Errorf("%d sources remembered", len(d.sources))
	}
}

func TestWorkEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := work{ready: make(chan struct{})}
		if w.start(func(context.Context) {}) {
			t.Error("started before begin")
		}
		w.begin(t.Context())
		var ended bool
		w.start(func(ctx context.Context) { <-ctx.Done(); ended = true })
		began := time.Now()
		w.end(time.Second)
		if !ended || time.Since(began) != time.Second || w.start(func(context.Context) {}) {
			t.Errorf("ended %v after %v", ended, time.Since(began))
		}
	})
}

func TestConfigFaults(t *testing.T) {
	if err := DefaultConfig().Validate(); err != nil {
		t.Fatalf("the default is wrong: %v", err)
	}
	bad := Config{Listen: []ListenConfig{{Network: "ump", Address: "x"}, {Network: "udp", Address: "name:99999"}}}
	bad.Access.Users = []UserConfig{{}, {Name: "a", Password: "p"}, {Name: "a"}}
	bad.TLS.Certificate = "only"
	bad.Timers.MinSE = time.Second
	text := fmt.Sprint(bad.Validate())
	for _, want := range []string{
		"listen[0].network", "listen[0].address", "listen[1].address", "access.realm", "access.users[0].name", "access.users[2].name",
		"access.users[2].password", "tls:", "tls.handshakeTimeout", "limits.dialogs", "timers.t1", "timers.minSE", "codecs:",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is not among the faults:\n%s", want, text)
		}
	}
}

func FuzzScreen(f *testing.F) {
	files, _ := filepath.Glob("testdata/torture/*.dat")
	for _, file := range files {
		if b, err := os.ReadFile(file); err == nil {
			f.Add(b)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		v, o := screen(b)
		if v == refuse && len(o.answer(netip.MustParseAddrPort("192.0.2.1:5060"), "x")) > 2*len(b)+300 {
			t.Error("the answer is much larger than the question")
		}
	})
}

func FuzzBodies(f *testing.F) {
	f.Add("multipart/mixed;boundary=b", []byte("--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n--b--"))
	f.Add("application/dtmf-relay", []byte("Signal=1"))
	f.Fuzz(func(t *testing.T, contentType string, b []byte) {
		if got, _ := sdpOf(contentType, b); len(got) > len(b) {
			t.Error("more came out than went in")
		}
		if r, _ := dtmfOf(contentType, b); r != 0 && !strings.ContainsRune("0123456789*#ABCD", r) {
			t.Errorf("key %q", r)
		}
	})
}

func FuzzMask(f *testing.F) {
	f.Add("+4930123456789")
	f.Add("1000.4711")
	f.Fuzz(func(t *testing.T, user string) {
		got := Mask(user)
		if room, pin, ok := strings.Cut(user, "."); ok && digits(room) == len(room) && room != "" {
			if got != Mask(room)+".***" {
				t.Errorf("PIN %q of %q: %q", pin, user, got)
			}
			return
		}
		if n := digits(user); n > 4 && digits(got) > n/2+1 {
			t.Errorf("%q shows too much: %q", user, got)
		}
	})
}
