package e2ee

import (
	"fmt"
	"slices"
)

// PolicyExtension is the type of the one extension in the group context of a room's group (RFC 9420 section 17.3, from
// the range for private use). Its data is an encoded Policy.
const PolicyExtension = 0xf0a1

// Limits of a policy's lists.
const (
	maxHosts    = 64
	maxOut      = 32
	maxFallback = 16
	maxGateways = 8
	maxGrants   = 8
	maxLegs     = 256
	maxLegNo    = 1<<10 - 1
	// grantNumbers is how many grant numbers a key id tells apart.
	grantNumbers = 32
)

// VetoRule says who can stop a grant.
type VetoRule string

// Veto rules. The zero value is refused.
const (
	// VetoHost leaves it to the hosts.
	VetoHost VetoRule = "host"
	// VetoAny lets every member object for ten seconds.
	VetoAny VetoRule = "any"
	// VetoAll asks for a signature of every member.
	VetoAll VetoRule = "all"
)

// Policy is what all members of a group agree on, since it is part of what their keys are derived from.
type Policy struct {
	// Version is 1.
	Version uint8 `cbor:"v"`
	// Revision counts changes.
	Revision uint64 `cbor:"rev"`
	// Charter of the group.
	Charter Charter `cbor:"charter"`
	// Mode now, never looser than Charter.Floor.
	Mode Mode `cbor:"mode"`
	// Locked tells that mode, scope, veto rule and gateways can only become narrower.
	Locked bool `cbor:"locked"`
	// MaxScope bounds what can be granted.
	MaxScope Scope `cbor:"maxScope"`
	// Hosts, the starter first; an entry's By stands before it.
	Hosts []HostEntry `cbor:"hosts"`
	// Fallback are those who may take over when all hosts are gone.
	Fallback []HostEntry `cbor:"fallbackHost"`
	// Gateways that may be granted something, by their keys.
	Gateways []Key `cbor:"gateways"`
	// VetoRule for grants.
	VetoRule VetoRule `cbor:"vetoRule"`
	// NextGrant is the number of the next grant; it only counts up.
	NextGrant uint32 `cbor:"nextGrant"`
	// Grants in force, by number.
	Grants []GrantEntry `cbor:"grants"`
}

// GrantEntry is a request that was granted, or a part of it.
type GrantEntry struct {
	// N is the number of the grant.
	N uint32 `cbor:"n"`
	// Request is an encoded Request, Signature that of its gateway.
	Request   []byte    `cbor:"request"`
	Signature Signature `cbor:"sig"`
	// Scope is what the gateway may open, Speak the kinds that it may send.
	Scope Scope `cbor:"scope"`
	Speak Scope `cbor:"speak"`
	// NotAfter is when it ends by itself.
	NotAfter Seconds `cbor:"notAfter"`
}

// DecodePolicy reads a policy and holds the rules that need no key: form, limits, order, and that grants stay within what
// was asked and allowed. Nothing is proven by it: see VerifyHosts. Errors: ErrEncoding, ErrInvalid.
func DecodePolicy(b []byte) (*Policy, error) {
	p := new(Policy)
	if err := decode("policy", b, p); err != nil {
		return nil, err
	}
	if err := p.check(); err != nil {
		return nil, err
	}
	return p, nil
}

// Encode gives the bytes of the extension. Errors: ErrInvalid.
func (p *Policy) Encode() ([]byte, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	return encode("policy", p)
}

func (p *Policy) check() error {
	bad := func(reason string) error { return &InvalidError{"policy", reason} }
	switch {
	case p.Version != version:
		return bad("version")
	case p.Revision > maxInteger:
		return bad("revision out of range")
	case !p.Mode.valid():
		return bad("mode")
	case p.Mode.looser(p.Charter.Floor):
		return bad("looser than its charter")
	case p.VetoRule != VetoHost && p.VetoRule != VetoAny && p.VetoRule != VetoAll:
		return bad("veto rule")
	case len(p.Gateways) > maxGateways || !distinct(p.Gateways):
		return bad("gateways")
	case p.NextGrant == 0:
		return bad("grant number")
	}
	if err := p.Charter.check(); err != nil {
		return err
	}
	if err := p.checkHosts(); err != nil {
		return err
	}
	return p.checkGrants()
}

