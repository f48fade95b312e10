package rooms

import (
	"slices"

	"legroom/audio"
	"legroom/audio/mix"
	"legroom/media"
)

const (
	// levelAge is for how many ticks a level counts that was not told anew: a few packets may be late.
	levelAge = 5
	// speakerPatience is for how many ticks somebody else must be the loudest to become the active speaker.
	speakerPatience = 15
)

// stage is everything that is published in a room: who is loud, which sounds browsers get, who is the active speaker.
// It is guarded by the lock of the room.
type stage struct {
	seats    int  // audio tracks that browsers get
	all      bool // they get every one: nothing tells who speaks
	sounds   []*publication
	videos   []*publication
	talkers  []*mix.Talker // of sounds, in their order
	floor    *mix.Floor
	tick     uint64
	speaker  *publication
	rival    *publication
	patience int
	due      []*keyframes // of the goroutine of the step
}

func newStage(seats int, all bool) stage {
	return stage{seats: seats, all: all, floor: mix.NewFloor(seats)}
}

// add brings a publication on; sound gets a seat while there is one.
func (s *stage) add(u *publication) {
	if !u.audioTrack() {
		s.videos = append(s.videos, u)
		return
	}
	s.sounds = append(s.sounds, u)
	s.talkers = append(s.talkers, &u.talker)
	s.fill()
}

// remove takes it off.
func (s *stage) remove(u *publication) {
	if i := slices.Index(s.videos, u); i >= 0 {
		s.videos = slices.Delete(s.videos, i, i+1)
	}
	if i := slices.Index(s.sounds, u); i >= 0 {
		s.sounds = slices.Delete(s.sounds, i, i+1)
		s.talkers = slices.Delete(s.talkers, i, i+1)
	}
	if s.speaker == u {
		s.speaker = nil
	}
	if s.rival == u {
		s.rival = nil
	}
	u.seated = false
	s.fill()
}

// fill gives free seats to who came first.
func (s *stage) fill() {
	free := s.seats
	for _, u := range s.sounds {
		if u.seated {
			free--
		}
	}
	for _, u := range s.sounds {
		if (free > 0 || s.all) && !u.seated {
			u.seated = true
			free--
		}
	}
}

// listen takes what every sound told since the last tick, and tells whether the seats or the active speaker changed.
func (s *stage) listen() (changed bool) {
	s.tick++
	for _, u := range s.sounds {
		u.listen(s.tick)
	}
	s.floor.Choose(s.talkers)
	for _, u := range s.sounds {
		if u.talker.Chosen() && !u.seated {
			changed = s.giveSeat(u) || changed
		}
	}
	before := s.speaker
	s.follow()
	return changed || s.speaker != before // a view follows who speaks
}

// listen notes how loud the sound is now.
func (u *publication) listen(tick uint64) {
	if l := u.track.meter.take(); l != media.NoLevel {
		u.heard, u.age = l, 0
	} else if u.age++; u.age > levelAge || u.owner.badge.Muted {
		u.heard = audio.Silence
	}
	active := u.heard <= faint
	if active {
		u.spoke = tick
	}
	u.talker.Hear(u.heard, active)
}

// giveSeat seats who speaks in the place of who has been silent longest.
func (s *stage) giveSeat(u *publication) bool {
	var out *publication
	for _, o := range s.sounds {
		if o.seated && !o.talker.Chosen() && (out == nil || o.spoke < out.spoke) {
			out = o
		}
	}
	if out == nil {
		return false
	}
	out.seated, u.seated = false, true
	return true
}

// follow finds the active speaker: who speaks alone at once, who is loudest when several speak after a while.
func (s *stage) follow() {
	var top *publication
	for _, u := range s.sounds {
		if u.talker.Chosen() && (top == nil || u.talker.Level() < top.talker.Level()) {
			top = u
		}
	}
	switch {
	case top == nil || top == s.speaker:
		s.rival, s.patience = nil, 0
	case s.speaker == nil || !s.speaker.talker.Chosen():
		s.speaker, s.rival, s.patience = top, nil, 0
	case top != s.rival:
		s.rival, s.patience = top, 1
	default:
		if s.patience++; s.patience >= speakerPatience {
			s.speaker, s.rival, s.patience = top, nil, 0
		}
	}
}

// Levels appends how loud each joined participant is now and gives dst back: the active speaker first, then in the order
// they came.
func (r *Room) Levels(dst []LevelOf) []LevelOf {
	r.mu.Lock()
	defer r.mu.Unlock()
	var speaker *Participant
	if r.stage.speaker != nil {
		speaker = r.stage.speaker.owner
		dst = append(dst, LevelOf{Participant: speaker.id, Level: speaker.level()})
	}
	for _, p := range r.members {
		if p.state == Joined && p != speaker {
			dst = append(dst, LevelOf{Participant: p.id, Level: p.level()})
		}
	}
	return dst
}

// level is the loudest of what a participant publishes. Called locked.
func (p *Participant) level() media.Level {
	level := audio.Silence
	for _, u := range p.seats.publications {
		if u.audioTrack() {
			level = min(level, u.heard)
		}
	}
	return level
}
