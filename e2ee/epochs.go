package e2ee

import (
	"slices"
	"time"
)

const (
	// maxEpochs is how many are kept, the newest included.
	maxEpochs = 4
	// keepReplaced is how long a replaced epoch opens the frames that were under way.
	keepReplaced = 2 * time.Second
	// maxHistory is how many epochs are remembered, without keys, to know a fork when it shows.
	maxHistory = 8
)

// moment is an epoch and the history that led to it.
type moment struct {
	epoch      uint64
	transcript Hash
}

// epochs are those of one grant, oldest first. Their owner locks.
type epochs struct {
	kept    []*epoch
	history []moment
}

// newest is nil when there is none.
func (s *epochs) newest() *epoch {
	if len(s.kept) == 0 {
		return nil
	}
	return s.kept[len(s.kept)-1]
}

// byLowBits finds the one epoch that a key id can mean. Two keys are never tried on one frame: a frame can be made that
// opens under both.
func (s *epochs) byLowBits(low byte) *epoch {
	for _, e := range s.kept {
		if byte(e.number) == low {
			return e
		}
	}
	return nil
}

// judge tells whether an authentic bundle is for a new epoch. Errors: *ForkError, ErrStale.
func (s *epochs) judge(number uint64, transcript Hash) error {
	for _, m := range s.history {
		if m.epoch == number && m.transcript != transcript {
			return &ForkError{Epoch: number}
		}
	}
	if len(s.history) > 0 && number <= s.history[len(s.history)-1].epoch {
		return ErrStale
	}
	return nil
}

// knows tells whether that epoch was reached by that history.
func (s *epochs) knows(number uint64, transcript Hash) bool {
	return slices.Contains(s.history, moment{number, transcript})
}

// add makes e the newest and has retire called later for the one before.
func (s *epochs) add(e *epoch, retire func(*epoch)) {
	s.history = append(s.history, moment{e.number, e.transcript})
	if len(s.history) > maxHistory {
		s.history = slices.Delete(s.history, 0, 1)
	}
	if same := s.byLowBits(byte(e.number)); same != nil {
		s.drop(same)
	}
	if last := s.newest(); last != nil {
		last.replaced = time.AfterFunc(keepReplaced, func() { retire(last) })
	}
	if len(s.kept) == maxEpochs {
		s.drop(s.kept[0])
	}
	s.kept = append(s.kept, e)
}

// inherit takes over the epochs of another grant of the same group that are older than the newest here, for the frames that
// are still under way. They open only: what was spoken under the other grant's number is over.
func (s *epochs) inherit(from *epochs, retire func(*epoch)) {
	own := s.kept
	s.kept = nil
	for _, e := range from.kept {
		if e.replaced != nil {
			e.replaced.Stop()
		}
		if len(own) == 0 || e.number >= own[0].number || byte(e.number) == byte(own[0].number) {
			e.erase()
			continue
		}
		clear(e.seal[:])
		clear(e.sealers)
		e.replaced = time.AfterFunc(keepReplaced, func() { retire(e) })
		s.kept = append(s.kept, e)
	}
	from.kept = nil
	s.kept = append(s.kept, own...)
	for len(s.kept) > maxEpochs {
		s.drop(s.kept[0])
	}
}

// drop erases one epoch; one that is gone already, or somebody else's by now, is left as it is.
func (s *epochs) drop(e *epoch) {
	if !slices.Contains(s.kept, e) {
		return
	}
	e.erase()
	s.kept = slices.DeleteFunc(s.kept, func(o *epoch) bool { return o == e })
}

// clear erases all.
func (s *epochs) clear() {
	for _, e := range s.kept {
		e.erase()
	}
	s.kept = nil
}
