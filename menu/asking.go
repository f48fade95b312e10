package menu

func askRoom(s State, before ...Prompt) (State, []Action) {
	s = forget(s)
	s.Phase, s.Room = AskingRoom, ""
	return s, []Action{SetTimer{}, Say{Prompts: append(before, Prompt{ID: EnterRoom})}}
}

func askPIN(s State, before ...Prompt) (State, []Action) {
	s = forget(s)
	s.Phase = AskingPIN
	return s, []Action{SetTimer{}, Say{Prompts: append(before, Prompt{ID: EnterPIN})}}
}

func checkPIN(s State, pin Secret) (State, []Action) {
	s = forget(s)
	s.Phase = CheckingPIN
	return s, []Action{SetTimer{}, CheckPIN{Room: s.Room, PIN: pin}}
}

// ask puts the question of the phase again.
func ask(s State, before ...Prompt) (State, []Action) {
	if s.Phase == AskingRoom {
		return askRoom(s, before...)
	}
	return askPIN(s, before...)
}

// asking collects digits. The first key cuts the prompt short.
func asking(s State, e Event) (State, []Action) {
	switch e := e.(type) {
	case PromptsDone:
		return s, []Action{SetTimer{After: s.limits.DigitTimeout}}
	case Timeout:
		if s.digits != "" { // who forgot the # is understood all the same
			return entered(s)
		}
		return silence(s)
	case Digit:
		return key(s, e.Key)
	default:
		return s, nil
	}
}

func silence(s State) (State, []Action) {
	s.silent++
	if s.silent >= s.limits.Silences {
		return end(s, CauseNoInput)
	}
	return ask(s)
}

func key(s State, k rune) (State, []Action) {
	out := []Action{Quiet{}, SetTimer{After: s.limits.DigitTimeout}}
	switch {
	case s.star:
		return starKey(s, k)
	case k == '*':
		s.star = true
		return s, out
	case k == '#' && s.digits == "":
		return silence(s)
	case k == '#':
		return entered(s)
	}
	// One digit more than there can be is kept, so that what is too long is wrong rather than cut to fit.
	if len(s.digits) <= maxDigits {
		s.digits += Secret(k)
	}
	return s, out
}

// starKey is the key after *: ** starts the entry again, *1 changes the language, *0 helps.
func starKey(s State, k rune) (State, []Action) {
	s.star = false
	switch k {
	case '1':
		if speak, ok := s.nextLanguage(); ok {
			s, out := ask(s, Prompt{ID: LanguageChosen})
			return s, append([]Action{speak}, out...)
		}
		return ask(s)
	case '0':
		return ask(s, Prompt{ID: HelpEntry})
	default:
		return ask(s)
	}
}

// entered takes the digits for what was asked.
func entered(s State) (State, []Action) {
	s.silent = 0
	digits := s.digits
	if s.Phase == AskingPIN {
		s, out := checkPIN(s, digits)
		return s, append([]Action{Quiet{}}, out...)
	}
	s = forget(s)
	s.Room, s.Phase = string(digits), CheckingRoom
	return s, []Action{Quiet{}, SetTimer{}, CheckRoom{Room: s.Room}}
}
