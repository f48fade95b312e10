package e2ee

import (
	"crypto/ecdh"
	"crypto/hpke"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Ask is what a gateway wants to be granted.
type Ask struct {
	// Room and Group to ask.
	Room  string
	Group Group
	// Legs in ascending order of their numbers.
	Legs []RequestLeg
	// Scope to open and Speak to send.
	Scope, Speak Scope
	// NotAfter is the end of any grant of it.
	NotAfter time.Time
}

// LiveRequest is a request that this gateway made and has not given up. It holds the key that bundles are sealed to, in
// memory only: made for this request, and let go when the request is closed or its grant ends. A gateway that is seized
// later opens nothing of what was recorded.
type LiveRequest struct {
	request Request
	encoded []byte
	sig     Signature

	mu      sync.Mutex
	private hpke.PrivateKey // nil when granted or closed
}

// Ask makes and signs a request with a fresh key. Errors: ErrInvalid.
func (i *Identity) Ask(a Ask) (*LiveRequest, error) {
	private, err := suiteKEM().GenerateKey()
	if err != nil {
		return nil, fmt.Errorf("e2ee: key of a request: %w", err)
	}
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails
	return i.ask(a, id, private)
}

func (i *Identity) ask(a Ask, id [16]byte, private hpke.PrivateKey) (*LiveRequest, error) {
	l := &LiveRequest{private: private, request: Request{
		Version: version, Room: a.Room, Group: a.Group, ID: id, Gateway: i.Key(), HPKE: Key(private.PublicKey().Bytes()),
		Legs: slices.Clone(a.Legs), Scope: a.Scope, Speak: a.Speak, NotAfter: SecondsOf(a.NotAfter),
	}}
	if err := l.request.check(); err != nil {
		return nil, err
	}
	var err error
	if l.encoded, err = encode("request", &l.request); err != nil {
		return nil, err
	}
	l.sig = sign(i.key, labelRequest, l.encoded)
	return l, nil
}

// Encoded is the request as it is sent and signed. Owner: the caller must not change it.
func (l *LiveRequest) Encoded() []byte { return l.encoded }

// Signature of the gateway on Encoded.
func (l *LiveRequest) Signature() Signature { return l.sig }

// Request that was made. Owner: the caller must not change its legs.
func (l *LiveRequest) Request() Request { return l.request }

// Granted makes a Grant of the request when a policy holds it, by the rules of DecodePolicy, and when its hosts lead to
// the owner. The key of the request goes over to the Grant: there is never a second Grant of one request, so a policy
// that brings back what was revoked brings nothing.
// Errors: ErrNotGranted, ErrRevoked after Close or a first Grant, ErrExpired, and those of VerifyHosts.
func (l *LiveRequest) Granted(p *Policy, owner Key) (*Grant, error) {
	if _, err := VerifyHosts(p, owner, l.request.Room, l.request.Group); err != nil {
		return nil, err
	}
	entry := l.entry(p)
	if entry == nil {
		return nil, fmt.Errorf("e2ee: request: %w", ErrNotGranted)
	}
	left := time.Until(entry.NotAfter.Time())
	if left <= 0 {
		return nil, fmt.Errorf("e2ee: grant: %w", ErrExpired)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.private == nil {
		return nil, fmt.Errorf("e2ee: request: %w", ErrRevoked)
	}
	g := newGrant(l, *entry, owner, left)
	l.private = nil
	return g, nil
}

// entry of the policy that grants this very request.
func (l *LiveRequest) entry(p *Policy) *GrantEntry {
	for i := range p.Grants {
		if e := &p.Grants[i]; string(e.Request) == string(l.encoded) && e.Signature == l.sig {
			return e
		}
	}
	return nil
}

// Close gives the request up and lets its key go. A Grant that was made of it stays.
func (l *LiveRequest) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.private = nil
}

func (l *LiveRequest) hash() Hash { return sha256.Sum256(l.encoded) }

// suiteKEM is the key encapsulation of bundles. Source: RFC 9180 section 7.1.
func suiteKEM() hpke.KEM { return hpke.DHKEM(ecdh.X25519()) }
