package compose

// Rect is a place on a picture. Units: pixels from the top left corner.
type Rect struct {
	X, Y, Width, Height int
}

// Empty tells that nothing can be shown there.
func (r Rect) Empty() bool { return r.Width <= 0 || r.Height <= 0 }

// within is the part of r that lies in o.
func (r Rect) within(o Rect) Rect {
	left, top := max(r.X, o.X), max(r.Y, o.Y)
	right, bottom := min(r.X+r.Width, o.X+o.Width), min(r.Y+r.Height, o.Y+o.Height)
	return Rect{left, top, max(right-left, 0), max(bottom-top, 0)}
}

// shrunk is the middle of r, a part of each side of it.
func (r Rect) shrunk(part float64) Rect {
	w, h := even(float64(r.Width)*part), even(float64(r.Height)*part)
	return Rect{r.X + floor(r.Width-w)/2, r.Y + floor(r.Height-h)/2, w, h}.aligned()
}

// aligned moves r to even coordinates.
func (r Rect) aligned() Rect { return Rect{r.X &^ 1, r.Y &^ 1, r.Width, r.Height} }

// towards is where r is on its way to o, at 0 r and at 1 o.
func (r Rect) towards(o Rect, at float64) Rect {
	between := func(a, b int) int { return floor(a + int(float64(b-a)*at)) }
	return Rect{between(r.X, o.X), between(r.Y, o.Y), between(r.Width, o.Width), between(r.Height, o.Height)}
}

// fit is the one place that decides how a picture of another shape stands in a tile: all of it is shown, in its own
// aspect, in the middle, and what is left of the tile stays dark. Nobody is cut off. A difference in shape of less than
// two pixels is none.
func fit(width, height int, tile Rect) Rect {
	if width <= 0 || height <= 0 || tile.Empty() {
		return Rect{X: tile.X, Y: tile.Y}
	}
	w, h := tile.Width, tile.Height
	if wide := int64(width) * int64(h); wide >= int64(height)*int64(w) {
		h = min(max(even(float64(w)*float64(height)/float64(width)), 2), h)
	} else {
		w = min(max(even(float64(h)*float64(width)/float64(height)), 2), w)
	}
	return Rect{tile.X + floor((tile.Width-w)/2), tile.Y + floor((tile.Height-h)/2), w, h}
}

// floor is the even number at or below n, as a sample of colour covers two by two pixels.
func floor(n int) int { return n &^ 1 }

// even is the even number nearest to f.
func even(f float64) int { return int(f/2+0.5) * 2 }
