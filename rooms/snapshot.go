package rooms

import (
	"time"

	"legroom/media"
)

// Snapshot is a room at one moment. It never changes.
type Snapshot struct {
	// Revision grows with every change of the room.
	Revision uint64
	// Number and Name of the room.
	Number, Name string
	// Mode of protection.
	Mode Mode
	// Locked: no guest comes in.
	Locked bool
	// Participants that wait or have joined, in the order they came.
	Participants []Info
}

// Info is one participant in a Snapshot.
type Info struct {
	// ID is unique in the process.
	ID string
	// Name shown to people.
	Name string
	// Kind of the leg.
	Kind LegKind
	// Role it has now.
	Role Role
	// State is Waiting or Joined.
	State State
	// Muted: nothing it says is passed on.
	Muted bool
	// MutedByHost: it was a host who muted it.
	MutedByHost bool
	// Hand is raised, since HandSince.
	Hand      bool
	HandSince time.Time
	// Security of the leg's own hop.
	Security Security
	// Sender it is in the group of an encrypted room; nil in an open one, and before it has a place in the group.
	Sender *Sender
	// Sources it publishes.
	Sources []media.Source
	// Joined is when it was let in; zero while it waits.
	Joined time.Time
}

// LevelOf is how loud a participant is.
type LevelOf struct {
	// Participant by ID.
	Participant string
	// Level in -dBov, 127 for silence.
	Level media.Level
}
