package mediatest

import "legroom/media"

// Pattern makes pictures of a moving gradient with a bright square, so that lost, repeated and mixed up pictures differ.
type Pattern struct {
	width, height, n int
}

// NewPattern makes a Pattern of even width and height, pixels.
func NewPattern(width, height int) *Pattern { return &Pattern{width: width, height: height} }

// Next makes the next picture, 30 a second by its timestamp. Owner: the picture is the caller's.
func (p *Pattern) Next() *media.Picture {
	w, h, cw := p.width, p.height, p.width/2
	pic := &media.Picture{Width: w, Height: h, Stride: [3]int{w, cw, cw}, Timestamp: uint32(p.n * 3000)}
	pic.Planes = [3][]byte{make([]byte, w*h), make([]byte, cw*h/2), make([]byte, cw*h/2)}
	for y := range h {
		for x := range w {
			pic.Planes[0][y*w+x] = byte(16 + (x+y+2*p.n)%200)
		}
	}
	for i := range pic.Planes[1] {
		pic.Planes[1][i], pic.Planes[2][i] = byte(96+i%cw*64/cw), byte(96+i/cw*128/h)
	}
	side := h / 8
	x0 := (p.n * 4) % max(w-side, 1)
	for y := h / 2; y < h/2+side; y++ {
		for x := x0; x < x0+side; x++ {
			pic.Planes[0][y*w+x] = 235
		}
	}
	p.n++
	return pic
}
