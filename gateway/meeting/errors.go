package meeting

import "errors"

// Errors of this package, for errors.Is.
var (
	// ErrMessage tells that what came from a browser is no message to a delivery service.
	ErrMessage = errors.New("meeting: not a message")
	// ErrSealed tells that the room refuses every leg that cannot be end-to-end encrypted.
	ErrSealed = errors.New("meeting: room is sealed")
	// ErrLines tells that so many legs are in the room already as can be named in one request.
	ErrLines = errors.New("meeting: no line left")
	// ErrNoMeeting tells that there is no meeting in that room, or none of which a log is kept.
	ErrNoMeeting = errors.New("meeting: none to export")
	// ErrConfig tells what is missing in a Config.
	ErrConfig = errors.New("meeting: identity, owners and log are needed")

	errClosed = errors.New("meeting: the gateway is ending")
)
