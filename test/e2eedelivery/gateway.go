package main

import (
	"time"

	"legroom/e2ee"
	"legroom/e2ee/delivery"
	"legroom/e2ee/sframe"
	"legroom/media"
)

// ask is what the test has the gateway ask for.
type ask struct {
	Legs    []e2ee.RequestLeg `json:"legs"`
	Scope   []sframe.Kind     `json:"scope"`
	Speak   []sframe.Kind     `json:"speak"`
	Seconds int64             `json:"seconds"`
}

// frame is a sealed frame that the gateway is to open.
type frame struct {
	Kind  sframe.Kind     `json:"kind"`
	Codec media.CodecName `json:"codec"`
	Frame []byte          `json:"frame"`
}

// opened is what came of it.
type opened struct {
	Clear []byte `json:"clear,omitempty"`
	Leaf  int    `json:"leaf"`
	Error string `json:"error,omitempty"`
}

// gateway is a telephone system with one request at a time, and what was granted of it or of the one before.
type gateway struct {
	*service
	identity *e2ee.Identity
	live     *e2ee.LiveRequest
	// pending tells that nothing was decided on the request.
	pending bool
	grant   *e2ee.Grant
	deaf    bool
	note    *e2ee.Note
}

func newGateway(s *service) *gateway { return &gateway{service: s, identity: identity()} }

func (g *gateway) ask(a *ask) {
	_, p, ok := g.meeting.Epoch()
	if !ok {
		return
	}
	live, err := g.identity.Ask(e2ee.Ask{
		Room: g.config.Room, Group: p.Charter.Group, Legs: a.Legs, Scope: e2ee.ScopeOf(a.Scope...), Speak: e2ee.ScopeOf(a.Speak...),
		NotAfter: g.now.Add(time.Duration(a.Seconds) * time.Second),
	})
	if err != nil {
		g.write(output{Result: opened{Error: err.Error()}})
		return
	}
	g.live, g.pending = live, true
	g.remindAll()
}

// remindAll tells all members of the request.
func (g *gateway) remindAll() {
	for who := range g.connected {
		if _, seated := g.meeting.Leaf(who); seated {
			g.remind(who)
		}
	}
}

// remind tells a member of the request, as long as nothing was decided.
func (g *gateway) remind(who delivery.Member) {
	if g.pending {
		sig := g.live.Signature()
		g.tell(who, notice{"type": "asked", "request": g.live.Encoded(), "sig": sig[:]})
	}
}

// hangUp is the last leg's.
func (g *gateway) hangUp() {
	if g.live == nil {
		return
	}
	id := g.live.Request().ID
	for who := range g.connected {
		if _, seated := g.meeting.Leaf(who); seated {
			g.tell(who, notice{"type": "withdrawn", "request": id[:]})
		}
	}
}

// noted opens what a host says of a comparison.
func (g *gateway) noted(sealed []byte) error {
	_, p, ok := g.meeting.Epoch()
	if !ok || g.grant == nil {
		return delivery.ErrBundle
	}
	n, err := g.grant.Note(sealed, p)
	if err == nil {
		g.note = n
	}
	return err
}

func (g *gateway) declined(id []byte) {
	if !g.pending {
		return
	}
	if own := g.live.Request().ID; string(own[:]) == string(id) {
		g.live.Close()
		g.live, g.pending = nil, false
	}
}

// follow is told of every policy.
func (g *gateway) follow(p *e2ee.Policy) {
	if g.pending {
		if grant, err := g.live.Granted(p, g.config.Owner); err == nil {
			g.grant, g.pending = grant, false
			return
		}
	}
	if g.grant != nil && !g.deaf && g.grant.Follow(p) != nil {
		g.grant = nil
		if !g.pending {
			g.live = nil
		}
	}
}

func (g *gateway) take(sealed []byte, p *e2ee.Policy) bool {
	return g.grant != nil && g.grant.Take(sealed, p) == nil
}

// open tries a frame with whatever there is.
func (g *gateway) open(f *frame) opened {
	if g.grant == nil {
		return opened{Error: "no grant"}
	}
	o, ok := g.grant.Opener(f.Kind)
	if !ok {
		return opened{Error: "no opener"}
	}
	out, from, err := o.Open(nil, f.Codec, f.Frame)
	if err != nil {
		return opened{Error: err.Error()}
	}
	return opened{Clear: out, Leaf: from.Leaf()}
}

// end lets go of everything.
func (g *gateway) end() {
	if g.live != nil {
		g.live.Close()
	}
	if g.grant != nil {
		g.grant.Close(nil)
	}
	g.live, g.grant, g.pending = nil, nil, false
}
