package compose

import (
	"math"

	"golang.org/x/image/vector"
)

// path collects an outline in a raster. Shapes that are drawn the same way round unite, the other way round they cut out.
// Units: pixels of the sheet, y grows downwards, times scale.
type path struct {
	raster *vector.Rasterizer
	x, y   float32
	scale  float32
}

func (p path) move(x, y float64) { p.raster.MoveTo(p.at(x, y)) }
func (p path) line(x, y float64) { p.raster.LineTo(p.at(x, y)) }
func (p path) close()            { p.raster.ClosePath() }

func (p path) curve(bx, by, cx, cy, dx, dy float64) {
	x1, y1 := p.at(bx, by)
	x2, y2 := p.at(cx, cy)
	x3, y3 := p.at(dx, dy)
	p.raster.CubeTo(x1, y1, x2, y2, x3, y3)
}

func (p path) at(x, y float64) (float32, float32) {
	return p.x + p.scale*float32(x), p.y + p.scale*float32(y)
}

// arcOf is how far the control points of a quarter circle lie from its ends, of its radius.
const arcOf = 0.5523

// rounded is a rectangle with round corners.
func (p path) rounded(x, y, w, h, r float64) {
	r = min(r, w/2, h/2)
	k := r * (1 - arcOf)
	p.move(x+r, y)
	p.line(x+w-r, y)
	p.curve(x+w-k, y, x+w, y+k, x+w, y+r)
	p.line(x+w, y+h-r)
	p.curve(x+w, y+h-k, x+w-k, y+h, x+w-r, y+h)
	p.line(x+r, y+h)
	p.curve(x+k, y+h, x, y+h-k, x, y+h-r)
	p.line(x, y+r)
	p.curve(x, y+k, x+k, y, x+r, y)
	p.close()
}

// hole is rounded, the other way round.
func (p path) hole(x, y, w, h, r float64) {
	r = min(r, w/2, h/2)
	k := r * (1 - arcOf)
	p.move(x+r, y)
	p.curve(x+k, y, x, y+k, x, y+r)
	p.line(x, y+h-r)
	p.curve(x, y+h-k, x+k, y+h, x+r, y+h)
	p.line(x+w-r, y+h)
	p.curve(x+w-k, y+h, x+w, y+h-k, x+w, y+h-r)
	p.line(x+w, y+r)
	p.curve(x+w, y+k, x+w-k, y, x+w-r, y)
	p.close()
}

func (p path) disc(x, y, r float64) { p.rounded(x-r, y-r, 2*r, 2*r, r) }

// stroke is a line of a width with round ends through the points, x and y in turns.
func (p path) stroke(width float64, points ...float64) {
	r := width / 2
	for i := 0; i+3 < len(points); i += 2 {
		ax, ay, bx, by := points[i], points[i+1], points[i+2], points[i+3]
		length := math.Hypot(bx-ax, by-ay)
		if length == 0 {
			continue
		}
		// Along the line, and to its right side.
		lx, ly := (bx-ax)/length*r, (by-ay)/length*r
		rx, ry := -ly, lx
		kx, ky, sx, sy := lx*arcOf, ly*arcOf, rx*arcOf, ry*arcOf
		p.move(ax-rx, ay-ry)
		p.line(bx-rx, by-ry)
		p.curve(bx-rx+kx, by-ry+ky, bx+lx-sx, by+ly-sy, bx+lx, by+ly)
		p.curve(bx+lx+sx, by+ly+sy, bx+rx+kx, by+ry+ky, bx+rx, by+ry)
		p.line(ax+rx, ay+ry)
		p.curve(ax+rx-kx, ay+ry-ky, ax-lx+sx, ay-ly+sy, ax-lx, ay-ly)
		p.curve(ax-lx-sx, ay-ly-sy, ax-rx-kx, ay-ry-ky, ax-rx, ay-ry)
		p.close()
	}
}

// arc is a stroke along a circle, from one angle to another, degrees; 0 is at the right and 90 below.
func (p path) arc(width, x, y, r, from, to float64) {
	const step = 10
	last := []float64{0, 0}
	for i, angle := 0, from; ; i, angle = i+1, min(angle+step, to) {
		sin, cos := math.Sincos(angle * math.Pi / 180)
		here := []float64{x + r*cos, y + r*sin}
		if i > 0 {
			p.stroke(width, last[0], last[1], here[0], here[1])
		}
		if angle >= to {
			return
		}
		last = here
	}
}
