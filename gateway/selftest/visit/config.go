package visit

import "time"

// Config of a visit.
type Config struct {
	// Invitation to come by.
	Invitation *Invitation
	// Name that the people in the room see.
	Name string
	// Wait is how long to wait for a host, Look how long to look once media flows.
	Wait, Look time.Duration
	// AnyCertificate takes whatever TLS certificate the gateway shows. That the meeting is encrypted does not rest on it.
	AnyCertificate bool
	// Tell is told in words how the visit goes on, by one goroutine at a time.
	Tell func(string)
}

// Limits of a visit.
const (
	// maxSlots of each kind that a gateway may offer.
	maxSlots       = 128
	connectTimeout = 15 * time.Second
	gatherTimeout  = 5 * time.Second
	// keyframeEvery is how often pictures are asked for that decoding can begin with.
	keyframeEvery = 2 * time.Second
	// settleTime is how long senders may take to change to the keys of the epoch in which the visitor came.
	settleTime = 3 * time.Second
	// tailTime is how long before the end a frame may be ahead of the commit that explains it.
	tailTime = time.Second
)
