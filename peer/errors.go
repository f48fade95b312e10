package peer

import (
	"errors"
	"fmt"

	"legroom/media"
)

// Errors of this package, for errors.Is.
var (
	// ErrClosed is the answer of an Engine or Leg that has been closed.
	ErrClosed = errors.New("peer: closed")
	// ErrTimeout is why a Leg was closed whose connection was gone for longer than Config.Grace.
	ErrTimeout = errors.New("peer: media connection lost")
	// ErrRemoteClosed is why a Leg was closed whose browser ended the connection.
	ErrRemoteClosed = errors.New("peer: closed by the browser")
	// ErrOffer is an offer that cannot be answered; an *OfferError says why.
	ErrOffer = errors.New("peer: unusable offer")
	// ErrCandidate is an ICE candidate that cannot be read.
	ErrCandidate = errors.New("peer: unusable candidate")
	// ErrNoSlot tells that every slot of the kind carries something already.
	ErrNoSlot = errors.New("peer: no free slot")
	// ErrNoCodec tells that the browser takes no stream in that codec.
	ErrNoCodec = errors.New("peer: codec not negotiated")
	// ErrNoRoomCodec tells that the browser does not offer LegConfig.VideoCodec. Nothing is converted between browsers
	// of an encrypted room, so whoever lacks the codec could neither be seen nor see.
	ErrNoRoomCodec = errors.New("peer: the browser does not offer the room's video codec")
	// ErrRunning is the answer of a second Run.
	ErrRunning = errors.New("peer: already running")
)

// OfferError is an offer that cannot be answered. errors.Is(err, ErrOffer) holds.
type OfferError struct {
	// MID of the m-line at fault; empty when it is the whole description.
	MID string
	// Reason in words; it quotes nothing of the description but codec and attribute names.
	Reason string
	// Cause underneath; may be nil.
	Cause error
}

// Error gives the reason.
func (e *OfferError) Error() string {
	s := "peer: unusable offer: "
	if e.MID != "" {
		s += fmt.Sprintf("m-line %q: ", e.MID)
	}
	s += e.Reason
	if e.Cause != nil {
		s += ": " + e.Cause.Error()
	}
	return s
}

// Unwrap gives ErrOffer and the cause.
func (e *OfferError) Unwrap() []error {
	if e.Cause == nil {
		return []error{ErrOffer}
	}
	return []error{ErrOffer, e.Cause}
}

// SendError tells why a Track could not be given a slot. It wraps ErrNoSlot or ErrNoCodec.
type SendError struct {
	// Track is the TrackInfo.ID.
	Track string
	// Codec of the Track.
	Codec media.Codec
	// Cause is ErrNoSlot or ErrNoCodec.
	Cause error
}

// Error names track and codec.
func (e *SendError) Error() string {
	return fmt.Sprintf("peer: send track %s (%s): %v", e.Track, e.Codec, e.Cause)
}

// Unwrap gives the cause.
func (e *SendError) Unwrap() error { return e.Cause }
