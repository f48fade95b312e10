package compose

import (
	"errors"
	"flag"
	"image"
	"image/color"
	"image/png"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"testing"

	"legroom/media"
)

// luminance of a colour. Source: WCAG 2.2, "relative luminance".
func luminance(c rgb) float64 {
	linear := func(v byte) float64 {
		s := float64(v) / 255
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	r, g, b := c.parts()
	return 0.2126*linear(r) + 0.7152*linear(g) + 0.0722*linear(b)
}

func contrast(a, b rgb) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

// over is what the plate of a name makes of a wall.
func over(wall rgb) rgb {
	mix := func(shift int) rgb {
		p, w := int(plate>>shift)&255, int(wall>>shift)&255
		return rgb((p*plateAlpha+w*(255-plateAlpha))/255) << shift
	}
	return mix(16) | mix(8) | mix(0)
}

func TestTextStandsOutFromItsGround(t *testing.T) {
	type pair struct {
		name         string
		text, ground rgb
		least        float64
	}
	pairs := []pair{
		{"card", white, background, 7}, {"detail", soft, background, 7}, {"key", white, keycap, 7},
		{"name over a white wall", white, over(0xffffff), 7}, {"name over a black wall", white, over(0), 7},
		// Signs need 3 (WCAG 2.2, 1.4.11).
		{"muted", red, over(0xffffff), 3}, {"hand", amber, over(0xffffff), 3}, {"speaker beside the dark", green, background, 3},
	}
	for _, b := range badges {
		pairs = append(pairs, pair{"initials", white, b, 4.5})
	}
	for k := range Recording + 2 {
		l := k.look()
		pairs = append(pairs, pair{l.words, l.text, l.ground, 4.5})
	}
	for _, p := range pairs {
		if got := contrast(p.text, p.ground); got < p.least {
			t.Errorf("%s: %.1f, want %.1f", p.name, got, p.least)
		}
	}
}

func TestColoursBecomeSamples(t *testing.T) {
	// Source: the colour bars of ITU-R BT.471 at 100 %, in both matrices.
	tests := []struct {
		m    matrix
		c    rgb
		want [3]byte
	}{
		{bt601, 0xffffff, [3]byte{235, 128, 128}}, {bt601, 0, [3]byte{16, 128, 128}},
		{bt601, 0xff0000, [3]byte{81, 90, 240}}, {bt601, 0x00ff00, [3]byte{145, 54, 34}}, {bt601, 0x0000ff, [3]byte{41, 240, 110}},
		{bt709, 0xffffff, [3]byte{235, 128, 128}},
		{bt709, 0xff0000, [3]byte{63, 102, 240}}, {bt709, 0x00ff00, [3]byte{173, 42, 26}}, {bt709, 0x0000ff, [3]byte{32, 240, 118}},
	}
	for _, c := range tests {
		if got := c.m.solid(c.c); got != c.want {
			t.Errorf("%06x: %v, want %v", c.c, got, c.want)
		}
	}
}

// share of a place on a picture that has a colour, within what blending rounds.
func share(p *media.Picture, r Rect, m matrix, c rgb) float64 {
	want, n := m.solid(c), 0
	near := func(a, b byte) bool { return max(a, b)-min(a, b) <= 3 }
	for y := r.Y; y < r.Y+r.Height; y++ {
		for x := r.X; x < r.X+r.Width; x++ {
			i := y/2*p.Stride[1] + x/2
			if near(p.Planes[0][y*p.Stride[0]+x], want[0]) && near(p.Planes[1][i], want[1]) && near(p.Planes[2][i], want[2]) {
				n++
			}
		}
	}
	return float64(n) / float64(r.Width*r.Height)
}

// dark is the share of a place that is much darker than amber.
func dark(p *media.Picture, r Rect) float64 {
	n := 0
	for _, v := range cut(p, r, 0).Planes[0] {
		if v < 60 {
			n++
		}
	}
	return float64(n) / float64(r.Width*r.Height)
}

func TestMarksAreSeen(t *testing.T) {
	c := compositor(t, 1280, 720)
	s := c.Open()
	s.SetLabel(Label{Name: "+41", Mark: Mark{Kind: Telephone}})
	c.Arrange(One, s)
	write(t, s, flat(1280, 720, 235))
	p := step(t, c, 0)
	if got := share(p, Rect{12, 12, 300, 32}, bt709, amber); got < 0.5 {
		t.Errorf("%.2f of the tile's mark is amber", got)
	}
	if got := dark(p, Rect{12, 12, 300, 32}); got < 0.1 {
		t.Errorf("%.3f of the mark are its words", got)
	}
	c.SetBanner(Mark{Kind: Telephone, Text: "1 telephone is listening"})
	p = settled(t, c, 0)
	strip := Rect{0, 0, 1280, 44}
	if got := share(p, strip, bt709, amber); got < 0.8 {
		t.Errorf("%.2f of the banner is amber", got)
	}
	if got := dark(p, strip); got < 0.02 {
		t.Errorf("%.3f of the banner are its words", got)
	}
	few := dark(p, strip)
	c.SetBanner(Mark{Kind: Telephone, Text: "Not end-to-end encrypted: 1 telephone is listening"})
	if p = step(t, c, 90000); dark(p, strip) < few*1.5 {
		t.Errorf("%.3f with few words, %.3f with many", few, dark(p, strip))
	}
	// The tile makes room.
	if got := share(p, Rect{0, 44, 40, 676}, bt709, background); got < 0.9 {
		t.Errorf("%.2f of the side is clear", got)
	}
	s.SetLabel(Label{Speaking: true})
	p = step(t, c, 90000)
	if got := share(p, Rect{300, 44, 600, 4}, bt709, green); got < 0.99 {
		t.Errorf("%.2f of the border is green", got)
	}
}

// runs counts how often a row through the middle of the dots begins to cover.
func runs(s *stamp) (n int) {
	row := s.keep[0][s.height*3/5*s.width:][:s.width]
	for i := 1; i < len(row); i++ {
		if row[i] < 128 && row[i-1] >= 128 {
			n++
		}
	}
	return n
}

func TestDigitsAreDots(t *testing.T) {
	p := painter{matrix: bt709, height: 720}
	tests := []struct{ typed, expected, runs int }{
		{1, 0, 1}, {4, 0, 4}, {0, 4, 8}, {2, 4, 6}, {6, 4, 6}, {1000, 0, maxDots}, {-5, 3, 6},
	}
	for _, c := range tests {
		if got := runs(p.dots(c.typed, c.expected)); got != c.runs {
			t.Errorf("%d of %d: %d runs, want %d", c.typed, c.expected, got, c.runs)
		}
	}
	if p.dots(0, 0) != nil {
		t.Error("dots for nothing")
	}
}

func TestACardShowsWhatItSays(t *testing.T) {
	c := compositor(t, 1280, 720)
	keys := []Key{{"*6", "mute"}}
	c.Show(&Card{Room: "Board", State: "Wait", Keys: keys})
	keys[0].Keys = "changed afterwards"
	p := step(t, c, 0)
	if got := share(p, Rect{500, 150, 280, 200}, bt709, white); got < 0.03 {
		t.Errorf("%.3f of the name's place is white", got)
	}
	if got := share(p, Rect{560, 600, 160, 70}, bt709, keycap); got < 0.05 {
		t.Errorf("%.3f of the key's place is a key", got)
	}
	if got := share(p, Rect{0, 0, 1280, 100}, bt709, background); got != 1 {
		t.Errorf("%.3f of the top is clear", got)
	}
	c.SetBanner(Mark{Kind: Encrypted})
	if got := share(step(t, c, 0), Rect{0, 0, 1280, 44}, bt709, darkGreen); got < 0.8 {
		t.Errorf("%.3f of the banner is green", got)
	}
}

var update = flag.Bool("update", false, "write the golden pictures anew; look at them")

// TestGoldenPictures compares with pictures that somebody looked at. A font of another version moves an edge by a pixel
// and stays above the limit; a word that is missing or another does not.
func TestGoldenPictures(t *testing.T) {
	for name, draw := range map[string]func(*Compositor){
		"tiles": func(c *Compositor) {
			s := people(t, c, 4)
			c.SetBanner(Mark{Kind: Telephone, Text: "Not end-to-end encrypted: 1 telephone is listening"})
			c.Arrange(Auto, s...)
			for _, i := range []int{0, 1, 3} {
				write(t, s[i], scenery(640, 360, i))
			}
		},
		"names": func(c *Compositor) {
			c.Arrange(FourByFour, people(t, c, 12)...)
		},
		"presentation": func(c *Compositor) {
			s := people(t, c, 5)
			c.Arrange(Presentation, s...)
			write(t, s[0], slide(640, 400))
			write(t, s[1], scenery(640, 360, 1))
		},
		"pin":     func(c *Compositor) { card := cards()["pin"]; c.Show(&card) },
		"waiting": func(c *Compositor) { card := cards()["waiting"]; c.Show(&card) },
		"cjk":     func(c *Compositor) { card := cards()["cjk"]; c.Show(&card) },
	} {
		t.Run(name, func(t *testing.T) {
			c := compositor(t, 640, 360)
			draw(c)
			golden(t, filepath.Join("testdata", name+".png"), toRGBA(step(t, c, 0)))
		})
	}
}

func golden(t *testing.T, path string, got *image.RGBA) {
	t.Helper()
	if *update {
		save(t, path, got)
		return
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("%v: run this test with -update, and look at what it wrote", err)
	} else if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	want, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	if want.Bounds() != got.Bounds() {
		t.Fatalf("%v, want %v", got.Bounds(), want.Bounds())
	}
	if least, at := worst(want, got); least < 20 {
		t.Errorf("%s: %.1f dB at %v", path, least, at)
		save(t, filepath.Join(t.ArtifactDir(), filepath.Base(path)), got)
	}
}

// worst is the PSNR of the block of 40 by 40 that differs most: a word is a small part of a picture.
func worst(want, got image.Image) (least float64, at image.Point) {
	const side = 40
	least = math.Inf(1)
	size := want.Bounds().Size()
	for y := 0; y < size.Y; y += side {
		for x := 0; x < size.X; x += side {
			var sum float64
			for i := range side * side {
				a := color.RGBAModel.Convert(want.At(x+i%side, y+i/side)).(color.RGBA)
				b := color.RGBAModel.Convert(got.At(x+i%side, y+i/side)).(color.RGBA)
				for _, d := range [3]int{int(a.R) - int(b.R), int(a.G) - int(b.G), int(a.B) - int(b.B)} {
					sum += float64(d * d)
				}
			}
			if v := 10 * math.Log10(255*255*3*side*side/sum); v < least {
				least, at = v, image.Pt(x, y)
			}
		}
	}
	return least, at
}
