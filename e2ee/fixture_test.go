package e2ee_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"testing"
	"testing/cryptotest"
	"testing/synctest"
	"time"

	"github.com/fxamacker/cbor/v2"

	"legroom/e2ee"
	"legroom/e2ee/e2eetest"
	"legroom/e2ee/sframe"
)

var update = flag.Bool("update", false, "write the fixtures that the browser's tests share")

// fixtureTime is when the meeting of the fixtures takes place.
const fixtureTime = 1_790_000_000

// fixtureItem is one thing in its only spelling; value is the same for people and for other encoders.
type fixtureItem struct {
	Name  string `json:"name"`
	What  string `json:"what"`
	Value any    `json:"value,omitempty"`
	CBOR  string `json:"cbor"`
	// Reason of what is refused: encoding, rule or signature.
	Reason string `json:"reason,omitempty"`
}

type policyFixture struct {
	Note         string            `json:"note"`
	Now          int64             `json:"now"`
	Seeds        map[string]string `json:"seeds"`
	Owner        string            `json:"owner"`
	Items        []fixtureItem     `json:"items"`
	Refused      []fixtureItem     `json:"refused"`
	Fingerprints map[string]string `json:"fingerprints"`
}

type bundleFixture struct {
	Note          string        `json:"note"`
	Now           int64         `json:"now"`
	Policy        string        `json:"policy"`
	Request       string        `json:"request"`
	HPKEPrivate   string        `json:"hpkePrivate"`
	Info          string        `json:"info"`
	Inside        string        `json:"inside"`
	Sealed        string        `json:"sealed"`
	SealedRefused []fixtureItem `json:"refused"`
}

// fixtureRig is the meeting of the fixtures, in the bubble of a test whose clock shows fixtureTime.
func fixtureRig(t *testing.T) (*rig, *e2ee.LiveRequest) {
	t.Helper()
	now := time.Unix(fixtureTime, 0)
	r := &rig{Meeting: e2eetest.NewMeeting(testRoom, now), gateway: e2ee.NewIdentity(e2eetest.Seeded(0x70))}
	r.host = r.NewLeaf(r.Owner, e2eetest.Seeded(0x30))
	l, err := r.gateway.AskWith(e2ee.Ask{
		Room: testRoom, Group: r.Group(), Legs: []e2ee.RequestLeg{{No: 2, Kind: e2ee.Phone, Label: "Line 2", Number: "+49 30 ...34"}},
		Scope: e2ee.ScopeOf(sframe.Audio), Speak: e2ee.ScopeOf(sframe.Audio), NotAfter: now.Add(time.Hour),
	}, [16]byte(e2eetest.Count(16, 0x60)), e2eetest.Count(32, 0x22))
	if err != nil {
		t.Fatal(err)
	}
	second, group := e2eetest.Seeded(0x12), r.Group()
	entry := e2ee.NewHostEntry(r.Owner, group, e2eetest.Public(second))
	entry.Out = true
	r.Policy.Hosts = append(r.Policy.Hosts, entry, e2ee.NewHostEntry(second, group, e2eetest.Public(e2eetest.Seeded(0x13))))
	r.Policy.Fallback = []e2ee.HostEntry{e2ee.NewHostEntry(r.Owner, group, e2eetest.Public(e2eetest.Seeded(0x14)))}
	r.entry = r.Grant(l)
	return r, l
}

func TestFixtures(t *testing.T) {
	cryptotest.SetGlobalRandom(t, 1)
	synctest.Test(t, func(t *testing.T) {
		<-time.After(time.Until(time.Unix(fixtureTime, 0)))
		r, l := fixtureRig(t)
		policy := makePolicyFixture(t, r, l)
		if *update {
			write(t, "testdata/policy.json", policy)
			write(t, "testdata/bundle.json", makeBundleFixture(t, r))
		}
		want, err := json.Marshal(policy)
		if err != nil {
			t.Fatal(err)
		}
		var kept json.RawMessage
		load(t, "testdata/policy.json", &kept)
		var flat bytes.Buffer
		if err := json.Compact(&flat, kept); err != nil || !bytes.Equal(flat.Bytes(), want) {
			t.Errorf("testdata/policy.json is not what these keys make, %v", err)
		}
		var f policyFixture
		load(t, "testdata/policy.json", &f)
		checkItems(t, &f)
		checkBundles(t, r, l)
	})
}

