package rooms

import "errors"

// Why something was refused, or why a participant left.
var (
	// ErrNoRoom: there is no room of that number.
	ErrNoRoom = errors.New("rooms: no such room")
	// ErrFull: the room has no seat left.
	ErrFull = errors.New("rooms: room is full")
	// ErrLocked: a host locked the room, no guest comes in.
	ErrLocked = errors.New("rooms: room is locked")
	// ErrBanned: this person was removed for good.
	ErrBanned = errors.New("rooms: banned from the room")
	// ErrClosing: the room, or the whole registry, is ending.
	ErrClosing = errors.New("rooms: room is closing")
	// ErrNoCodec: the leg takes no codec that the room can send.
	ErrNoCodec = errors.New("rooms: no codec in common")
	// ErrWaiting: not before a host has let the participant in.
	ErrWaiting = errors.New("rooms: waiting in the lobby")
	// ErrLeft: the participant is not in the room any more.
	ErrLeft = errors.New("rooms: participant has left")
	// ErrNoMix: only a leg that hears the mix can be whispered to.
	ErrNoMix = errors.New("rooms: leg hears no mix")
	// ErrNotHost: only a host may do that.
	ErrNotHost = errors.New("rooms: not a host")
	// ErrNoParticipant: nobody of that ID is there, or not in the state that the command is for.
	ErrNoParticipant = errors.New("rooms: no such participant")
	// ErrDuplicate: the participant already publishes a track of that source.
	ErrDuplicate = errors.New("rooms: source is already published")
	// ErrRemoved is the cause when a host removed the participant.
	ErrRemoved = errors.New("rooms: removed by a host")
	// ErrDenied is the cause when a host did not let the participant in.
	ErrDenied = errors.New("rooms: denied by a host")
	// ErrEncrypted: in an encrypted room that is decided in the group of its browsers, not here.
	ErrEncrypted = errors.New("rooms: not possible in an encrypted room")
	// ErrRevoked is the cause when the grant that let a leg of the gateway in was taken away.
	ErrRevoked = errors.New("rooms: grant revoked")
	// ErrReplaced is the cause when the same person came again in the place of this participant.
	ErrReplaced = errors.New("rooms: replaced by another participant of the same person")
	// ErrRoomClosed is the cause when the room ended.
	ErrRoomClosed = errors.New("rooms: room closed")
)
