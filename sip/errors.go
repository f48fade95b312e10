package sip

import (
	"errors"
	"fmt"
)

// Causes by which a call is refused or ends. StatusOf gives the SIP status and Q.850 cause of each.
var (
	// ErrBusy refuses a call because the gateway or the one called has no seat for it.
	ErrBusy = errors.New("sip: busy")
	// ErrNotFound refuses a call to a number nobody has.
	ErrNotFound = errors.New("sip: number not found")
	// ErrForbidden refuses a call that no rule lets in.
	ErrForbidden = errors.New("sip: forbidden")
	// ErrEmergency refuses a call to an emergency number, which this gateway cannot place.
	ErrEmergency = errors.New("sip: emergency calls are not supported")
	// ErrDeclined refuses a call because somebody said no.
	ErrDeclined = errors.New("sip: declined")
	// ErrTooManyCalls refuses a call over Config.Limits.Dialogs.
	ErrTooManyCalls = errors.New("sip: too many calls")
	// ErrDraining refuses new calls while the gateway goes down.
	ErrDraining = errors.New("sip: going down, no new calls")
	// ErrUnauthorized refuses a call whose digest credentials are wrong, or that brought none after a challenge.
	ErrUnauthorized = errors.New("sip: wrong or missing credentials")
	// ErrNoCodec refuses a call whose offer has no codec in common with ours.
	ErrNoCodec = errors.New("sip: no codec in common")
	// ErrSRTPRequired refuses a call that offers clear media where SRTP is required.
	ErrSRTPRequired = errors.New("sip: encrypted media is required")
	// ErrSRTPRefused refuses a call that insists on a kind of SRTP that is off here.
	ErrSRTPRefused = errors.New("sip: that kind of encrypted media is switched off")
	// ErrAddressFamily refuses a call whose media address is of an IP version we have no address of.
	ErrAddressFamily = errors.New("sip: media address family not available")
	// ErrNoAudio refuses a call that offers no usable audio.
	ErrNoAudio = errors.New("sip: no audio offered")
	// ErrBadSDP refuses a call whose session description cannot be read.
	ErrBadSDP = errors.New("sip: session description not understood")
	// ErrBadRequest answers a message that breaks the rules of SIP.
	ErrBadRequest = errors.New("sip: malformed message")
	// ErrNoMedia ends a call for which no media ports or keys were to be had.
	ErrNoMedia = errors.New("sip: no media port")
	// ErrCancelled ends a call that the caller gave up before it was answered.
	ErrCancelled = errors.New("sip: cancelled by the caller")
	// ErrHungUp is the normal end: one side sent BYE.
	ErrHungUp = errors.New("sip: hung up")
	// ErrNoACK ends a call whose 200 was never acknowledged.
	ErrNoACK = errors.New("sip: answer was never acknowledged")
	// ErrNoAnswer ends a call that nobody answered in time.
	ErrNoAnswer = errors.New("sip: no answer")
	// ErrSessionExpired ends a call whose session timer was not refreshed (RFC 4028).
	ErrSessionExpired = errors.New("sip: session timer expired")
	// ErrSilent ends a call whose other side sent no media for rtp.mediaTimeout.
	ErrSilent = errors.New("sip: no media received")
	// ErrUnreachable ends a call whose other side no longer answers requests.
	ErrUnreachable = errors.New("sip: other side does not answer")
	// ErrGlare refuses a re-offer while another one is under way (RFC 3261 section 14).
	ErrGlare = errors.New("sip: another offer is pending")
	// ErrNoDialog answers a request for a dialog that does not exist (any more).
	ErrNoDialog = errors.New("sip: no such dialog")
	// ErrState is answered by methods called at the wrong time, such as Answer on a call that has ended.
	ErrState = errors.New("sip: call is not in a state for that")
	// ErrInternal ends a call because of a fault of ours.
	ErrInternal = errors.New("sip: internal error")
)

// StatusError is a final answer other than 2xx that the other side gave to a request of ours.
type StatusError struct {
	// Code of the answer, 300 to 699.
	Code int
	// Reason phrase as it was sent.
	Reason string
}

// Error gives code and phrase.
func (e *StatusError) Error() string { return fmt.Sprintf("sip: answered %d %s", e.Code, e.Reason) }

// ListenError tells why a socket could not be opened: the port is taken, not allowed or the address is not ours.
// errors.Is with syscall.EADDRINUSE and the like works on it.
type ListenError struct {
	// Network is "udp", "tcp" or "tls".
	Network string
	// Address as it was configured.
	Address string
	// Err from the operating system.
	Err error
}

// Error names the socket and the trouble.
func (e *ListenError) Error() string {
	return fmt.Sprintf("sip: listen on %s %s: %v", e.Network, e.Address, e.Err)
}

// Unwrap gives the error of the operating system.
func (e *ListenError) Unwrap() error { return e.Err }

// CertificateError tells what is wrong with a certificate or key file for TLS.
type CertificateError struct {
	// Path of the file.
	Path string
	// Err is the trouble.
	Err error
}

// Error names the file and the trouble, never its content.
func (e *CertificateError) Error() string {
	return fmt.Sprintf("sip: certificate %s: %v", e.Path, e.Err)
}

// Unwrap gives the trouble.
func (e *CertificateError) Unwrap() error { return e.Err }
