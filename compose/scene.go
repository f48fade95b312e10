package compose

import (
	"slices"
	"sync"
)

// scene is what is to be shown, as others last said. Its methods may be called from any goroutine; a Slot's lock may be
// taken inside its lock, never the other way round.
type scene struct {
	width, height int
	strip         int // height of a banner

	mu      sync.Mutex
	layout  Layout
	order   []*Slot
	all     []*Slot // open ones, shown or not
	targets []target
	banner  Mark
	card    *Card
	// fresh tells what the Compositor has not seen: places; and anything.
	placed, fresh bool
	closed        bool
}

// target is the place of a slot.
type target struct {
	slot *Slot
	rect Rect
}

func (s *scene) arrange(l Layout, slots []*Slot) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var order []*Slot
	for _, each := range slots {
		// One of another Compositor, a closed one and one that is named twice have no place.
		if len(order) < FourByFour.Capacity() && slices.Contains(s.all, each) && !slices.Contains(order, each) {
			order = append(order, each)
		}
	}
	if l == s.layout && slices.Equal(order, s.order) {
		return
	}
	s.layout, s.order = l, order
	s.place()
}

func (s *scene) setBanner(m Mark) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m == s.banner {
		return
	}
	moves := (m.Kind == NoMark) != (s.banner.Kind == NoMark)
	s.banner, s.fresh = m, true
	if moves {
		s.place()
	}
}

func (s *scene) setCard(c *Card) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.equal(s.card) {
		return
	}
	moves := (c == nil) != (s.card == nil)
	s.card, s.fresh = c, true
	if moves {
		s.place()
	}
}

func (s *scene) redraw() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fresh = true
}

// add makes a slot known; after close there is nobody to show it.
func (s *scene) add(slot *Slot) (open bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.all = append(s.all, slot)
	}
	return !s.closed
}

// remove takes a slot out that was closed.
func (s *scene) remove(slot *Slot) {
	s.mu.Lock()
	defer s.mu.Unlock()
	not := func(each *Slot) bool { return each == slot }
	s.all = slices.DeleteFunc(s.all, not)
	if slices.Contains(s.order, slot) {
		s.order = slices.DeleteFunc(slices.Clone(s.order), not)
		s.place()
	}
}

// close gives the slots that are to be closed.
func (s *scene) close() []*Slot {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	return slices.Clone(s.all)
}

// area is what a banner leaves.
func (s *scene) area() Rect {
	if s.banner.Kind == NoMark {
		return Rect{0, 0, s.width, s.height}
	}
	return Rect{0, s.strip, s.width, s.height - s.strip}
}

// place gives every slot its rectangle, or none. It is called with mu held.
func (s *scene) place() {
	s.placed, s.fresh = true, true
	s.targets = s.targets[:0]
	area := s.area()
	var rects []Rect
	if s.card == nil {
		rects = Place(s.layout, area.Width, area.Height, len(s.order))
	}
	for i, r := range rects {
		r.X, r.Y = r.X+area.X, r.Y+area.Y
		s.targets = append(s.targets, target{s.order[i], r})
		s.order[i].aim(r)
	}
	for _, each := range s.all {
		if !slices.ContainsFunc(s.targets, func(t target) bool { return t.slot == each }) {
			each.aim(Rect{})
		}
	}
}
