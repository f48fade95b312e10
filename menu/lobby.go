package menu

// remind tells who waits that nothing is wrong. Music gives way to the words.
func remind(s State, words ...Prompt) []Action {
	return append(s.stopMusic(nil), Say{Prompts: words})
}

// lobby is the wait for a host.
func lobby(s State, e Event) (State, []Action) {
	switch e := e.(type) {
	case Admitted:
		out := s.stopMusic(nil)
		s.music = false
		s, more := enterRoom(s, e)
		return s, append(out, more...)
	case PromptsDone:
		out := []Action{SetTimer{After: s.limits.LobbyReminder}}
		if s.music {
			out = append(out, Music{On: true})
		}
		return s, out
	case Timeout:
		if s.star {
			s.star = false
			return s, []Action{SetTimer{After: s.limits.LobbyReminder}}
		}
		s.waited++
		if s.waited >= s.limits.reminders() {
			return end(s, CauseNobodyCame)
		}
		return s, remind(s, Prompt{ID: s.plea.reminder()})
	case PleaChanged:
		return pleaChanged(s, e.Plea)
	case MuteChanged:
		s.Muted = e.Muted
		return s, nil
	case Digit:
		return lobbyKey(s, e.Key)
	default:
		return s, nil
	}
}

func lobbyKey(s State, k rune) (State, []Action) {
	if k == '*' {
		s.star = true
		return s, []Action{SetTimer{After: s.limits.CommandTimeout}}
	}
	if !s.star {
		return s, nil
	}
	s.star = false
	out := append(s.stopMusic(nil), SetTimer{})
	switch k {
	case '0':
		return s, append(out, say(HelpLobby)...)
	case '1':
		if speak, ok := s.nextLanguage(); ok {
			return s, append(append(out, speak), say(LanguageChosen, s.plea.words())...)
		}
		return s, append(out, say(s.plea.words())...)
	case '6':
		s, do, id := toggleMute(s)
		return s, append(append(out, do), say(id)...)
	default:
		return s, append(out, say(s.plea.words())...)
	}
}

// pleaChanged says at once what the wait is for now. A key after * that is not there yet is forgotten.
func pleaChanged(s State, p Plea) (State, []Action) {
	if s.plea == p {
		return s, nil
	}
	s.plea, s.star = p, false
	return s, append(remind(s, Prompt{ID: p.words()}), SetTimer{})
}
