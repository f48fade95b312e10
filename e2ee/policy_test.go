package e2ee_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"legroom/e2ee"
	"legroom/e2ee/e2eetest"
	"legroom/e2ee/sframe"
)

// full is a meeting with everything in its policy: a pass, hosts of three generations, one of them out, fallback hosts,
// two gateways and two grants.
func full(t *testing.T) *rig {
	t.Helper()
	r := newRig(t)
	p := r.Policy
	starter, group := e2eetest.Seeded(0x11), r.Group()
	p.Charter.By = e2eetest.Public(starter)
	p.Charter.Pass = e2ee.NewPass(r.Owner, testRoom, p.Charter.By, e2ee.SecondsOf(r.Now.Add(time.Hour)))
	if err := p.Charter.Sign(starter); err != nil {
		t.Fatal(err)
	}
	second, third := e2eetest.Seeded(0x12), e2eetest.Seeded(0x13)
	p.Hosts = []e2ee.HostEntry{
		e2ee.NewHostEntry(starter, group, e2eetest.Public(starter)),
		e2ee.NewHostEntry(starter, group, e2eetest.Public(second)),
		e2ee.NewHostEntry(second, group, e2eetest.Public(third)),
	}
	p.Hosts[1].Out = true
	p.Fallback = []e2ee.HostEntry{e2ee.NewHostEntry(third, group, e2eetest.Public(e2eetest.Seeded(0x14)))}
	other, err := e2ee.NewIdentity(e2eetest.Seeded(0x71)).Ask(e2ee.Ask{
		Room: testRoom, Group: group, Legs: []e2ee.RequestLeg{{No: 1, Kind: e2ee.Recorder, Label: "Recorder"}},
		Scope: e2ee.ScopeOf(sframe.Audio), NotAfter: r.Now.Add(time.Hour),
	})
	if err != nil {
		t.Fatal(err)
	}
	r.Grant(other)
	return r
}

func TestPolicyRoundTrip(t *testing.T) {
	r := full(t)
	b, err := r.Policy.Encode()
	if err != nil {
		t.Fatal(err)
	}
	p, err := e2ee.DecodePolicy(b)
	if err != nil {
		t.Fatal(err)
	}
	again, err := p.Encode()
	if err != nil || !bytes.Equal(again, b) {
		t.Errorf("comes out otherwise than it went in, %v", err)
	}
	h, err := e2ee.VerifyHosts(p, r.owner(), testRoom, r.Group())
	if err != nil {
		t.Fatal(err)
	}
	for first, want := range map[byte]bool{0x11: true, 0x12: false, 0x13: true, 0x14: false, 0x10: false} {
		if got := h.Has(e2eetest.Public(e2eetest.Seeded(first))); got != want {
			t.Errorf("identity %#x is a host: %v, want %v", first, got, want)
		}
	}
	if h.Len() != 2 || h.Room() != testRoom || h.Group() != r.Group() {
		t.Errorf("%d hosts of %s", h.Len(), h.Room())
	}
}

