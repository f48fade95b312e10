package sip_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/netip"
	"strings"
	"testing"

	"legroom/media"
	"legroom/sip"
	"legroom/sip/sdp"
	"legroom/sip/siptest"
)

// reject404 refuses whatever reaches it.
var reject404 = handlerFunc(func(_ context.Context, d *sip.Dialog) { _ = d.Reject(sip.ErrNotFound) })

func TestRequestsOutsideDialogs(t *testing.T) {
	b := start(t, reject404)
	set := func(name, value string) func(*siptest.Message) {
		return func(m *siptest.Message) {
			for i := range m.Headers {
				if m.Headers[i].Name == name {
					m.Headers[i].Value = value
					return
				}
			}
			m.Add(name, value)
		}
	}
	for _, tc := range []struct {
		name, method string
		change       func(*siptest.Message)
		status       int
		header, has  string
	}{
		{"options", "OPTIONS", nil, 200, "Allow", "INVITE"},
		{"options says what it takes", "OPTIONS", nil, 200, "Accept", "application/sdp"},
		{"options says what it knows", "OPTIONS", nil, 200, "Supported", "timer"},
		{"register", "REGISTER", nil, 405, "Allow", "INVITE"},
		{"unknown method", "DANCE", nil, 501, "Allow", "INVITE"},
		{"required extension", "OPTIONS", set("Require", "timer, 100rel, gruu"), 420, "Unsupported", "100rel, gruu"},
		{"no hops left", "REGISTER", set("Max-Forwards", "0"), 483, "", ""},
		{"bye without dialog", "BYE", set("To", "<sip:x@127.0.0.1>;tag=none"), 481, "", ""},
		{"cancel without call", "CANCEL", nil, 481, "", ""},
		{"refer without dialog", "REFER", nil, 405, "", ""},
		{"other scheme", "OPTIONS", func(m *siptest.Message) { m.Start = "OPTIONS http:x SIP/2.0" }, 416, "", ""},
	} {
		for _, transport := range []string{"udp", "tcp"} {
			if tc.name == "other scheme" && transport == "tcp" {
				continue
			}
			t.Run(tc.name+" "+transport, func(t *testing.T) {
				p := b.phone(siptest.Options{Transport: transport})
				m := p.Request(tc.method, "1000")
				if tc.change != nil {
					tc.change(m)
				}
				res := p.Do(m)
				if res.Status() != tc.status || !strings.Contains(res.Get(tc.header), tc.has) {
					t.Errorf("got %s", res)
				}
			})
		}
	}
}

func TestOffersThatAreRefused(t *testing.T) {
	body := func(contentType, body string) func(*siptest.Message) {
		return func(m *siptest.Message) {
			for i := range m.Headers {
				if m.Headers[i].Name == "Content-Type" {
					m.Headers[i].Value = contentType
				}
			}
			m.Body = body
		}
	}
	offer := func(media string) string {
		return "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n" + media
	}
	for _, tc := range []struct {
		name   string
		config func(*sip.Config)
		change func(*siptest.Message)
		status int
		warns  string
	}{
		{"no sdp", nil, body("text/plain", "hello"), 415, ""},
		{"broken sdp", nil, body("application/sdp", "hello\r\n"), 400, "399"},
		{"no common codec", nil, body("application/sdp", offer("m=audio 4000 RTP/AVP 18\r\n")), 488, "305"},
		{"only video", nil, body("application/sdp", offer("m=video 4000 RTP/AVP 96\r\na=rtpmap:96 VP8/90000\r\n")), 488, "304"},
		{"srtp required", func(c *sip.Config) { c.RTP.SDES = sdp.Required }, nil, 488, "399"},
		{"multipart with sdp", nil, body("multipart/mixed;boundary=xx", "--xx\r\nContent-Type: text/plain\r\n\r\nhi\r\n--xx\r\nContent-Type: application/sdp\r\n\r\n"+offer("m=audio 4000 RTP/AVP 0\r\n")+"\r\n--xx--\r\n"), 404, ""},
		{"multipart without sdp", nil, body("multipart/mixed;boundary=xx", "--xx\r\nContent-Type: text/plain\r\n\r\nhi\r\n--xx--\r\n"), 415, ""},
		{"short session timer", nil, func(m *siptest.Message) { m.Add("Supported", "timer"); m.Add("Session-Expires", "60") }, 422, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			change := tc.config
			if change == nil {
				change = func(*sip.Config) {}
			}
			b := start(t, reject404, change)
			p := b.phone(siptest.Options{})
			var res *siptest.Message
			if tc.change == nil {
				res = p.Invite("1000").Final()
			} else {
				res = p.Invite("1000", tc.change).Final()
			}
			if res.Status() != tc.status || !strings.HasPrefix(res.Get("warning"), tc.warns) {
				t.Errorf("got %s", res)
			}
			want := 1
			if tc.status == 422 {
				want = 0
				if res.Get("min-se") != "90" {
					t.Errorf("Min-SE %q", res.Get("min-se"))
				}
			}
			if r := b.refusedAll(want); len(r) != want || want == 1 && (r[0].Status != tc.status || r[0].Rule == "" || r[0].Fix == "") {
				t.Errorf("refusals %+v", r)
			}
		})
	}
}

