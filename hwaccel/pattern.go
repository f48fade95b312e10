package hwaccel

import (
	"math"

	"legroom/media"
)

// Pattern draws picture n of a moving test pattern: a soft gradient, a bright square that walks and some texture, so
// that neither a decoder that repeats pictures nor one that shows grey passes for one that works.
// Shape: I420, strides without padding. Timestamp is n pictures of 1/30 s. Owner: the caller.
func Pattern(width, height, n int) *media.Picture {
	p := NewPicture(width, height)
	p.Timestamp = uint32(n) * 3000
	luma := p.Planes[0]
	for y := range height {
		row := luma[y*width : (y+1)*width]
		for x := range row {
			// The texture is fixed to the picture, the gradient drifts with n.
			row[x] = byte(60 + (x*100)/width + (y*60)/height + (x*7^y*13)&3 + n&7)
		}
	}
	side := max(height/4, 2)
	left, top := (n*4)%max(width-side, 1), (n*2)%max(height-side, 1)
	for y := top; y < top+side; y++ {
		row := luma[y*width+left : y*width+left+side]
		for x := range row {
			row[x] = 230
		}
	}
	for i := range p.Planes[1] {
		p.Planes[1][i] = byte(96 + (i%(width/2))*64/(width/2))
		p.Planes[2][i] = byte(112 + (i/(width/2))*32/(height/2))
	}
	return p
}

// NewPicture makes a picture in memory. Shape: I420, strides without padding; of an odd size the planes of colour have
// half a column or row more.
func NewPicture(width, height int) *media.Picture {
	// Vector code reads up to a vector past the end of a plane.
	const padding = 64
	plane := func(n int) []byte { return make([]byte, n, n+padding) }
	colour := columns(1, width)
	return &media.Picture{
		Width: width, Height: height,
		Planes: [3][]byte{plane(width * height), plane(colour * rows(1, height)), plane(colour * rows(1, height))},
		Stride: [3]int{width, colour, colour},
	}
}

// PSNR is how alike the luma of two pictures of one size is, dB: above 30 they look the same, equal ones are +Inf,
// pictures of different sizes or without planes in memory 0.
func PSNR(a, b *media.Picture) float64 {
	if a.Width != b.Width || a.Height != b.Height || a.Planes[0] == nil || b.Planes[0] == nil {
		return 0
	}
	var sum uint64
	for y := range a.Height {
		ra := a.Planes[0][y*a.Stride[0]:][:a.Width]
		rb := b.Planes[0][y*b.Stride[0]:][:b.Width]
		for x, v := range ra {
			d := int(v) - int(rb[x])
			sum += uint64(d * d)
		}
	}
	if sum == 0 {
		return math.Inf(1)
	}
	mse := float64(sum) / float64(a.Width*a.Height)
	return 10 * math.Log10(255*255/mse)
}
