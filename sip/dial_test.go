package sip_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"legroom/media"
	"legroom/sip"
	"legroom/sip/sdp"
)

// uri of user at b over transport.
func (b *bench) uri(user, transport string) string {
	return fmt.Sprintf("sip:%s@%s;transport=%s", user, b.Addr(transport), transport)
}

func TestDial(t *testing.T) {
	for _, tc := range []struct {
		transport string
		caller    func(*sip.Config)
		callee    func(*sip.Config)
		codec     media.CodecName
		security  sip.Security
	}{
		{"udp", nil, nil, media.Opus, sip.SecuritySDESKeyInClear},
		{"udp", func(c *sip.Config) { c.RTP.SDES, c.RTP.DTLS = sdp.Off, sdp.Required }, nil, media.Opus, sip.SecurityDTLS},
		{"tcp", nil, nil, media.Opus, sip.SecuritySDESKeyInClear},
		{"tls", nil, nil, media.Opus, sip.SecuritySDES},
		{"tls", func(c *sip.Config) { c.RTP.DTLS, c.RTP.SDES = sdp.Off, sdp.Off }, func(c *sip.Config) { c.Codecs = []media.CodecName{media.PCMU} }, media.PCMU, sip.SecurityClear},
	} {
		t.Run(fmt.Sprintf("%s %s %s", tc.transport, tc.codec, tc.security), func(t *testing.T) {
			none := func(*sip.Config) {}
			if tc.caller == nil {
				tc.caller = none
			}
			if tc.callee == nil {
				tc.callee = none
			}
			far := start(t, echo(t), tc.callee)
			near := start(t, nil, tc.caller)
			d, leg, err := near.Dial(t.Context(), sip.DialRequest{To: far.uri("1000", tc.transport)})
			if err != nil {
				t.Fatalf("Dial: %v", err)
			}
			if leg.Codec().Name != tc.codec || leg.Security() != tc.security || d.Transport() != tc.transport {
				t.Errorf("codec %s, security %s, transport %s", leg.Codec(), leg.Security(), d.Transport())
			}
			ran := make(chan error, 1)
			go func() { ran <- leg.Run(t.Context()) }()
			if err := d.Hangup(nil); err != nil {
				t.Errorf("Hangup: %v", err)
			}
			if err := <-ran; err != nil {
				t.Errorf("Run: %v", err)
			}
			eventually(t, "both ends are free", func() bool { return far.Dialogs() == 0 && near.Dialogs() == 0 })
			if _, err := leg.Send(media.TrackInfo{Source: media.Mix, Codec: leg.Codec()}); !errors.Is(err, media.ErrClosed) {
				t.Errorf("Send after the call: %v", err)
			}
		})
	}
}

func TestDialIsRefused(t *testing.T) {
	far := start(t, reject404)
	near := start(t, nil)
	_, _, err := near.Dial(t.Context(), sip.DialRequest{To: far.uri("1000", "udp")})
	var status *sip.StatusError
	if !errors.As(err, &status) || status.Code != 404 {
		t.Errorf("Dial: %v", err)
	}
	if near.Dialogs() != 0 {
		t.Error("a dialog is left")
	}
}

func TestDialAnswersDigest(t *testing.T) {
	closed := func(c *sip.Config) {
		c.Access.Allow = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
		c.Access.Users = []sip.UserConfig{{Name: "gw", Password: "secret"}}
	}
	far := start(t, echo(t), closed)
	near := start(t, nil)
	d, _, err := near.Dial(t.Context(), sip.DialRequest{To: far.uri("1000", "udp"), User: "gw", Password: "secret"})
	if err != nil {
		t.Fatalf("Dial: %v", err)
	}
	_ = d.Hangup(nil)
	var status *sip.StatusError
	if _, _, err := near.Dial(t.Context(), sip.DialRequest{To: far.uri("1000", "udp"), User: "gw", Password: "wrong"}); !errors.As(err, &status) || status.Code != 401 {
		t.Errorf("wrong password: %v", err)
	}
}

