package e2ee

import (
	"crypto/hpke"
	"fmt"
	"slices"
	"sync"
	"time"

	"legroom/e2ee/sframe"
)

// Grant is what hosts granted to this gateway: the only source of Openers, and so of opened media. Many goroutines may
// use it. It ends by Close, by Follow, by its time and by a fork; then its keys are gone and everything that came from it
// answers an error.
type Grant struct {
	request *LiveRequest
	entry   GrantEntry
	owner   Key
	hash    Hash
	done    chan struct{}

	// mu is held for reading while a frame is opened or sealed, so that no frame is under way when an end returns.
	mu      sync.RWMutex
	private hpke.PrivateKey // nil after the end
	epochs  epochs
	ends    *time.Timer
	err     error
}

func newGrant(l *LiveRequest, e GrantEntry, owner Key, left time.Duration) *Grant {
	g := &Grant{request: l, entry: e, owner: owner, hash: l.hash(), done: make(chan struct{}), private: l.private}
	// The lock makes the timer known before it can fire.
	g.mu.Lock()
	defer g.mu.Unlock()
	g.ends = time.AfterFunc(left, func() { g.end(ErrExpired) })
	return g
}

// NotAfter is when it ends by itself, at the latest.
func (g *Grant) NotAfter() time.Time { return g.entry.NotAfter.Time() }

// N is the number of the grant.
func (g *Grant) N() uint32 { return g.entry.N }

// Scope is what it opens, Speak what it sends.
func (g *Grant) Scope() Scope { return g.entry.Scope }

// Speak is what it sends.
func (g *Grant) Speak() Scope { return g.entry.Speak }

// Done is closed when the grant has ended.
func (g *Grant) Done() <-chan struct{} { return g.done }

// Err is why it ended: ErrRevoked, ErrExpired, a *ForkError, or the cause given to Close; nil while it holds.
func (g *Grant) Err() error {
	g.mu.RLock()
	defer g.mu.RUnlock()
	return g.err
}

// Take opens a bundle and makes its epoch the newest. The bundle counts only if a host sealed it whom the policy leads to
// the owner of this gateway's configuration, for this grant, and for an epoch above the last one.
// A bundle that is refused changes nothing, apart from a proven fork, which ends the grant: nobody knows which half of
// the meeting the legs would speak to.
// Errors: ErrEncoding, ErrInvalid, ErrForeign, ErrSignature, ErrExpired, ErrChain, ErrSeal, ErrStale, *ForkError, and
// that of Err after the end.
func (g *Grant) Take(sealed []byte, p *Policy) error {
	s, info, err := g.judge(sealed, p, labelBundle, labelBundleSig)
	if err != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.take(s, info)
}

// judge reads what was sealed to this grant under a label, and proves that a present host sealed it. info is what the seal
// is bound to.
func (g *Grant) judge(sealed []byte, p *Policy, seal, sig label) (s *SealedBundle, info []byte, err error) {
	if s, err = DecodeBundle(sealed); err != nil {
		return nil, nil, err
	}
	if s.N != g.entry.N {
		return nil, nil, fmt.Errorf("e2ee: sealed for another grant: %w", ErrForeign)
	}
	r := &g.request.request
	hosts, err := VerifyHosts(p, g.owner, r.Room, r.Group)
	if err != nil {
		return nil, nil, err
	}
	if !g.in(p) {
		return nil, nil, fmt.Errorf("e2ee: sealed for a grant: %w", ErrNotGranted)
	}
	info = s.info(seal, r.Group, g.hash)
	return s, info, s.verify(hosts, sig, info, time.Now())
}

// take is the part of Take that the lock is needed for.
func (g *Grant) take(s *SealedBundle, info []byte) error {
	if g.err != nil {
		return g.err
	}
	b, err := s.open(g.private, info, g.entry.Scope, g.entry.Speak)
	if err != nil {
		return err
	}
	if err := g.epochs.judge(s.Epoch, s.Transcript); err != nil {
		if fork, ok := err.(*ForkError); ok { //nolint:errorlint // judge made it
			g.finish(fork)
		}
		return err
	}
	g.epochs.add(newEpoch(b, s.Transcript), g.retire)
	return nil
}

// Succeed ends the grant that this one took the place of, once this one has keys. Frames of browsers that were sealed
// before, and are still under way, open for two seconds more.
func (g *Grant) Succeed(before *Grant) {
	g.mu.Lock()
	defer g.mu.Unlock()
	before.mu.Lock()
	defer before.mu.Unlock()
	same := g.request.request.Room == before.request.request.Room && g.request.request.Group == before.request.request.Group
	if g.err == nil && before.err == nil && same && before.entry.Scope.Within(g.entry.Scope) {
		g.epochs.inherit(&before.epochs, g.retire)
	}
	before.finish(ErrRevoked)
}

// retire erases an epoch whose time is over.
func (g *Grant) retire(e *epoch) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.epochs.drop(e)
}

// Follow looks whether a newer policy still holds the grant and ends it when it does not. Errors: ErrRevoked then, and
// ErrForeign for the policy of another group, which changes nothing.
func (g *Grant) Follow(p *Policy) error {
	if p.Charter.Group != g.request.request.Group {
		return fmt.Errorf("e2ee: policy: %w", ErrForeign)
	}
	if !g.in(p) {
		g.end(ErrRevoked)
	}
	return g.Err()
}

// in tells whether the policy holds the grant as it was given.
func (g *Grant) in(p *Policy) bool {
	return slices.ContainsFunc(p.Grants, func(e GrantEntry) bool {
		return e.N == g.entry.N && e.Signature == g.entry.Signature && e.Scope == g.entry.Scope &&
			e.Speak == g.entry.Speak && e.NotAfter == g.entry.NotAfter && string(e.Request) == string(g.entry.Request)
	})
}

// Close ends the grant, with ErrRevoked when cause is nil. When it returns, the keys are gone. It may be called twice.
func (g *Grant) Close(cause error) {
	if cause == nil {
		cause = ErrRevoked
	}
	g.end(cause)
}

func (g *Grant) end(cause error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.finish(cause)
}

// finish is called locked.
func (g *Grant) finish(cause error) {
	if g.err != nil {
		return
	}
	g.err = cause
	g.private = nil
	g.epochs.clear()
	g.ends.Stop()
	close(g.done)
}

// Opener gives what opens the media of one kind; ok is false when the kind is not in the scope.
func (g *Grant) Opener(kind sframe.Kind) (o *Opener, ok bool) {
	if !g.entry.Scope.Has(kind) {
		return nil, false
	}
	return &Opener{grant: g, kind: kind}, true
}

// Sealer gives what seals the media of one kind of one leg; ok is false when the kind may not be spoken or the leg was
// not named in the request.
func (g *Grant) Sealer(kind sframe.Kind, leg uint16) (s *Sealer, ok bool) {
	if !g.entry.Speak.Has(kind) || !g.request.request.HasLeg(leg) {
		return nil, false
	}
	return &Sealer{grant: g, kind: kind, leg: leg}, true
}
