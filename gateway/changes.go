package gateway

import (
	"slices"

	"legroom/menu"
	"legroom/rooms"
)

// changesOf tells a caller's menu what happened in its room between two snapshots. lobby tells that people are let in one
// by one there.
func changesOf(before, after *rooms.Snapshot, self string, lobby bool) []menu.Event {
	was, known := infoOf(before, self)
	is, stays := infoOf(after, self)
	if !known || !stays {
		return nil
	}
	var out []menu.Event
	if was.Muted != is.Muted || was.MutedByHost != is.MutedByHost {
		out = append(out, menu.MuteChanged{Muted: is.Muted, ByHost: is.MutedByHost && !was.MutedByHost})
	}
	if is.State != rooms.Joined {
		return out // who waits is told nothing of the room
	}
	if before.Locked != after.Locked {
		out = append(out, menu.LockChanged{Locked: after.Locked})
	}
	if was.Role != is.Role {
		out = append(out, menu.RoleChanged{Host: is.Role == rooms.Host})
	}
	if is.Role == rooms.Host && lobby && somebodyNewWaits(before, after) {
		out = append(out, menu.SomebodyWaits{})
	}
	return out
}

func somebodyNewWaits(before, after *rooms.Snapshot) bool {
	return slices.ContainsFunc(after.Participants, func(p rooms.Info) bool {
		_, known := infoOf(before, p.ID)
		return waits(after.Mode, p) && !known
	})
}

func somebodyWaits(s *rooms.Snapshot) bool {
	return slices.ContainsFunc(s.Participants, func(p rooms.Info) bool { return waits(s.Mode, p) })
}

// waits tells whether a host has to let somebody in. In an encrypted room everybody comes in as one who waits; a host's
// browser takes its place in the group by itself.
func waits(mode rooms.Mode, p rooms.Info) bool {
	comesByItself := mode.Encrypted() && p.Kind == rooms.Browser && p.Role == rooms.Host
	return p.State == rooms.Waiting && !comesByItself
}

// hostInBrowser tells whether there is one who can let others into an encrypted room.
func hostInBrowser(s *rooms.Snapshot) bool {
	return slices.ContainsFunc(s.Participants, func(p rooms.Info) bool {
		return p.State == rooms.Joined && p.Kind == rooms.Browser && p.Role == rooms.Host
	})
}

func infoOf(s *rooms.Snapshot, id string) (rooms.Info, bool) {
	i := slices.IndexFunc(s.Participants, func(p rooms.Info) bool { return p.ID == id })
	if i < 0 {
		return rooms.Info{}, false
	}
	return s.Participants[i], true
}

// peopleIn counts who has joined, and how many of them are on the telephone.
func peopleIn(s *rooms.Snapshot) menu.People {
	var p menu.People
	for _, i := range s.Participants {
		if i.State == rooms.Joined {
			p.All++
			if i.Kind == rooms.Phone {
				p.Phones++
			}
		}
	}
	return p
}
