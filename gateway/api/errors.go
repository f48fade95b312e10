package api

import (
	"errors"

	"legroom/peer"
	"legroom/rooms"
)

// Why a visit was refused or ended, beside what package rooms has for it.
var (
	// ErrLeft: the user left.
	ErrLeft = errors.New("api: left")
	// ErrBadHello: the first message was no hello of this protocol version.
	ErrBadHello = errors.New("api: no hello of this version")
	// ErrBadLink: there is no such room or the key does not open it; which of them is nobody's business.
	ErrBadLink = errors.New("api: link is not valid")
	// ErrThrottled: too many wrong links from one address.
	ErrThrottled = errors.New("api: too many attempts")
	// ErrDraining: the service goes down.
	ErrDraining = errors.New("api: going down")
	// ErrMediaLost: the browser did not come back in time.
	ErrMediaLost = errors.New("api: connection lost")
	// ErrReplaced: the visit went on in another connection.
	ErrReplaced = errors.New("api: opened in another window")
	// ErrNoMeeting: a message for the group of a room that has none.
	ErrNoMeeting = errors.New("api: open room has no group")
	// ErrFaulty: too many messages that could not be obeyed.
	ErrFaulty = errors.New("api: too many faulty messages")
)

// ByeOf is the one border where the cause of an end becomes a word of the protocol. nil is an own leave; a cause it does
// not know is ByeInternal.
func ByeOf(err error) ByeCode {
	if err == nil {
		return ByeLeft
	}
	for _, known := range []struct {
		cause error
		code  ByeCode
	}{
		{ErrLeft, ByeLeft}, {ErrBadHello, ByeBadHello}, {ErrBadLink, ByeBadLink}, {rooms.ErrNoRoom, ByeBadLink},
		{ErrThrottled, ByeThrottled}, {ErrDraining, ByeDraining}, {ErrReplaced, ByeReplaced}, {ErrFaulty, ByeProtocol},
		{rooms.ErrFull, ByeFull}, {rooms.ErrLocked, ByeLocked}, {rooms.ErrDenied, ByeDenied}, {rooms.ErrRemoved, ByeRemoved},
		{rooms.ErrBanned, ByeBanned}, {rooms.ErrRoomClosed, ByeRoomClosed}, {rooms.ErrClosing, ByeRoomClosed},
		{rooms.ErrRevoked, ByeRevoked}, {rooms.ErrReplaced, ByeReplaced},
		{ErrMediaLost, ByeMediaLost}, {peer.ErrTimeout, ByeMediaLost}, {peer.ErrClosed, ByeMediaLost}, {peer.ErrRemoteClosed, ByeMediaLost}, {rooms.ErrLeft, ByeLeft},
	} {
		if errors.Is(err, known.cause) {
			return known.code
		}
	}
	return ByeInternal
}

// CloseCodeOf gives the WebSocket close code of a cause; see ByeOf.
func CloseCodeOf(err error) CloseCode { return ByeOf(err).CloseCode() }

// errorOf is the same border for a message that was not obeyed while the visit goes on.
func errorOf(err error) (ErrorCode, string) {
	var bad *MessageError
	switch {
	case errors.As(err, &bad):
		return ErrorBadMessage, bad.Msg
	case errors.Is(err, ErrNoMeeting):
		return ErrorBadMessage, "this room is open"
	case errors.Is(err, rooms.ErrNotHost):
		return ErrorNotHost, "Only hosts can do that."
	case errors.Is(err, rooms.ErrNoParticipant):
		return ErrorNoParticipant, "They are no longer here."
	case errors.Is(err, rooms.ErrWaiting):
		return ErrorNotAdmitted, "The host has not let you in yet."
	case errors.Is(err, rooms.ErrEncrypted):
		return ErrorEncrypted, "In this room the hosts' browsers decide that, not the server."
	case errors.Is(err, peer.ErrNoRoomCodec):
		return ErrorNoRoomCodec, "The browsers in this room have agreed on a video format that this browser does not offer. Please join with another browser."
	case errors.Is(err, peer.ErrNoCodec):
		return ErrorNoCodec, "There is no codec in common."
	case errors.Is(err, peer.ErrOffer), errors.Is(err, peer.ErrCandidate):
		return ErrorBadOffer, err.Error()
	default:
		return ErrorInternal, ByeInternal.Words()
	}
}
