// Package fecc is far-end camera control: H.281 messages in H.224 frames, one frame in an RTP packet (RFC 4573, payload
// "H224/4800"; H.323 annex Q: octets as they are, without flags, stuffing and check sum).
//
// A Controller moves the camera at the far end, a Camera is moved. Both are state machines: they are told what came and
// what time it is, hand back frames, and say when they want to be asked again. An Exchange tells either side who is there
// and what the camera can do. None starts a goroutine, none is for concurrent use, and none keeps more than it says.
package fecc

import "time"

// Bounds and times. Source: ITU-T H.281 clauses 3 and 4, ITU-T H.224 clause 4.
const (
	// MaxData of one frame, bytes behind the header.
	MaxData = 254
	// MaxMessage is what segments may come to, bytes.
	MaxMessage = 2048
	// Step is how often a held action is continued.
	Step = 400 * time.Millisecond
	// DefaultTimeout ends an action that is not continued, where its start does not say otherwise.
	DefaultTimeout = 800 * time.Millisecond
	// MaxHold is how long a Controller moves without being told again: somebody's browser may be gone.
	MaxHold = 15 * time.Second
)
