package menu

// PromptID names something the gateway says or plays. Each is a text in every language's folder of package prompts.
type PromptID string

// Prompts.
const (
	Welcome        PromptID = "welcome"         // Welcome.
	EnterRoom      PromptID = "enter-room"      // Please enter the room number, then press pound.
	EnterPIN       PromptID = "enter-pin"       // Please enter the PIN, then press pound.
	WrongPIN       PromptID = "wrong-pin"       // That was not right.
	TriesLeft      PromptID = "tries-left"      // You have {number} tries left.
	TooManyTries   PromptID = "too-many-tries"  // That was not right either. Please ask whoever invited you.
	Throttled      PromptID = "throttled"       // There were too many wrong attempts. Please try again in ten minutes.
	Goodbye        PromptID = "goodbye"         // Goodbye.
	InLobby        PromptID = "in-lobby"        // The host will let you in. Please stay on the line.
	StillWaiting   PromptID = "still-waiting"   // You are still waiting for the host. Please stay on the line.
	LobbyOver      PromptID = "lobby-over"      // Nobody has let you in. Please try again later.
	Denied         PromptID = "denied"          // The host did not let you in.
	Removed        PromptID = "removed"         // The host has removed you from the meeting.
	Banned         PromptID = "banned"          // You cannot come back into this meeting.
	RoomLocked     PromptID = "room-locked"     // The host has locked the room.
	RoomFull       PromptID = "room-full"       // The room is full.
	RoomClosed     PromptID = "room-closed"     // The meeting has ended.
	Draining       PromptID = "draining"        // The service is being restarted. Please call again in a few minutes.
	OutOfOrder     PromptID = "out-of-order"    // Something went wrong on our side. Please call again.
	NoEmergency    PromptID = "no-emergency"    // Emergency calls cannot be made here. Hang up and use another telephone.
	EntryTone      PromptID = "entry-tone"      // a tone, no words
	OpenMeeting    PromptID = "open-meeting"    // This meeting is not end-to-end encrypted.
	MutedNow       PromptID = "muted"           // You are muted.
	UnmutedNow     PromptID = "unmuted"         // You are no longer muted.
	MutedByHost    PromptID = "muted-by-host"   // The host has muted you. Press star six to speak.
	HandUp         PromptID = "hand-up"         // Your hand is up.
	HandDown       PromptID = "hand-down"       // Your hand is down.
	Alone          PromptID = "alone"           // You are alone in this meeting.
	PeopleHere     PromptID = "people-here"     // There are {number} people in this meeting.
	OnTelephone    PromptID = "on-telephone"    // {number} of them on the telephone.
	LockedNow      PromptID = "locked"          // The meeting is now locked.
	UnlockedNow    PromptID = "unlocked"        // The meeting is no longer locked.
	AllMuted       PromptID = "all-muted"       // Everybody is muted.
	SomeoneWaits   PromptID = "someone-waits"   // Somebody is waiting to come in. Press pound to let them in.
	LetIn          PromptID = "let-in"          // They are coming in.
	NobodyWaits    PromptID = "nobody-waits"    // Nobody is waiting.
	HostsOnly      PromptID = "hosts-only"      // Only hosts can do that.
	HostNow        PromptID = "host-now"        // You are now a host.
	HostNoMore     PromptID = "host-no-more"    // You are no longer a host.
	LanguageChosen PromptID = "language-chosen" // English.
	HelpEntry      PromptID = "help-entry"      // Enter digits then pound; star star starts again; star one changes the language.
	HelpLobby      PromptID = "help-lobby"      // star six mute, star one language, star zero help.
	HelpGuest      PromptID = "help-guest"      // star six mute, star nine hand, star three encryption, star four people, star one language.
	HelpHost       PromptID = "help-host"       // and star five lock, star seven mute all, pound lets in who waits.
)

// Prompts of encrypted rooms.
const (
	SealedMeeting         PromptID = "sealed-meeting"          // This meeting accepts only end-to-end encrypted participants.
	HostAsked             PromptID = "host-asked"              // The host has been asked to let you in.
	NobodyToAsk           PromptID = "nobody-to-ask"           // There is nobody here who can let you in. Please wait.
	LineNotEncrypted      PromptID = "line-not-encrypted"      // Your line is not end-to-end encrypted.
	PeopleHear            PromptID = "people-hear"             // {number} people hear you.
	VideoPrivate          PromptID = "video-private"           // Video is not shared with the telephone system.
	Interrupted           PromptID = "interrupted"             // The encrypted part is interrupted.
	EncryptionBack        PromptID = "encryption-back"         // The encrypted part is back.
	TelephonesEnded       PromptID = "telephones-ended"        // The hosts have ended the access of telephones.
	CodeCompared          PromptID = "code-compared"           // The last code was compared at {number}
	CodeWas               PromptID = "code-was"                // It was
	Number                PromptID = "number"                  // a number and no more
	SomeoneWaitsEncrypted PromptID = "someone-waits-encrypted" // Somebody is waiting. Press pound to ask the hosts in the browsers.
	HostsAsked            PromptID = "hosts-asked"             // The hosts in the browsers have been asked.
	NobodyLetsIn          PromptID = "nobody-lets-in"          // Nobody here can let them in.
	HelpHostEncrypted     PromptID = "help-host-encrypted"     // as help-host, but pound asks the hosts in the browsers.
)

// PromptIDs lists all of them, for whoever checks that each has a text.
func PromptIDs() []PromptID {
	return []PromptID{
		Welcome, EnterRoom, EnterPIN, WrongPIN, TriesLeft, TooManyTries, Throttled, Goodbye, InLobby, StillWaiting, LobbyOver, Denied, Removed, Banned,
		RoomLocked, RoomFull, RoomClosed, Draining, OutOfOrder, NoEmergency, EntryTone, OpenMeeting, MutedNow, UnmutedNow,
		MutedByHost, HandUp, HandDown, Alone, PeopleHere, OnTelephone, LockedNow, UnlockedNow, AllMuted, SomeoneWaits, LetIn,
		NobodyWaits, HostsOnly, HostNow, HostNoMore, LanguageChosen, HelpEntry, HelpLobby, HelpGuest, HelpHost,
		SealedMeeting, HostAsked, NobodyToAsk, LineNotEncrypted, PeopleHear, VideoPrivate, Interrupted, EncryptionBack,
		TelephonesEnded, CodeCompared, CodeWas, Number, SomeoneWaitsEncrypted, HostsAsked, NobodyLetsIn, HelpHostEncrypted,
	}
}

// Prompt is one thing to say.
type Prompt struct {
	// ID of the text.
	ID PromptID
	// Number is spoken in it where the text has one.
	Number int
}