func TestDialIsGivenUp(t *testing.T) {
	ended := make(chan error, 1)
	far := start(t, handlerFunc(func(ctx context.Context, d *sip.Dialog) {
		_ = d.Ring()
		<-ctx.Done()
		ended <- d.Cause()
	}))
	near := start(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	_, _, err := near.Dial(ctx, sip.DialRequest{To: far.uri("1000", "udp"), Ringing: cancel})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Dial: %v", err)
	}
	if err := <-ended; !errors.Is(err, sip.ErrCancelled) {
		t.Errorf("the other side saw %v", err)
	}
}

func TestNobodyAnswers(t *testing.T) {
	far := start(t, handlerFunc(func(ctx context.Context, d *sip.Dialog) {
		_ = d.Ring()
		<-ctx.Done()
	}))
	near := start(t, nil, func(c *sip.Config) { c.Timers.NoAnswer = 50 * time.Millisecond })
	if _, _, err := near.Dial(t.Context(), sip.DialRequest{To: far.uri("1000", "tcp")}); !errors.Is(err, sip.ErrNoAnswer) {
		t.Errorf("Dial: %v", err)
	}
}

func TestDialWrongURI(t *testing.T) {
	near := start(t, nil)
	for _, to := range []string{"", "1000", "http://x", "sip:", "tel:+4930123"} {
		if _, _, err := near.Dial(t.Context(), sip.DialRequest{To: to}); !errors.Is(err, sip.ErrBadRequest) {
			t.Errorf("%q: %v", to, err)
		}
	}
}

func TestTheOtherSideHangsUp(t *testing.T) {
	hang := make(chan struct{})
	far := start(t, handlerFunc(func(ctx context.Context, d *sip.Dialog) {
		if _, err := d.Answer(ctx); err != nil {
			t.Errorf("Answer: %v", err)
		}
		<-hang
		_ = d.Hangup(sip.ErrSilent)
	}))
	near := start(t, nil)
	d, leg, err := near.Dial(t.Context(), sip.DialRequest{To: far.uri("1000", "udp")})
	if err != nil {
		t.Fatalf("Dial: %v", err)
	}
	close(hang)
	if err := leg.Run(t.Context()); err != nil {
		t.Errorf("Run: %v", err)
	}
	<-d.Done()
	if !errors.Is(d.Cause(), sip.ErrHungUp) {
		t.Errorf("cause %v", d.Cause())
	}
}

func TestHundredCallsLeaveNothing(t *testing.T) {
	far := start(t, echo(t))
	near := start(t, nil)
	for i := range 100 {
		transport := []string{"udp", "tcp", "tls"}[i%3]
		d, _, err := near.Dial(t.Context(), sip.DialRequest{To: far.uri(fmt.Sprint(i), transport)})
		if err != nil {
			t.Fatalf("call %d: %v", i, err)
		}
		if err := d.Hangup(nil); err != nil {
			t.Fatalf("call %d: %v", i, err)
		}
	}
	eventually(t, "all are over", func() bool { return far.Dialogs() == 0 && near.Dialogs() == 0 })
	if far.Held() != 0 || near.Held() != 0 {
		eventually(t, "all are forgotten", func() bool { return far.Held() == 0 && near.Held() == 0 })
	}
}

func TestPortTakenAndCertificates(t *testing.T) {
	b := start(t, nil)
	cfg := localConfig(t)
	for _, network := range []string{"udp", "tcp", "tls"} {
		cfg.Listen = []sip.ListenConfig{{Network: network, Address: b.Addr(network).String()}}
		_, err := sip.New(cfg, nil)
		var taken *sip.ListenError
		if !errors.As(err, &taken) || taken.Network != network || !strings.Contains(err.Error(), "address already in use") {
			t.Errorf("%s: %v", network, err)
		}
	}
	cfg.Listen = []sip.ListenConfig{{Network: "tls", Address: "127.0.0.1:0"}}
	cfg.TLS.Certificate, cfg.TLS.Key = "testdata/none.pem", "testdata/none.key"
	var cert *sip.CertificateError
	if _, err := sip.New(cfg, nil); !errors.As(err, &cert) || cert.Path != "testdata/none.pem" {
		t.Errorf("missing certificate: %v", err)
	}
}