func TestWhoMayCall(t *testing.T) {
	nowhere := []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
	users := []sip.UserConfig{{Name: "ann", Password: "secret"}}
	for _, tc := range []struct {
		name     string
		config   func(*sip.Config)
		user     string
		password string
		status   int
		refusals int
		who      string
	}{
		{"network allowed", func(*sip.Config) {}, "", "", 404, 1, ""},
		{"nobody allowed", func(c *sip.Config) { c.Access.Allow = nowhere }, "", "", 403, 1, ""},
		{"digest asked", func(c *sip.Config) { c.Access.Allow, c.Access.Users = nowhere, users }, "", "", 401, 0, ""},
		{"digest right", func(c *sip.Config) { c.Access.Allow, c.Access.Users = nowhere, users }, "ann", "secret", 404, 1, "ann"},
		{"digest wrong password", func(c *sip.Config) { c.Access.Allow, c.Access.Users = nowhere, users }, "ann", "guess", 401, 1, ""},
		{"digest unknown user", func(c *sip.Config) { c.Access.Allow, c.Access.Users = nowhere, users }, "bob", "secret", 401, 1, ""},
		{"too many calls", func(c *sip.Config) { c.Limits.Dialogs = 1 }, "", "", 404, 1, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			who := make(chan string, 1)
			b := start(t, handlerFunc(func(_ context.Context, d *sip.Dialog) {
				who <- d.User()
				_ = d.Reject(sip.ErrNotFound)
			}), tc.config)
			p := b.phone(siptest.Options{DigestUser: tc.user, Password: tc.password})
			res := p.Invite("1000").Final()
			if res.Status() != tc.status {
				t.Errorf("got %s", res)
			}
			if tc.status == 401 && (len(res.All("www-authenticate")) != 2 || !strings.Contains(res.Get("www-authenticate"), "SHA-256")) {
				t.Errorf("challenges %q", res.All("www-authenticate"))
			}
			if tc.who != "" {
				if got := <-who; got != tc.who {
					t.Errorf("user %q", got)
				}
			}
			if r := b.refusedAll(tc.refusals); len(r) != tc.refusals {
				t.Errorf("refusals %+v", r)
			}
		})
	}
}

func TestSeatsRunOut(t *testing.T) {
	b := start(t, echo(t), func(c *sip.Config) { c.Limits.Dialogs = 1 })
	p := b.phone(siptest.Options{})
	call := p.Invite("1000").Answered()
	res := p.Invite("1000").Final()
	if res.Status() != 503 || res.Get("retry-after") == "" {
		t.Errorf("got %s", res)
	}
	call.Bye()
	eventually(t, "seat free", func() bool { return b.Dialogs() == 0 })
	p.Invite("1000").Answered().Bye()
}

func TestMergedRequest(t *testing.T) {
	hold := make(chan struct{})
	b := start(t, handlerFunc(func(context.Context, *sip.Dialog) { <-hold }))
	p := b.phone(siptest.Options{})
	call := p.Invite("1000")
	call.Provisional(100)
	var first *siptest.Message
	q := p.Invite("1000", func(m *siptest.Message) {
		first = m
		for i := range m.Headers {
			switch m.Headers[i].Name {
			case "Call-ID":
				m.Headers[i].Value = call.CallID()
			case "From":
				m.Headers[i].Value = call.From()
			}
		}
	})
	if res := q.Provisional(482); res == nil || first == nil {
		t.Error("no 482")
	}
	close(hold)
}

func TestDrain(t *testing.T) {
	b := start(t, echo(t))
	p := b.phone(siptest.Options{})
	call := p.Invite("1000").Answered()
	b.Drain()
	b.Drain()
	res := p.Invite("1000").Final()
	if res.Status() != 503 || res.Get("retry-after") == "" {
		t.Errorf("new call got %s", res)
	}
	if res := p.Do(p.Request("OPTIONS", "x")); res.Status() != 503 {
		t.Errorf("OPTIONS got %s", res)
	}
	b.stop()
	if res := call.Hold(); res.Status() != 200 {
		t.Errorf("the call that is up got %s", res)
	}
	call.Bye()
	if err := <-b.ended; err != nil {
		t.Errorf("Run: %v", err)
	}
	b.ended <- nil
}

func TestNothingSecretInLogs(t *testing.T) {
	var log lockedBuffer
	b := start(t, echo(t), func(c *sip.Config) {
		c.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		c.Access.Allow = nil
		c.Access.Users = []sip.UserConfig{{Name: "ann", Password: "open-sesame"}}
	})
	p := b.phone(siptest.Options{Security: sdp.SDES, User: "+4930123456789", DigestUser: "ann", Password: "open-sesame", Codecs: []media.CodecName{media.PCMA}})
	call := p.Invite("1000.471147").Answered()
	call.Media.Press("97")
	call.Bye()
	p.Send("INVITE broken\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:c2VjcmV0\r\n\r\n")
	p.Do(p.Request("OPTIONS", "fence"))
	eventually(t, "call over", func() bool { return b.Dialogs() == 0 })
	text := log.String()
	for _, secret := range []string{"+4930123456789", "4930123456789", "471147", "open-sesame", "inline:", "a=crypto", "m=audio", "response=", "nonce="} {
		if strings.Contains(text, secret) {
			t.Errorf("the log holds %q:\n%s", secret, text)
		}
	}
	if !bytes.Contains([]byte(text), []byte("call answered")) {
		t.Error("the log tells nothing")
	}
}
