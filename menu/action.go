package menu

import "time"

// Action is what the runner is to do, in the order given. The set is closed.
type Action interface{ action() }

// Say plays prompts one after the other, in place of whatever plays now; PromptsDone follows the last.
type Say struct{ Prompts []Prompt }

// Quiet stops what plays. No PromptsDone follows.
type Quiet struct{}

// Music plays in the lobby behind no prompt, or stops.
type Music struct{ On bool }

// SpeakLanguage has later prompts spoken in another language.
type SpeakLanguage struct{ Tag string }

// CheckRoom asks what the number needs; RoomAnswer follows.
type CheckRoom struct{ Room string }

// CheckPIN asks what the PIN is worth; PINAnswer follows. It is the only action that holds digits of a PIN.
type CheckPIN struct {
	Room string
	PIN  Secret
}

// Enter takes a seat in the room; Waiting, Admitted or Ended follows.
type Enter struct {
	Room string
	Host bool
}

// Do is a command in the room.
type Do struct{ Command Command }

// Command of a caller in a room.
type Command uint8

// Commands. The zero value is none.
const (
	NoCommand Command = iota
	Mute
	Unmute
	RaiseHand
	LowerHand
	CountPeople
	Lock
	Unlock
	MuteAll
	AdmitNext
	TellEncryption
)

// SetTimer starts the one timer anew; 0 stops it.
type SetTimer struct{ After time.Duration }

// Hangup ends the call. It is the last action of all.
type Hangup struct{ Cause Cause }

func (Say) action()           {}
func (Quiet) action()         {}
func (Music) action()         {}
func (SpeakLanguage) action() {}
func (CheckRoom) action()     {}
func (CheckPIN) action()      {}
func (Enter) action()         {}
func (Do) action()            {}
func (SetTimer) action()      {}
func (Hangup) action()        {}
