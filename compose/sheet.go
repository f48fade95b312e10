package compose

import (
	"image"
	"image/color"

	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

// sheet is what something is drawn on, once, before it becomes a stamp. Units: pixels.
type sheet struct {
	pixels *image.RGBA
	raster vector.Rasterizer
}

// newSheet makes one that is clear, of a size rounded up to even numbers.
func newSheet(width, height int) *sheet {
	return &sheet{pixels: image.NewRGBA(image.Rect(0, 0, (width+1)&^1, (height+1)&^1))}
}

// fill draws the path that outline makes, in pixels.
func (s *sheet) fill(c color.RGBA, outline func(path)) { s.fillScaled(c, 0, 0, 1, outline) }

// icon draws an icon of a size at a place.
func (s *sheet) icon(c rgb, i icon, x, y, size int) {
	s.fillScaled(c.solid(), float32(x), float32(y), float32(size)/24, i)
}

func (s *sheet) fillScaled(c color.RGBA, x, y, scale float32, outline func(path)) {
	bounds := s.pixels.Bounds()
	s.raster.Reset(bounds.Dx(), bounds.Dy())
	outline(path{raster: &s.raster, x: x, y: y, scale: scale})
	s.raster.Draw(s.pixels, bounds, image.NewUniform(c), image.Point{})
}

// text draws a line whose top left corner is at x, y.
func (s *sheet) text(c rgb, l line, x, y int) {
	bounds := s.pixels.Bounds()
	s.raster.Reset(bounds.Dx(), bounds.Dy())
	pen, baseline := fixed.I(x), fixed.I(y+l.style.ascent())
	for _, run := range l.runs {
		scale := float32(run.Size) / 64 / float32(run.Face.Upem())
		for _, g := range run.Glyphs {
			outline, ok := run.Face.GlyphDataOutline(g.GlyphID)
			if ok {
				s.glyph(outline, float32(pen+g.XOffset)/64, float32(baseline-g.YOffset)/64, scale)
			}
			pen += g.Advance
		}
	}
	s.raster.Draw(s.pixels, bounds, image.NewUniform(c.solid()), image.Point{})
}

// glyph adds an outline to the raster; fonts have y grow upwards.
func (s *sheet) glyph(outline font.GlyphOutline, x, y, scale float32) {
	at := func(p opentype.SegmentPoint) (float32, float32) { return x + p.X*scale, y - p.Y*scale }
	for i, seg := range outline.Segments {
		ax, ay := at(seg.Args[0])
		switch seg.Op {
		case opentype.SegmentOpMoveTo:
			if i > 0 {
				s.raster.ClosePath()
			}
			s.raster.MoveTo(ax, ay)
		case opentype.SegmentOpLineTo:
			s.raster.LineTo(ax, ay)
		case opentype.SegmentOpQuadTo:
			bx, by := at(seg.Args[1])
			s.raster.QuadTo(ax, ay, bx, by)
		case opentype.SegmentOpCubeTo:
			bx, by := at(seg.Args[1])
			cx, cy := at(seg.Args[2])
			s.raster.CubeTo(ax, ay, bx, by, cx, cy)
		}
	}
	if len(outline.Segments) > 0 {
		s.raster.ClosePath()
	}
}
