package menu

// checking waits for answers about rooms and PINs, which take no time that a caller could notice.
func checking(s State, e Event) (State, []Action) {
	switch e := e.(type) {
	case RoomAnswer:
		if s.Phase == CheckingRoom {
			return roomKnown(s, e)
		}
	case PINAnswer:
		if s.Phase == CheckingPIN {
			return pinKnown(s, e.Result)
		}
	case Waiting:
		if s.Phase == Entering {
			s.Phase = InTheLobby
			s.plea = e.Plea
			out := append(remind(s, append(greet(&s), Prompt{ID: s.plea.words()})...), SetTimer{})
			s.music = e.Music
			return s, out
		}
	case Admitted:
		if s.Phase == Entering {
			return enterRoom(s, e)
		}
	}
	return s, nil
}

func roomKnown(s State, a RoomAnswer) (State, []Action) {
	if !a.NeedsPIN {
		return enter(s, false)
	}
	return askPIN(s, greet(&s)...)
}

func pinKnown(s State, r PINResult) (State, []Action) {
	switch r {
	case PINGuest, PINHost:
		return enter(s, r == PINHost)
	case PINThrottled:
		return end(s, CauseThrottled)
	}
	s.wrong++
	if s.wrong >= s.limits.Tries {
		return end(s, CauseWrongPIN)
	}
	left := Prompt{ID: TriesLeft, Number: s.limits.Tries - s.wrong}
	return askPIN(s, append(greet(&s), Prompt{ID: WrongPIN}, left)...)
}

func enter(s State, host bool) (State, []Action) {
	s = forget(s)
	s.Phase, s.Host = Entering, host
	return s, []Action{SetTimer{}, Enter{Room: s.Room, Host: host}}
}
