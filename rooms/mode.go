package rooms

import "fmt"

// Mode is what protection a room promises to people.
type Mode uint8

// Modes of a room. The zero value is refused.
const (
	ModeUnknown Mode = iota
	// Open rooms are protected hop by hop, and say so.
	Open
	// Mixed rooms are end-to-end encrypted between browsers, with marked legs let in one by one.
	Mixed
	// Sealed rooms are end-to-end encrypted and refuse every leg that is not.
	Sealed
)

// String gives the name used in configuration and in the signalling protocol.
func (m Mode) String() string { return name(int(m), "unknown", "open", "mixed", "sealed") }

// Encrypted tells modes in which browsers seal what they send for each other, and the gateway opens nothing that it was
// not granted.
func (m Mode) Encrypted() bool { return m == Mixed || m == Sealed }

// MarshalText writes the name.
func (m Mode) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText reads the name.
func (m *Mode) UnmarshalText(text []byte) error {
	for _, known := range []Mode{Open, Mixed, Sealed} {
		if string(text) == known.String() {
			*m = known
			return nil
		}
	}
	return fmt.Errorf("rooms: mode %q is none of open, mixed, sealed", text)
}
