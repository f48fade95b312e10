// Package bfcp is the Binary Floor Control Protocol (RFC 8855): the messages, and the floor control server that a room
// system talks to when it wants to show its second picture. Who gets the floor is not decided here: see Chair.
//
// A Server is one floor control server as one client sees it: one conference and user, both made up for the call and told
// in the SDP, over one Link. It is a state machine in one goroutine; the link has another that reads.
//
// Tolerated of real endpoints: version 1 over UDP (the drafts before RFC 8855; there the R bit is reserved, so what a
// message answers is told by its primitive alone), no acknowledgements (a peer that still talks is not gone), padding that
// is cut off, information in a group in any order, a request for a floor that the client has forgotten it has.
package bfcp

// Bounds of what is read and kept.
const (
	// HeaderLen of a message, bytes; four more in a fragment.
	HeaderLen = 12
	// MaxPayload of a message, bytes: what is longer is refused (error 13), although the field could say 256 KiB.
	MaxPayload = 4096
	// MaxFloors a server has.
	MaxFloors = 8
	// maxRequests are the floor requests of one client that are not over, and those over that it was not told of yet.
	maxRequests = 8
	// maxAnswers are the answers kept to be repeated.
	maxAnswers = 16
	// maxName of a person and of a remark, bytes: two of them and MaxFloors fit a group of 255.
	maxName = 64
)
