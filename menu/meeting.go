package menu

// enterRoom is the moment of coming in: a tone, and the truth about the room.
func enterRoom(s State, a Admitted) (State, []Action) {
	s = forget(s)
	s.Phase, s.Locked, s.Host, s.quiet = InTheRoom, a.Locked, s.Host || a.Host, a.Quiet
	s.encrypted, s.interrupted = a.Encryption.On, a.Encryption.Interrupted
	out := []Action{SetTimer{}}
	if s.quiet {
		return s, append(out, Quiet{})
	}
	words := append(greet(&s), Prompt{ID: EntryTone})
	return s, append(out, Say{Prompts: append(words, a.Encryption.truth()...)})
}

// meeting is the call once it is in the room. Nothing of the room's state is decided here: keys become commands, and what
// the room tells is spoken.
func meeting(s State, e Event) (State, []Action) {
	switch e := e.(type) {
	case Digit:
		return meetingKey(s, e.Key)
	case Timeout:
		s.star = false
		return s, nil
	case MuteChanged:
		told := s.Muted == e.Muted
		s.Muted = e.Muted
		switch {
		case e.Muted && e.ByHost:
			return s, say(MutedByHost)
		case told:
			return s, nil
		case e.Muted:
			return s, say(MutedNow)
		default:
			return s, say(UnmutedNow)
		}
	case LockChanged:
		if s.Locked == e.Locked {
			return s, nil
		}
		s.Locked = e.Locked
		if e.Locked {
			return s, say(LockedNow)
		}
		return s, say(UnlockedNow)
	case RoleChanged:
		if s.Host == e.Host {
			return s, nil
		}
		s.Host = e.Host
		if e.Host {
			return s, say(HostNow)
		}
		return s, say(HostNoMore)
	case SomebodyWaits:
		return s, knock(s)
	case EncryptionChanged:
		return encryptionChanged(s, e)
	case EncryptionTold:
		return s, told(e)
	case People:
		return s, people(e)
	case Outcome:
		return s, outcome(e)
	}
	return s, nil
}

func meetingKey(s State, k rune) (State, []Action) {
	switch {
	case k == '*':
		s.star = true
		return s, []Action{SetTimer{After: s.limits.CommandTimeout}}
	case k == '#' && !s.star:
		return hostKey(s, AdmitNext)
	case !s.star:
		return s, nil
	}
	s.star = false
	out := []Action{SetTimer{}}
	s, more := command(s, k)
	return s, append(out, more...)
}

// command is the key after *.
func command(s State, k rune) (State, []Action) {
	switch k {
	case '6':
		s, do, id := toggleMute(s)
		return s, append([]Action{do}, say(id)...)
	case '9':
		s.HandRaised = !s.HandRaised
		if s.HandRaised {
			return s, append([]Action{Do{RaiseHand}}, say(HandUp)...)
		}
		return s, append([]Action{Do{LowerHand}}, say(HandDown)...)
	case '3':
		if s.encrypted {
			return s, []Action{Do{TellEncryption}}
		}
		return s, say(OpenMeeting)
	case '4':
		return s, []Action{Do{CountPeople}}
	case '1':
		if speak, ok := s.nextLanguage(); ok {
			return s, append([]Action{speak}, say(LanguageChosen)...)
		}
		return s, say(LanguageChosen)
	case '0':
		return s, say(help(s)...)
	case '5':
		if s.Locked {
			return hostKey(s, Unlock)
		}
		return hostKey(s, Lock)
	case '7':
		return hostKey(s, MuteAll)
	default:
		return s, nil
	}
}

// hostKey passes a host's command on and tells others that it is not theirs.
func hostKey(s State, c Command) (State, []Action) {
	if !s.Host {
		return s, say(HostsOnly)
	}
	return s, []Action{Do{c}}
}

// knock tells a host that somebody waits. A telephone cannot let anybody into an encrypted room: it asks those who can.
func knock(s State) []Action {
	switch {
	case !s.Host:
		return nil
	case s.encrypted:
		return say(SomeoneWaitsEncrypted)
	default:
		return say(SomeoneWaits)
	}
}

func help(s State) []PromptID {
	switch {
	case !s.Host:
		return []PromptID{HelpGuest}
	case s.encrypted:
		return []PromptID{HelpGuest, HelpHostEncrypted}
	default:
		return []PromptID{HelpGuest, HelpHost}
	}
}

func toggleMute(s State) (State, Do, PromptID) {
	s.Muted = !s.Muted
	if s.Muted {
		return s, Do{Mute}, MutedNow
	}
	return s, Do{Unmute}, UnmutedNow
}

func people(p People) []Action {
	if p.All <= 1 {
		return say(Alone)
	}
	prompts := []Prompt{{ID: PeopleHere, Number: p.All}}
	if p.Phones > 0 {
		prompts = append(prompts, Prompt{ID: OnTelephone, Number: p.Phones})
	}
	return []Action{Say{Prompts: prompts}}
}

// outcome says what became of a host's command. That of a lock is spoken to everybody when the room changes.
func outcome(o Outcome) []Action {
	switch o.Result {
	case NotHost:
		return say(HostsOnly)
	case Nobody:
		return say(NobodyWaits)
	case HostsWereAsked:
		return say(HostsAsked)
	case NobodyAdmits:
		return say(NobodyLetsIn)
	case Failed:
		return say(OutOfOrder)
	}
	switch o.Command {
	case MuteAll:
		return say(AllMuted)
	case AdmitNext:
		return say(LetIn)
	default:
		return nil
	}
}
