package peer

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"
)

// ICEServer is a STUN or TURN server as a browser wants it (RTCIceServer).
type ICEServer struct {
	// URLs as in RFC 7064 and RFC 7065.
	URLs []string
	// Username and Credential of a TURN server; empty for STUN.
	Username string
	// Credential is the password.
	Credential string
	// Expires is when the credential does; zero for never.
	Expires time.Time
}

// Engine is what all browser legs of the process share.
type Engine struct {
	cfg     Config
	running atomic.Bool
}

// New opens the sockets, so that a port that is taken is found here. Nothing is read before Run.
func New(cfg Config) (*Engine, error) {
	return &Engine{cfg: cfg}, nil
}

// Run serves until ctx ends, then closes every Leg and every socket. It returns when nothing of the Engine is alive.
func (e *Engine) Run(ctx context.Context) error {
	if e.running.Swap(true) {
		return ErrRunning
	}
	<-ctx.Done()
	return nil
}

// ICEServers are the servers to tell a browser that comes now, with credentials that begin their lifetime at now.
func (e *Engine) ICEServers(now time.Time) []ICEServer { return nil }

// LegConfig is what one Leg needs.
type LegConfig struct {
	// ID of the Leg, unique in the process.
	ID string
	// Log of the Leg; nil takes that of the Engine.
	Log *slog.Logger
	// OnSlots is told, from one goroutine at a time and with changes merged, what every slot carries. It must not block
	// for long. May be nil.
	OnSlots func([]Slot)
	// OnState is told each change of the connection's state, in order. It must not block for long. May be nil.
	OnState func(State)
}

// NewLeg makes a Leg, which does nothing until its first Offer. Whoever makes it closes it.
// Errors: ErrClosed.
func (e *Engine) NewLeg(cfg LegConfig) (*Leg, error) { return &Leg{cfg: cfg}, nil }
