package compose

// painter draws words and signs as stamps, in the style of one canvas. One goroutine at a time uses it.
type painter struct {
	matrix matrix
	// height of the canvas, by which everything is measured.
	height int
}

// px is so many pixels as n are on a canvas of 720 rows.
func (p painter) px(n int) int { return max((n*p.height+360)/720, 1) }

// body is the size of text on a tile.
func (p painter) body(tile Rect) int {
	return max(min(tile.Height/15, p.px(22)), p.px(14), 11)
}

// anchor is where in a tile something stands; while the tile moves it keeps its distance from there.
type anchor uint8

const (
	bottomLeft anchor = iota
	topLeft
	middle
)

// overlay is a stamp on a tile. Units: pixels from the anchor.
type overlay struct {
	stamp  *stamp
	anchor anchor
	margin int
}

// on gives the place on a tile.
func (o overlay) on(r Rect) placed {
	switch o.anchor {
	case topLeft:
		return placed{o.stamp, r.X + o.margin, r.Y + o.margin}
	case middle:
		return placed{o.stamp, r.X + floor((r.Width-o.stamp.width)/2), r.Y + floor((r.Height-o.stamp.height)/2)}
	default:
		return placed{o.stamp, r.X + o.margin, r.Y + r.Height - o.margin - o.stamp.height}
	}
}

// overlays draws all that stands on a tile.
func (p painter) overlays(l Label, tile Rect) (all []overlay) {
	t := typesetters.Get().(*typesetter)
	defer typesetters.Put(t)
	size := p.body(tile)
	margin := floor(size/2 + 2)
	width := tile.Width - 2*margin
	if st := p.plate(t, l, size, width); st != nil {
		all = append(all, overlay{st, bottomLeft, margin})
	}
	if l.Mark.Kind != NoMark {
		all = append(all, overlay{p.mark(t, l.Mark, size*9/10, width), topLeft, margin})
	}
	return all
}

// blank draws what stands in the middle of a tile without a picture; its stamp is nil where that is nothing.
func (p painter) blank(l Label, tile Rect) *overlay {
	t := typesetters.Get().(*typesetter)
	defer typesetters.Put(t)
	return &overlay{stamp: p.badge(t, l, tile), anchor: middle}
}

// plate has the name and the icons before it.
func (p painter) plate(t *typesetter, l Label, size, width int) *stamp {
	s := style{size, regular}
	var signs []sign
	if l.Hand {
		signs = append(signs, sign{handIcon, amber})
	}
	if l.Muted {
		signs = append(signs, sign{mutedIcon, red})
	}
	before := len(signs) * (size + size/3)
	pad := size / 2
	lines := t.set(l.Name, s, width-2*pad-before, 1)
	if len(lines) == 0 && len(signs) == 0 {
		return nil
	}
	w := before + 2*pad
	if len(lines) > 0 {
		w += lines[0].width
	} else {
		w -= size / 3
	}
	h := s.height() + size/6
	sh := newSheet(w, h)
	sh.fill(plate.covering(plateAlpha), func(o path) { o.rounded(0, 0, float64(w), float64(h), float64(size)*0.4) })
	x := pad
	for _, each := range signs {
		sh.icon(each.color, each.icon, x, (h-size)/2, size)
		x += size + size/3
	}
	if len(lines) > 0 {
		sh.text(white, lines[0], x, (h-s.height())/2)
	}
	return stampOf(sh, p.matrix)
}

// sign is an icon in a colour.
type sign struct {
	icon  icon
	color rgb
}

// mark has an icon and words on a ground of their colour.
func (p painter) mark(t *typesetter, m Mark, size, width int) *stamp {
	look, s := m.Kind.look(), style{size, bold}
	pad, icon := size/2, size*6/5
	before := pad + icon + size/3
	w, h := before+pad-size/3, s.height()+size/6
	// A warning is not cut short where a second line can hold it.
	lines := t.set(m.words(), s, width-before-pad, 2)
	for i, l := range lines {
		w, h = max(w, before+l.width+pad), (i+1)*s.height()+size/6
	}
	sh := newSheet(w, h)
	sh.fill(look.ground.solid(), func(o path) { o.rounded(0, 0, float64(w), float64(h), float64(size)*0.4) })
	sh.icon(look.text, look.icon, pad, (h-icon)/2, icon)
	for i, l := range lines {
		sh.text(look.text, l, before, size/12+i*s.height())
	}
	return stampOf(sh, p.matrix)
}

