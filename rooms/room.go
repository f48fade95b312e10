package rooms

// Room is where legs meet.
type Room struct{}

// JoinRequest says who wants in.
type JoinRequest struct {
	// Leg that joins. The room closes it when the participant is made to leave.
	Leg Leg
	// Kind of the leg, for people.
	Kind LegKind
	// Name shown to people; numbers are masked already.
	Name string
	// Role it comes with.
	Role Role
	// Security of the leg's own hop.
	Security Security
	// Identity tells the same person again, for bans; opaque, empty for unknown.
	Identity string
	// Clear tells that the leg's media can be read by the gateway: always so in open rooms.
	Clear bool
}

// Number of the room.
func (r *Room) Number() string { return "" }

// Policy the room was made with.
func (r *Room) Policy() Policy { return Policy{} }

// Join seats a leg. Errors: ErrFull, ErrLocked, ErrBanned, ErrClosing, ErrNoCodec.
func (r *Room) Join(req JoinRequest) (*Participant, error) { return nil, ErrFull }

// Close ends the room: everybody leaves with cause.
func (r *Room) Close(cause error) {}

// Watch has changed signalled after every change of the Snapshot; signals coalesce.
func (r *Room) Watch() (changed <-chan struct{}, stop func()) { return nil, func() {} }

// Snapshot of the room now.
func (r *Room) Snapshot() *Snapshot { return nil }

// Levels appends how loud each joined participant is now, the active speaker first.
func (r *Room) Levels(dst []LevelOf) []LevelOf { return dst }