// checkItems holds that what is right is taken and what is refused is refused for its reason.
func checkItems(t *testing.T, f *policyFixture) {
	t.Helper()
	owner := e2ee.Key(unhex(t, f.Owner))
	for _, i := range append(f.Items, f.Refused...) {
		err := e2ee.Spelling(i.What, unhex(t, i.CBOR))
		if err == nil && i.What == "policy" {
			p, _ := e2ee.DecodePolicy(unhex(t, i.CBOR))
			_, err = e2ee.VerifyHosts(p, owner, testRoom, e2ee.Group(e2eetest.Count(16, 0xa0)))
		}
		if !errors.Is(err, reasons[i.Reason]) {
			t.Errorf("%s: %v, want %q", i.Name, err, i.Reason)
		}
	}
}

var reasons = map[string]error{
	"": nil, "encoding": e2ee.ErrEncoding, "rule": e2ee.ErrInvalid, "signature": e2ee.ErrSignature, "chain": e2ee.ErrChain, "seal": e2ee.ErrSeal,
}

func checkBundles(t *testing.T, r *rig, l *e2ee.LiveRequest) {
	t.Helper()
	var f bundleFixture
	load(t, "testdata/bundle.json", &f)
	g, err := l.Granted(r.Policy, r.owner())
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close(nil)
	for _, i := range f.SealedRefused {
		if err := g.Take(unhex(t, i.CBOR), r.Policy); !errors.Is(err, reasons[i.Reason]) || err == nil {
			t.Errorf("%s: %v, want %q", i.Name, err, i.Reason)
		}
	}
	if err := g.Take(unhex(t, f.Sealed), r.Policy); err != nil {
		t.Errorf("the right bundle: %v", err)
	}
}

