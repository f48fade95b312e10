package rooms

import (
	"cmp"
	"slices"

	"legroom/media"
)

// maxWants bounds a View: more than any leg can show.
const maxWants = 100

// Want is one video that a viewer asks for.
type Want struct {
	// Participant by ID.
	Participant string
	// Source is media.Camera or media.Screen.
	Source media.Source
}

// View says which videos the leg shows, the most wanted first; those that are not there (yet) are left out. An empty list
// shows none. Before the first View, and after View(nil), the room chooses: shared screens first, then the cameras of
// who spoke last. Sound is always chosen by the room. What is beyond the leg's capacity is left out.
func (p *Participant) View(wants []Want) {
	if wants != nil {
		wants = append([]Want{}, wants[:min(len(wants), maxWants)]...)
	}
	p.room.mu.Lock()
	defer p.room.mu.Unlock()
	if p.state == Left {
		return
	}
	p.seats.wants = wants
	p.room.dirty.Store(true)
}

// videosFor lists the videos a leg should get. Called locked.
func (r *Room) videosFor(p *Participant) []*publication {
	capacity := p.request.Leg.Capacity(media.Video)
	if _, one := p.looks(); one || capacity == 0 {
		return nil // of several the gallery makes one
	}
	var list []*publication
	if p.seats.wants == nil {
		list = r.defaultView(p)
	}
	for _, w := range p.seats.wants {
		for _, u := range r.stage.videos {
			info := &u.track.info
			if info.Participant == w.Participant && info.Source == w.Source && u.owner != p && !slices.Contains(list, u) {
				list = append(list, u)
			}
		}
	}
	return list[:min(len(list), capacity)]
}

// defaultView is every screen, then every camera by when its owner last spoke. Called locked.
func (r *Room) defaultView(p *Participant) []*publication {
	list := make([]*publication, 0, len(r.stage.videos))
	for _, u := range r.stage.videos {
		if u.owner != p {
			list = append(list, u)
		}
	}
	slices.SortStableFunc(list, func(a, b *publication) int {
		if c := cmp.Compare(b.screen(), a.screen()); c != 0 {
			return c
		}
		return cmp.Compare(b.owner.spoke(), a.owner.spoke())
	})
	return list
}

// screen is 1 for a shared screen.
func (u *publication) screen() int {
	if u.track.info.Source == media.Screen {
		return 1
	}
	return 0
}

// spoke is the tick in which the participant last said something, 0 for never. Called locked.
func (p *Participant) spoke() uint64 {
	var tick uint64
	for _, u := range p.seats.publications {
		tick = max(tick, u.spoke)
	}
	return tick
}