// banner is a mark across the whole canvas.
func (p painter) banner(m Mark, width, height int) *stamp {
	t := typesetters.Get().(*typesetter)
	defer typesetters.Put(t)
	look, s := m.Kind.look(), style{max(p.px(22), 11), bold}
	icon := s.size * 13 / 10
	gap := s.size / 2
	room := width - 4*s.size - icon - gap
	// A warning is written smaller before it is cut short.
	for len(t.set(m.words(), s, room, 2)) > 1 && s.size > max(p.px(15), 11) {
		s.size--
	}
	lines := t.set(m.words(), s, room, 1)
	sh := newSheet(width, height)
	sh.fill(look.ground.solid(), func(o path) { o.rounded(0, 0, float64(width), float64(height), 0) })
	w := icon
	if len(lines) > 0 {
		w += gap + lines[0].width
	}
	x := (width - w) / 2
	sh.icon(look.text, look.icon, x, (height-icon)/2, icon)
	if len(lines) > 0 {
		sh.text(look.text, lines[0], x+icon+gap, (height-s.height())/2)
	}
	return stampOf(sh, p.matrix)
}

// badge is a disc with the initials of a name on it, for a tile without a picture; a telephone's has a receiver on it.
func (p painter) badge(t *typesetter, l Label, tile Rect) *stamp {
	d := even(float64(min(tile.Height, tile.Width)) * 0.42)
	s := style{d * 2 / 5, bold}
	lines := t.set(initials(l.Name), s, d, 1)
	phone := l.Mark.Kind == Telephone
	if len(lines) == 0 && !phone || d < 16 {
		return nil
	}
	sh := newSheet(d, d)
	r := float64(d) / 2
	sh.fill(badgeOf(l.Name).solid(), func(o path) { o.disc(r, r, r) })
	if phone {
		sh.icon(white, telephoneIcon, d*3/10, d*3/10, d*2/5)
	} else {
		sh.text(white, lines[0], (d-lines[0].width)/2, d/2-lines[0].middle())
	}
	return stampOf(sh, p.matrix)
}

// frame is the border of a tile: the canvas' colour with round corners, and around who speaks a line.
type frame struct {
	width   int
	radius  int
	samples [3]byte
	corners [4]*stamp // upper left, upper right, lower left, lower right
}

// frames draws both: of a tile, and of one who speaks.
func (p painter) frames() [2]frame {
	return [2]frame{p.frame(floor(p.px(2)+1), background), p.frame(floor(p.px(4)+1), green)}
}

func (p painter) frame(width int, c rgb) frame {
	f := frame{width: width, radius: floor(p.px(12) + 1), samples: p.matrix.solid(c)}
	r, in := float64(f.radius), float64(width)
	for i := range f.corners {
		// The corner is a quarter of a square with round corners.
		x, y := -float64(i%2)*r, -float64(i/2)*r
		sh := newSheet(f.radius, f.radius)
		inside := func(o path) { o.hole(x+in, y+in, 2*r-2*in, 2*r-2*in, r-in) }
		sh.fill(background.solid(), func(o path) {
			o.rounded(x, y, 2*r, 2*r, 0)
			inside(o)
		})
		if c != background {
			sh.fill(c.solid(), func(o path) {
				o.rounded(x, y, 2*r, 2*r, r)
				inside(o)
			})
		}
		f.corners[i] = stampOf(sh, p.matrix)
	}
	return f
}

// draw puts the frame around r.
func (f *frame) draw(c *canvas, r Rect) {
	if r.Width < 2*f.radius || r.Height < 2*f.radius {
		return
	}
	w, k := f.width, f.radius
	c.fill(Rect{r.X + k, r.Y, r.Width - 2*k, w}, f.samples)
	c.fill(Rect{r.X + k, r.Y + r.Height - w, r.Width - 2*k, w}, f.samples)
	c.fill(Rect{r.X, r.Y + k, w, r.Height - 2*k}, f.samples)
	c.fill(Rect{r.X + r.Width - w, r.Y + k, w, r.Height - 2*k}, f.samples)
	for i, corner := range f.corners {
		c.lay(placed{corner, r.X + i%2*(r.Width-k), r.Y + i/2*(r.Height-k)}, r)
	}
}
