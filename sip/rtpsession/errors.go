package rtpsession

import (
	"errors"
	"fmt"

	"legroom/media"
)

// Errors of a Session.
var (
	// ErrNoPorts tells that no pair of ports is free in the configured range.
	ErrNoPorts = errors.New("rtpsession: no free media ports")
	// ErrNoAddress tells that no address of the wanted IP version is configured.
	ErrNoAddress = errors.New("rtpsession: no media address of this ip version")
	// ErrClosed is what a closed Session answers. It is also a media.ErrClosed.
	ErrClosed = fmt.Errorf("rtpsession: session over: %w", media.ErrClosed)
	// ErrRunning tells that Run was called twice.
	ErrRunning = errors.New("rtpsession: already run")
	// ErrKeys tells of SRTP keys that cannot be used.
	ErrKeys = errors.New("rtpsession: srtp keys not usable")
	// ErrNoCertificate tells that DTLS was agreed without a certificate to do it with.
	ErrNoCertificate = errors.New("rtpsession: no dtls certificate")
	// ErrHandshake is a DTLS handshake that failed or took too long.
	ErrHandshake = errors.New("rtpsession: dtls handshake failed")
	// ErrFingerprint is a DTLS peer whose certificate is not the one its SDP names.
	ErrFingerprint = errors.New("rtpsession: dtls fingerprint does not match")
	// ErrNoEvents tells that the peer takes no telephone-events.
	ErrNoEvents = errors.New("rtpsession: peer takes no telephone-events")
	// ErrNoFeedback tells that no RTCP feedback was agreed by which a key frame could be asked for.
	ErrNoFeedback = errors.New("rtpsession: no feedback for key frames agreed")
	// ErrBadDigit is a rune that is no telephone key.
	ErrBadDigit = errors.New("rtpsession: not a telephone key")
)

// Reasons inside others.
var (
	errShortKey = errors.New("key too short")
	errSources  = errors.New("rtpsession: too many sources under one key")
)
