package mediacontrol

import "errors"

var (
	// ErrSyntax is a body that is no media control.
	ErrSyntax = errors.New("mediacontrol: syntax error")
	// ErrLimit is a body over its bounds.
	ErrLimit = errors.New("mediacontrol: too large")
	// ErrUnknown is a body that asks for nothing that is known.
	ErrUnknown = errors.New("mediacontrol: nothing known is asked for")
)

// Refusal is how an INFO is answered whose body Parse refused: status and body, which is of ContentType. The body says what
// is wrong, and nothing of what was sent.
// Source: RFC 5168 section 6.
func Refusal(err error) (status int, body []byte) {
	switch {
	case errors.Is(err, ErrLimit):
		return 413, generalError("the body is too large")
	case errors.Is(err, ErrUnknown):
		return 400, generalError("no known primitive")
	default:
		return 400, generalError("parsing error")
	}
}
