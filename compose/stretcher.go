package compose

import "legroom/media"

// stretcher brings a picture to any size for the quarter of a second in which tiles move, and until a source of another
// size sends again; else a Device scales. Bilinear, in Go. One goroutine at a time uses it.
type stretcher struct {
	// columns of the source that a column of the result lies between: the left one, and how far it is from it, of 256.
	left []int32
	part []int32
}

// draw lays p on the canvas in the size of r, which lies on it.
func (s *stretcher) draw(c *canvas, p *media.Picture, r Rect) {
	if r.Empty() || r.within(c.bounds()) != r || p.Width < 2 || p.Height < 2 {
		return
	}
	for i, plane := range c.Planes {
		x, y, w, h := part(i, r)
		_, _, fromW, fromH := part(i, Rect{0, 0, p.Width, p.Height})
		s.columns(fromW, w)
		for row := range h {
			up, down := between(row, fromH, h)
			upper := p.Planes[i][int(up)*p.Stride[i]:][:fromW]
			lower := upper
			if int(up)+1 < fromH {
				lower = p.Planes[i][int(up+1)*p.Stride[i]:][:fromW]
			}
			s.row(plane[(y+row)*c.Stride[i]+x:][:w], upper, lower, down)
		}
	}
}

func (s *stretcher) row(to, upper, lower []byte, down int32) {
	for n := range to {
		at, right := s.left[n], s.part[n]
		next := min(int(at)+1, len(upper)-1)
		above := int32(upper[at])*(256-right) + int32(upper[next])*right
		below := int32(lower[at])*(256-right) + int32(lower[next])*right
		to[n] = byte((above*(256-down) + below*down + 1<<15) >> 16)
	}
}

func (s *stretcher) columns(from, to int) {
	if cap(s.left) < to {
		s.left, s.part = make([]int32, to), make([]int32, to)
	}
	s.left, s.part = s.left[:to], s.part[:to]
	for n := range s.left {
		s.left[n], s.part[n] = between(n, from, to)
	}
}

// between tells where sample n of to samples lies among from samples: behind which one, and how far, of 256.
func between(n, from, to int) (at, part int32) {
	// The middles of the first and of the last samples lie on the edges by half a sample each.
	x := ((2*n+1)*from*256/to - 256) / 2
	x = min(max(x, 0), (from-1)*256)
	return int32(x >> 8), int32(x & 255)
}
