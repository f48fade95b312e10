package menu

// Event is what happened to the call. The set is closed.
type Event interface{ event() }

// Called begins the call.
type Called struct {
	// Room is the number that was dialled; empty when it was the common number.
	Room string
	// PIN that came with it ("sip:1000.4711@gateway"); empty when none did.
	PIN Secret
}

// Digit is a key: 0 to 9, * or #. Others are ignored.
type Digit struct{ Key rune }

// PromptsDone tells that what Say asked for has been played to its end.
type PromptsDone struct{}

// Timeout tells that the time of the last SetTimer is over.
type Timeout struct{}

// RoomAnswer answers CheckRoom.
type RoomAnswer struct {
	// NeedsPIN tells whether to ask for one. True for a room that does not exist, so that nobody can list rooms.
	NeedsPIN bool
}

// PINAnswer answers CheckPIN.
type PINAnswer struct{ Result PINResult }

// PINResult is what a PIN was worth.
type PINResult uint8

// Results. The zero value lets nobody in.
const (
	PINWrong PINResult = iota
	PINGuest
	PINHost
	PINThrottled
)

// Waiting tells that the caller is in the lobby.
type Waiting struct {
	// Music tells whether the lobby has any.
	Music bool
	// Plea is what the caller waits for in an encrypted room.
	Plea Plea
}

// PleaChanged tells who waits that a host can be asked now, or no longer.
type PleaChanged struct{ Plea Plea }

// Admitted tells that the caller is in the room.
type Admitted struct {
	// Locked tells that the room is.
	Locked bool
	// Host tells that the caller is one, whatever its PIN said.
	Host bool
	// Quiet rooms are entered and left without a word or a tone.
	Quiet bool
	// Encryption of the room.
	Encryption Encryption
}

// EncryptionChanged tells that the telephones' part of an encrypted room was interrupted, or is back.
type EncryptionChanged struct{ Interrupted bool }

// EncryptionTold answers the command TellEncryption.
type EncryptionTold struct {
	// Encryption of the room.
	Encryption Encryption
	// Compared last; nil when no code was.
	Compared *Compared
}

// MuteChanged tells that the caller's microphone was turned off or on by somebody else or by a command.
type MuteChanged struct {
	Muted bool
	// ByHost tells that a host turned it off.
	ByHost bool
}

// LockChanged tells that the room was locked or unlocked.
type LockChanged struct{ Locked bool }

// RoleChanged tells that the caller was made a host, or is a guest now because the role went to somebody else.
type RoleChanged struct{ Host bool }

// SomebodyWaits tells that there is somebody new in the lobby.
type SomebodyWaits struct{}

// People answers the command CountPeople.
type People struct {
	// All in the room, the caller included, and how many of them are on the telephone.
	All, Phones int
}

// Outcome answers the commands Lock, Unlock, MuteAll and AdmitNext.
type Outcome struct {
	// Command that was tried.
	Command Command
	// Result of it.
	Result Result
}

// Result of a command.
type Result uint8

// Results of a command. The zero value is a failure.
const (
	Failed Result = iota
	Done
	NotHost
	Nobody
	// HostsWereAsked: only browsers can let in who waits, and those of the hosts show it.
	HostsWereAsked
	// NobodyAdmits: only browsers can, and none of a host is there.
	NobodyAdmits
)

// Ended tells that the caller cannot stay.
type Ended struct{ Cause Cause }

// Drain tells that the service goes down soon; who is in a room may stay for a while, nobody else.
type Drain struct{}

func (Called) event()            {}
func (Digit) event()             {}
func (PromptsDone) event()       {}
func (Timeout) event()           {}
func (RoomAnswer) event()        {}
func (PINAnswer) event()         {}
func (Waiting) event()           {}
func (PleaChanged) event()       {}
func (Admitted) event()          {}
func (EncryptionChanged) event() {}
func (EncryptionTold) event()    {}
func (MuteChanged) event()       {}
func (LockChanged) event()       {}
func (RoleChanged) event()       {}
func (SomebodyWaits) event()     {}
func (People) event()            {}
func (Outcome) event()           {}
func (Ended) event()             {}
func (Drain) event()             {}
