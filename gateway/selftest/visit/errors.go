package visit

import (
	"errors"
	"fmt"

	"legroom/gateway/api"
)

// Errors of this package, for errors.Is.
var (
	// ErrInvitation tells that a text is no link that a page hands to guests.
	ErrInvitation = errors.New("not an invitation")
	// ErrNoServer tells that no gateway answers, or that what it says makes no sense.
	ErrNoServer = errors.New("no gateway to talk to")
	// ErrClock tells that this computer's clock and that of the gateway differ by more than keys allow.
	ErrClock = errors.New("this computer's clock is wrong by more than ten minutes, or the gateway's is")
	// ErrNotLetIn tells that nobody let the visitor in.
	ErrNotLetIn = errors.New("no host let this test in")
	// ErrMedia tells that no media connection came about.
	ErrMedia = errors.New("no media connection to the gateway")
	// ErrBye is the gateway's last word; a *ByeError says which.
	ErrBye = errors.New("sent away")
)

// ByeError is why the gateway ended a visit. errors.Is(err, ErrBye) holds.
type ByeError struct {
	// Code as the gateway gave it.
	Code api.ByeCode
}

// Error has words for users.
func (e *ByeError) Error() string { return fmt.Sprintf("the gateway says: %s", e.Code.Words()) }

// Is makes it an ErrBye.
func (e *ByeError) Is(target error) bool { return target == ErrBye }
