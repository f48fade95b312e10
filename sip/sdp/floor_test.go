package sdp

import (
	"errors"
	"fmt"
	"slices"
	"testing"
)

func floorCaps() Capabilities {
	own := caps()
	own.Floor = &LocalFloor{UDPPort: 30000, TCPPort: 30002, Conference: 4321, User: 7, Floors: []FloorStream{{2, "12"}}}
	return own
}

const audioLine = "m=audio 4000 RTP/AVP 0"

// TestFloorAnswer: what an offer of floor control comes to, by RFC 8856 section 10.
func TestFloorAnswer(t *testing.T) {
	cases := map[string]struct {
		offer    []string
		change   func(*Capabilities)
		port     uint16
		connects bool
		version  uint8
		security Security
		want     map[string]string // attributes of our line; empty means not there
	}{
		"udp": {offer: []string{"m=application 5000 UDP/BFCP *", "a=floorctrl:c-s", "a=setup:actpass", "a=connection:new"}, port: 30000, version: 2,
			want: map[string]string{"floorctrl": "s-only", "confid": "4321", "userid": "7", "floorid": "2 mstrm:12", "bfcpver": "", "setup": "", "connection": ""}},
		"udp, the older word": {offer: []string{"m=application 5000 UDP/BFCP *", "a=floorid:1 m-stream:3"}, port: 30000, version: 2,
			want: map[string]string{"floorid": "2 m-stream:12"}},
		"udp, both versions": {offer: []string{"m=application 5000 UDP/BFCP *", "a=bfcpver:2 1"}, port: 30000, version: 2, want: map[string]string{"bfcpver": "2"}},
		"udp, the old version": {offer: []string{"m=application 5000 UDP/BFCP *", "a=bfcpver:1", "a=floorctrl:c-only"}, port: 30000, version: 1,
			want: map[string]string{"bfcpver": "1"}},
		"tcp": {offer: []string{"m=application 5000 TCP/BFCP *", "a=setup:actpass", "a=floorctrl:c-only s-only"}, port: 30002, version: 1,
			want: map[string]string{"setup": "passive", "connection": "new"}},
		"tcp, they connect": {offer: []string{"m=application 9 TCP/BFCP *", "a=setup:active"}, port: 30002, version: 1, want: map[string]string{"setup": "passive"}},
		"tcp, we connect": {offer: []string{"m=application 5000 TCP/BFCP *", "a=setup:passive"}, port: 9, connects: true, version: 1,
			want: map[string]string{"setup": "active"}},
		"tcp, nobody connects": {offer: []string{"m=application 5000 TCP/BFCP *", "a=setup:holdconn"}},
		"tls": {offer: []string{"m=application 5000 TCP/TLS/BFCP *", "a=setup:actpass", prints}, port: 30002, version: 1, security: DTLS,
			want: map[string]string{"setup": "passive", "fingerprint": caps().Fingerprint.String()}},
		"dtls": {offer: []string{"m=application 5000 UDP/TLS/BFCP *", "a=setup:passive", prints}, port: 30000, connects: true, version: 2, security: DTLS,
			want: map[string]string{"setup": "active", "fingerprint": caps().Fingerprint.String(), "connection": ""}},
		"tls without a fingerprint": {offer: []string{"m=application 5000 TCP/TLS/BFCP *"}},
		"tls, off":                  {offer: []string{"m=application 5000 TCP/TLS/BFCP *", prints}, change: func(c *Capabilities) { c.Floor.TLS = Off }},
		"tls required, clear":       {offer: []string{"m=application 5000 UDP/BFCP *"}, change: func(c *Capabilities) { c.Floor.TLS = Required }},
		"they are the server":       {offer: []string{"m=application 5000 UDP/BFCP *", "a=floorctrl:s-only"}},
		"none here":                 {offer: []string{"m=application 5000 UDP/BFCP *"}, change: func(c *Capabilities) { c.Floor = nil }},
		"not over tcp here":         {offer: []string{"m=application 5000 TCP/BFCP *"}, change: func(c *Capabilities) { c.Floor.TCPPort = 0 }},
		"closed":                    {offer: []string{"m=application 0 UDP/BFCP *"}},
		"ipv6":                      {offer: []string{"m=application 5000 UDP/BFCP *", "c=IN IP6 2001:db8::1"}},
		"old dtls over tcp":         {offer: []string{"m=application 5000 TCP/DTLS/BFCP *", prints}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			own := floorCaps()
			if c.change != nil {
				c.change(&own)
			}
			n, err := Answer(parse(t, body(append([]string{audioLine}, c.offer...)...)), own)
			if err != nil || len(n.Local.Media) != 2 {
				t.Fatal(err)
			}
			m := &n.Local.Media[1]
			if m.Port != c.port || (n.Floor == nil) != (c.port == 0) {
				t.Fatalf("port %d, want %d\n%s", m.Port, c.port, n.Local.Bytes())
			}
			if c.port == 0 {
				return
			}
			if n.Floor.Index != 1 || n.Floor.Connects != c.connects || n.Floor.Version != c.version || n.Floor.Keys.Security != c.security ||
				n.Floor.Remote.String() != "192.0.2.1:"+fmt.Sprint(parse(t, body(c.offer...)).Media[0].Port) {
				t.Errorf("%+v", n.Floor)
			}
			for key, want := range c.want {
				if got, _ := m.Attribute(key); got != want {
					t.Errorf("%s is %q, want %q", key, got, want)
				}
			}
		})
	}
}

