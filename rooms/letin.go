package rooms

import "errors"

// LetIn makes a participant who waits one of the room. It is for the gateway, which has seen what let it in: in an encrypted
// room a commit of the hosts, and nothing else does. Who has joined already stays as it is. Errors: ErrLeft, ErrFull, and
// those of Leg.Send.
func (p *Participant) LetIn() error {
	r := p.room
	r.mu.Lock()
	err := p.present()
	waits := errors.Is(err, ErrWaiting)
	if waits {
		if err = r.letIn(p); err == nil {
			r.changed()
		}
	}
	r.mu.Unlock()
	if err != nil || !waits {
		return err
	}
	return p.seat()
}

// letIn makes who waits one of the room, where there is a seat. Called locked; the caller then calls seat.
func (r *Room) letIn(p *Participant) error {
	if limit := r.policy.Capacity; limit > 0 && len(r.joined()) >= limit {
		return ErrFull
	}
	r.admit(p)
	return nil
}
