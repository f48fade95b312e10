package compose

import (
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"testing"

	"legroom/hwaccel"
	"legroom/hwaccel/software"
	"legroom/media"
)

// device is the processor, which every machine has. What it can do is said, so that nothing is probed.
func device(t testing.TB) hwaccel.Device {
	t.Helper()
	c := software.DefaultConfig()
	c.Measured = &hwaccel.Capabilities{Scale: []hwaccel.Capability{{MaxWidth: 4096, MaxHeight: 2304}}}
	d, err := software.New(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func compositor(t testing.TB, width, height int) *Compositor {
	t.Helper()
	c, err := New(Config{Width: width, Height: height, Scalers: device(t), Glide: DefaultGlide})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// step draws and gives a copy of the picture, nil when none was drawn.
func step(t testing.TB, c *Compositor, at uint32) *media.Picture {
	t.Helper()
	var got *media.Picture
	drawn, err := c.Step(at, media.SinkFunc[*media.Picture](func(p *media.Picture) error {
		keep := newCanvas(p.Width, p.Height)
		keep.copy(p, 0, 0)
		keep.Timestamp = p.Timestamp
		got = &keep.Picture
		return nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	if drawn != (got != nil) {
		t.Fatalf("drawn is %v, and a picture came: %v", drawn, got != nil)
	}
	return got
}

// settled steps until the tiles stand.
func settled(t testing.TB, c *Compositor, at uint32) *media.Picture {
	t.Helper()
	var last *media.Picture
	for n := range 12 {
		if p := step(t, c, at+uint32(n)*3000); p != nil {
			last = p
		}
	}
	return last
}

// scenery is a picture of a room with somebody in it, as far as a test needs one: a bright wall, a head and shoulders.
func scenery(width, height, who int) *media.Picture {
	p := hwaccel.NewPicture(width, height)
	m := matrixOf(height)
	wall := []rgb{0xd9d4c8, 0x8fa3b5, 0x3a3f46, 0xf2f2f0, 0x6d7f6a}[who%5]
	coat := []rgb{0x1d2a44, 0x5a2e36, 0x9a9fa8, 0x2f4f4f, 0x222222}[who%5]
	skin := []rgb{0xd8a583, 0x8a5a3c, 0xf0c8a8, 0x6b4530, 0xc99068}[who%5]
	at := func(x, y int) rgb {
		fx, fy := float64(x)/float64(height)-float64(width)/float64(height)/2, float64(y)/float64(height)
		switch {
		case math.Hypot(fx, (fy-0.42)*0.8) < 0.15:
			return skin
		case fy > 0.6+fx*fx*1.6 && math.Abs(fx) < 0.36:
			return coat
		default:
			return wall
		}
	}
	for y := range height {
		for x := range width {
			c := at(x, y).solid()
			luma, u, v := m.samples(c)
			p.Planes[0][y*p.Stride[0]+x] = byte(luma) - byte(y*24/height) + byte(x*7^y*13)&1
			if x%2+y%2 == 0 {
				p.Planes[1][y/2*p.Stride[1]+x/2], p.Planes[2][y/2*p.Stride[2]+x/2] = byte(u+0.5), byte(v+0.5)
			}
		}
	}
	return p
}

// slide is a white page with bars, for a screen.
func slide(width, height int) *media.Picture {
	c := newCanvas(width, height)
	m := matrixOf(height)
	c.fill(c.bounds(), m.solid(0xffffff))
	c.fill(Rect{width / 16 &^ 1, height / 10 &^ 1, width / 2 &^ 1, height / 20 &^ 1}, m.solid(0x1f3a5f))
	for i := range 6 {
		h := (height/8 + i*height/14) &^ 1
		c.fill(Rect{(width/10 + i*width/8) &^ 1, (height*9/10 - h) &^ 1, width / 12 &^ 1, h}, m.solid(0x3b7dd8))
	}
	return &c.Picture
}

func toRGBA(p *media.Picture) *image.RGBA {
	m, img := matrixOf(p.Height), image.NewRGBA(image.Rect(0, 0, p.Width, p.Height))
	for y := range p.Height {
		for x := range p.Width {
			luma := (float32(p.Planes[0][y*p.Stride[0]+x]) - 16) / 219
			u := (float32(p.Planes[1][y/2*p.Stride[1]+x/2]) - 128) / 224
			v := (float32(p.Planes[2][y/2*p.Stride[2]+x/2]) - 128) / 224
			r, b := luma+2*(1-m.red)*v, luma+2*(1-m.blue)*u
			g := (luma - m.red*r - m.blue*b) / (1 - m.red - m.blue)
			to := func(f float32) byte { return byte(min(max(f*255+0.5, 0), 255)) }
			img.SetRGBA(x, y, color.RGBA{to(r), to(g), to(b), 255})
		}
	}
	return img
}

// pictures, the environment variable, names a folder for PNGs of what the tests compose, to be looked at.
const pictures = "LEGROOM_PICTURES"

func show(t *testing.T, name string, p *media.Picture) {
	t.Helper()
	folder := os.Getenv(pictures)
	if folder == "" {
		return
	}
	save(t, filepath.Join(folder, name+".png"), toRGBA(p))
}

func save(t *testing.T, path string, img image.Image) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, img); err != nil {
		t.Fatal(err)
	}
}

func write(t testing.TB, s *Slot, p *media.Picture) {
	t.Helper()
	if err := s.Write(p); err != nil {
		t.Fatal(err)
	}
}

// people fills n slots with pictures and labels.
func people(t testing.TB, c *Compositor, n int) []*Slot {
	t.Helper()
	labels := []Label{
		{Name: "Ingrid Sørensen", Speaking: true},
		{Name: "Boardroom Zürich", Mark: Mark{Kind: RoomSystem}},
		{Name: "+41 44 *** ** 17", Mark: Mark{Kind: Telephone}, Muted: true},
		{Name: "Jean-Baptiste de la Rochefoucauld-Montmorency, Direction générale", Hand: true, Muted: true},
		{Name: "Αλέξανδρος Παπαδόπουλος"}, {Name: "Екатерина Смирнова", Muted: true},
		{Name: "محمد عبد الرحمن", Hand: true}, {Name: "שרה כהן"}, {Name: "山田 太郎"},
		{Name: "김민준", Muted: true}, {Name: "王小明 (Wang Xiaoming)"}, {Name: "Łukasz Żółć"},
	}
	slots := make([]*Slot, n)
	for i := range slots {
		slots[i] = c.Open()
		slots[i].SetLabel(labels[i%len(labels)])
	}
	return slots
}

func TestGallery(t *testing.T) {
	if os.Getenv(pictures) == "" {
		t.Skip("set " + pictures + " to a folder to get pictures to look at")
	}
	c := compositor(t, 1280, 720)
	s := people(t, c, 12)
	fill := func() {
		for i := range s {
			if i != 2 && i != 6 && i != 9 {
				write(t, s[i], scenery(1280, 720, i))
			}
		}
	}
	at := uint32(0)
	look := func(name string) {
		fill()
		at += 90000
		settled(t, c, at)
		c.Redraw()
		show(t, name, step(t, c, at+89000))
	}
	c.Arrange(Auto, s[:4]...)
	look("2x2")
	c.SetBanner(Mark{Kind: Telephone, Text: "Not end-to-end encrypted: 1 telephone is listening"})
	look("2x2-banner")
	c.Arrange(OneSeven, s[:8]...)
	look("1+7")
	c.Arrange(FourByFour, s...)
	look("4x4-banner")
	c.SetBanner(Mark{})
	c.Arrange(OneFive, s[3:9]...)
	look("1+5")
	c.Arrange(Auto, s[6:9]...)
	look("3")
	screen := c.Open()
	screen.SetLabel(Label{Name: "Quarterly figures · Ingrid Sørensen"})
	c.Arrange(Presentation, append([]*Slot{screen}, s[:5]...)...)
	write(t, screen, slide(1280, 800))
	look("presentation")
	c.Arrange(TwoByTwo, s[0], s[1])
	look("two")
	c.Arrange(OneOne, s[1], s[0])
	step(t, c, at+90000)
	step(t, c, at+93000)
	show(t, "glide", step(t, c, at+100000))
	for name, card := range cards() {
		c.Show(&card)
		if name == "lobby" {
			c.SetBanner(Mark{Kind: Encrypted})
		}
		show(t, "card-"+name, step(t, c, at))
		c.SetBanner(Mark{})
	}
	small := compositor(t, 640, 360)
	s = people(t, small, 4)
	small.SetBanner(Mark{Kind: Recording})
	small.Arrange(Auto, s...)
	for i := range s {
		write(t, s[i], scenery(640, 360, i))
	}
	show(t, "360p", step(t, small, 0))
}

func cards() map[string]Card {
	return map[string]Card{
		"pin": {Room: "Supervisory Board", State: "Enter your PIN, then #", Digits: 3, Expected: 6,
			Keys: []Key{{"*", "start again"}, {"#", "done"}}},
		"lobby": {Room: "Supervisory Board", State: "The host will let you in",
			Detail: "2 people are in the room. Until you are let in nobody hears or sees you, and you hear nobody.",
			Keys:   []Key{{"*6", "mute"}, {"*8", "layout"}, {"*4", "hand up"}, {"*0", "help"}}},
		"waiting": {Room: "مجلس الإدارة", State: "في انتظار المضيف", Detail: "ستبدأ الجلسة عند وصول المضيف"},
		"cjk":     {Room: "取締役会 · 董事会 · 이사회", State: "ホストをお待ちください", Detail: "会议尚未开始。主持人到达后会让您加入。", Keys: []Key{{"*6", "静音"}}},
		"refused": {Room: "Treasury", State: "This room takes the sound of your system, but not its picture",
			Detail: "The hosts have granted sound only, because pictures of a room system would be decrypted at the gateway. You are heard and you hear the others."},
	}
}
