package rooms

import (
	"errors"
	"slices"
	"sync"

	"legroom/internal/logkey"
	"legroom/media"
)

// feed is one track on its way to one leg.
type feed struct {
	publication *publication
	codec       media.Codec

	mu     sync.Mutex
	stop   func() // takes it off the track and closes the leg's sink; nil before it runs
	closed bool
}

// close ends the feed and the leg's sink.
func (f *feed) close() {
	f.mu.Lock()
	stop := f.stop
	f.stop, f.closed = nil, true
	f.mu.Unlock()
	if stop != nil {
		stop()
	}
}

// order is what has to change in the feeds of one leg.
type order struct {
	participant *Participant
	stop        []*feed
	start       []*feed
}

// feedsFor compares what a leg gets with what it should get; false when that is the same. Called locked.
func (r *Room) feedsFor(p *Participant) (order, bool) {
	o := order{participant: p}
	wanted := append(r.soundsFor(p), r.videosFor(p)...)
	kept := p.seats.feeds[:0:0]
	for _, f := range p.seats.feeds {
		if slices.Contains(wanted, f.publication) {
			kept = append(kept, f)
		} else {
			o.stop = append(o.stop, f)
		}
	}
	for _, u := range wanted {
		has := func(f *feed) bool { return f.publication == u }
		codec, ok := u.offer.codecFor(p.request.Leg.Accepts(u.track.info.Kind()))
		if ok && !slices.ContainsFunc(kept, has) {
			o.start = append(o.start, &feed{publication: u, codec: codec})
		}
	}
	p.seats.feeds = append(kept, o.start...)
	return o, len(o.stop)+len(o.start) > 0
}

// soundsFor lists the sounds a leg should get: those that have a seat, its own aside. Where all have one voices go first.
// Called locked.
func (r *Room) soundsFor(p *Participant) []*publication {
	capacity := p.request.Leg.Capacity(media.Audio)
	if capacity <= 1 {
		return nil
	}
	var list, screens []*publication
	for _, u := range r.stage.sounds {
		switch {
		case !u.seated || u.owner == p:
		case r.stage.all && u.track.info.Source == media.ScreenAudio:
			screens = append(screens, u)
		default:
			list = append(list, u)
		}
	}
	list = append(list, screens...)
	return list[:min(len(list), capacity)]
}

// carryOut ends what is not wanted any more, which makes room in the leg, and starts the rest. Called without a lock.
func (o order) carryOut() {
	for _, f := range o.stop {
		f.close()
	}
	for _, f := range o.start {
		if err := f.start(o.participant.request.Leg); err != nil {
			o.failed(f, err)
		}
	}
}

// start opens the leg's sink and leads the track there.
func (f *feed) start(leg Leg) error {
	track, release, err := f.publication.offer.carry(f.codec)
	if err != nil {
		return err
	}
	sink, err := leg.Send(track.Info())
	if err != nil {
		release()
		return err
	}
	remove := track.Subscribe(newOpening(track, sink))
	f.mu.Lock()
	f.stop = func() {
		remove()
		release()
		_ = sink.Close()
	}
	closed := f.closed
	f.mu.Unlock()
	if closed { // the leg left, or the track ended, meanwhile
		f.close()
	}
	return nil
}

// failed takes a feed that could not be started off the list again; the next change of the room tries anew. A leg that
// has ended is left to its owner.
func (o order) failed(f *feed, err error) {
	p := o.participant
	p.room.mu.Lock()
	if i := slices.Index(p.seats.feeds, f); i >= 0 {
		p.seats.feeds = slices.Delete(slices.Clone(p.seats.feeds), i, i+1)
	}
	p.room.mu.Unlock()
	if !errors.Is(err, media.ErrClosed) {
		p.log.Warn("track cannot be sent", logkey.Track, f.publication.track.info.ID, logkey.Err, err)
	}
}
