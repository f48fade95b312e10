package api

import "encoding/json"

// ClientMessage is a message from a browser. The set is closed: see newClientMessage.
type ClientMessage interface {
	// messageType is the value of "type" on the wire.
	messageType() string
	// valid says what is wrong with the values, nil when nothing is.
	valid() error
	// reply is the client's number for this message, nil when it wants no answer.
	reply() *int64
}

// Head is what every message from the client begins with.
type Head struct {
	// Type names the message.
	Type string `json:"type"`
	// Re is a number of the client's choice: an ok or an error with the same re answers it. Without it only faults are answered.
	Re *int64 `json:"re,omitempty"`
}

func (h *Head) reply() *int64 { return h.Re }

// Hello joins a room or comes back to it. It is the first message of a connection and comes once.
type Hello struct {
	Head
	// Protocol is ProtocolVersion.
	Protocol int `json:"protocol"`
	// Room is the number of the room.
	Room string `json:"room"`
	// Key is the fragment of the link: "h.SECRET" or "g.SECRET".
	Key string `json:"key"`
	// Name the others see, 1 to 64 characters.
	Name string `json:"name"`
	// Language of the page, a BCP 47 tag.
	Language string `json:"language"`
	// Muted tells that the microphone is off to begin with.
	Muted bool `json:"muted"`
	// Resume is the token of an earlier welcome: the participant, its place and its media stay.
	Resume string `json:"resume,omitempty"`
}

// Offer is a full SDP offer. The client is the only offerer; ICE restart and more slots are new offers.
type Offer struct {
	Head
	// ID comes back in the answer.
	ID int64 `json:"id"`
	// SDP as the browser made it.
	SDP string `json:"sdp"`
	// Tracks names what the sending m-lines carry. The recvonly m-lines are slots.
	Tracks []OfferTrack `json:"tracks"`
}

// OfferTrack says what one sending m-line carries.
type OfferTrack struct {
	// MID of the m-line (RFC 8843).
	MID string `json:"mid"`
	// Source of what is sent.
	Source Source `json:"source"`
}

// ClientCandidate is a trickled ICE candidate of the browser (RFC 8838); an empty candidate ends them.
type ClientCandidate struct {
	Head
	// Candidate is the candidate attribute without "a=".
	Candidate string `json:"candidate"`
	// MID of the m-line it belongs to.
	MID string `json:"mid"`
}

// View lists the videos on the screen: the gateway fills the video slots and chooses layers by it.
type View struct {
	Head
	// Items is the whole list, most important first.
	Items []ViewItem `json:"items"`
}

// ViewItem is one video on the screen.
type ViewItem struct {
	// Participant whose video it is.
	Participant string `json:"participant"`
	// Source is camera or screen.
	Source Source `json:"source"`
	// Width in CSS pixels times the device's ratio.
	Width int `json:"width"`
	// Height in CSS pixels times the device's ratio.
	Height int `json:"height"`
}

// Mute sets the own microphone.
type Mute struct {
	Head
	// Muted is the new state.
	Muted bool `json:"muted"`
}

// Hand raises or lowers the own hand.
type Hand struct {
	Head
	// Raised is the new state.
	Raised bool `json:"raised"`
}

// Rename changes the own name.
type Rename struct {
	Head
	// Name is the new one, 1 to 64 characters.
	Name string `json:"name"`
}

// Admit lets somebody in from the lobby. Hosts only.
type Admit struct {
	Head
	// Participant who waits.
	Participant string `json:"participant"`
}

// Deny turns somebody away from the lobby. Hosts only.
type Deny struct {
	Head
	// Participant who waits.
	Participant string `json:"participant"`
}

// MuteOther mutes somebody. Hosts only; there is no message that unmutes another.
type MuteOther struct {
	Head
	// Participant to mute.
	Participant string `json:"participant"`
}

// MuteAll mutes everybody who is not a host. Hosts only.
type MuteAll struct {
	Head
}

// Lock closes the room to everybody but hosts, or opens it again. Hosts only.
type Lock struct {
	Head
	// Locked is the new state.
	Locked bool `json:"locked"`
}

// Remove puts somebody out of the room. Hosts only.
type Remove struct {
	Head
	// Participant to remove.
	Participant string `json:"participant"`
	// Ban tells that they are not to come back while the room lives.
	Ban bool `json:"ban"`
}

// PassHost makes somebody a host too. Hosts only.
type PassHost struct {
	Head
	// Participant to make a host.
	Participant string `json:"participant"`
}

// ClientMeeting carries a message to the delivery service of an encrypted room's group. What is in it is between the client
// and that service: web/src/e2ee/meeting/wire.ts.
type ClientMeeting struct {
	Head
	// Message is an object, passed on as it is.
	Message json.RawMessage `json:"message"`
}

// Leave ends the visit.
type Leave struct {
	Head
}

func (*Hello) messageType() string           { return "hello" }
func (*Offer) messageType() string           { return "offer" }
func (*ClientCandidate) messageType() string { return "candidate" }
func (*View) messageType() string            { return "view" }
func (*Mute) messageType() string            { return "mute" }
func (*Hand) messageType() string            { return "hand" }
func (*Rename) messageType() string          { return "rename" }
func (*Admit) messageType() string           { return "admit" }
func (*Deny) messageType() string            { return "deny" }
func (*MuteOther) messageType() string       { return "muteOther" }
func (*MuteAll) messageType() string         { return "muteAll" }
func (*Lock) messageType() string            { return "lock" }
func (*Remove) messageType() string          { return "remove" }
func (*PassHost) messageType() string        { return "passHost" }
func (*ClientMeeting) messageType() string   { return "meeting" }
func (*Leave) messageType() string           { return "leave" }

// newClientMessage makes the empty message of a type, nil when there is none of that name.
func newClientMessage(name string) ClientMessage {
	for _, m := range []ClientMessage{
		new(Hello), new(Offer), new(ClientCandidate), new(View), new(Mute), new(Hand), new(Rename), new(Admit), new(Deny),
		new(MuteOther), new(MuteAll), new(Lock), new(Remove), new(PassHost), new(ClientMeeting), new(Leave),
	} {
		if m.messageType() == name {
			return m
		}
	}
	return nil
}
