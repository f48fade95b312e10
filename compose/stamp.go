package compose

import (
	"image"
	"image/color"
)

// stamp is something that was drawn once and is laid over pictures.
// Shape: I420 samples, already multiplied by how much they cover; sizes are even.
type stamp struct {
	width, height int
	planes        [3][]byte
	// keep is how much of a sample below stays, of 255: of luma, and of both colours.
	keep [2][]byte
}

// placed is a stamp at a place. Units: pixels, even.
type placed struct {
	stamp *stamp
	x, y  int
}

// stampOf turns what is on a sheet into samples.
func stampOf(s *sheet, m matrix) *stamp {
	size := s.pixels.Bounds().Size()
	w, h := size.X, size.Y
	st := &stamp{width: w, height: h}
	st.planes = [3][]byte{make([]byte, w*h), make([]byte, w*h/4), make([]byte, w*h/4)}
	st.keep = [2][]byte{make([]byte, w*h), make([]byte, w*h/4)}
	for y := 0; y < h; y += 2 {
		for x := 0; x < w; x += 2 {
			st.square(s.pixels, m, x, y)
		}
	}
	return st
}

// square takes over two by two pixels, which share a sample of each colour.
func (st *stamp) square(from *image.RGBA, m matrix, x, y int) {
	var u, v, alpha float32
	for _, at := range [4]int{y*st.width + x, y*st.width + x + 1, (y+1)*st.width + x, (y+1)*st.width + x + 1} {
		p := from.Pix[4*at:][:4] // rows have no padding
		c := color.RGBA{p[0], p[1], p[2], p[3]}
		luma, cb, cr := m.samples(c)
		st.planes[0][at], st.keep[0][at] = byte(luma+0.5), 255-c.A
		u, v, alpha = u+cb/4, v+cr/4, alpha+float32(c.A)/4
	}
	at := y/2*(st.width/2) + x/2
	st.planes[1][at], st.planes[2][at], st.keep[1][at] = byte(u+0.5), byte(v+0.5), 255-byte(alpha+0.5)
}
