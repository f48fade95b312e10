package compose

import "image/color"

// rgb is an opaque colour.
type rgb uint32

// The palette. Each pair of text and ground reaches a contrast of 4.5 (WCAG 2.2, 1.4.3), most 7; a test reckons them.
const (
	background rgb = 0x0b0f17 // of the canvas, between the tiles
	panel      rgb = 0x171d2a // a tile without a picture, and beside one of another shape
	plate      rgb = 0x0b0f17 // behind a name, plateAlpha
	keycap     rgb = 0x232c3d
	white      rgb = 0xf5f7fa
	soft       rgb = 0xb4bdcc // what is said beside the main thing
	ink        rgb = 0x1b1405 // on bright grounds
	green      rgb = 0x3ecf8e // who speaks
	red        rgb = 0xff7a73 // muted
	amber      rgb = 0xf4b63f
	darkGreen  rgb = 0x14663f
	darkRed    rgb = 0xb3261e
	darkBlue   rgb = 0x1f5aa8
)

// plateAlpha is how much the plate covers what lies below, of 255: white text on it stays readable over a white wall.
const plateAlpha = 209

// initials stand on one of these, by the name, so that two people with the same letters differ.
var badges = [...]rgb{0x2f5d8c, 0x3d6b5c, 0x7a4f6d, 0x6b5637, 0x4d5a8f, 0x7b4a45}

func (c rgb) parts() (r, g, b byte) { return byte(c >> 16), byte(c >> 8), byte(c) }

func (c rgb) solid() color.RGBA {
	r, g, b := c.parts()
	return color.RGBA{r, g, b, 255}
}

// covering is the colour with an alpha, premultiplied.
func (c rgb) covering(alpha int) color.RGBA {
	r, g, b := c.parts()
	part := func(v byte) byte { return byte((int(v)*alpha + 127) / 255) }
	return color.RGBA{part(r), part(g), part(b), byte(alpha)}
}

// matrix turns colours into samples. Source: ITU-R BT.601-7 section 2.5, BT.709-6 section 3; limited range.
type matrix struct{ red, blue float32 }

var (
	bt601 = matrix{red: 0.299, blue: 0.114}
	bt709 = matrix{red: 0.2126, blue: 0.0722}
)

// matrixOf is what receivers take a stream of that height for that does not say.
func matrixOf(height int) matrix {
	if height >= 720 {
		return bt709
	}
	return bt601
}

// samples of a premultiplied colour, premultiplied too.
func (m matrix) samples(c color.RGBA) (y, u, v float32) {
	r, g, b, a := float32(c.R)/255, float32(c.G)/255, float32(c.B)/255, float32(c.A)/255
	luma := m.red*r + (1-m.red-m.blue)*g + m.blue*b
	return 16*a + 219*luma, 128*a + 112*(b-luma)/(1-m.blue), 128*a + 112*(r-luma)/(1-m.red)
}

// solid gives the samples of an opaque colour.
func (m matrix) solid(c rgb) [3]byte {
	y, u, v := m.samples(c.solid())
	return [3]byte{byte(y + 0.5), byte(u + 0.5), byte(v + 0.5)}
}
