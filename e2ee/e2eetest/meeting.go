// Package e2eetest plays the browsers of an end-to-end encrypted meeting, as far as a gateway deals with them: it makes
// charters, policies and bundles from keys that are made of small numbers. Its encoding is not that of package e2ee.
package e2eetest

import (
	"bytes"
	"crypto/ed25519"
	"encoding/binary"
	"time"

	"legroom/e2ee"
	"legroom/e2ee/sframe"
)

// Seeded makes an Ed25519 key of 32 bytes that count up from first. Never use it outside tests.
func Seeded(first byte) ed25519.PrivateKey { return ed25519.NewKeyFromSeed(Count(32, first)) }

// Count gives n bytes that count up from first.
func Count(n int, first byte) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = first + byte(i)
	}
	return b
}

// Public is the public half of a key.
func Public(k ed25519.PrivateKey) e2ee.Key { return e2ee.Key(k.Public().(ed25519.PublicKey)) }

// Meeting is a group with an owner who started it and is its first host. Tests may change every part.
type Meeting struct {
	// Owner is the identity key of the owner.
	Owner ed25519.PrivateKey
	// Policy in force.
	Policy *e2ee.Policy
	// Now is when it takes place.
	Now time.Time
}

// NewMeeting starts one in the room, in mode mixed with nothing but sound to be granted.
func NewMeeting(room string, now time.Time) *Meeting {
	return NewMeetingOf(Seeded(0x10), e2ee.Group(Count(16, 0xa0)), room, now)
}

// NewMeetingOf is NewMeeting of an owner, in a group.
func NewMeetingOf(by ed25519.PrivateKey, group e2ee.Group, room string, now time.Time) *Meeting {
	m := &Meeting{Owner: by, Now: now}
	owner := Public(m.Owner)
	charter := e2ee.Charter{Room: room, Group: group, Owner: owner, By: owner, Floor: e2ee.Mixed, Made: e2ee.SecondsOf(now)}
	if err := charter.Sign(m.Owner); err != nil {
		panic(err) // a test's own input
	}
	m.Policy = &e2ee.Policy{
		Version: 1, Charter: charter, Mode: e2ee.Mixed, MaxScope: e2ee.ScopeOf(sframe.Audio),
		Hosts: []e2ee.HostEntry{e2ee.NewHostEntry(m.Owner, group, owner)}, VetoRule: e2ee.VetoHost, NextGrant: 1,
	}
	return m
}

// Group of the meeting.
func (m *Meeting) Group() e2ee.Group { return m.Policy.Charter.Group }

// Grant puts a grant of the request in force, with all that it asks for, in place of an older one of the same gateway.
func (m *Meeting) Grant(l *e2ee.LiveRequest) e2ee.GrantEntry {
	return m.GrantAsked(l.Encoded(), l.Signature())
}

// GrantAsked is Grant of a request as it came.
func (m *Meeting) GrantAsked(request []byte, sig e2ee.Signature) e2ee.GrantEntry {
	r, err := e2ee.DecodeRequest(request)
	if err != nil {
		panic(err) // a test's own input
	}
	if !contains(m.Policy.Gateways, r.Gateway) {
		m.Policy.Gateways = append(m.Policy.Gateways, r.Gateway)
	}
	g := e2ee.GrantEntry{N: m.Policy.NextGrant, Request: request, Signature: sig, Scope: r.Scope, Speak: r.Speak, NotAfter: r.NotAfter}
	m.Policy.NextGrant++
	m.Policy.Revision++
	m.Policy.Grants = append(m.without(r.Gateway), g)
	return g
}

// Revoke takes away what the gateway was granted.
func (m *Meeting) Revoke(gateway e2ee.Key) {
	m.Policy.Grants = m.without(gateway)
	m.Policy.Revision++
}

// without builds a new list, so that a copy of the policy keeps its own.
func (m *Meeting) without(gateway e2ee.Key) []e2ee.GrantEntry {
	var rest []e2ee.GrantEntry
	for _, g := range m.Policy.Grants {
		if !bytes.Contains(g.Request, gateway[:]) {
			rest = append(rest, g)
		}
	}
	return rest
}

// Leaf is a page load of an identity: what its browser says of itself in the group.
type Leaf struct {
	// Key of the leaf.
	Key ed25519.PrivateKey
	// Credential, encoded.
	Credential []byte
}

// NewLeaf makes a leaf of the identity with a credential for an hour.
func (m *Meeting) NewLeaf(identity, leaf ed25519.PrivateKey) Leaf {
	c := &e2ee.Credential{
		Version: 1, Kind: e2ee.Account, Name: "Anna", Identity: Public(identity), NotAfter: e2ee.SecondsOf(m.Now.Add(time.Hour)),
	}
	c.Certify(identity, m.Policy.Charter.Room, Public(leaf))
	b, err := c.Encode()
	if err != nil {
		panic(err) // a test's own input
	}
	return Leaf{Key: leaf, Credential: b}
}

func contains(list []e2ee.Key, k e2ee.Key) bool {
	for _, o := range list {
		if o == k {
			return true
		}
	}
	return false
}

func u32(v uint32) []byte { return binary.BigEndian.AppendUint32(nil, v) }

func u64(v uint64) []byte { return binary.BigEndian.AppendUint64(nil, v) }
