package api

import (
	"slices"
	"time"

	"legroom/media"
	"legroom/rooms"
)

// rosterOf is what one participant may know of a room: who waits knows only of itself, guests of who has joined, hosts of
// all.
func rosterOf(s *rooms.Snapshot, viewer string) *Roster {
	self, ok := find(s, viewer)
	r := &Roster{Revision: s.Revision, Room: roomOf(s), Participants: make([]Participant, 0, len(s.Participants))}
	for _, info := range s.Participants {
		switch {
		case info.ID == viewer:
		case !ok || self.State != rooms.Joined:
			continue
		case info.State != rooms.Joined && self.Role != rooms.Host:
			continue
		}
		r.Participants = append(r.Participants, participantOf(info))
	}
	return r
}

func find(s *rooms.Snapshot, id string) (rooms.Info, bool) {
	i := slices.IndexFunc(s.Participants, func(p rooms.Info) bool { return p.ID == id })
	if i < 0 {
		return rooms.Info{}, false
	}
	return s.Participants[i], true
}

func roomOf(s *rooms.Snapshot) RoomInfo {
	return RoomInfo{Number: s.Number, Name: s.Name, Mode: Mode(s.Mode.String()), Locked: s.Locked}
}

func participantOf(i rooms.Info) Participant {
	p := Participant{
		ID: i.ID, Name: i.Name, Kind: Kind(i.Kind.String()), Role: roleOf(i.Role), State: State(i.State.String()), Muted: i.Muted,
		MutedByHost: i.MutedByHost, Security: Security(i.Security.String()), Sources: []Source{}, JoinedAt: unixMS(i.Joined),
	}
	if i.Hand {
		p.Hand = unixMS(i.HandSince)
	}
	if s := i.Sender; s != nil {
		if s.Grant == 0 {
			p.Leaf = &s.Leaf
		} else {
			p.Grant, p.Line = &s.Grant, &s.Line
		}
	}
	for _, s := range i.Sources {
		p.Sources = append(p.Sources, sourceOf(s))
	}
	return p
}

func roleOf(r rooms.Role) Role {
	if r == rooms.Host {
		return RoleHost
	}
	return RoleGuest
}

func sourceOf(s media.Source) Source {
	if s == media.SourceUnknown {
		return ""
	}
	return Source(s.String())
}

func mediaSource(s Source) media.Source {
	for _, m := range []media.Source{media.Microphone, media.Camera, media.Screen, media.ScreenAudio} {
		if m.String() == string(s) {
			return m
		}
	}
	return media.SourceUnknown
}

func unixMS(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// changeOf is what turns one roster into the next, nil when nothing changed that can be seen.
func changeOf(before, after *Roster) *RosterChange {
	c := &RosterChange{Revision: after.Revision, Upsert: []Participant{}, Gone: []string{}}
	if before.Room != after.Room {
		c.Room = &after.Room
	}
	known := make(map[string]Participant, len(before.Participants))
	for _, p := range before.Participants {
		known[p.ID] = p
	}
	for _, p := range after.Participants {
		if old, ok := known[p.ID]; !ok || !sameParticipant(old, p) {
			c.Upsert = append(c.Upsert, p)
		}
		delete(known, p.ID)
	}
	for _, p := range before.Participants { // in order, not as the map has it
		if _, gone := known[p.ID]; gone {
			c.Gone = append(c.Gone, p.ID)
		}
	}
	if c.Room == nil && len(c.Upsert) == 0 && len(c.Gone) == 0 {
		return nil
	}
	return c
}

func sameParticipant(a, b Participant) bool {
	same := slices.Equal(a.Sources, b.Sources)
	a.Sources, b.Sources = nil, nil
	return same && a.ID == b.ID && a.Name == b.Name && a.Kind == b.Kind && a.Role == b.Role && a.State == b.State &&
		a.Muted == b.Muted && a.MutedByHost == b.MutedByHost && a.Hand == b.Hand && a.Security == b.Security && a.JoinedAt == b.JoinedAt &&
		sameNumber(a.Leaf, b.Leaf) && sameNumber(a.Grant, b.Grant) && sameNumber(a.Line, b.Line)
}

func sameNumber[N uint16 | uint32](a, b *N) bool { return a == b || a != nil && b != nil && *a == *b }

// positionOf is the place in the lobby, from 1; 0 for who does not wait.
func positionOf(s *rooms.Snapshot, id string) int {
	position := 0
	for _, p := range s.Participants {
		if p.State == rooms.Waiting {
			position++
			if p.ID == id {
				return position
			}
		}
	}
	return 0
}
