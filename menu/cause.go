package menu

// Cause is why the call is over.
type Cause uint8

// Causes. The zero value is a fault of ours.
const (
	CauseInternal Cause = iota
	CauseNoInput
	CauseWrongPIN
	CauseThrottled
	CauseFull
	CauseLocked
	CauseDenied
	CauseRemoved
	CauseBanned
	CauseRoomClosed
	CauseDraining
	CauseNobodyCame
	// CauseSealed: the room takes no telephones.
	CauseSealed
	// CauseRevoked: the hosts ended the access of telephones.
	CauseRevoked
)

// String gives the name used in logs and in the list of refused calls.
func (c Cause) String() string {
	switch c {
	case CauseNoInput:
		return "no input"
	case CauseWrongPIN:
		return "wrong PIN"
	case CauseThrottled:
		return "too many wrong PINs"
	case CauseFull:
		return "room full"
	case CauseLocked:
		return "room locked"
	case CauseDenied:
		return "denied by the host"
	case CauseRemoved:
		return "removed by a host"
	case CauseBanned:
		return "banned from the room"
	case CauseRoomClosed:
		return "room closed"
	case CauseDraining:
		return "going down"
	case CauseNobodyCame:
		return "waited too long in the lobby"
	case CauseSealed:
		return "room takes no telephones"
	case CauseRevoked:
		return "access of telephones ended by the hosts"
	default:
		return "internal error"
	}
}

// words are the last ones a caller hears.
func (c Cause) words() PromptID {
	switch c {
	case CauseNoInput:
		return Goodbye
	case CauseWrongPIN:
		return TooManyTries
	case CauseThrottled:
		return Throttled
	case CauseFull:
		return RoomFull
	case CauseLocked:
		return RoomLocked
	case CauseDenied:
		return Denied
	case CauseRemoved:
		return Removed
	case CauseBanned:
		return Banned
	case CauseRoomClosed:
		return RoomClosed
	case CauseDraining:
		return Draining
	case CauseNobodyCame:
		return LobbyOver
	case CauseSealed:
		return SealedMeeting
	case CauseRevoked:
		return TelephonesEnded
	default:
		return OutOfOrder
	}
}
