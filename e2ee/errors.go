package e2ee

import (
	"errors"
	"fmt"
)

// Errors of this package, for errors.Is.
var (
	// ErrEncoding tells that bytes are not the one deterministic CBOR form of what was to be read.
	ErrEncoding = errors.New("e2ee: not in deterministic encoding")
	// ErrInvalid tells that something was well encoded and breaks a rule; an *InvalidError says which.
	ErrInvalid = errors.New("e2ee: breaks a rule")
	// ErrSignature is a signature that does not hold.
	ErrSignature = errors.New("e2ee: signature does not hold")
	// ErrChain tells that signatures do not lead to the owner, or that somebody is no host.
	ErrChain = errors.New("e2ee: not signed on by the owner of the room")
	// ErrForeign tells that something was made for another room, group, request or grant.
	ErrForeign = errors.New("e2ee: made for somebody else")
	// ErrExpired tells that a time limit has passed.
	ErrExpired = errors.New("e2ee: expired")
	// ErrNotGranted tells that the policy holds no grant for the request.
	ErrNotGranted = errors.New("e2ee: not granted")
	// ErrSeal tells that a bundle does not open with the key of the request.
	ErrSeal = errors.New("e2ee: bundle does not open")
	// ErrStale tells that a bundle is not newer than the last one that was opened.
	ErrStale = errors.New("e2ee: bundle of an epoch that is over")
	// ErrFork tells that hosts vouched for two histories of one epoch; a *ForkError says which.
	ErrFork = errors.New("e2ee: the group is split")
	// ErrRevoked is the answer of a Grant, and of what came from it, after it was taken away.
	ErrRevoked = errors.New("e2ee: grant revoked")
	// ErrNoKey tells that no key is there for the epoch of a frame: its bundle has not come, or its time is over.
	ErrNoKey = errors.New("e2ee: no key for this epoch")
	// ErrIdentity tells that the file of the gateway's key cannot be used; an *IdentityError says why.
	ErrIdentity = errors.New("e2ee: gateway key unusable")
)

// InvalidError is a rule that was broken. errors.Is(err, ErrInvalid) holds.
type InvalidError struct {
	// What was read: "policy", "request".
	What string
	// Reason in words; it quotes nothing of what was read.
	Reason string
}

// Error gives what and why.
func (e *InvalidError) Error() string { return "e2ee: " + e.What + ": " + e.Reason }

// Is makes it an ErrInvalid.
func (e *InvalidError) Is(target error) bool { return target == ErrInvalid }

// ForkError is proof that members of one group follow two histories. errors.Is(err, ErrFork) holds.
type ForkError struct {
	// Epoch for which two transcript hashes were vouched for.
	Epoch uint64
}

// Error names the epoch.
func (e *ForkError) Error() string {
	return fmt.Sprintf("e2ee: the group is split at epoch %d", e.Epoch)
}

// Is makes it an ErrFork.
func (e *ForkError) Is(target error) bool { return target == ErrFork }

// IdentityError tells what is wrong with the file of the gateway's key. errors.Is(err, ErrIdentity) holds.
type IdentityError struct {
	// Path of the file.
	Path string
	// Err is the trouble.
	Err error
}

// Error names the file and the trouble, never its content.
func (e *IdentityError) Error() string { return fmt.Sprintf("e2ee: gateway key %s: %v", e.Path, e.Err) }

// Unwrap gives ErrIdentity and the trouble.
func (e *IdentityError) Unwrap() []error { return []error{ErrIdentity, e.Err} }
