package api

// ByeCode names why a visit ended.
type ByeCode string

// Reasons for the end of a visit.
const (
	ByeLeft       ByeCode = "left"
	ByeBadHello   ByeCode = "badHello"
	ByeBadLink    ByeCode = "badLink"
	ByeFull       ByeCode = "full"
	ByeLocked     ByeCode = "locked"
	ByeDenied     ByeCode = "denied"
	ByeRemoved    ByeCode = "removed"
	ByeBanned     ByeCode = "banned"
	ByeRoomClosed ByeCode = "roomClosed"
	ByeDraining   ByeCode = "draining"
	ByeMediaLost  ByeCode = "mediaLost"
	ByeReplaced   ByeCode = "replaced"
	ByeThrottled  ByeCode = "throttled"
	ByeProtocol   ByeCode = "protocol"
	ByeRevoked    ByeCode = "revoked"
	ByeInternal   ByeCode = "internal"
)

// CloseCode is the WebSocket close code that goes with a ByeCode (RFC 6455 section 7.4; 4000 to 4999 are private use).
type CloseCode int

// Close codes, one for each ByeCode of the same name.
const (
	CloseLeft       CloseCode = 1000
	CloseBadHello   CloseCode = 4000
	CloseBadLink    CloseCode = 4001
	CloseFull       CloseCode = 4002
	CloseLocked     CloseCode = 4003
	CloseDenied     CloseCode = 4004
	CloseRemoved    CloseCode = 4005
	CloseBanned     CloseCode = 4006
	CloseRoomClosed CloseCode = 4007
	CloseDraining   CloseCode = 4008
	CloseMediaLost  CloseCode = 4009
	CloseReplaced   CloseCode = 4010
	CloseThrottled  CloseCode = 4011
	CloseProtocol   CloseCode = 4012
	CloseRevoked    CloseCode = 4013
	CloseInternal   CloseCode = 1011
)

// ending is everything said when a visit ends for one reason.
type ending struct {
	bye   ByeCode
	close CloseCode
	words string
}

// endings is the table of docs/protocol.md, "Close codes".
func endings() [16]ending {
	return [...]ending{
		{ByeInternal, CloseInternal, "Something went wrong on our side."},
		{ByeLeft, CloseLeft, "You left the room."},
		{ByeBadHello, CloseBadHello, "This page and the server do not speak the same version."},
		{ByeBadLink, CloseBadLink, "This link is not valid."},
		{ByeFull, CloseFull, "The room is full."},
		{ByeLocked, CloseLocked, "The host has locked the room."},
		{ByeDenied, CloseDenied, "The host did not let you in."},
		{ByeRemoved, CloseRemoved, "The host removed you from the room."},
		{ByeBanned, CloseBanned, "You cannot come back into this meeting."},
		{ByeRoomClosed, CloseRoomClosed, "The meeting has ended."},
		{ByeDraining, CloseDraining, "The service is being restarted."},
		{ByeMediaLost, CloseMediaLost, "The media connection was lost."},
		{ByeReplaced, CloseReplaced, "The meeting was opened in another window."},
		{ByeThrottled, CloseThrottled, "Too many attempts."},
		{ByeProtocol, CloseProtocol, "Too many faulty messages."},
		{ByeRevoked, CloseRevoked, "The permission to hear this meeting was taken back."},
	}
}

func (b ByeCode) ending() ending {
	table := endings()
	for _, e := range table {
		if e.bye == b {
			return e
		}
	}
	return table[0]
}

// CloseCode gives the WebSocket close code that goes with b; that of ByeInternal for a code that is none.
func (b ByeCode) CloseCode() CloseCode { return b.ending().close }

// Words are what the user is told.
func (b ByeCode) Words() string { return b.ending().words }