func makePolicyFixture(t *testing.T, r *rig, l *e2ee.LiveRequest) *policyFixture {
	t.Helper()
	owner := r.owner()
	encoded := func(p *e2ee.Policy) []byte {
		b, err := p.Encode()
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	policy := encoded(r.Policy)
	bare := e2eetest.NewMeeting(testRoom, r.Now)
	guest := e2eetest.Seeded(0x11)
	bare.Policy.Charter.By = e2eetest.Public(guest)
	bare.Policy.Charter.Pass = e2ee.NewPass(r.Owner, testRoom, e2eetest.Public(guest), fixtureTime+60)
	bare.Policy.Hosts = []e2ee.HostEntry{e2ee.NewHostEntry(guest, r.Group(), e2eetest.Public(guest))}
	bare.Policy.Mode, bare.Policy.Locked, bare.Policy.MaxScope = e2ee.Sealed, true, 0
	if err := bare.Policy.Charter.Sign(guest); err != nil {
		t.Fatal(err)
	}
	link := e2ee.LinkProof([16]byte(e2eetest.Count(16, 0x33)), testRoom, e2eetest.Public(e2eetest.Seeded(0x30)))
	c, err := e2ee.DecodeCredential(r.host.Credential)
	if err != nil {
		t.Fatal(err)
	}
	c.Link = &link
	linked, err := c.Encode()
	if err != nil {
		t.Fatal(err)
	}
	forged := bytes.Clone(policy)
	at := bytes.Index(forged, r.Policy.Hosts[2].Signature[:])
	forged[at] ^= 1
	item := func(name, what string, b []byte, reason string) fixtureItem {
		i := fixtureItem{Name: name, What: what, CBOR: hex.EncodeToString(b), Reason: reason}
		if reason == "" {
			i.Value = plain(t, b)
		}
		return i
	}
	return &policyFixture{
		Note: "Made by TestFixtures. Ed25519 seeds are 32 bytes that count up from the first one given.",
		Now:  fixtureTime, Owner: hex.EncodeToString(owner[:]),
		Seeds: map[string]string{"owner": "10", "starter": "11", "out": "12", "host": "13", "fallback": "14", "leaf": "30", "gateway": "70"},
		Items: []fixtureItem{
			item("policy with a grant", "policy", policy, ""),
			item("policy of a meeting started with a pass", "policy", encoded(bare.Policy), ""),
			item("request", "request", l.Encoded(), ""),
			item("credential", "credential", r.host.Credential, ""),
			item("credential with proof of the link", "credential", linked, ""),
		},
		Refused: []fixtureItem{
			item("bytes behind", "policy", append(bytes.Clone(policy), 0), "encoding"),
			item("unknown key", "policy", bytes.Replace(policy, []byte("floor"), []byte("flour"), 1), "encoding"),
			item("longer integer", "policy", bytes.Replace(policy, []byte("\x61v\x01"), []byte("\x61v\x18\x01"), 1), "encoding"),
			item("mode open", "policy", bytes.Replace(policy, []byte("\x64mode\x65mixed"), []byte("\x64mode\x64open"), 1), "rule"),
			item("version 2", "request", bytes.Replace(l.Encoded(), []byte("\x61v\x01"), []byte("\x61v\x02"), 1), "rule"),
			item("signature of a host entry", "policy", forged, "signature"),
		},
		Fingerprints: map[string]string{"owner": e2ee.OwnerFingerprint(owner).Link(), "gateway": r.gateway.Fingerprint().String()},
	}
}

func makeBundleFixture(t *testing.T, r *rig) *bundleFixture {
	t.Helper()
	policy, err := r.Policy.Encode()
	if err != nil {
		t.Fatal(err)
	}
	refused := func(name, reason string, change func(b *e2eetest.Bundle)) fixtureItem {
		b := r.NewBundle(r.entry, 257, r.host)
		change(b)
		return fixtureItem{Name: name, What: "sealed", CBOR: hex.EncodeToString(b.Seal()), Reason: reason}
	}
	b := r.NewBundle(r.entry, 257, r.host)
	return &bundleFixture{
		Note: "Made by TestFixtures. What is sealed differs at each making; all that goes into it does not.",
		Now:  fixtureTime, Policy: hex.EncodeToString(policy), Request: hex.EncodeToString(r.entry.Request),
		HPKEPrivate: hex.EncodeToString(e2eetest.Count(32, 0x22)), Info: hex.EncodeToString(b.Info()),
		Inside: hex.EncodeToString(b.Clear()), Sealed: hex.EncodeToString(b.Seal()),
		SealedRefused: []fixtureItem{
			refused("another transcript hash than was signed", "signature", func(b *e2eetest.Bundle) {
				b.Forge = func(e *e2eetest.Envelope) { e.Transcript = e2eetest.Count(32, 0) }
			}),
			refused("sealed by a host who lost the role", "chain", func(b *e2eetest.Bundle) {
				b.Sealer = r.NewLeaf(e2eetest.Seeded(0x12), e2eetest.Seeded(0x31))
			}),
			refused("a key too many", "rule", func(b *e2eetest.Bundle) { b.K["video"] = make([]byte, 16) }),
			refused("sealed to another key", "seal", func(b *e2eetest.Bundle) { b.HPKE = e2ee.Key(e2eetest.Count(32, 9)) }),
		},
	}
}

// plain gives CBOR as JSON: byte strings become {"hex": ...}.
func plain(t *testing.T, b []byte) any {
	t.Helper()
	var v any
	if err := cbor.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	return plainValue(v)
}

func plainValue(v any) any {
	switch v := v.(type) {
	case []byte:
		return map[string]any{"hex": hex.EncodeToString(v)}
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = plainValue(v[i])
		}
		return list
	case map[any]any:
		m := make(map[string]any, len(v))
		for k, x := range v {
			m[k.(string)] = plainValue(x)
		}
		return m
	default:
		return v
	}
}

func write(t *testing.T, path string, v any) {
	t.Helper()
	b, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(b, 0x0a), 0o644); err != nil {
		t.Fatal(err)
	}
}

func load(t testing.TB, path string, v any) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, v); err != nil {
		t.Fatal(err)
	}
}
