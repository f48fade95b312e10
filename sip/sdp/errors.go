package sdp

import (
	"errors"
	"fmt"
)

// Errors of parsing and of negotiation. Negotiation errors come wrapped in a RefusedError.
var (
	// ErrEmpty is an empty body.
	ErrEmpty = errors.New("sdp: empty body")
	// ErrSyntax is a body that is no session description; see SyntaxError.
	ErrSyntax = errors.New("sdp: syntax error")
	// ErrLimit is a body over one of the bounds; see LimitError.
	ErrLimit = errors.New("sdp: too large")
	// ErrNoMedia is a description without any audio line that is open.
	ErrNoMedia = errors.New("sdp: no audio offered")
	// ErrNoCommonCodec is an audio line without a codec the gateway has.
	ErrNoCommonCodec = errors.New("sdp: no common codec")
	// ErrSRTPRequired is a line in clear, or without the required kind of SRTP, where policy asks for it.
	ErrSRTPRequired = errors.New("sdp: srtp required")
	// ErrSRTPRefused is a line that insists on a kind of SRTP, or on suites, that are off here.
	ErrSRTPRefused = errors.New("sdp: no srtp in common")
	// ErrAddressFamily is a line whose address is of the IP version the gateway has no address of.
	ErrAddressFamily = errors.New("sdp: no common ip version")
	// ErrProtocol is a media line over a transport that is not RTP.
	ErrProtocol = errors.New("sdp: transport not supported")
	// ErrMismatch is an answer that does not fit the offer.
	ErrMismatch = errors.New("sdp: answer does not fit the offer")
)

// SyntaxError tells the line that cannot be read. It is an ErrSyntax.
type SyntaxError struct {
	// Line counts from 1.
	Line int
	// Msg says what is wrong with it; the line itself is not repeated, it may hold a key.
	Msg string
}

// Error gives line and reason.
func (e *SyntaxError) Error() string { return fmt.Sprintf("sdp: line %d: %s", e.Line, e.Msg) }

// Unwrap is ErrSyntax.
func (e *SyntaxError) Unwrap() error { return ErrSyntax }

// LimitError tells which bound was passed. It is an ErrLimit.
type LimitError struct {
	// What is counted.
	What string
	// Max that is accepted.
	Max int
}

// Error gives the bound.
func (e *LimitError) Error() string { return fmt.Sprintf("sdp: more than %d %s", e.Max, e.What) }

// Unwrap is ErrLimit.
func (e *LimitError) Unwrap() error { return ErrLimit }

// RefusedError is an offer or answer from which no audio came. The Negotiation returned beside it has the reason of
// every line.
type RefusedError struct {
	// Cause is the best reason found: ErrSRTPRequired before ErrNoCommonCodec before ErrNoMedia.
	Cause error
	// Index of the media line it is about; -1 when there is none.
	Index int
}

// Error gives the cause and the line.
func (e *RefusedError) Error() string {
	if e.Index < 0 {
		return e.Cause.Error()
	}
	return fmt.Sprintf("%v (media line %d)", e.Cause, e.Index+1)
}

// Unwrap is the cause.
func (e *RefusedError) Unwrap() error { return e.Cause }

// lineError is why one line is not used, in words for people, and the error it is.
type lineError struct {
	cause error
	text  string
}

func (e *lineError) Error() string { return e.text }
func (e *lineError) Unwrap() error { return e.cause }

func notUsed(cause error, format string, args ...any) error {
	return &lineError{cause: cause, text: fmt.Sprintf(format, args...)}
}
