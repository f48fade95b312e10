package visitor

import (
	"errors"
	"fmt"
)

// Errors of this package, for errors.Is.
var (
	// ErrMalformed tells that bytes are no Welcome of cipher suite 1.
	ErrMalformed = errors.New("visitor: not a Welcome")
	// ErrForeign tells that a Welcome is for somebody else.
	ErrForeign = errors.New("visitor: a Welcome for somebody else")
	// ErrSeal tells that a Welcome does not open, or that what is in it does not fit the keys it gives.
	ErrSeal = errors.New("visitor: a Welcome that does not open")
	// ErrSpent tells that a JoinKey was used before.
	ErrSpent = errors.New("visitor: key used before")
	// ErrRefused tells that the group is not the one that was to be joined; a *RefusedError says why.
	ErrRefused = errors.New("visitor: not the group that was to be joined")
	// ErrTag tells that a commit was made by somebody who does not have the group's secrets.
	ErrTag = errors.New("visitor: a commit of no member")
	// ErrMoved tells that a commit brought keys that a visitor cannot open: it has to be let in again.
	ErrMoved = errors.New("visitor: the meeting has new keys")
	// ErrNoKey tells that a frame is of an epoch that the visitor has no key of.
	ErrNoKey = errors.New("visitor: no key for this epoch")
	// ErrLink tells that a text is no link of an encrypted room.
	ErrLink = errors.New("visitor: not a link")
)

// RefusedError is why a group was not joined that opened well. errors.Is(err, ErrRefused) holds.
type RefusedError struct {
	// Why in words for people; it quotes nothing of what was read.
	Why string
}

// Error says why.
func (e *RefusedError) Error() string { return fmt.Sprintf("visitor: %s", e.Why) }

// Is makes it an ErrRefused.
func (e *RefusedError) Is(target error) bool { return target == ErrRefused }
