package meeting

import (
	"log/slog"
	"time"

	"legroom/e2ee"
)

// Config of Meetings.
type Config struct {
	// Identity by which rooms know this gateway: it signs requests and logs.
	Identity *e2ee.Identity
	// Owners of the rooms.
	Owners Owners
	// Dir is where the logs of meetings are kept; empty keeps none.
	Dir string
	// Keep is how long; older logs are deleted. 0 keeps them for ever.
	Keep time.Duration
	// Log of what happens.
	Log *slog.Logger
	// Now is the clock of logs and of the delivery service; nil is time.Now.
	Now func() time.Time
}

// Validate tells what is missing. Errors: ErrConfig.
func (c *Config) Validate() error {
	if c.Identity == nil || c.Owners == nil || c.Log == nil {
		return ErrConfig
	}
	return nil
}

// Owners knows the identity key at the end of each room's chain of hosts. It is called under the lock of a Meeting: it
// does not call back, and waits for nothing but its own file.
type Owners interface {
	// Owner of a room; pinned tells that the configuration names it, and nobody else can claim the room.
	Owner(room string) (key e2ee.Key, pinned, known bool)
	// Claim remembers an owner, in place of one that claimed the room before; never of a pinned one.
	Claim(room string, owner e2ee.Key) error
}
