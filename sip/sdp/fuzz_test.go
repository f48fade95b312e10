package sdp

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"
)

// keeps checks what every answer owes its offer, and that it can be read again.
func keeps(t interface{ Fatalf(string, ...any) }, offer *Description, n *Negotiation, err error) {
	if n == nil || (err != nil) != (len(n.Media) == 0) {
		t.Fatalf("negotiation %v with error %v", n, err)
	}
	again, perr := Parse(n.Local.Bytes())
	if perr != nil {
		t.Fatalf("our answer cannot be read: %v", perr)
	}
	if len(again.Media) != len(offer.Media) || string(again.Bytes()) != string(n.Local.Bytes()) {
		t.Fatalf("%d lines answer %d", len(again.Media), len(offer.Media))
	}
	open := 0
	for i := range again.Media {
		o, a := &offer.Media[i], &again.Media[i]
		if a.Media != o.Media || a.Protocol != o.Protocol || len(a.Formats) == 0 {
			t.Fatalf("line %d: %s answers %s", i, a.line(), o.line())
		}
		if a.Port != 0 {
			open++
			for _, f := range a.Formats {
				if !a.Protocol.Floor() && !strings.Contains(" "+strings.Join(o.Formats, " ")+" ", " "+f+" ") {
					t.Fatalf("line %d: number %s was not offered", i, f)
				}
			}
			if floor := a.Protocol.Floor(); !floor && a.Direction().Sends() && !o.Direction().Receives() || !floor && a.Direction().Receives() && !o.Direction().Sends() {
				t.Fatalf("line %d: %v answers %v", i, a.Direction(), o.Direction())
			}
		}
	}
	agreed := len(n.Media)
	if n.Floor != nil {
		agreed++
	}
	if open != agreed {
		t.Fatalf("%d open lines, %d agreed", open, agreed)
	}
	words := ""
	for _, r := range n.Why {
		words += r.Subject + r.Text
		if len(r.Subject) > maxSubject+3 || strings.ContainsFunc(r.Subject+r.Text, unicode.IsControl) {
			t.Fatalf("not fit to be shown: %q", r.Subject+r.Text)
		}
	}
	for _, m := range offer.Media {
		for _, l := range m.cryptos() {
			if l.Key != nil && strings.Contains(words, strings.TrimRight(base64.StdEncoding.EncodeToString(l.Key), "=")) {
				t.Fatalf("a key in the words: %s", words)
			}
		}
	}
}

func FuzzAnswer(f *testing.F) {
	captures, err := filepath.Glob("../../test/interop/testdata/*.sdp")
	if err != nil || len(captures) == 0 {
		f.Fatalf("no captures to begin with: %v", err)
	}
	for _, path := range captures {
		b, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		offer, err := Parse(b)
		if err != nil {
			return
		}
		own := videoCaps()
		n, err := Answer(offer, own)
		keeps(t, offer, n, err)
		if err == nil {
			own.Previous = n
			if re := Offer(own); len(re.Media) != len(offer.Media) {
				t.Fatalf("%d lines became %d", len(offer.Media), len(re.Media))
			}
			n, err = Answer(offer, own)
			keeps(t, offer, n, err)
			if n.Changed {
				t.Fatalf("the same offer changed the answer")
			}
		}
		mine := Offer(videoCaps())
		if n, err := Accept(mine, offer, videoCaps()); err == nil && len(n.Media) == 0 {
			t.Fatalf("accepted nothing")
		}
	})
}

// TestAnswerProperties builds offers of known parts.
func TestAnswerProperties(t *testing.T) {
	parts := []string{
		"m=audio 4000 RTP/AVP 0 8 101", "m=audio 4002 RTP/SAVP 9 8", "m=video 5000 RTP/AVP 96", "m=application 9 TCP/MRCPv2",
		"m=image 6000 udptl t38", "m=application 7000 UDP/BFCP *", "m=application 7002 RTP/SAVP 96", "m=application 9 TCP/TLS/BFCP", "m=audio 0 RTP/AVP 8", "m=audio 4004 UDP/TLS/RTP/SAVPF 8",
	}
	attributes := []string{
		"a=rtpmap:101 telephone-event/8000", "a=rtpmap:96 H264/90000", crypto80, prints, "a=setup:actpass", "a=sendonly", "a=recvonly", "a=inactive",
		"a=ptime:30", "a=rtcp-mux", "a=rtcp:5005", "c=IN IP4 0.0.0.0", "c=IN IP6 ::1", "c=IN IP4 198.51.100.9", "b=AS:64", "a=mid:0", "a=floorctrl:c-s", "a=floorctrl:s-only", "a=content:slides", "a=label:3", "a=floorid:1 mstrm:3",
		"a=fmtp:96 packetization-mode=1;profile-level-id=42e01f", "a=rtpmap:96 H224/4800", "a=rtcp-fb:* nack pli", "b=TIAS:3", "a=imageattr:* recv [x=[2:2:8],y=4]",
	}
	rapid.Check(t, func(t *rapid.T) {
		var l []string
		for range rapid.IntRange(0, 6).Draw(t, "lines") {
			l = append(l, rapid.SampledFrom(parts).Draw(t, "line"))
			l = append(l, rapid.SliceOfN(rapid.SampledFrom(attributes), 0, 5).Draw(t, "attributes")...)
		}
		offer, err := Parse([]byte(body(l...)))
		if err != nil {
			t.Fatalf("parse: %v", err)
		}
		own := videoCaps()
		own.SDES = rapid.SampledFrom([]Policy{Off, Optional, Required}).Draw(t, "sdes")
		own.DTLS = rapid.SampledFrom([]Policy{Off, Optional, Required}).Draw(t, "dtls")
		n, err := Answer(offer, own)
		keeps(t, offer, n, err)
		for _, a := range n.Media {
			if (own.SDES == Required || own.DTLS == Required) && a.Keys.Security == Clear {
				t.Fatalf("clear although required")
			}
			if offer.Media[a.Index].Protocol.Secure() && a.Keys.Security == Clear {
				t.Fatalf("clear on %s", offer.Media[a.Index].Protocol)
			}
		}
	})
}
