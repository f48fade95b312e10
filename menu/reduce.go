package menu

// maxDigits is the longest room number or PIN.
const maxDigits = 32

// Reduce gives the state after an event and what is to be done about it. It is pure, it never panics, and events that do
// not fit the state change nothing.
func Reduce(s State, e Event) (State, []Action) {
	switch s.Phase {
	case Over:
		return s, nil
	case Leaving:
		return leaving(s, e)
	}
	switch e := e.(type) {
	case Ended:
		return end(s, e.Cause)
	case Drain:
		if s.Phase == InTheRoom {
			return s, say(Draining)
		}
		return end(s, CauseDraining)
	case Digit:
		if !isKey(e.Key) {
			return s, nil
		}
	}
	switch s.Phase {
	case Ringing:
		return ringing(s, e)
	case AskingRoom, AskingPIN:
		return asking(s, e)
	case CheckingRoom, CheckingPIN, Entering:
		return checking(s, e)
	case InTheLobby:
		return lobby(s, e)
	default:
		return meeting(s, e)
	}
}

func isKey(r rune) bool { return r >= '0' && r <= '9' || r == '*' || r == '#' }

// ringing begins the call with what was dialled.
func ringing(s State, e Event) (State, []Action) {
	called, ok := e.(Called)
	if !ok {
		return s, nil
	}
	if called.Room == "" {
		return askRoom(s, greet(&s)...)
	}
	s.Room = called.Room
	if called.PIN != "" {
		return checkPIN(s, called.PIN)
	}
	s.Phase = CheckingRoom
	return s, []Action{CheckRoom{Room: s.Room}}
}

// end says why and hangs up after it.
func end(s State, c Cause) (State, []Action) {
	quiet := s.quiet
	s = forget(s)
	s.Phase, s.ending = Leaving, c
	out := s.stopMusic(nil)
	s.music = false
	if quiet && c == CauseRoomClosed { // a room without words ends without words
		s.Phase = Over
		return s, append(out, SetTimer{}, Quiet{}, Hangup{Cause: c})
	}
	words := []Prompt{{ID: c.words()}}
	if c != CauseNoInput {
		words = append(words, Prompt{ID: Goodbye})
	}
	return s, append(out, Say{Prompts: words}, SetTimer{After: s.limits.LastWords})
}

func leaving(s State, e Event) (State, []Action) {
	switch e.(type) {
	case PromptsDone, Timeout:
		s.Phase = Over
		return s, []Action{SetTimer{}, Quiet{}, Hangup{Cause: s.ending}}
	default:
		return s, nil
	}
}

// forget drops what the caller keyed.
func forget(s State) State {
	s.digits, s.star = "", false
	return s
}

// greet gives the welcome the first time it is asked for.
func greet(s *State) []Prompt {
	if s.greeted {
		return nil
	}
	s.greeted = true
	return []Prompt{{ID: Welcome}}
}

func say(ids ...PromptID) []Action {
	prompts := make([]Prompt, len(ids))
	for i, id := range ids {
		prompts[i] = Prompt{ID: id}
	}
	return []Action{Say{Prompts: prompts}}
}

func (s State) stopMusic(out []Action) []Action {
	if s.music {
		return append(out, Music{On: false})
	}
	return out
}

// nextLanguage goes one round further. It tells whether there is more than one.
func (s *State) nextLanguage() (SpeakLanguage, bool) {
	if len(s.languages) < 2 {
		return SpeakLanguage{}, false
	}
	s.language = (s.language + 1) % len(s.languages)
	return SpeakLanguage{Tag: s.languages[s.language]}, true
}
