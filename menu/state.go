package menu

import (
	"fmt"
	"log/slog"
	"slices"
)

// Phase is where in its life a call is.
type Phase uint8

// Phases of a call, in the order a caller meets them.
const (
	// Ringing is before Called.
	Ringing Phase = iota
	// AskingRoom takes the digits of a room number.
	AskingRoom
	// CheckingRoom waits for RoomAnswer.
	CheckingRoom
	// AskingPIN takes the digits of a PIN.
	AskingPIN
	// CheckingPIN waits for PINAnswer.
	CheckingPIN
	// Entering waits for the room's answer.
	Entering
	// InTheLobby waits for a host.
	InTheLobby
	// InTheRoom is the meeting.
	InTheRoom
	// Leaving says the last words.
	Leaving
	// Over is after Hangup; nothing happens any more.
	Over
)

// String gives the name used in logs and in the list of calls.
func (p Phase) String() string {
	return [...]string{"ringing", "asking for the room", "checking the room", "asking for the PIN", "checking the PIN",
		"entering", "in the lobby", "in the room", "leaving", "over"}[p]
}

// State of one call. It is a value: Reduce returns a new one and keeps nothing.
type State struct {
	// Phase the call is in.
	Phase Phase
	// Room as dialled or keyed; nobody has said yet that it exists.
	Room string
	// Host tells that the caller is one.
	Host bool
	// Muted, HandRaised and Locked as far as the caller was told.
	Muted, HandRaised, Locked bool

	rules
	keyed
	counts
	protection
	// language is the index of the one that is spoken now.
	language       int
	music          bool
	greeted, quiet bool
	ending         Cause
}

// rules stay the same all through a call.
type rules struct {
	limits    Limits
	languages []string
}

// keyed is what came of the keys that belong together.
type keyed struct {
	digits Secret
	star   bool
}

// counts of PINs that were wrong, of rounds without a key, and of reminders in the lobby.
type counts struct{ wrong, silent, waited int }

// protection is what the caller was told of an encrypted room.
type protection struct {
	plea                   Plea
	encrypted, interrupted bool
}

// New makes the state before a call. languages are tags in the order that *1 goes round; the first is spoken to begin
// with. Nil means one language, whatever it is.
func New(limits Limits, languages []string) State {
	return State{rules: rules{limits: limits, languages: slices.Clone(languages)}}
}

// String tells phase and role. The digits that were keyed stay out of it.
func (s State) String() string {
	return fmt.Sprintf("%v (room %q, host %v, muted %v)", s.Phase, s.Room, s.Host, s.Muted)
}

// GoString is String.
func (s State) GoString() string { return s.String() }

// LogValue is String (log/slog).
func (s State) LogValue() slog.Value { return slog.StringValue(s.String()) }
