package compose

import "legroom/media"

// canvas is a picture that is drawn on. Everything is clipped to it.
type canvas struct {
	media.Picture
}

func newCanvas(width, height int) *canvas {
	var c canvas
	resize(&c.Picture, width, height)
	return &c
}

// resize gives p planes of a size, in the memory it has where that is enough.
func resize(p *media.Picture, width, height int) {
	p.Width, p.Height, p.Stride = width, height, [3]int{width, width / 2, width / 2}
	for i := range p.Planes {
		size := width * height
		if i > 0 {
			size /= 4
		}
		if cap(p.Planes[i]) < size {
			// Vector code reads up to a vector past the end of a plane.
			const padding = 64
			p.Planes[i] = make([]byte, size, size+padding)
		}
		p.Planes[i] = p.Planes[i][:size]
	}
}

func (c *canvas) bounds() Rect { return Rect{0, 0, c.Width, c.Height} }

// fill covers r with one colour.
func (c *canvas) fill(r Rect, samples [3]byte) {
	r = r.within(c.bounds())
	for i, plane := range c.Planes {
		x, y, w, h := part(i, r)
		for row := range h {
			flood(plane[(y+row)*c.Stride[i]+x:][:w], samples[i])
		}
	}
}

// flood sets all of line: a few samples, and then copies of what is there.
func flood(line []byte, sample byte) {
	const begin = 16
	for n := range line[:min(len(line), begin)] {
		line[n] = sample
	}
	for n := begin; n < len(line); n *= 2 {
		copy(line[n:], line[:n])
	}
}

// copy lays a picture on the canvas, as large as it is.
func (c *canvas) copy(p *media.Picture, x, y int) {
	r := Rect{x, y, p.Width, p.Height}.within(c.bounds())
	for i, plane := range c.Planes {
		left, top, w, h := part(i, r)
		fromX, fromY, _, _ := part(i, Rect{r.X - x, r.Y - y, 0, 0})
		for row := range h {
			copy(plane[(top+row)*c.Stride[i]+left:][:w], p.Planes[i][(fromY+row)*p.Stride[i]+fromX:])
		}
	}
}

// lay blends a stamp over what is there, inside clip.
func (c *canvas) lay(p placed, clip Rect) {
	s := p.stamp
	r := Rect{p.x, p.y, s.width, s.height}.within(clip).within(c.bounds())
	for i, plane := range c.Planes {
		left, top, w, h := part(i, r)
		fromX, fromY, stride, _ := part(i, Rect{r.X - p.x, r.Y - p.y, s.width, 0})
		keep := s.keep[min(i, 1)]
		for row := range h {
			at := (fromY+row)*stride + fromX
			blend(plane[(top+row)*c.Stride[i]+left:][:w], s.planes[i][at:][:w], keep[at:][:w])
		}
	}
}

// blend adds from to what keep, of 255, leaves of to.
func blend(to, from, keep []byte) {
	if len(to) == 0 {
		return
	}
	from, keep = from[:len(to)], keep[:len(to)]
	for i, k := range keep {
		x := uint32(to[i])*uint32(k) + 128
		to[i] = from[i] + byte((x+x>>8)>>8)
	}
}

// part is the rectangle in one plane.
func part(plane int, r Rect) (x, y, w, h int) {
	if plane == 0 {
		return r.X, r.Y, r.Width, r.Height
	}
	return r.X / 2, r.Y / 2, r.Width / 2, r.Height / 2
}
