package e2ee_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"legroom/e2ee"
	"legroom/e2ee/e2eetest"
	"legroom/e2ee/sframe"
	"legroom/media"
)

// TestBrowsersBundle opens a bundle that browser code sealed in a group of real MLS messages, with the keys that the
// group's exporter gave (delivery/testdata), and hears a frame under them.
func TestBrowsersBundle(t *testing.T) {
	text, err := os.ReadFile("delivery/testdata/messages.json")
	if err != nil {
		t.Fatal(err)
	}
	var f struct {
		Now      int64
		Messages map[string]string
		Gateway  struct{ Request, Sig, ID, HPKEPrivate, K, G string }
	}
	if err := json.Unmarshal(text, &f); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		<-time.After(time.Until(time.Unix(f.Now, 0)))
		l, err := e2ee.NewIdentity(e2eetest.Seeded(0x70)).AskWith(e2ee.Ask{
			Room: "1000", Group: e2ee.Group(e2eetest.Count(16, 0xa0)),
			Legs:  []e2ee.RequestLeg{{No: 2, Kind: e2ee.Phone, Label: "Line 2", Number: "+49 30 ...34"}},
			Scope: e2ee.ScopeOf(sframe.Audio), Speak: e2ee.ScopeOf(sframe.Audio), NotAfter: time.Unix(f.Now+3600, 0),
		}, [16]byte(unhex(t, f.Gateway.ID)), unhex(t, f.Gateway.HPKEPrivate))
		if err != nil {
			t.Fatal(err)
		}
		sig := l.Signature()
		if !bytes.Equal(l.Encoded(), unhex(t, f.Gateway.Request)) || !bytes.Equal(sig[:], unhex(t, f.Gateway.Sig)) {
			t.Errorf("the browser encodes a request as %s, we as %x", f.Gateway.Request, l.Encoded())
		}
		p := policyIn(t, unhex(t, f.Messages["commit.grant"]))
		g, err := l.Granted(p, e2eetest.Public(e2eetest.Seeded(0x10)))
		if err != nil {
			t.Fatal(err)
		}
		defer g.Close(nil)
		if err := g.Take(unhex(t, f.Messages["bundle.grant"]), p); err != nil {
			t.Fatal(err)
		}
		id, err := sframe.BrowserKeyID(0, 1, 2)
		if err != nil {
			t.Fatal(err)
		}
		s, err := sframe.NewSealer(sframe.StreamConfig{
			BaseKey: unhex(t, f.Gateway.K), Kind: sframe.Audio, KeyID: id, Tag: sframe.CheckTag, TagKey: make([]byte, 32),
		})
		if err != nil {
			t.Fatal(err)
		}
		if out, from, err := opener(t, g).Open(nil, media.Opus, sealed(t, s, "opus")); err != nil || string(out) != "opus" || from.Leaf() != 1 {
			t.Errorf("heard %q from %v, %v", out, from, err)
		}
	})
}

// policyIn finds the policy in a commit by the type of its extension.
func policyIn(t *testing.T, commit []byte) *e2ee.Policy {
	t.Helper()
	_, rest, ok := bytes.Cut(commit, []byte{0xf0, 0xa1})
	if !ok || rest[0]>>6 != 1 {
		t.Fatal("no policy of 64 to 16383 bytes in the commit")
	}
	n := int(rest[0]&0x3f)<<8 | int(rest[1])
	p, err := e2ee.DecodePolicy(rest[2 : 2+n])
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