// TestPolicyRules breaks each rule that needs no key.
func TestPolicyRules(t *testing.T) {
	for name, broken := range map[string]func(p *e2ee.Policy){
		"version":                func(p *e2ee.Policy) { p.Version = 2 },
		"revision too large":     func(p *e2ee.Policy) { p.Revision = 1 << 53 },
		"mode open":              func(p *e2ee.Policy) { p.Mode = "open" },
		"no mode":                func(p *e2ee.Policy) { p.Mode = "" },
		"looser than charter":    func(p *e2ee.Policy) { p.Charter.Floor = e2ee.Sealed },
		"no floor":               func(p *e2ee.Policy) { p.Charter.Floor = "" },
		"veto rule":              func(p *e2ee.Policy) { p.VetoRule = "none" },
		"no room":                func(p *e2ee.Policy) { p.Charter.Room = "" },
		"charter without sig":    func(p *e2ee.Policy) { p.Charter.Signature = nil },
		"no pass":                func(p *e2ee.Policy) { p.Charter.Pass = nil },
		"pass for the owner":     func(p *e2ee.Policy) { p.Charter.By = p.Charter.Owner },
		"pass over":              func(p *e2ee.Policy) { p.Charter.Pass.NotAfter = p.Charter.Made - 1 },
		"time too large":         func(p *e2ee.Policy) { p.Charter.Pass.NotAfter = 1 << 53 },
		"no hosts":               func(p *e2ee.Policy) { p.Hosts = nil },
		"nobody left":            func(p *e2ee.Policy) { p.Hosts[0].Out, p.Hosts[2].Out = true, true },
		"starter not first":      func(p *e2ee.Policy) { p.Hosts = p.Hosts[1:] },
		"starter made by other":  func(p *e2ee.Policy) { p.Hosts[0].By = p.Hosts[1].Identity },
		"host by a later one":    func(p *e2ee.Policy) { p.Hosts[1], p.Hosts[2] = p.Hosts[2], p.Hosts[1] },
		"host twice":             func(p *e2ee.Policy) { p.Hosts = append(p.Hosts, p.Hosts[1]) },
		"host by nobody":         func(p *e2ee.Policy) { p.Hosts[1].By = e2ee.Key{} },
		"host by itself":         func(p *e2ee.Policy) { p.Hosts[2].By = p.Hosts[2].Identity },
		"too many hosts":         func(p *e2ee.Policy) { p.Hosts = append(p.Hosts, many(p, 62)...) },
		"too many out":           func(p *e2ee.Policy) { p.Hosts = append(p.Hosts, out(many(p, 32))...) },
		"fallback out":           func(p *e2ee.Policy) { p.Fallback[0].Out = true },
		"fallback twice":         func(p *e2ee.Policy) { p.Fallback = append(p.Fallback, p.Fallback[0]) },
		"fallback by nobody":     func(p *e2ee.Policy) { p.Fallback[0].By = e2ee.Key{} },
		"too many fallback":      func(p *e2ee.Policy) { p.Fallback = many(p, 17) },
		"too many gateways":      func(p *e2ee.Policy) { p.Gateways = append(p.Gateways, make([]e2ee.Key, 7)...) },
		"gateway twice":          func(p *e2ee.Policy) { p.Gateways = append(p.Gateways, p.Gateways[0]) },
		"gateway not listed":     func(p *e2ee.Policy) { p.Gateways = p.Gateways[1:] },
		"next grant 0":           func(p *e2ee.Policy) { p.NextGrant = 0 },
		"grant 0":                func(p *e2ee.Policy) { p.Grants[0].N = 0 },
		"grant not counted":      func(p *e2ee.Policy) { p.Grants[1].N = p.NextGrant },
		"grants in wrong order":  func(p *e2ee.Policy) { p.Grants[0], p.Grants[1] = p.Grants[1], p.Grants[0] },
		"grants equal modulo 32": func(p *e2ee.Policy) { p.Grants[1].N, p.NextGrant = 33, 34 },
		"two for one gateway":    func(p *e2ee.Policy) { p.Grants[1] = p.Grants[0]; p.Grants[1].N = 2 },
		"grant in a sealed room": func(p *e2ee.Policy) { p.Mode = e2ee.Sealed },
		"request of other room":  func(p *e2ee.Policy) { p.Charter.Room = "1001" },
		"request of other group": func(p *e2ee.Policy) { p.Charter.Group[0]++ },
		"more than was asked":    func(p *e2ee.Policy) { p.Grants[1].Speak = e2ee.ScopeOf(sframe.Audio) },
		"more than is allowed":   func(p *e2ee.Policy) { p.MaxScope = 0 },
		"longer than was asked":  func(p *e2ee.Policy) { p.Grants[0].NotAfter++ },
	} {
		t.Run(name, func(t *testing.T) {
			r := full(t)
			broken(r.Policy)
			if _, err := r.Policy.Encode(); !errors.Is(err, e2ee.ErrInvalid) {
				t.Errorf("encoded: %v", err)
			}
			if _, err := e2ee.VerifyHosts(r.Policy, r.owner(), testRoom, r.Group()); err == nil {
				t.Error("its hosts count")
			}
		})
	}
}

