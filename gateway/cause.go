package gateway

import (
	"errors"

	"legroom/gateway/api"
	"legroom/gateway/meeting"
	"legroom/menu"
	"legroom/rooms"
)

// causeOf is the border where the end of a participation becomes last words.
func causeOf(err error) menu.Cause {
	for _, known := range []struct {
		err   error
		cause menu.Cause
	}{
		{rooms.ErrFull, menu.CauseFull}, {rooms.ErrLocked, menu.CauseLocked}, {rooms.ErrBanned, menu.CauseBanned},
		{rooms.ErrDenied, menu.CauseDenied}, {rooms.ErrRemoved, menu.CauseRemoved}, {rooms.ErrRoomClosed, menu.CauseRoomClosed},
		{api.ErrDraining, menu.CauseDraining}, {rooms.ErrClosing, menu.CauseDraining}, {rooms.ErrNoRoom, menu.CauseRoomClosed},
		{rooms.ErrRevoked, menu.CauseRevoked}, {meeting.ErrSealed, menu.CauseSealed}, {meeting.ErrLines, menu.CauseFull},
	} {
		if errors.Is(err, known.err) {
			return known.cause
		}
	}
	return menu.CauseInternal
}

// fixOf tells an operator what would let in a caller who was turned away by voice; empty when nothing was refused:
// a service that goes down ends calls, it refuses none that it has answered.
func fixOf(c menu.Cause) string {
	switch c {
	case menu.CauseWrongPIN:
		return "tell the caller the PIN: legroom serve prints it when printInvitations is on"
	case menu.CauseThrottled:
		return "wait for calls.throttle.window, or put the caller's telephone exchange into calls.throttle.trunks"
	case menu.CauseFull:
		return "raise the room's capacity"
	case menu.CauseLocked:
		return "a host can unlock the room with *5 or in the browser"
	case menu.CauseBanned, menu.CauseDenied, menu.CauseRevoked:
		return "the host decided it"
	case menu.CauseNobodyCame:
		return "a host must be there to admit callers, in an encrypted room with a browser; in an open one the lobby can be turned off"
	case menu.CauseSealed:
		return "invite the caller with a link, or set the room's mode to mixed, where a host can let telephones in"
	case menu.CauseInternal:
		return "see the log"
	default:
		return ""
	}
}
