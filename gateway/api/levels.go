package api

import (
	"slices"
	"time"

	"legroom/media"
	"legroom/rooms"
)

// levelPeriod is how often levels are told at most.
const levelPeriod = 200 * time.Millisecond

// quietest is the last level that counts as above silence, -dBov: below it is the noise of a quiet room and of comfort
// noise.
const quietest media.Level = 60

// levelsOf picks what is told of the levels of a room, where the active speaker comes first.
func levelsOf(levels []rooms.LevelOf) *Levels {
	out := &Levels{Items: []LevelItem{}}
	for i, l := range levels {
		if l.Level > quietest {
			continue
		}
		if i == 0 {
			out.Speaker = l.Participant
		}
		out.Items = append(out.Items, LevelItem{Participant: l.Participant, Level: int(l.Level)})
	}
	return out
}

// sameLevels tells that there is no news: a quiet room is told of once.
func sameLevels(a, b *Levels) bool {
	return a != nil && a.Speaker == b.Speaker && slices.Equal(a.Items, b.Items)
}