// many hosts by the starter, whose signatures are not looked at.
func many(p *e2ee.Policy, n byte) []e2ee.HostEntry {
	var all []e2ee.HostEntry
	for i := range n {
		all = append(all, e2ee.HostEntry{Identity: e2ee.Key{1, i}, By: p.Charter.By})
	}
	return all
}

func out(list []e2ee.HostEntry) []e2ee.HostEntry {
	for i := range list {
		list[i].Out = true
	}
	return list
}

// TestVerifyHosts breaks each signature, and what the policy is for.
func TestVerifyHosts(t *testing.T) {
	r := full(t)
	for _, c := range []struct {
		name  string
		owner e2ee.Key
		room  string
		group e2ee.Group
		want  error
	}{
		{"right", r.owner(), testRoom, r.Group(), nil},
		{"another room", r.owner(), "1001", r.Group(), e2ee.ErrForeign},
		{"another group", r.owner(), testRoom, e2ee.Group{}, e2ee.ErrForeign},
		{"another owner", e2ee.Key{7}, testRoom, r.Group(), e2ee.ErrChain},
	} {
		if _, err := e2ee.VerifyHosts(r.Policy, c.owner, c.room, c.group); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	stranger := e2eetest.Seeded(0x66)
	for name, forge := range map[string]func(p *e2ee.Policy){
		"charter":           func(p *e2ee.Policy) { p.Charter.Signature[0]++ },
		"charter's content": func(p *e2ee.Policy) { p.Charter.Made-- },
		"pass":              func(p *e2ee.Policy) { p.Charter.Pass.Signature[0]++ },
		"pass's time":       func(p *e2ee.Policy) { p.Charter.Pass.NotAfter++ },
		"pass by a stranger": func(p *e2ee.Policy) {
			p.Charter.Pass = e2ee.NewPass(stranger, testRoom, p.Charter.By, p.Charter.Pass.NotAfter)
			_ = p.Charter.Sign(e2eetest.Seeded(0x11))
		},
		"pass of another room": func(p *e2ee.Policy) {
			p.Charter.Pass = e2ee.NewPass(e2eetest.Seeded(0x10), "1001", p.Charter.By, p.Charter.Pass.NotAfter)
			_ = p.Charter.Sign(e2eetest.Seeded(0x11))
		},
		"charter by a stranger": func(p *e2ee.Policy) { _ = p.Charter.Sign(stranger) },
		"host":                  func(p *e2ee.Policy) { p.Hosts[2].Signature[0]++ },
		"host by a stranger": func(p *e2ee.Policy) {
			p.Hosts[2].Signature = e2ee.NewHostEntry(stranger, p.Charter.Group, p.Hosts[2].Identity).Signature
		},
		"host who was out all along": func(p *e2ee.Policy) { p.Hosts[1].Signature[0]++ },
		"fallback host":              func(p *e2ee.Policy) { p.Fallback[0].Signature[0]++ },
	} {
		r := full(t)
		forge(r.Policy)
		if h, err := e2ee.VerifyHosts(r.Policy, r.owner(), testRoom, r.Group()); !errors.Is(err, e2ee.ErrSignature) || h != nil {
			t.Errorf("%s forged: %v, want ErrSignature", name, err)
		}
	}
}

// TestRequestRules breaks each rule of a request.
func TestRequestRules(t *testing.T) {
	r := newRig(t)
	right := func() e2ee.Ask {
		return e2ee.Ask{
			Room: testRoom, Group: r.Group(), Legs: []e2ee.RequestLeg{{No: 1, Kind: e2ee.Phone}, {No: 1023, Kind: e2ee.RoomSystem}},
			Scope: e2ee.ScopeOf(sframe.Audio, sframe.Video), NotAfter: r.Now,
		}
	}
	l, err := r.gateway.Ask(right())
	if err != nil {
		t.Fatal(err)
	}
	req, err := e2ee.DecodeRequest(l.Encoded())
	if err != nil || req.Gateway != r.gateway.Key() || !req.HasLeg(1023) || req.HasLeg(2) || req.Scope.String() != "audio, video" {
		t.Errorf("comes back as %+v, %v", req, err)
	}
	for name, broken := range map[string]func(a *e2ee.Ask){
		"no room":       func(a *e2ee.Ask) { a.Room = "" },
		"room too long": func(a *e2ee.Ask) { a.Room = string(make([]byte, 65)) },
		"no legs":       func(a *e2ee.Ask) { a.Legs = nil },
		"too many legs": func(a *e2ee.Ask) {
			a.Legs = make([]e2ee.RequestLeg, 257)
			for i := range a.Legs {
				a.Legs[i] = e2ee.RequestLeg{No: uint16(i), Kind: e2ee.Phone}
			}
		},
		"leg number":     func(a *e2ee.Ask) { a.Legs[1].No = 1024 },
		"leg twice":      func(a *e2ee.Ask) { a.Legs[1].No = 1 },
		"legs unordered": func(a *e2ee.Ask) { a.Legs[0].No = 5; a.Legs[1].No = 4 },
		"kind of a leg":  func(a *e2ee.Ask) { a.Legs[0].Kind = "spy" },
		"label":          func(a *e2ee.Ask) { a.Legs[0].Label = string(make([]byte, 65)) },
		"number":         func(a *e2ee.Ask) { a.Legs[0].Number = string(make([]byte, 33)) },
		"time":           func(a *e2ee.Ask) { a.NotAfter = time.Unix(1<<53, 0) },
	} {
		a := right()
		broken(&a)
		if _, err := r.gateway.Ask(a); !errors.Is(err, e2ee.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// The largest one that is allowed fits.
	a := right()
	a.Legs = make([]e2ee.RequestLeg, 256)
	for i := range a.Legs {
		a.Legs[i] = e2ee.RequestLeg{No: uint16(i), Kind: e2ee.Phone, Label: "Line"}
	}
	if _, err := r.gateway.Ask(a); err != nil {
		t.Errorf("256 legs: %v", err)
	}
}

// TestScope: the names in their order, each once.
func TestScope(t *testing.T) {
	all := e2ee.ScopeOf(sframe.ScreenAudio, sframe.Audio, sframe.Screen, sframe.Video, 0, 9)
	if all.String() != "audio, video, screen, screen-audio" || all.Has(0) || all.Has(9) || len(all.Kinds()) != 4 {
		t.Errorf("all kinds are %q", all)
	}
	if !e2ee.ScopeOf(sframe.Audio).Within(all) || all.Within(e2ee.ScopeOf(sframe.Audio)) {
		t.Error("a part is not within the whole, or the whole within a part")
	}
	for text, want := range map[string]bool{
		"80":                         true,
		"8165617564696f":             true,
		"8265617564696f65766964656f": true,
		"8265766964656f65617564696f": false, // order
		"8265617564696f65617564696f": false, // twice
		"81656f74686572":             false, // unknown
		"8101":                       false, // no text
	} {
		var s e2ee.Scope
		err := s.UnmarshalCBOR(unhex(t, text))
		again, _ := s.MarshalCBOR()
		if same := err == nil && bytes.Equal(again, unhex(t, text)); same != want {
			t.Errorf("%s has one spelling: %v, %v", text, same, err)
		}
	}
}