// checkHosts holds that every host leads to the charter, were all signatures right.
func (p *Policy) checkHosts() error {
	bad := func(reason string) error { return &InvalidError{"policy", reason} }
	if len(p.Hosts) == 0 || len(p.Hosts) > maxHosts || len(p.Fallback) > maxFallback {
		return bad("number of hosts")
	}
	if p.Hosts[0].Identity != p.Charter.By || p.Hosts[0].By != p.Charter.By {
		return bad("the first host is not the starter")
	}
	known, out := make(map[Key]bool, len(p.Hosts)), 0
	for i, e := range p.Hosts {
		if known[e.Identity] || i > 0 && !known[e.By] {
			return bad("order of hosts")
		}
		known[e.Identity] = true
		if e.Out {
			out++
		}
	}
	if out > maxOut || out == len(p.Hosts) {
		return bad("number of hosts")
	}
	spare := make(map[Key]bool, len(p.Fallback))
	for _, e := range p.Fallback {
		if e.Out || spare[e.Identity] || !known[e.By] {
			return bad("fallback hosts")
		}
		spare[e.Identity] = true
	}
	return nil
}

func (p *Policy) checkGrants() error {
	bad := func(reason string) error { return &InvalidError{"policy", reason} }
	if len(p.Grants) > maxGrants || p.Mode == Sealed && len(p.Grants) > 0 {
		return bad("number of grants")
	}
	gateways, numbers := make([]Key, 0, maxGrants), uint32(0)
	for i := range p.Grants {
		g := &p.Grants[i]
		r, err := DecodeRequest(g.Request)
		if err != nil {
			return err
		}
		bit := uint32(1) << (g.N % grantNumbers)
		switch {
		case g.N == 0 || g.N >= p.NextGrant || i > 0 && g.N <= p.Grants[i-1].N || numbers&bit != 0:
			return bad("grant number")
		case r.Room != p.Charter.Room || r.Group != p.Charter.Group:
			return bad("granted a request for another room or group")
		case !slices.Contains(p.Gateways, r.Gateway):
			return bad("granted to a gateway that is not listed")
		case !g.Scope.Within(r.Scope&p.MaxScope) || !g.Speak.Within(r.Speak&p.MaxScope) || g.NotAfter > r.NotAfter:
			return bad("granted more than was asked or is allowed")
		}
		numbers |= bit
		gateways = append(gateways, r.Gateway)
	}
	if !distinct(gateways) {
		return bad("two grants for one gateway")
	}
	return nil
}

// VerifyHosts proves the chain from the owner, as this gateway's configuration names it, to the hosts of a policy, and
// that it is for this room and group. Errors: ErrForeign, ErrChain, ErrSignature.
func VerifyHosts(p *Policy, owner Key, room string, group Group) (*Hosts, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	c := &p.Charter
	if c.Room != room || c.Group != group {
		return nil, fmt.Errorf("e2ee: policy: %w", ErrForeign)
	}
	if c.Owner != owner {
		return nil, fmt.Errorf("e2ee: charter: %w", ErrChain)
	}
	if err := c.verify(); err != nil {
		return nil, err
	}
	h := &Hosts{room: room, group: group, present: make(map[Key]bool, len(p.Hosts))}
	for _, list := range [][]HostEntry{p.Hosts, p.Fallback} {
		for i := range list {
			if err := list[i].verify(group); err != nil {
				return nil, err
			}
		}
	}
	for _, e := range p.Hosts {
		if !e.Out {
			h.present[e.Identity] = true
		}
	}
	return h, nil
}

func distinct(list []Key) bool {
	for i, k := range list {
		if slices.Contains(list[:i], k) {
			return false
		}
	}
	return true
}
