package compose

import (
	"errors"
	"testing"

	"legroom/hwaccel"
	"legroom/media"
)

func TestBadPicturesAreRefusedAndTheTileStays(t *testing.T) {
	c := compositor(t, 640, 360)
	s := c.Open()
	c.Arrange(One, s)
	write(t, s, flat(640, 360, 77))
	step(t, c, 0)
	short := flat(640, 360, 200)
	short.Planes[2] = short.Planes[2][:100]
	narrow := flat(640, 360, 200)
	narrow.Stride[0] = 100
	scaledShort := flat(1280, 720, 200)
	scaledShort.Planes[0] = scaledShort.Planes[0][:1000]
	bad := map[string]*media.Picture{
		"no size":           {},
		"below nothing":     {Width: -640, Height: 360},
		"no samples":        {Width: 640, Height: 360},
		"short":             short,
		"narrow":            narrow,
		"short, other size": scaledShort,
		"surface":           {Width: 640, Height: 360, Surface: "of a card that is not there"},
		"surface to scale":  {Width: 1280, Height: 720, Surface: "of a card that is not there"},
	}
	for name, p := range bad {
		if err := s.Write(p); !errors.Is(err, hwaccel.ErrPicture) {
			t.Errorf("%s: %v", name, err)
		}
		if step(t, c, 0) != nil {
			t.Errorf("%s was drawn", name)
		}
	}
	c.Redraw()
	alike(t, step(t, c, 0), Rect{0, 0, 640, 360}, flat(640, 360, 77), 200)
	write(t, s, flat(640, 360, 99))
	alike(t, step(t, c, 0), Rect{0, 0, 640, 360}, flat(640, 360, 99), 200)
}

// gate lets the real scalers of a Device fail, or wait.
type gate struct {
	device hwaccel.Device
	opened int
	closed int
	err    error
	inside chan struct{} // told that a Scale began
	leave  chan struct{} // and waited for, where it is not nil
}

func (g *gate) OpenScaler(c hwaccel.ScalerConfig) (hwaccel.Scaler, error) {
	g.opened++
	s, err := g.device.OpenScaler(c)
	return &gated{s, g}, err
}

type gated struct {
	hwaccel.Scaler
	gate *gate
}

func (g *gated) Scale(p *media.Picture, out media.Sink[*media.Picture]) error {
	if g.gate.leave != nil {
		g.gate.inside <- struct{}{}
		<-g.gate.leave
	}
	if g.gate.err != nil {
		return g.gate.err
	}
	return g.Scaler.Scale(p, out)
}

func (g *gated) Close() error {
	g.gate.closed++
	return g.Scaler.Close()
}

func gatedSlot(t *testing.T) (*gate, *Compositor, *Slot) {
	t.Helper()
	g := &gate{device: device(t)}
	c, err := New(Config{Width: 640, Height: 360, Scalers: g})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	s := c.Open()
	c.Arrange(One, s)
	return g, c, s
}

func TestALostDeviceIsLeft(t *testing.T) {
	g, c, s := gatedSlot(t)
	write(t, s, flat(320, 180, 50))
	g.err = hwaccel.ErrLost
	if err := s.Write(flat(320, 180, 60)); !errors.Is(err, hwaccel.ErrLost) {
		t.Errorf("lost: %v", err)
	}
	g.err = nil
	write(t, s, flat(320, 180, 70))
	if g.opened != 2 || g.closed != 1 {
		t.Errorf("%d scalers opened, %d closed", g.opened, g.closed)
	}
	alike(t, step(t, c, 0), Rect{0, 0, 640, 360}, flat(640, 360, 70), 45)
	_ = s.Close()
	if g.closed != 2 {
		t.Errorf("%d of 2 scalers closed", g.closed)
	}
}

func TestWriteNeverWaits(t *testing.T) {
	g, c, s := gatedSlot(t)
	g.inside, g.leave = make(chan struct{}), make(chan struct{})
	done := make(chan error)
	go func() { done <- s.Write(flat(320, 180, 50)) }()
	<-g.inside
	// A writer is inside, as long as this test wants.
	write(t, s, flat(640, 360, 60))
	if got := s.Dropped(); got != 1 {
		t.Errorf("%d dropped", got)
	}
	step(t, c, 0)
	s.SetLabel(Label{Name: "x"})
	c.Arrange(Auto)
	step(t, c, 3000)
	close(g.leave)
	if err := <-done; err != nil {
		t.Error(err)
	}
	// It came after the tile was gone, so it is not what the next tile begins with.
	c.Arrange(One, s)
	if p := step(t, c, 6000); p.Planes[0][50*640+300] != c.dark[0] {
		t.Error("an old picture is shown")
	}
}

func TestASlotThatIsNotShownKeepsNothing(t *testing.T) {
	g, c, s := gatedSlot(t)
	write(t, s, flat(320, 180, 50))
	step(t, c, 0)
	c.Arrange(Auto)
	if g.closed != 1 || s.next.Planes[0] != nil || s.ready.Planes[0] != nil {
		t.Errorf("%d scalers closed, %d and %d samples kept", g.closed, len(s.next.Planes[0]), len(s.ready.Planes[0]))
	}
	if allocs := testing.AllocsPerRun(10, func() { write(t, s, flat720) }); allocs != 0 || g.opened != 1 {
		t.Errorf("%.0f allocations, %d scalers", allocs, g.opened)
	}
}

var flat720 = flat(1280, 720, 10)

func TestChangingSizesHoldOneScaler(t *testing.T) {
	g, _, s := gatedSlot(t)
	for n := range 40 {
		write(t, s, flat(64+n*8, 320-n*4, 50))
		if open := g.opened - g.closed; open > 1 {
			t.Fatalf("%d scalers at a time", open)
		}
	}
	if most := 640 * 360; cap(s.next.Planes[0]) > most+64 || cap(s.ready.Planes[0]) > most+64 {
		t.Errorf("%d and %d samples are held", cap(s.next.Planes[0]), cap(s.ready.Planes[0]))
	}
}
