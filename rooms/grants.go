package rooms

import (
	"time"

	"legroom/e2ee"
	"legroom/e2ee/sframe"
	"legroom/media"
)

// succession is for how long the tracks of a grant that has ended stay where they are, silent: another may be about to take
// its place.
const succession = 100 * time.Millisecond

// grants are what hosts granted this gateway in a room: one grant or none. They are guarded by the lock of the room.
type grants struct {
	now   *e2ee.Grant
	ended time.Time // when that was seen to have ended
}

// put makes g the one that holds; nil for none.
func (s *grants) put(g *e2ee.Grant) { *s = grants{now: g} }

// age forgets a grant that has ended by itself, and tells whether it did.
func (s *grants) age(now time.Time) bool {
	switch {
	case s.now == nil || !ended(s.now):
		return false
	case s.ended.IsZero():
		s.ended = now
		return false
	case now.Sub(s.ended) < succession:
		return false
	}
	s.put(nil)
	return true
}

func ended(g *e2ee.Grant) bool {
	select {
	case <-g.Done():
		return true
	default:
		return false
	}
}

// opener of a kind, nil where there is none.
func (s *grants) opener(kind sframe.Kind) *e2ee.Opener {
	if s.now == nil {
		return nil
	}
	o, _ := s.now.Opener(kind)
	return o
}

// sealer of a leg's sound, nil where it may not be heard. sure is false for a leg that is of a grant still to come: it
// goes on with what it has.
func (s *grants) sealer(kind sframe.Kind, leg *Sender) (sealer *e2ee.Sealer, sure bool) {
	switch {
	case leg == nil || s.now == nil:
		return nil, true
	case leg.Grant == s.now.N():
		sealer, _ = s.now.Sealer(kind, leg.Line)
		return sealer, true
	default:
		return nil, leg.Grant < s.now.N() // numbers only count up
	}
}

// kindOf is the kind under which the sound of a source is sealed.
func kindOf(s media.Source) (sframe.Kind, bool) {
	switch s {
	case media.Microphone:
		return sframe.Audio, true
	case media.ScreenAudio:
		return sframe.ScreenAudio, true
	default:
		return 0, false
	}
}

// Grant lets the gateway open the granted kinds of sound of all browsers in a mixed room, and seal what its own legs say,
// until it ends or another takes its place. Tracks go on without a gap from one to the next where both have keys: see
// e2ee.Grant.Succeed, and call SetSender for the legs before. nil takes it away: when Grant returns, nothing is opened any
// more. In a room that is not mixed it changes nothing.
func (r *Room) Grant(g *e2ee.Grant) {
	if r.policy.Mode != Mixed {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.grants.put(g)
	r.rekey()
}

// rekey brings all sounds to what is granted now. Called locked.
func (r *Room) rekey() {
	for _, u := range r.stage.sounds {
		u.rekey(&r.grants)
	}
	r.dirty.Store(true)
}
