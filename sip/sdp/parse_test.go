package sdp

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"legroom/media"
)

// lines joins with CRLF.
func lines(l ...string) string { return strings.Join(l, "\r\n") + "\r\n" }

var head = []string{"v=0", "o=- 1 1 IN IP4 192.0.2.1", "s=-", "c=IN IP4 192.0.2.1", "t=0 0"}

// body puts media lines under a plain head.
func body(l ...string) string { return lines(append(append([]string{}, head...), l...)...) }

func parse(t testing.TB, s string) *Description {
	t.Helper()
	d, err := Parse([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestParseTolerant: what real endpoints write is read.
func TestParseTolerant(t *testing.T) {
	plain := body("m=audio 4000 RTP/AVP 8", "a=sendonly")
	cases := map[string]string{
		"crlf":             plain,
		"lf":               strings.ReplaceAll(plain, "\r\n", "\n"),
		"cr":               strings.ReplaceAll(plain, "\r\n", "\r"),
		"blanks at ends":   strings.ReplaceAll(plain, "\r\n", " \t\r\n"),
		"blank first line": "\r\n" + plain,
		"nul behind":       plain + "\x00\x00",
		"no last line end": strings.TrimRight(plain, "\r\n"),
		"no session c":     strings.Replace(plain, "c=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8", "t=0 0\r\nm=audio 4000 RTP/AVP 8\r\nc=IN IP4 192.0.2.1", 1),
		"unknown lines":    plain + "y=what\r\nnonsense\r\n=\r\n",
		"two ports":        strings.Replace(plain, "4000", "4000/2", 1),
		"case":             strings.Replace(plain, "a=sendonly", "a=SendOnly", 1),
		"ttl":              strings.Replace(plain, "192.0.2.1\r\nt", "192.0.2.1/127\r\nt", 1),
	}
	for name, s := range cases {
		t.Run(name, func(t *testing.T) {
			d := parse(t, s)
			if len(d.Media) != 1 {
				t.Fatalf("%d media lines", len(d.Media))
			}
			m := &d.Media[0]
			rtp, rtcp := m.remote()
			if m.Port != 4000 || m.Kind() != media.Audio || m.Direction() != SendOnly || rtp.String() != "192.0.2.1:4000" || rtcp.Port() != 4001 {
				t.Errorf("%+v, %v %v", m, rtp, rtcp)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	cases := map[string]struct {
		in  string
		err error
	}{
		"empty":             {"", ErrEmpty},
		"blank lines":       {"\r\n\r\n", ErrEmpty},
		"no sdp":            {"<html>", ErrSyntax},
		"short media line":  {body("m=audio 4000"), ErrSyntax},
		"port not a number": {body("m=audio x RTP/AVP 0"), ErrSyntax},
		"port too high":     {body("m=audio 65536 RTP/AVP 0"), ErrSyntax},
		"too many bytes":    {strings.Repeat("a", MaxBytes+1), ErrLimit},
		"too many media":    {body(strings.Repeat("m=audio 1 RTP/AVP 0\r\n", MaxMedia+1)), ErrLimit},
		"too many lines":    {body(strings.Repeat("a=x\r\n", MaxLines)), ErrLimit},
		"too many formats":  {body("m=audio 1 RTP/AVP" + strings.Repeat(" 0", MaxFormats+1)), ErrLimit},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			d, err := Parse([]byte(c.in))
			if !errors.Is(err, c.err) || d != nil {
				t.Errorf("error %v, want %v", err, c.err)
			}
		})
	}
	_, err := Parse([]byte(body("m=audio 4000")))
	var syntax *SyntaxError
	if !errors.As(err, &syntax) || syntax.Line != 6 {
		t.Errorf("%v does not name line 6", err)
	}
}

func TestPayloads(t *testing.T) {
	m := &parse(t, body("m=audio 1 RTP/AVP 0 8 96 97 96 300 x 11 98", "a=rtpmap:8 pcma/8000/1", "a=rtpmap:96 opus/48000/2",
		"a=fmtp:96 useinbandfec=1; maxaveragebitrate=20000", "a=rtpmap:11 L16/48000", "a=rtpmap:98 bad")).Media[0]
	var got []string
	for _, f := range m.Payloads() {
		got = append(got, f.String())
	}
	want := "[0 PCMU/8000 8 pcma/8000 96 opus/48000/2 97 (no rtpmap) 11 L16/48000 98 bad/0]"
	if fmt.Sprint(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
	opus := m.Payloads()[2]
	if opus.Param("MaxAverageBitrate") != "20000" || opus.Param("x") != "" || m.bitrate(opus) != 20000 {
		t.Errorf("params %q", opus.Params)
	}
}

func TestMilliseconds(t *testing.T) {
	for in, want := range map[string]time.Duration{"20": 20e6, "20.0": 20e6, "": 0, "x": 0, "-5": 0, "99999": 0, "NaN": 0, "Inf": 0} {
		m := &parse(t, body("m=audio 1 RTP/AVP 0", "a=ptime:"+in)).Media[0]
		if got := m.PacketTime(); got != want {
			t.Errorf("ptime %q is %v", in, got)
		}
	}
}

func TestRemote(t *testing.T) {
	cases := map[string]struct{ c, rtcp, wantRTP, wantRTCP string }{
		"next port":     {"IN IP4 192.0.2.9", "", "192.0.2.9:4000", "192.0.2.9:4001"},
		"port":          {"IN IP4 192.0.2.9", "a=rtcp:5000", "192.0.2.9:4000", "192.0.2.9:5000"},
		"port and host": {"IN IP4 192.0.2.9", "a=rtcp:5000 IN IP4 192.0.2.8", "192.0.2.9:4000", "192.0.2.8:5000"},
		"broken rtcp":   {"IN IP4 192.0.2.9", "a=rtcp:zero", "192.0.2.9:4000", "192.0.2.9:4001"},
		"name":          {"IN IP4 media.example.net", "", "invalid AddrPort", "invalid AddrPort"},
		"held":          {"IN IP4 0.0.0.0", "", "invalid AddrPort", "invalid AddrPort"},
		"ipv6":          {"IN IP6 2001:db8::1", "", "[2001:db8::1]:4000", "[2001:db8::1]:4001"},
		"mapped":        {"IN IP6 ::ffff:192.0.2.9", "", "192.0.2.9:4000", "192.0.2.9:4001"},
		"rtcp on ipv6":  {"IN IP4 192.0.2.9", "a=rtcp:5000 IN IP6 2001:db8::1", "192.0.2.9:4000", "192.0.2.9:5000"},
		"zone":          {"IN IP6 fe80::1%eth0", "", "[fe80::1]:4000", "[fe80::1]:4001"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			rtp, rtcp := parse(t, body("m=audio 4000 RTP/AVP 0", "c="+c.c, c.rtcp)).Media[0].remote()
			if rtp.String() != c.wantRTP || rtcp.String() != c.wantRTCP {
				t.Errorf("%v %v", rtp, rtcp)
			}
		})
	}
}

func TestDirection(t *testing.T) {
	for d := SendRecv; d <= Inactive; d++ {
		if d.Reverse().Reverse() != d || d.And(SendRecv) != d || d.And(Inactive) != Inactive {
			t.Errorf("%v", d)
		}
	}
	if SendOnly.Reverse() != RecvOnly || SendOnly.And(RecvOnly) != Inactive {
		t.Error("sendonly")
	}
}

func TestPolicy(t *testing.T) {
	for p := Optional; p <= Required; p++ {
		text, err := p.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		var q Policy
		if err := q.UnmarshalText(text); err != nil || q != p {
			t.Errorf("%s is %v, %v", text, q, err)
		}
	}
	var p Policy
	if p.UnmarshalText([]byte("maybe")) == nil {
		t.Error("maybe accepted")
	}
}
