package rooms

import (
	"fmt"

	"legroom/media"
)

// seat opens the mix to a leg that takes one stream of sound, then tells that it is admitted. When that fails the
// participant leaves and the leg is closed.
func (p *Participant) seat() error {
	if p.request.Leg.Capacity(media.Audio) != 1 {
		p.open()
		return nil
	}
	p.seating.Lock()
	defer p.seating.Unlock()
	e, err := p.room.mixdown.seat(p.request.Leg)
	if err != nil {
		p.Leave(err)
		_ = p.request.Leg.Close(err)
		return err
	}
	if !p.hearWith(e) {
		_ = e.Close()
		return p.Cause()
	}
	p.open()
	return nil
}

// Reseat opens the mix anew for a leg whose codec has changed: its sink from before is of no use any more. What is
// whispered to it goes on where it is. Who waits, or gets tracks, is left as it is. It must not be called from a Sink of
// the leg. Errors: ErrNoCodec, ErrLeft, and those of Leg.Send; the participant then stays, and hears nothing.
func (p *Participant) Reseat() error {
	p.seating.Lock()
	defer p.seating.Unlock()
	p.room.mu.Lock()
	before := p.seats.ear
	p.room.mu.Unlock()
	if before == nil {
		return nil
	}
	e, err := p.room.mixdown.seat(p.request.Leg)
	if err != nil {
		return fmt.Errorf("rooms: reseat %s: %w", p.id, err)
	}
	if !p.hearWith(e) {
		_ = e.Close()
		return ErrLeft
	}
	before.port.HandOver(e.port)
	_ = before.Close()
	return nil
}

// hearWith makes e the ear of a participant, which speaks through its port from the next step on; false when it has left.
func (p *Participant) hearWith(e *ear) bool {
	p.room.mu.Lock()
	defer p.room.mu.Unlock()
	if p.state == Left {
		return false
	}
	p.seats.ear = e
	p.room.dirty.Store(true)
	return true
}