func TestFloorStreams(t *testing.T) {
	m := &parse(t, body("m=application 9 UDP/BFCP *", "a=floorid:1 mstrm:10", "a=floorid:2 m-stream:11 mstrm:99", "a=floorid:3", "a=floorid:x mstrm:1",
		"a=floorid:70000", "a=floorid")).Media[0]
	if got, want := m.FloorStreams(), []FloorStream{{1, "10"}, {2, "11"}, {3, ""}}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// TestFloorOffer: our own offer, its answers, and what comes after.
func TestFloorOffer(t *testing.T) {
	own := floorCaps()
	offer := Offer(own)
	m := &offer.Media[1]
	if role, _ := m.Attribute("floorctrl"); m.Protocol != BFCPUDP || m.Port != 30000 || role != "s-only" {
		t.Fatalf("%s", offer.Bytes())
	}
	answer := func(l ...string) *Negotiation {
		t.Helper()
		n, err := Accept(offer, parse(t, body(append([]string{audioLine}, l...)...)), own)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	for name, l := range map[string][]string{
		"refused": {"m=application 0 UDP/BFCP *"}, "missing": nil, "another transport": {"m=application 5000 TCP/BFCP *"},
		"a second server": {"m=application 5000 UDP/BFCP *", "a=floorctrl:s-only"},
	} {
		if n := answer(l...); n.Floor != nil {
			t.Errorf("%s: %+v", name, n.Floor)
		}
	}
	n := answer("m=application 5000 UDP/BFCP *", "a=floorctrl:c-only", "a=bfcpver:1")
	if n.Floor == nil || n.Floor.Version != 1 || n.Floor.Remote.Port() != 5000 || n.Floor.Index != 1 {
		t.Fatalf("%+v", n.Floor)
	}
	own.Previous = n
	again := Offer(own)
	if len(again.Media) != 2 || string(again.Bytes()) != string(offer.Bytes()) && again.Media[1].Port != 30000 {
		t.Errorf("%s", again.Bytes())
	}
	own.Floor = nil
	if closed := Offer(own); len(closed.Media) != 2 || closed.Media[1].Port != 0 {
		t.Errorf("%s", closed.Bytes())
	}
	// The kinds of line there are.
	for name, c := range map[string]struct {
		change func(*Capabilities)
		want   Protocol
	}{
		"tcp":  {func(c *Capabilities) { c.Floor.UDPPort = 0 }, BFCPTCP},
		"tls":  {func(c *Capabilities) { c.Floor.UDPPort = 0; c.Floor.TLS = Required }, BFCPTLS},
		"dtls": {func(c *Capabilities) { c.Floor.TLS = Required }, BFCPDTLS},
	} {
		own := floorCaps()
		c.change(&own)
		m := &Offer(own).Media[1]
		_, printed := m.Attribute("fingerprint")
		setup, _ := m.Attribute("setup")
		if m.Protocol != c.want || printed != m.Protocol.floorTLS() || setup != "actpass" {
			t.Errorf("%s: %s %v", name, m.line(), m.Attributes)
		}
	}
}

// TestFloorStays: a re-INVITE keeps connection and numbers.
func TestFloorStays(t *testing.T) {
	own := floorCaps()
	offer := func(state string) *Description {
		return parse(t, body(audioLine, "m=application 9 TCP/BFCP *", "a=setup:active", "a=connection:"+state))
	}
	first, err := Answer(offer("new"), own)
	if err != nil {
		t.Fatal(err)
	}
	own.Previous = first
	n, err := Answer(offer("existing"), own)
	if err != nil {
		t.Fatal(err)
	}
	if state, _ := n.Local.Media[1].Attribute("connection"); state != "existing" || n.Floor == nil {
		t.Errorf("%s", n.Local.Bytes())
	}
	if _, err := Answer(parse(t, body("m=application 9 UDP/BFCP *")), floorCaps()); !errors.Is(err, ErrNoMedia) {
		t.Errorf("a call of floor control alone: %v", err)
	}
}
