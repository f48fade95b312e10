package compose

import "slices"

// Card is what a receiver sees while there is nobody to be seen, or while it is not let in: it waits, it is asked for a
// PIN, it is in the lobby. Who sits in a boardroom follows the voice menu by it.
type Card struct {
	// Room is the name of the room, large; it may be empty.
	Room string
	// State says in one line what happens now: "The host will let you in".
	State string
	// Detail says more, in at most three lines.
	Detail string
	// Digits is how many were typed; they are shown as dots and never come here. Expected draws as many empty dots, where
	// it is known how many digits there are. Both 0 shows none.
	Digits, Expected int
	// Keys that may be pressed, at most eight are shown.
	Keys []Key
}

// Key is a key or several, and what they do: "*6", "mute".
type Key struct {
	Keys, Text string
}

// Bounds of what a Card shows.
const (
	maxDots = 16
	maxKeys = 8
)

// clone is a copy that its owner does not change.
func (c Card) clone() *Card {
	c.Keys = slices.Clone(c.Keys[:min(len(c.Keys), maxKeys)])
	return &c
}

func (c *Card) equal(o *Card) bool {
	if c == nil || o == nil {
		return c == o
	}
	return c.Room == o.Room && c.State == o.State && c.Detail == o.Detail && c.Digits == o.Digits &&
		c.Expected == o.Expected && slices.Equal(c.Keys, o.Keys)
}

// card draws a Card inside area.
func (p painter) card(c *Card, area Rect) []placed {
	t := typesetters.Get().(*typesetter)
	defer typesetters.Put(t)
	width := area.Width - 2*p.px(96)
	keys := p.keys(t, c.Keys, width)
	rows := []row{
		p.row(t, c.Room, style{p.px(56), bold}, white, width, 2, p.px(20)),
		p.row(t, c.State, style{max(p.px(32), 12), regular}, white, width, 2, p.px(12)),
		p.row(t, c.Detail, style{max(p.px(24), 11), regular}, soft, width, 3, p.px(12)),
	}
	if st := p.dots(c.Digits, c.Expected); st != nil {
		rows = append(rows, row{[]*stamp{st}, p.px(30)})
	}
	height, foot := 0, 0
	for _, r := range rows {
		height += r.height()
	}
	for _, each := range keys {
		foot += each.height + p.px(14)
	}
	if foot > 0 {
		foot += p.px(48)
	}
	// What is said stands in the middle of what the keys leave, a little above it, as a page would have it.
	y := area.Y + max((area.Height-foot-height)*9/20, p.px(16))
	var all []placed
	for _, r := range rows {
		for _, st := range r.stamps {
			all = append(all, placed{st, area.X + floor((area.Width-st.width)/2), floor(y)})
			y += st.height
		}
		if len(r.stamps) > 0 {
			y += r.gap
		}
	}
	y = area.Y + area.Height - foot
	for _, each := range keys {
		all = append(all, placed{each, area.X + floor((area.Width-each.width)/2), floor(y)})
		y += each.height + p.px(14)
	}
	return all
}

// row is lines that belong together, and the gap below them.
type row struct {
	stamps []*stamp
	gap    int
}

func (r row) height() int {
	if len(r.stamps) == 0 {
		return 0
	}
	h := r.gap
	for _, st := range r.stamps {
		h += st.height
	}
	return h
}

func (p painter) row(t *typesetter, text string, s style, c rgb, width, most, gap int) row {
	r := row{gap: gap}
	for _, l := range t.set(text, s, width, most) {
		sh := newSheet(l.width+s.size/4, s.height())
		sh.text(c, l, s.size/8, 0)
		r.stamps = append(r.stamps, stampOf(sh, p.matrix))
	}
	return r
}

// dots are digits that were typed, and rings those that are still to come.
func (p painter) dots(typed, expected int) *stamp {
	n := min(max(typed, expected), maxDots)
	if n <= 0 {
		return nil
	}
	r, step := float64(p.px(9)), float64(p.px(40))
	sh := newSheet(int(step)*n, int(5*r))
	for i := range n {
		x, y := step*(float64(i)+0.5), 3*r
		if i < typed {
			sh.fill(white.solid(), func(o path) { o.disc(x, y, r) })
			continue
		}
		sh.fill(soft.solid(), func(o path) {
			o.disc(x, y, r)
			in := r - max(r/5, 1)
			o.hole(x-in, y-in, 2*in, 2*in, in)
		})
	}
	return stampOf(sh, p.matrix)
}

// keyed is one key with its text, measured.
type keyed struct {
	key, text []line
	cap       int // width of the key
	width     int
}

// keys stand beside each other, in as many rows as it takes.
func (p painter) keys(t *typesetter, keys []Key, width int) []*stamp {
	s := style{max(p.px(22), 11), bold}
	said := style{s.size, regular}
	gap, between, high := s.size/2, 2*s.size, s.height()+s.size/2
	var rows [][]keyed
	room := 0
	for _, k := range keys {
		each := keyed{key: t.set(k.Keys, s, width/3, 1)}
		if len(each.key) == 0 {
			continue
		}
		each.cap = max(each.key[0].width+s.size, high)
		each.width = each.cap
		if each.text = t.set(k.Text, said, width-each.cap-gap, 1); len(each.text) > 0 {
			each.width += gap + each.text[0].width
		}
		if room -= each.width + between; room < 0 {
			rows = append(rows, nil)
			room = width - each.width
		}
		rows[len(rows)-1] = append(rows[len(rows)-1], each)
	}
	var all []*stamp
	for _, each := range rows {
		all = append(all, p.keyRow(each, s, gap, between, high))
	}
	return all
}

func (p painter) keyRow(keys []keyed, s style, gap, between, high int) *stamp {
	width := -between
	for _, k := range keys {
		width += k.width + between
	}
	sh := newSheet(width, high)
	x, top := 0, (high-s.height())/2
	for _, k := range keys {
		sh.fill(keycap.solid(), func(o path) { o.rounded(float64(x), 0, float64(k.cap), float64(high), float64(s.size)*0.45) })
		sh.text(white, k.key[0], x+(k.cap-k.key[0].width)/2, top)
		if len(k.text) > 0 {
			sh.text(soft, k.text[0], x+k.cap+gap, top)
		}
		x += k.width + between
	}
	return stampOf(sh, p.matrix)
}
