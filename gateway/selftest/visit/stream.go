package visit

import (
	"fmt"

	"legroom/e2ee/sframe"
	"legroom/gateway/tap"
)

// stream is one thing that somebody sends.
type stream struct {
	sender string // in the group, or the gateway's id
	name   string
	kind   sframe.Kind
	notes  *tap.Notes
	// open, before and failed count whole payloads: opened with the meeting's key, of an epoch before the visitor came, all others.
	opened, before, failed uint64
	why                    error // of the first that failed
	first, last            mark
}

// mark is the header of a frame.
type mark struct {
	id      sframe.KeyID
	counter uint64
}

// open notes a payload that opened.
func (s *stream) open(id sframe.KeyID, f frame) {
	s.notes.Packets(f.packets)
	s.notes.Payload(f.payload, 0)
	at := mark{id: id}
	if h, err := tap.Header(f.codec, s.kind, f.payload); err == nil {
		at.counter = h.Counter
	}
	if s.opened++; s.opened == 1 {
		s.first = at
	}
	s.last = at
}

// header in words: whose, epochs by their low 8 bits, counters.
func (s *stream) header() string {
	if s.opened == 0 {
		return "-"
	}
	epochs := fmt.Sprintf("epoch %d", s.first.id.Epoch())
	if a, b := s.first.id.Epoch(), s.last.id.Epoch(); a != b {
		epochs = fmt.Sprintf("epochs %d to %d", a, b)
	}
	return fmt.Sprintf("%s, %s, counters %d to %d", s.sender, epochs, s.first.counter, s.last.counter)
}
