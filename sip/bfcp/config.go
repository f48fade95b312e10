package bfcp

import (
	"fmt"
	"time"
)

// Config of a Server.
type Config struct {
	// Conference and User of the one client; they stand in our SDP (a=confid, a=userid). Conference should be random: over
	// UDP it is what tells the client from a stranger.
	Conference uint32
	User       uint16
	// Floors there are, 1 to MaxFloors of them (a=floorid).
	Floors []uint16
	// Version of what is sent before the client was heard, as the SDP agreed (a=bfcpver); 0 takes that of the transport.
	Version uint8
	// Chair decides.
	Chair Chair
	// T1 is the time to the first repetition over UDP, doubled with each. RFC 8855 section 8.3.1: 500 ms.
	T1 time.Duration
	// T2 is how long an answer is kept to be repeated. RFC 8855 section 8.3.2: 10 s.
	T2 time.Duration
	// Linger is how long the end waits for the client's GoodbyeAck over UDP.
	Linger time.Duration
	// MTU of a datagram, bytes of UDP payload; what is longer is sent in fragments.
	MTU int
}

// repetitions of a request that is not answered. Source: RFC 8855 section 8.3.1.
const repetitions = 3

// DefaultConfig has the times of the RFC, and a size that passes everywhere.
func DefaultConfig() Config {
	return Config{T1: 500 * time.Millisecond, T2: 10 * time.Second, Linger: time.Second, MTU: 1200}
}

// Validate tells what is missing. Errors: ErrConfig.
func (c Config) Validate() error {
	switch {
	case c.Chair == nil:
		return fmt.Errorf("%w: no chair", ErrConfig)
	case len(c.Floors) == 0 || len(c.Floors) > MaxFloors:
		return fmt.Errorf("%w: %d floors", ErrConfig, len(c.Floors))
	case c.User == 0:
		return fmt.Errorf("%w: no user", ErrConfig)
	case c.Version > Unreliable:
		return fmt.Errorf("%w: version %d", ErrConfig, c.Version)
	case c.T1 <= 0 || c.T2 <= 0 || c.Linger < 0:
		return fmt.Errorf("%w: times of %v, %v, %v", ErrConfig, c.T1, c.T2, c.Linger)
	case c.MTU < 64:
		return fmt.Errorf("%w: MTU of %d bytes", ErrConfig, c.MTU)
	}
	return nil
}
