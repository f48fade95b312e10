package rooms

import (
	"time"

	"legroom/audio/mix"
	"legroom/internal/logkey"
)

// step is one tick of the room: listen to who is loud, give every leg what it should have, mix. It runs in a goroutine
// of the clock.
func (r *Room) step() {
	// The room may be taken off the clock and put on again while a step is still under way.
	if !r.stepping.CompareAndSwap(false, true) {
		return
	}
	defer r.stepping.Store(false)
	if r.listen() || r.dirty.Load() {
		r.arrange()
	}
	r.mixdown.mixer.Step()
}

// skip leaves out periods that the clock did not step. While a step is under way, which is one of another place on the
// clock, they are that one's to tell of.
func (r *Room) skip(periods int) {
	if r.stepping.CompareAndSwap(false, true) {
		r.mixdown.mixer.Skip(periods)
		r.stepping.Store(false)
	}
}

// listen notes how loud everybody is; true when browsers should get other sounds than before.
func (r *Room) listen() bool {
	r.mu.Lock()
	now := time.Now()
	changed := r.stage.listen()
	if r.grants.age(now) {
		r.rekey()
	}
	videos := r.stage.videos
	due := r.stage.due[:0]
	if r.stage.tick%4 == 0 { // finer than the interval of requests
		for _, u := range videos {
			due = append(due, u.track.keyframes)
		}
	}
	r.stage.due = due
	r.mu.Unlock()
	for _, k := range due {
		k.tick(now)
	}
	return changed
}

// arrange brings what legs get to what they should get. What is to be done is found under the lock, and done without.
func (r *Room) arrange() {
	r.dirty.Store(false)
	r.mu.Lock()
	joined := r.joined()
	plugs, unplugs := r.mixerInputs(joined)
	var orders []order
	for _, p := range joined {
		if o, ok := r.feedsFor(p); ok {
			orders = append(orders, o)
		}
	}
	r.exhibit(joined)
	r.mu.Unlock()
	for _, u := range unplugs {
		u.unplug((*mix.Port).FadeOut)
	}
	for _, in := range plugs {
		in.connect(r)
	}
	for _, o := range orders {
		o.carryOut()
	}
}

// exhibit has shown what the room should show. Called locked.
func (r *Room) exhibit(joined []*Participant) {
	p := r.program(joined)
	switch {
	case r.gallery == nil && p == nil:
		return
	case p == nil:
		r.gallery.stop()
		r.gallery = nil
		return
	case r.gallery == nil || r.gallery.ended():
		g, err := openGallery(r)
		if err != nil {
			return // there is no Device yet; when there is, the room decides anew
		}
		r.gallery = g
	}
	r.gallery.show(p)
}

// plugIn is a sound that the mixer is to hear.
type plugIn struct {
	publication *publication
	clear       *ClearTrack
	port        *mix.Port // nil: one of its own
}

// mixerInputs finds what the mixer has to hear. A leg that hears the mix speaks through the port it hears with, so it
// does not hear itself; it is decoded always, for its loudness. Others are decoded only when somebody else hears a mix;
// what a grant opened ends with it. Called locked.
func (r *Room) mixerInputs(joined []*Participant) (plugs []plugIn, unplugs []*publication) {
	ears := 0
	for _, p := range joined {
		if p.seats.ear != nil {
			ears++
		}
	}
	for _, u := range r.stage.sounds {
		e := u.owner.seats.ear
		wanted := u.clear != nil && (ears > 0 || e != nil)
		moved := (e != nil && u.plug.port != e.port) || u.plug.clear != u.clear
		if u.plugged() && (!wanted || moved) {
			unplugs = append(unplugs, u)
		}
		if wanted && (!u.plugged() || moved) {
			in := plugIn{publication: u, clear: u.clear}
			if e != nil {
				in.port = e.port
			}
			plugs = append(plugs, in)
		}
	}
	return plugs, unplugs
}

func (in plugIn) connect(r *Room) {
	port, own := in.port, false
	if port == nil {
		port, own = r.mixdown.input(), true
	}
	if err := in.publication.plugIn(in.clear, port, own); err != nil {
		r.log.Warn("track cannot be mixed", logkey.Track, in.publication.track.info.ID, logkey.Err, err)
		if own {
			_ = port.Close()
		}
	}
}
