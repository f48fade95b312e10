package conformance

import (
	"math"

	"legroom/hwaccel"
	"legroom/media"
)

// Camera draws what a camera sees: a textured background, a head that moves before it, and the noise of its sensor. It is
// harder to encode than hwaccel.Pattern and takes all the bits that it gets.
type Camera struct {
	// Noise of the sensor: the largest deviation of a sample, 0 to 127. It is set before the first picture.
	Noise int

	// takes are the background as the sensor gives it, with its noise: some, of which each picture begins with another.
	takes   []*media.Picture
	last    int
	picture *media.Picture
	random  uint64
	n       int
}

const (
	// takes is how often the noise is drawn: for each picture anew would take longer than to encode it.
	takes = 5
	// tile is the side of the texture, which is laid out over the picture, samples.
	tile = 256
)

// NewCamera makes a Camera of that size which looks at one of many scenes.
func NewCamera(width, height int, scene uint64) *Camera {
	return &Camera{
		Noise: 3, random: scene*0x9e3779b97f4a7c15 + 1,
		picture: hwaccel.NewPicture(width, height),
	}
}

// take looks at the background for the first time.
func (c *Camera) take() {
	background := hwaccel.NewPicture(c.picture.Width, c.picture.Height)
	for i, plane := range background.Planes {
		texture, stride := c.texture(), background.Stride[i]
		for y := 0; y*stride < len(plane); y++ {
			row, line := plane[y*stride:][:stride], texture[y%tile*tile:][:tile]
			// Each row of tiles begins elsewhere, or they would be columns.
			for x := -(y / tile * 77 % tile); x < stride; x += tile {
				copy(row[max(x, 0):], line[max(-x, 0):])
			}
		}
	}
	for range takes {
		p := hwaccel.NewPicture(background.Width, background.Height)
		for i, plane := range background.Planes {
			copy(p.Planes[i], plane)
		}
		c.disturb(p.Planes[0])
		c.takes = append(c.takes, p)
	}
}

// texture is waves of random directions and lengths, laid over each other.
func (c *Camera) texture() []byte {
	type wave struct{ x, y, phase, height float64 }
	var waves [6]wave
	for i := range waves {
		length, angle := 1+3.5*float64(i), float64(c.next()%628)/100
		waves[i] = wave{math.Cos(angle) / length, math.Sin(angle) / length, angle, 5 + 4*float64(i)}
	}
	middle := 100 + float64(c.next()%56)
	all := make([]byte, tile*tile)
	for at := range all {
		v := middle
		for _, w := range waves {
			v += w.height * math.Sin(float64(at%tile)*w.x+float64(at/tile)*w.y+w.phase)
		}
		all[at] = byte(min(max(v, 16), 235))
	}
	return all
}

// next is a random number (xorshift64).
func (c *Camera) next() uint64 {
	c.random ^= c.random << 13
	c.random ^= c.random >> 7
	c.random ^= c.random << 17
	return c.random
}

// disturb adds the noise.
func (c *Camera) disturb(plane []byte) {
	span := uint64(2*c.Noise + 1)
	for i, v := range plane {
		deviation := int(c.next()>>40%span) - c.Noise
		plane[i] = byte(min(max(int(v)+deviation, 0), 255))
	}
}

// Look draws the next picture. Timestamps are 1/30 s apart. Owner: the Camera, until the next call.
func (c *Camera) Look() *media.Picture {
	if c.takes == nil {
		c.take()
	}
	p := c.picture
	p.Timestamp = uint32(c.n) * 3000
	c.last = (c.last + 1 + int(c.next()%(takes-1))) % takes
	for i, plane := range c.takes[c.last].Planes {
		copy(p.Planes[i], plane)
	}
	c.head(p)
	c.n++
	return p
}

// head is an ellipse with features that sways.
func (c *Camera) head(p *media.Picture) {
	w, h := p.Width/5, p.Height/3
	left := p.Width/2 - w/2 + int(float64(p.Width/8)*math.Sin(float64(c.n)/20))
	top := p.Height/3 + int(float64(p.Height/20)*math.Cos(float64(c.n)/13))
	for y := range h {
		for x := range w {
			dx, dy := float64(2*x-w)/float64(w), float64(2*y-h)/float64(h)
			if dx*dx+dy*dy < 1 {
				p.Planes[0][(top+y)*p.Stride[0]+left+x] = byte(150 + (x/4^y/3)&31 + y*20/h)
			}
		}
	}
}
