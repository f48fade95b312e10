package bfcp

import "strconv"

// Primitive is the kind of a message. Source: RFC 8855 section 5.1, table 1.
type Primitive uint8

// Primitives.
const (
	FloorRequest Primitive = iota + 1
	FloorRelease
	FloorRequestQuery
	FloorRequestStatus
	UserQuery
	UserStatus
	FloorQuery
	FloorStatus
	ChairAction
	ChairActionAck
	Hello
	HelloAck
	ErrorMessage
	FloorRequestStatusAck
	FloorStatusAck
	Goodbye
	GoodbyeAck
)

// String is the name the RFC has for it.
func (p Primitive) String() string {
	names := [...]string{
		"FloorRequest", "FloorRelease", "FloorRequestQuery", "FloorRequestStatus", "UserQuery", "UserStatus", "FloorQuery", "FloorStatus",
		"ChairAction", "ChairActionAck", "Hello", "HelloAck", "Error", "FloorRequestStatusAck", "FloorStatusAck", "Goodbye", "GoodbyeAck",
	}
	if p < FloorRequest || p > GoodbyeAck {
		return "primitive " + strconv.Itoa(int(p))
	}
	return names[p-1]
}

// asks tells whether a client begins a transaction with it.
func (p Primitive) asks() bool {
	switch p {
	case FloorRequest, FloorRelease, FloorRequestQuery, UserQuery, FloorQuery, ChairAction, Hello, Goodbye:
		return true
	default:
		return false
	}
}

// known tells whether the RFC has it.
func (p Primitive) known() bool { return p >= FloorRequest && p <= GoodbyeAck }

// ack is the primitive a client answers with when a server begins a transaction over an unreliable link, 0 for those a
// server does not begin one with. Source: RFC 8855 section 8.2.
func (p Primitive) ack() Primitive {
	switch p {
	case FloorRequestStatus:
		return FloorRequestStatusAck
	case FloorStatus:
		return FloorStatusAck
	case Goodbye:
		return GoodbyeAck
	default:
		return 0
	}
}

// served are the primitives of a HelloAck: what this server understands or sends.
func served() []Primitive {
	return []Primitive{
		FloorRequest, FloorRelease, FloorRequestQuery, FloorRequestStatus, UserQuery, UserStatus, FloorQuery, FloorStatus,
		Hello, HelloAck, ErrorMessage, FloorRequestStatusAck, FloorStatusAck, Goodbye, GoodbyeAck,
	}
}
