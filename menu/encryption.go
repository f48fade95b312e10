package menu

// Encryption is what a telephone may be told of the protection of its room. The zero value is that of an open room.
type Encryption struct {
	// On in a room that is end-to-end encrypted but for the telephones that its hosts let in.
	On bool
	// Interrupted tells that the telephones' key is missing: they neither hear nor are heard.
	Interrupted bool
	// Hearers is how many others the caller is heard by.
	Hearers int
}

// Compared is the code that people in browsers compared last.
type Compared struct {
	// Hour and Minute of the comparison, by the clock on the wall.
	Hour, Minute int
	// Pairs of digits of the code, 0 to 99.
	Pairs [4]int
}

// Plea is how far a caller's wish to be let into an encrypted room has come while it waits.
type Plea uint8

// Pleas. The zero value is that of a room that a host lets people in with a click.
const (
	NoPlea Plea = iota
	// PleaUnheard: there is no host who could let the caller in.
	PleaUnheard
	// PleaAsked: the hosts' browsers show the wish.
	PleaAsked
)

// words of who waits: that nothing is wrong, and what is being waited for.
func (p Plea) words() PromptID {
	switch p {
	case PleaUnheard:
		return NobodyToAsk
	case PleaAsked:
		return HostAsked
	default:
		return InLobby
	}
}

// reminder is what is said when nothing has happened for a while.
func (p Plea) reminder() PromptID {
	if p == PleaUnheard {
		return NobodyToAsk
	}
	return StillWaiting
}

// truth is the protection of the room in words. Nothing in it claims more than the caller's gateway can know.
func (e Encryption) truth() []Prompt {
	switch {
	case !e.On:
		return []Prompt{{ID: OpenMeeting}}
	case e.Interrupted:
		return []Prompt{{ID: LineNotEncrypted}, {ID: Interrupted}}
	}
	hearers := Prompt{ID: PeopleHear, Number: e.Hearers}
	if e.Hearers <= 0 {
		hearers = Prompt{ID: Alone}
	}
	return []Prompt{{ID: LineNotEncrypted}, hearers, {ID: VideoPrivate}}
}

// words of a code: "The last code was compared at 14 03. It was 12 34 56 78." They say that it was compared, and not what
// that would prove: whoever runs the gateway could have them say anything.
func (c Compared) words() []Prompt {
	out := []Prompt{{ID: CodeCompared, Number: c.Hour}}
	out = append(append(out, pair(c.Minute)...), Prompt{ID: CodeWas})
	for _, p := range c.Pairs {
		out = append(out, pair(p)...)
	}
	return out
}

// pair speaks two digits; a zero in front is one of them.
func pair(n int) []Prompt {
	number := Prompt{ID: Number, Number: n}
	if n >= 0 && n < 10 {
		return []Prompt{{ID: Number}, number}
	}
	return []Prompt{number}
}

// told answers *3.
func told(e EncryptionTold) []Action {
	prompts := e.Encryption.truth()
	if e.Encryption.On && e.Compared != nil {
		prompts = append(prompts, e.Compared.words()...)
	}
	return []Action{Say{Prompts: prompts}}
}

// encryptionChanged says that the encrypted part was lost or is back. Who waits hears of it when it is let in.
func encryptionChanged(s State, e EncryptionChanged) (State, []Action) {
	if !s.encrypted || s.interrupted == e.Interrupted {
		return s, nil
	}
	s.interrupted = e.Interrupted
	if e.Interrupted {
		return s, say(Interrupted)
	}
	return s, say(EncryptionBack)
}
