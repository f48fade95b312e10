package rooms

import "legroom/audio/mix"

// PutBack makes a browser that is in an encrypted room one that waits again. It is for the gateway, when the commit that let
// it in was taken back, or its group has ended. Nothing of the room is sent to it any more, and what it publishes goes to
// nobody, until LetIn; its leg lives on, and Admitted is another channel. Who is not in the room, and whoever comes to an
// open one, stays as it is.
func (p *Participant) PutBack() {
	for _, end := range p.putBack() {
		end()
	}
}

func (p *Participant) putBack() (closing []func()) {
	r := p.room
	r.mu.Lock()
	defer r.mu.Unlock()
	if p.state != Joined || !r.policy.Mode.Encrypted() || p.request.Kind != Browser {
		return nil
	}
	p.state, p.returned, p.admitted = Waiting, true, make(chan struct{})
	for _, u := range p.seats.publications {
		u.withdraw()
		closing = append(closing, func() { u.unplug((*mix.Port).FadeOut) })
	}
	for _, f := range p.seats.feeds {
		closing = append(closing, f.close)
	}
	p.seats.feeds = nil
	p.log.Info("participant waits again")
	r.dirty.Store(true)
	r.changed()
	return append(closing, r.idle()...)
}

// takeUp brings back on the stage what was published before PutBack. Called locked.
func (p *Participant) takeUp() {
	p.returned = false
	for _, u := range p.seats.publications {
		u.rekey(&p.room.grants)
		p.room.stage.add(u)
	}
}
