package sip

import "sync"

// dialogs is the set of all dialogs of a Server.
type dialogs struct {
	mu       sync.Mutex
	byID     map[dialogID]*Dialog
	alive    int
	draining bool
	none     chan struct{}
}

// dialogID finds a dialog by Call-ID and both tags (RFC 3261 section 12).
type dialogID struct{ callID, local, remote string }

func (s *dialogs) init() {
	s.byID = make(map[dialogID]*Dialog)
	s.none = make(chan struct{})
}

// add takes a new dialog. Errors: ErrDraining, ErrTooManyCalls.
func (s *dialogs) add(d *Dialog, most int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.draining {
		return ErrDraining
	}
	if s.alive >= most {
		return ErrTooManyCalls
	}
	s.byID[d.key()] = d
	s.alive++
	return nil
}

// move files a dialog under the identity it has now, as when the other side's tag becomes known.
func (s *dialogs) move(from dialogID, d *Dialog) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.byID, from)
	s.byID[d.key()] = d
}

// ended notes that a call is over; it stays findable until forget, to answer what crosses its BYE.
func (s *dialogs) ended() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.alive--
	s.check()
}

func (s *dialogs) forget(d *Dialog) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byID[d.key()] == d {
		delete(s.byID, d.key())
	}
}

func (s *dialogs) find(id dialogID) *Dialog {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.byID[id]
}

// merged tells whether a request that begins a dialog came before on another way (RFC 3261 section 8.2.2.2).
func (s *dialogs) merged(callID, remoteTag string, seq uint32) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, d := range s.byID {
		if id.callID == callID && id.remote == remoteTag && d.first == seq && !d.placed {
			return true
		}
	}
	return false
}

func (s *dialogs) all() []*Dialog {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]*Dialog, 0, len(s.byID))
	for _, d := range s.byID {
		out = append(out, d)
	}
	return out
}

func (s *dialogs) live() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.alive
}

func (s *dialogs) drain() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.draining = true
	s.check()
}

func (s *dialogs) isDraining() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.draining
}

// empty is closed when no call is left and none can come.
func (s *dialogs) empty() <-chan struct{} { return s.none }

// check is called locked.
func (s *dialogs) check() {
	if !s.draining || s.alive > 0 {
		return
	}
	select {
	case <-s.none:
	default:
		close(s.none)
	}
}
