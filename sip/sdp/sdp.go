// Package sdp is the session description (RFC 8866) and the offer/answer model (RFC 3264) of the gateway, as pure
// functions: Parse reads what a peer sent, Answer decides, Offer and Accept are the same from the other side. No
// sockets, no clocks, no randomness except what Capabilities carries.
//
// It is as tolerant as the real world asks (codec names in any case, blanks at line ends, media lines without formats,
// static payload types without a map) and bounded: see the Max constants.
//
// What an answer looks like here: every media line of the offer is answered in place; one codec is taken, the first of
// the offerer's list that the gateway has (RFC 3264 section 6.1 asks the answerer to keep that order; Capabilities.Order
// turns it round); payload type numbers are those of the offer; one telephone-event format is answered, but events are
// understood on every number that was offered. Of pictures our own order counts, so that H.264 comes before what fewer
// can encode; a line is taken for the camera or the slides by what it says, by its floor or by its place.
package sdp

// Bounds of what Parse accepts; more is a LimitError.
const (
	// MaxBytes of a body.
	MaxBytes = 64 << 10
	// MaxMedia is the number of media lines.
	MaxMedia = 32
	// MaxLines of a body.
	MaxLines = 2048
	// MaxFormats of one media line.
	MaxFormats = 128
)
