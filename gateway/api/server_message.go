package api

import "encoding/json"

// ServerMessage is a message from the gateway. The set is closed.
type ServerMessage interface {
	// messageType is the value of "type" on the wire.
	messageType() string
	// fromServer closes the set.
	fromServer()
}

// Welcome accepts a hello.
type Welcome struct {
	// Protocol is ProtocolVersion.
	Protocol int `json:"protocol"`
	// Participant is the client's own id.
	Participant string `json:"participant"`
	// Resume is the token to come back with, good for 60 s after the connection broke and once.
	Resume string `json:"resume"`
	// Role of the client.
	Role Role `json:"role"`
	// Room that was joined.
	Room RoomInfo `json:"room"`
	// ICEServers for the RTCPeerConnection.
	ICEServers []ICEServer `json:"iceServers"`
	// Slots says how many recvonly m-lines to offer.
	Slots SlotCounts `json:"slots"`
	// Phone says what to dial.
	Phone PhoneAccess `json:"phone"`
	// GuestKey is the fragment of the guest link, "g.SECRET", for a host to hand on; told to hosts only.
	GuestKey string `json:"guestKey,omitempty"`
	// Server is the version of the gateway.
	Server string `json:"server"`
	// Now is the gateway's clock, Unix ms: certificates of an encrypted room need one that is about right.
	Now int64 `json:"now"`
	// Encryption says what an encrypted room goes by; left out in an open one.
	Encryption *Encryption `json:"encryption,omitempty"`
}

// Encryption is what the gateway says of an encrypted room. A client believes none of it further than its own group and
// link bear it out.
type Encryption struct {
	// Gateway is the key that signs the gateway's requests, Ed25519 in base64url.
	Gateway string `json:"gateway"`
	// GatewayFingerprint of that key, for people to compare.
	GatewayFingerprint string `json:"gatewayFingerprint"`
	// Owner is the identity at the end of the chain of hosts, Ed25519 in base64url; left out while nobody owns the room.
	Owner string `json:"owner,omitempty"`
	// OwnerPinned tells that the owner is configured and cannot be replaced.
	OwnerPinned bool `json:"ownerPinned"`
	// MaxScope is the most that may be granted to telephones.
	MaxScope MaxScope `json:"maxScope"`
	// VetoRule says whose consent a grant needs.
	VetoRule VetoRule `json:"vetoRule"`
	// AutoAdmit tells that the room has no lobby: hosts' browsers let in whoever comes.
	AutoAdmit bool `json:"autoAdmit"`
}

// RoomInfo is what a participant may know of its room.
type RoomInfo struct {
	// Number of the room.
	Number string `json:"number"`
	// Name of the room.
	Name string `json:"name"`
	// Mode says who can hear and see what is said and shown.
	Mode Mode `json:"mode"`
	// Locked tells that nobody but hosts may come in.
	Locked bool `json:"locked"`
}

// ICEServer is one entry of RTCConfiguration.iceServers.
type ICEServer struct {
	// URLs of the STUN or TURN server.
	URLs []string `json:"urls"`
	// Username for TURN.
	Username string `json:"username,omitempty"`
	// Credential for TURN.
	Credential string `json:"credential,omitempty"`
}

// SlotCounts are numbers of recvonly m-lines.
type SlotCounts struct {
	// Audio m-lines.
	Audio int `json:"audio"`
	// Video m-lines.
	Video int `json:"video"`
}

// PhoneAccess says how to come in by telephone.
type PhoneAccess struct {
	// URI to dial.
	URI string `json:"uri"`
	// PIN to enter; told to hosts only.
	PIN string `json:"pin,omitempty"`
}

// Waiting tells that the client is in the lobby; it comes again when the position changes.
type Waiting struct {
	// Position in the lobby, 1 is next.
	Position int `json:"position"`
}

// Admitted tells that the client is in the room and may offer.
type Admitted struct{}

// Answer to the offer with the same id.
type Answer struct {
	// ID of the offer.
	ID int64 `json:"id"`
	// SDP of the gateway.
	SDP string `json:"sdp"`
}

// ServerCandidate is a trickled ICE candidate of the gateway (RFC 8838); an empty candidate ends them.
type ServerCandidate struct {
	// Candidate is the candidate attribute without "a=".
	Candidate string `json:"candidate"`
	// MID of the m-line it belongs to.
	MID string `json:"mid"`
}

// Participant is one leg in the roster.
type Participant struct {
	// ID is opaque and unique in the process.
	ID string `json:"id"`
	// Name shown to people; for a telephone a masked number.
	Name string `json:"name"`
	// Kind of leg.
	Kind Kind `json:"kind"`
	// Role of the participant.
	Role Role `json:"role"`
	// State of the participant. Who waits is told to hosts only.
	State State `json:"state"`
	// Muted tells that the microphone is off, whoever turned it off.
	Muted bool `json:"muted"`
	// MutedByHost tells that a host turned it off.
	MutedByHost bool `json:"mutedByHost"`
	// Hand is since when the hand is up, Unix ms; 0 when it is down.
	Hand int64 `json:"hand"`
	// Security of this participant's own hop to the gateway.
	Security Security `json:"security"`
	// Sources it publishes now.
	Sources []Source `json:"sources"`
	// JoinedAt, Unix ms.
	JoinedAt int64 `json:"joinedAt"`
	// Leaf of a browser in the group of an encrypted room.
	Leaf *uint32 `json:"leaf,omitempty"`
	// Grant by which a telephone is in an encrypted room.
	Grant *uint32 `json:"grant,omitempty"`
	// Line of the telephone in the request of that grant, 0 to 1023.
	Line *uint16 `json:"line,omitempty"`
}

