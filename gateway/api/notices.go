package api

// noticesOf are the notices one participant gets when its roster changes. They are drawn from what it may know, so none
// can tell more than the roster does.
func noticesOf(before, after *Roster, viewer string) []*Notice {
	was, is := byID(before), byID(after)
	me, known := is[viewer]
	if !known || me.State != StateJoined || was[viewer].State != StateJoined {
		return nil
	}
	out := ownNotices(was[viewer], me)
	if before.Room.Locked != after.Room.Locked {
		code := NoticeUnlocked
		if after.Room.Locked {
			code = NoticeLocked
		}
		out = append(out, &Notice{Code: code})
	}
	for _, p := range after.Participants {
		if p.ID != viewer {
			if code, ok := aboutOther(was[p.ID], p); ok {
				out = append(out, &Notice{Code: code, Participant: p.ID, Name: p.Name})
			}
		}
	}
	for _, p := range before.Participants {
		if _, stays := is[p.ID]; !stays && p.State == StateJoined {
			out = append(out, &Notice{Code: NoticeLeft, Participant: p.ID, Name: p.Name})
		}
	}
	return out
}

func ownNotices(was, is Participant) []*Notice {
	var out []*Notice
	if is.MutedByHost && !was.MutedByHost {
		out = append(out, &Notice{Code: NoticeMutedByHost})
	}
	if is.Role == RoleHost && was.Role != RoleHost {
		out = append(out, &Notice{Code: NoticeMadeHost})
	}
	return out
}

func aboutOther(was, is Participant) (NoticeCode, bool) {
	switch {
	case is.State == StateWaiting && was.State != StateWaiting:
		return NoticeWaitingInLobby, true
	case is.State == StateJoined && was.State != StateJoined:
		return NoticeJoined, true
	case is.Hand != 0 && was.Hand == 0:
		return NoticeHandRaised, true
	default:
		return "", false
	}
}

func byID(r *Roster) map[string]Participant {
	out := make(map[string]Participant, len(r.Participants))
	for _, p := range r.Participants {
		out[p.ID] = p
	}
	return out
}
