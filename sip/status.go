package sip

import (
	"context"
	"errors"
)

// Q.850 causes used in Reason headers (ITU-T Q.850 table 1, RFC 3326, RFC 3398 section 7.2.6).
const (
	q850Unallocated      = 1
	q850Normal           = 16
	q850Busy             = 17
	q850NoUserResponding = 18
	q850NoAnswer         = 19
	q850Rejected         = 21
	q850OutOfOrder       = 27
	q850Unspecified      = 31
	q850NoCircuit        = 34
	q850Temporary        = 41
	q850Unavailable      = 47
	q850NotImplemented   = 79
	q850Incompatible     = 88
	q850Protocol         = 111
	q850Timer            = 102
	q850Interworking     = 127
)

// outcome is what one cause looks like on the wire.
type outcome struct {
	cause  error
	code   int
	reason string
	q850   int
}

// outcomes is the whole border between causes and SIP, first match wins.
func outcomes() []outcome {
	return []outcome{
		{ErrBusy, 486, "Busy Here", q850Busy},
		{ErrNotFound, 404, "Not Found", q850Unallocated},
		{ErrForbidden, 403, "Forbidden", q850Rejected},
		{ErrEmergency, 403, "Emergency Calls Not Supported", q850Rejected},
		{ErrDeclined, 603, "Decline", q850Rejected},
		{ErrTooManyCalls, 503, "Service Unavailable", q850NoCircuit},
		{ErrDraining, 503, "Service Unavailable", q850Temporary},
		{ErrUnauthorized, 401, "Unauthorized", q850Rejected},
		{ErrNoCodec, 488, "Not Acceptable Here", q850Incompatible},
		{ErrSRTPRequired, 488, "Not Acceptable Here", q850Incompatible},
		{ErrSRTPRefused, 488, "Not Acceptable Here", q850Incompatible},
		{ErrAddressFamily, 488, "Not Acceptable Here", q850Incompatible},
		{ErrNoAudio, 488, "Not Acceptable Here", q850Incompatible},
		{ErrBadSDP, 400, "Bad Session Description", q850Interworking},
		{ErrBadRequest, 400, "Bad Request", q850Protocol},
		{ErrNoMedia, 503, "Service Unavailable", q850Unavailable},
		{ErrCancelled, 487, "Request Terminated", q850Normal},
		{ErrHungUp, 487, "Request Terminated", q850Normal},
		{ErrNoACK, 408, "Request Timeout", q850Timer},
		{ErrNoAnswer, 480, "Temporarily Unavailable", q850NoAnswer},
		{ErrSessionExpired, 408, "Request Timeout", q850Timer},
		{ErrSilent, 408, "Request Timeout", q850OutOfOrder},
		{ErrUnreachable, 408, "Request Timeout", q850NoUserResponding},
		{ErrGlare, 491, "Request Pending", q850Protocol},
		{ErrNoDialog, 481, "Call/Transaction Does Not Exist", q850Unspecified},
		{ErrState, 500, "Server Internal Error", q850Protocol},
		{ErrInternal, 500, "Server Internal Error", q850Temporary},
		{context.DeadlineExceeded, 480, "Temporarily Unavailable", q850NoAnswer},
		{context.Canceled, 487, "Request Terminated", q850Normal},
	}
}

// StatusOf is the one border where a cause becomes SIP: the status and phrase of a final answer, and the Q.850 cause
// that goes into the Reason header of BYE, CANCEL and final answers (RFC 3326). nil is a normal end: 200 and cause 16.
// A cause it does not know is 500 and cause 41. A StatusError keeps its own code.
func StatusOf(err error) (code int, reason string, q850 int) {
	if err == nil {
		return 200, "OK", q850Normal
	}
	var se *StatusError
	if errors.As(err, &se) {
		return se.Code, se.Reason, q850OfStatus(se.Code)
	}
	for _, o := range outcomes() {
		if errors.Is(err, o.cause) {
			return o.code, o.reason, o.q850
		}
	}
	return 500, "Server Internal Error", q850Temporary
}

// q850OfStatus maps a received status (RFC 3398 section 8.2.6.1).
func q850OfStatus(code int) int {
	switch code {
	case 400, 481, 500, 503:
		return q850Temporary
	case 401, 402, 403, 407, 603:
		return q850Rejected
	case 404, 604:
		return q850Unallocated
	case 405, 501:
		return q850NotImplemented
	case 408, 504:
		return q850Timer
	case 480:
		return q850NoUserResponding
	case 486, 600:
		return q850Busy
	case 488, 606:
		return q850Incompatible
	case 502:
		return q850OutOfOrder
	case 487:
		return q850Normal
	default:
		return q850Interworking
	}
}
