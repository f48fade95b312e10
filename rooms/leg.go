package rooms

import "legroom/media"

// Leg is one endpoint in a room: a phone, a room system, a browser, a recorder. What a leg gets follows from what it
// takes: of capacity 1 it gets one mix, of more it gets tracks.
type Leg interface {
	// Accepts lists what can be sent to it, best first. When that changes, as by a SIP re-offer, the leg's owner calls
	// Participant.Reseat.
	Accepts(media.Kind) []media.Codec
	// Capacity is how many streams of a kind it takes at once.
	Capacity(media.Kind) int
	// Send opens a stream to the leg. The sink re-bases sequence, timestamp and SSRC itself. With capacity 1 a new Send
	// replaces the sink before, which then answers media.ErrClosed. Closing the sink ends the stream.
	// Send is called without any lock of the room held and from one goroutine at a time; it does not wait.
	Send(media.TrackInfo) (media.Sink[*media.Packet], error)
	// Close ends the leg; cause says why. More than one call does no harm. The room calls it only for a leg that answers
	// Send with an error: all others belong to whoever let them join, who may want to say goodbye first.
	Close(cause error) error
}

// LegKind tells people what sits at the other end.
type LegKind uint8

// Kinds of legs. The zero value is refused by Join.
const (
	KindUnknown LegKind = iota
	Browser
	Phone
	RoomSystem
	Recorder
)

// String gives the name used in the signalling protocol.
func (k LegKind) String() string {
	return name(int(k), "unknown", "browser", "phone", "roomSystem", "recorder")
}

// Role is what a participant may do.
type Role uint8

// Roles. The zero value is the one that may least.
const (
	Guest Role = iota
	Host
)

// String gives the name used in the signalling protocol.
func (r Role) String() string { return name(int(r), "guest", "host") }

// State is how far in a participant is.
type State uint8

// States of a participant; it only ever goes forward.
const (
	// Waiting in the lobby: it is seen and neither heard nor does it hear.
	Waiting State = iota
	// Joined to the room.
	Joined
	// Left it, whatever the reason: see Participant.Cause.
	Left
)

// String gives the name used in the signalling protocol.
func (s State) String() string { return name(int(s), "waiting", "joined", "left") }

// Security is how the leg's own hop, from the endpoint to this gateway, is protected.
type Security uint8

// Protection of a hop.
const (
	HopUnknown Security = iota
	// HopClear is plain RTP.
	HopClear
	// HopSDES is SRTP with its key sent over encrypted signalling (RFC 4568).
	HopSDES
	// HopSDESKeyInClear is SRTP whose key could be read on the way.
	HopSDESKeyInClear
	// HopDTLS is SRTP with keys agreed by DTLS (RFC 5764).
	HopDTLS
)

// String gives the name used in the signalling protocol.
func (s Security) String() string {
	return name(int(s), "unknown", "clear", "sdes", "sdesKeyInClear", "dtls")
}

// name is the word of a small enum, "unknown" outside of it.
func name(i int, words ...string) string {
	if i < 0 || i >= len(words) {
		return "unknown"
	}
	return words[i]
}
