package peer

// State of the connection of a Leg.
type State uint8

// States of a Leg.
const (
	// StateNew has seen no offer.
	StateNew State = iota
	// StateConnecting has answered and waits for the browser's packets.
	StateConnecting
	// StateConnected carries media.
	StateConnected
	// StateInterrupted lost the path; the Leg lives on for Config.Grace and wants an offer with an ICE restart.
	StateInterrupted
	// StateClosed is over.
	StateClosed
)

// String gives the name used in logs and metrics.
func (s State) String() string {
	switch s {
	case StateNew:
		return "new"
	case StateConnecting:
		return "connecting"
	case StateConnected:
		return "connected"
	case StateInterrupted:
		return "interrupted"
	case StateClosed:
		return "closed"
	default:
		return "unknown"
	}
}
