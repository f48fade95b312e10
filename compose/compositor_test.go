package compose

import (
	"errors"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"legroom/hwaccel"
	"legroom/media"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// flat is a picture of one colour.
func flat(width, height int, luma byte) *media.Picture {
	c := newCanvas(width, height)
	c.fill(c.bounds(), [3]byte{luma, 128, 128})
	return &c.Picture
}

// cut is a part of a picture, without the frame of a tile.
func cut(p *media.Picture, r Rect, inset int) *media.Picture {
	c := newCanvas(r.Width-2*inset, r.Height-2*inset)
	c.copy(p, -r.X-inset, -r.Y-inset)
	return &c.Picture
}

// alike fails when a place on p does not show what want is.
func alike(t *testing.T, p *media.Picture, at Rect, want *media.Picture, floor float64) {
	t.Helper()
	const inset = 16
	if got := hwaccel.PSNR(cut(p, at, inset), cut(want, Rect{0, 0, at.Width, at.Height}, inset)); got < floor {
		t.Errorf("%v: %.1f dB, want %.0f", at, got, floor)
	}
}

func scaled(t *testing.T, p *media.Picture, width, height int) *media.Picture {
	t.Helper()
	s, err := device(t).OpenScaler(hwaccel.ScalerConfig{Width: width, Height: height})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	c := newCanvas(width, height)
	err = s.Scale(p, media.SinkFunc[*media.Picture](func(p *media.Picture) error {
		c.copy(p, 0, 0)
		return nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	return &c.Picture
}

func TestEveryTileShowsItsOwnSource(t *testing.T) {
	for _, l := range layouts[1:] {
		t.Run(l.String(), func(t *testing.T) {
			c := compositor(t, 1280, 720)
			var slots []*Slot
			for range l.Capacity() {
				slots = append(slots, c.Open())
			}
			c.Arrange(l, slots...)
			places := Place(l, 1280, 720, len(slots))
			for i, s := range slots {
				write(t, s, hwaccel.Pattern(640, 360, 20*i))
			}
			p := step(t, c, 4711)
			if p.Timestamp != 4711 || p.Width != 1280 || p.Height != 720 {
				t.Errorf("%dx%d at %d", p.Width, p.Height, p.Timestamp)
			}
			for i, r := range places {
				in := fit(640, 360, r)
				alike(t, p, in, scaled(t, hwaccel.Pattern(640, 360, 20*i), in.Width, in.Height), 40)
			}
		})
	}
}

func TestASourceOfTheTilesSizeIsCopied(t *testing.T) {
	c, err := New(Config{Width: 1280, Height: 720, Scalers: none{}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	s := []*Slot{c.Open(), c.Open(), c.Open(), c.Open()}
	c.Arrange(TwoByTwo, s...)
	want := hwaccel.Pattern(640, 360, 3)
	write(t, s[3], want)
	alike(t, step(t, c, 0), Rect{640, 360, 640, 360}, want, 200) // equal is infinite
	if err := s[0].Write(flat(320, 180, 50)); !errors.Is(err, hwaccel.ErrUnsupported) {
		t.Errorf("without a scaler: %v", err)
	}
}

// none has no scaler.
type none struct{}

func (none) OpenScaler(hwaccel.ScalerConfig) (hwaccel.Scaler, error) {
	return nil, hwaccel.ErrUnsupported
}

func TestAnotherShapeIsFittedBetweenBars(t *testing.T) {
	c := compositor(t, 1280, 720)
	s := c.Open()
	c.Arrange(One, s)
	write(t, s, flat(400, 300, 200))
	p := step(t, c, 0)
	in := fit(400, 300, Rect{0, 0, 1280, 720})
	if in != (Rect{160, 0, 960, 720}) {
		t.Fatalf("fitted to %v", in)
	}
	alike(t, p, in, flat(960, 720, 200), 60)
	dark := c.dark[0]
	alike(t, p, Rect{0, 0, 160, 720}, flat(160, 720, dark), 60)
	alike(t, p, Rect{1120, 0, 160, 720}, flat(160, 720, dark), 60)
}

func TestNothingIsDrawnWhenNothingChanged(t *testing.T) {
	c := compositor(t, 640, 360)
	s, other := c.Open(), c.Open()
	c.Arrange(One, s)
	if step(t, c, 0) == nil {
		t.Fatal("nothing at first")
	}
	changes := []struct {
		name   string
		change func()
		draws  bool
	}{
		{"nothing", func() {}, false},
		{"picture", func() { write(t, s, flat(640, 360, 90)) }, true},
		{"picture of one who is not shown", func() { write(t, other, flat(640, 360, 90)) }, false},
		{"label", func() { s.SetLabel(Label{Name: "A"}) }, true},
		{"same label", func() { s.SetLabel(Label{Name: "A"}) }, false},
		{"speaker", func() { s.SetLabel(Label{Name: "A", Speaking: true}) }, true},
		{"camera off", s.Blank, true},
		{"banner", func() { c.SetBanner(Mark{Kind: Telephone}) }, true},
		{"same banner", func() { c.SetBanner(Mark{Kind: Telephone}) }, false},
		{"words of the banner", func() { c.SetBanner(Mark{Kind: Telephone, Text: "two"}) }, true},
		{"card", func() { c.Show(&Card{State: "wait"}) }, true},
		{"same card", func() { c.Show(&Card{State: "wait"}) }, false},
		{"digit", func() { c.Show(&Card{State: "wait", Digits: 1}) }, true},
		{"picture behind the card", func() { write(t, s, flat(640, 360, 90)) }, false},
		{"tiles again", func() { c.Show(nil) }, true},
		{"same order", func() { c.Arrange(One, s) }, false},
		{"somebody else", func() { c.Arrange(One, other) }, true},
		{"asked for", c.Redraw, true},
	}
	at := uint32(0)
	for _, each := range changes {
		each.change()
		if got := step(t, c, at) != nil; got != each.draws {
			t.Errorf("%s: drawn is %v", each.name, got)
		}
		for range 12 { // until the tiles stand
			at += 3000
			step(t, c, at)
		}
		if step(t, c, at+3000) != nil {
			t.Errorf("%s: drawn once more", each.name)
		}
	}
}

func TestTilesGlideToTheirPlaces(t *testing.T) {
	c := compositor(t, 640, 360)
	a, b := c.Open(), c.Open()
	c.Arrange(One, a)
	write(t, a, flat(640, 360, 235))
	step(t, c, 0)
	c.Arrange(OneOne, b, a)
	// The clock of pictures wraps on the way.
	begin := ^uint32(0) - 9000
	// The white tile shrinks to the right half; how much of the canvas is white falls from step to step.
	last, steps, between := 640*360+1, 0, 0
	for at := begin; ; at += 3000 {
		p := step(t, c, at)
		if p == nil {
			break
		}
		if steps++; steps > 20 {
			t.Fatal("it never stands")
		}
		white := 0
		for _, v := range p.Planes[0] {
			if v > 220 {
				white++
			}
		}
		if white > last {
			t.Errorf("step %d: %d white, %d before", steps, white, last)
		}
		if white > 330*190 && white < 600*340 {
			between++
		}
		last = white
	}
	// 250 ms of 90000 a second are 22500 ticks, 8.5 steps: the ninth stands.
	if steps != 9 {
		t.Errorf("%d steps", steps)
	}
	if between < 4 {
		t.Errorf("%d steps on the way", between)
	}
	c.Redraw()
	alike(t, step(t, c, begin), Rect{320, 90, 320, 180}, flat(320, 180, 235), 200)
}

func TestAPictureFromAnotherTileIsBroughtToSize(t *testing.T) {
	c := compositor(t, 1280, 720)
	a, b := c.Open(), c.Open()
	source := hwaccel.Pattern(1280, 720, 7)
	c.Arrange(One, a)
	write(t, a, source)
	step(t, c, 0)
	c.Arrange(OneOne, a, b)
	p := settled(t, c, 90000)
	// By the Device, whose filter the stretcher does not have.
	alike(t, p, Rect{0, 180, 640, 360}, scaled(t, source, 640, 360), 200)
}

func TestCameraOffShowsWhoItIs(t *testing.T) {
	c := compositor(t, 1280, 720)
	s := c.Open()
	s.SetLabel(Label{Name: "Ada Lovelace"})
	c.Arrange(One, s)
	write(t, s, flat(1280, 720, 235))
	step(t, c, 0)
	s.Blank()
	p := step(t, c, 3000)
	if at := 16*1280 + 640; p.Planes[0][at] != c.dark[0] {
		t.Errorf("the picture is still there: %d", p.Planes[0][at])
	}
	want := c.paint.matrix.solid(badgeOf("Ada Lovelace"))
	if got := [3]byte{p.Planes[0][(360-120)*1280+640], p.Planes[1][120*640+320], p.Planes[2][120*640+320]}; got != want {
		t.Errorf("disc of %v, want %v", got, want)
	}
	write(t, s, flat(1280, 720, 235))
	if p := step(t, c, 6000); p.Planes[0][360*1280+640] != 235 {
		t.Error("the picture does not come back")
	}
}

// TestAPictureThatIsDrawnIsNotWritten looks at who holds which buffer, which a race shows by chance only.
func TestAPictureThatIsDrawnIsNotWritten(t *testing.T) {
	c := compositor(t, 320, 180)
	s := c.Open()
	c.Arrange(One, s)
	for n := range 40 {
		for range n % 3 {
			write(t, s, flat(320, 180, byte(n)))
		}
		step(t, c, uint32(n))
		shown := c.tiles[0].shown
		if shown == s.ready || shown == s.next || s.ready == s.next {
			t.Fatalf("after %d steps two hold one buffer", n)
		}
	}
}

func TestNoPictureIsTorn(t *testing.T) {
	c := compositor(t, 320, 180)
	s := []*Slot{c.Open(), c.Open()}
	c.Arrange(OneOne, s...)
	var writers sync.WaitGroup
	for i := range s {
		pictures := []*media.Picture{flat(160, 90, 40), flat(640, 360, 120), flat(160, 90, 200)}
		for range 2 {
			writers.Go(func() {
				for n := range 300 {
					if err := s[i].Write(pictures[n%3]); err != nil {
						t.Error(err)
						return
					}
					s[i].SetLabel(Label{Speaking: n%2 == 0})
					runtime.Gosched()
				}
			})
		}
	}
	done := make(chan struct{})
	go func() {
		writers.Wait()
		close(done)
	}()
	for n := uint32(0); ; n++ {
		if p := step(t, c, n); p != nil {
			whole(t, p)
		}
		select {
		case <-done:
			return
		default:
			runtime.Gosched()
		}
	}
}

// whole fails where a tile of two shows more than one of the flat pictures that it is given.
func whole(t *testing.T, p *media.Picture) {
	t.Helper()
	for _, r := range Place(OneOne, 320, 180, 2) {
		// Only the middle has no frame.
		luma := cut(p, r, 16).Planes[0]
		if slices.ContainsFunc(luma, func(v byte) bool { return v != luma[0] }) {
			t.Fatalf("%d and another", luma[0])
		}
	}
}

func TestStepsAndWritesAllocateNothing(t *testing.T) {
	c := compositor(t, 1280, 720)
	s := people(t, c, 4)
	c.SetBanner(Mark{Kind: NotEncrypted})
	c.Arrange(TwoByTwo, s...)
	large, out, n := scenery(1280, 720, 0), discard(), uint32(0)
	places := Place(TwoByTwo, 1280, 720-44, 4)
	exact := scenery(places[0].Width, places[0].Height, 0)
	tests := map[string]func(){
		"copied": func() { write(t, s[0], exact) },
		"scaled": func() { write(t, s[1], large) },
		"drawn": func() {
			write(t, s[2], exact)
			s[3].SetLabel(Label{Name: "x", Speaking: n%2 == 0})
			n++
			if drawn, err := c.Step(0, out); !drawn || err != nil {
				t.Fatal(drawn, err)
			}
		},
		"all drawn": func() {
			c.Redraw()
			if drawn, err := c.Step(0, out); !drawn || err != nil {
				t.Fatal(drawn, err)
			}
		},
		"idle": func() {
			if drawn, err := c.Step(0, out); drawn || err != nil {
				t.Fatal(drawn, err)
			}
		},
	}
	for _, name := range []string{"copied", "scaled", "drawn", "all drawn", "idle"} {
		// Three times: a slot has that many buffers.
		for range 3 {
			tests[name]()
			if name != "idle" {
				if _, err := c.Step(0, out); err != nil {
					t.Fatal(err)
				}
			}
		}
		if got := testing.AllocsPerRun(20, tests[name]); got != 0 {
			t.Errorf("%s: %.0f allocations", name, got)
		}
	}
}

func TestTheSinksErrorIsTold(t *testing.T) {
	c := compositor(t, 320, 180)
	full := errors.New("full")
	drawn, err := c.Step(0, media.SinkFunc[*media.Picture](func(*media.Picture) error { return full }))
	if !drawn || !errors.Is(err, full) {
		t.Errorf("%v, %v", drawn, err)
	}
}

func TestCloseEndsAll(t *testing.T) {
	c := compositor(t, 320, 180)
	s, gone := c.Open(), c.Open()
	c.Arrange(OneOne, s, gone)
	write(t, s, flat(1280, 720, 100)) // opens a scaler
	write(t, gone, flat(160, 90, 235))
	step(t, c, 0)
	for range 2 {
		if err := gone.Close(); err != nil {
			t.Error(err)
		}
	}
	p := settled(t, c, 9000)
	alike(t, p, Rect{80, 46, 160, 90}, flat(160, 90, 100), 30) // alone, in the middle
	for range 2 {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := c.Step(0, discard()); !errors.Is(err, media.ErrClosed) {
		t.Errorf("step: %v", err)
	}
	for _, each := range []*Slot{s, gone, c.Open()} {
		if err := each.Write(flat(320, 180, 1)); !errors.Is(err, media.ErrClosed) {
			t.Errorf("write: %v", err)
		}
	}
	c.Arrange(One, s)
	c.SetBanner(Mark{Kind: Encrypted})
	c.Show(&Card{})
}

func TestOnlyOpenSlotsOfItsOwnAreArranged(t *testing.T) {
	c, other := compositor(t, 320, 180), compositor(t, 320, 180)
	a, foreign, closed := c.Open(), other.Open(), c.Open()
	_ = closed.Close()
	c.Arrange(TwoByTwo, nil, foreign, a, closed, a)
	if got := len(c.scene.targets); got != 1 || c.scene.targets[0].slot != a {
		t.Errorf("%d tiles", got)
	}
}

func TestConfigsThatCannotBe(t *testing.T) {
	good := Config{Width: 1280, Height: 720, Scalers: none{}, Glide: DefaultGlide}
	faults := map[string]func(*Config){
		"odd":     func(c *Config) { c.Width = 1281 },
		"huge":    func(c *Config) { c.Height = 1 << 30 },
		"nothing": func(c *Config) { c.Width = 0 },
		"scalers": func(c *Config) { c.Scalers = nil },
		"glide":   func(c *Config) { c.Glide = -time.Second },
	}
	for name, spoil := range faults {
		c := good
		spoil(&c)
		if _, err := New(c); !errors.Is(err, ErrConfig) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := New(good); err != nil {
		t.Error(err)
	}
}