// Roster is the whole truth; it replaces what was known.
type Roster struct {
	// Revision rises with every change.
	Revision uint64 `json:"revision"`
	// Room as it is now.
	Room RoomInfo `json:"room"`
	// Participants the client may know of.
	Participants []Participant `json:"participants"`
}

// RosterChange follows the roster or change that came before it on this connection.
type RosterChange struct {
	// Revision rises with every change.
	Revision uint64 `json:"revision"`
	// Room, when something about it changed.
	Room *RoomInfo `json:"room,omitempty"`
	// Upsert are participants that are new or changed.
	Upsert []Participant `json:"upsert"`
	// Gone are the ids of participants that are no longer there.
	Gone []string `json:"gone"`
}

// Slots says what each slot carries now; the whole list.
type Slots struct {
	// Items, one for each recvonly m-line.
	Items []SlotItem `json:"items"`
}

// SlotItem is what one recvonly m-line carries.
type SlotItem struct {
	// MID of the m-line.
	MID string `json:"mid"`
	// Participant it comes from; empty when the slot is.
	Participant string `json:"participant"`
	// Source of what it carries; left out when the slot is empty.
	Source Source `json:"source,omitempty"`
}

// Levels says who is heard, at most five times a second.
type Levels struct {
	// Speaker is the id of the active speaker.
	Speaker string `json:"speaker,omitempty"`
	// Items are those above silence.
	Items []LevelItem `json:"items"`
}

// LevelItem is the loudness of one participant.
type LevelItem struct {
	// Participant who is heard.
	Participant string `json:"participant"`
	// Level in -dBov: 0 is full scale, 127 is silence (RFC 6464 section 3).
	Level int `json:"level"`
}

// Notice is something to tell the user.
type Notice struct {
	// Code names it.
	Code NoticeCode `json:"code"`
	// Participant it is about.
	Participant string `json:"participant,omitempty"`
	// Name of that participant.
	Name string `json:"name,omitempty"`
}

// ServerMeeting carries a message from the delivery service of an encrypted room's group, in the order of that service.
type ServerMeeting struct {
	// Message is an object; web/src/e2ee/meeting/wire.ts says what it may be.
	Message json.RawMessage `json:"message"`
}

// OK tells that the message with the same re was obeyed.
type OK struct {
	// Re is the client's number.
	Re int64 `json:"re"`
}

// ErrorReply tells that a message was not obeyed.
type ErrorReply struct {
	// Re is the client's number, if it gave one.
	Re *int64 `json:"re,omitempty"`
	// Code for the program.
	Code ErrorCode `json:"code"`
	// Message for people.
	Message string `json:"message"`
}

// Bye tells that the visit is over; the socket closes behind it with the same code.
type Bye struct {
	// Code for the program.
	Code ByeCode `json:"code"`
	// Message for people.
	Message string `json:"message"`
}

func (*Welcome) messageType() string         { return "welcome" }
func (*Waiting) messageType() string         { return "waiting" }
func (*Admitted) messageType() string        { return "admitted" }
func (*Answer) messageType() string          { return "answer" }
func (*ServerCandidate) messageType() string { return "candidate" }
func (*Roster) messageType() string          { return "roster" }
func (*RosterChange) messageType() string    { return "rosterChange" }
func (*Slots) messageType() string           { return "slots" }
func (*Levels) messageType() string          { return "levels" }
func (*Notice) messageType() string          { return "notice" }
func (*ServerMeeting) messageType() string   { return "meeting" }
func (*OK) messageType() string              { return "ok" }
func (*ErrorReply) messageType() string      { return "error" }
func (*Bye) messageType() string             { return "bye" }

func (*Welcome) fromServer()         {}
func (*Waiting) fromServer()         {}
func (*Admitted) fromServer()        {}
func (*Answer) fromServer()          {}
func (*ServerCandidate) fromServer() {}
func (*Roster) fromServer()          {}
func (*RosterChange) fromServer()    {}
func (*Slots) fromServer()           {}
func (*Levels) fromServer()          {}
func (*Notice) fromServer()          {}
func (*ServerMeeting) fromServer()   {}
func (*OK) fromServer()              {}
func (*ErrorReply) fromServer()      {}
func (*Bye) fromServer()             {}

// ClientConfig is what GET /api/v1/config tells a page before it has any room.
type ClientConfig struct {
	// Version of the gateway.
	Version string `json:"version"`
	// Languages the voice menu speaks, BCP 47 tags.
	Languages []string `json:"languages"`
}
