package delivery

import (
	"errors"
	"fmt"
	"time"
)

// Errors of this package, for errors.Is.
var (
	// ErrMalformed tells that bytes are not the MLS structure that was asked for, in the form that rooms use.
	ErrMalformed = errors.New("delivery: malformed")
	// ErrTooLong tells that something is over its limit.
	ErrTooLong = errors.New("delivery: too long")
	// ErrGroup tells that something is for another group or room, or that there is a group already, or none yet.
	ErrGroup = errors.New("delivery: wrong group")
	// ErrLeaf tells that the member does not hold the leaf it wants to act for, or holds none.
	ErrLeaf = errors.New("delivery: not your leaf")
	// ErrEpoch tells that something is for an epoch that is not there.
	ErrEpoch = errors.New("delivery: wrong epoch")
	// ErrLost tells that another commit of that epoch came first; a *LostError says which epoch is now.
	ErrLost = errors.New("delivery: another commit came first")
	// ErrRoster tells that a commit removes who is not there, adds who does not wait, or makes the group too large.
	ErrRoster = errors.New("delivery: roster does not allow this")
	// ErrRole tells that a commit does what its committer may not do, or nobody: no member would accept it.
	ErrRole = errors.New("delivery: not yours to change")
	// ErrWelcome tells that a commit's Welcome is not for exactly those whom it adds.
	ErrWelcome = errors.New("delivery: welcome for others than were added")
	// ErrBundle tells that a bundle is not for a grant in force and the epoch that the commit makes.
	ErrBundle = errors.New("delivery: bundle for nobody")
	// ErrThrottled tells that something comes too often; a *ThrottledError says when it may come.
	ErrThrottled = errors.New("delivery: too often")
	// ErrRefused tells that most members refused this very commit before.
	ErrRefused = errors.New("delivery: refused by most members")
	// ErrGap tells that the log does not reach back as far as was asked: only a new leaf helps.
	ErrGap = errors.New("delivery: not in the log any more")
)

// LostError is the answer to a commit that came too late. errors.Is(err, ErrLost) holds.
type LostError struct {
	// Epoch that is now, above the one of the commit.
	Epoch uint64
}

// Error names the epoch.
func (e *LostError) Error() string {
	return fmt.Sprintf("delivery: another commit came first, the epoch is %d", e.Epoch)
}

// Is makes it an ErrLost.
func (e *LostError) Is(target error) bool { return target == ErrLost }

// ThrottledError is the answer to what comes too often. errors.Is(err, ErrThrottled) holds.
type ThrottledError struct {
	// After is how long to wait.
	After time.Duration
}

// Error names the time.
func (e *ThrottledError) Error() string {
	return fmt.Sprintf("delivery: too often, again after %v", e.After)
}

// Is makes it an ErrThrottled.
func (e *ThrottledError) Is(target error) bool { return target == ErrThrottled }
