package compose

// tile is a slot at its place. Only the Compositor's Step touches it.
type tile struct {
	slot          *Slot
	shown         *still
	from, to, now Rect
	label         Label
	// written and size are what the overlays were drawn for.
	written  Label
	size     Rect
	overlays []overlay
	// blank is for a tile without a picture, and drawn when there is none.
	blank *overlay
}

// collect takes over what the slot has new, and tells whether there is anything.
func (t *tile) collect() bool {
	s := t.slot
	s.mu.Lock()
	defer s.mu.Unlock()
	n := &s.news
	changed := n.picture || n.label || n.blank
	if n.blank {
		t.shown.sourceWidth = 0
	}
	if n.picture {
		t.shown, s.ready = s.ready, t.shown
	}
	t.label = s.label
	n.picture, n.label, n.blank = false, false, false
	return changed
}

// refit has the scaler bring a picture of the size of another tile to this one's, unless the next is just coming, and
// tells whether it did.
func (t *tile) refit() bool {
	want := fit(t.shown.sourceWidth, t.shown.sourceHeight, Rect{Width: t.to.Width, Height: t.to.Height})
	if t.shown.sourceWidth == 0 || want.Width == t.shown.Width && want.Height == t.shown.Height || !t.slot.making.TryLock() {
		return false
	}
	defer t.slot.making.Unlock()
	// Where it fails the picture stays as it is, and the stretcher shows it.
	return t.slot.bring(&t.shown.Picture, t.shown.sourceWidth, t.shown.sourceHeight) == nil
}

// write draws the overlays, where they are not those that are there.
func (t *tile) write(p painter) {
	size, l := Rect{Width: t.to.Width, Height: t.to.Height}, t.label.written()
	if l != t.written || size != t.size {
		t.overlays, t.blank = p.overlays(l, size), nil
		t.written, t.size = l, size
	}
	if t.shown.sourceWidth == 0 && t.blank == nil {
		t.blank = p.blank(l, size)
	}
}

// draw puts the tile on the canvas: picture or initials, frame, words.
func (t *tile) draw(c *canvas, s *stretcher, frames *[2]frame, dark [3]byte) {
	if t.shown.sourceWidth == 0 {
		c.fill(t.now, dark)
		if t.blank.stamp != nil {
			c.lay(t.blank.on(t.now), t.now)
		}
	} else {
		r := fit(t.shown.sourceWidth, t.shown.sourceHeight, t.now)
		if r != t.now {
			c.fill(t.now, dark)
		}
		if r.Width == t.shown.Width && r.Height == t.shown.Height {
			c.copy(&t.shown.Picture, r.X, r.Y)
		} else {
			s.draw(c, &t.shown.Picture, r)
		}
	}
	f := &frames[0]
	if t.label.Speaking {
		f = &frames[1]
	}
	f.draw(c, t.now)
	for i := range t.overlays {
		c.lay(t.overlays[i].on(t.now), t.now)
	}
}
