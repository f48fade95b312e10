package compose

import (
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"legroom/hwaccel"
	"legroom/media"
)

func discard() media.Sink[*media.Picture] {
	return media.SinkFunc[*media.Picture](func(*media.Picture) error { return nil })
}

// BenchmarkFourTiles is a mix of four at 720p, with names and marks, from sources of 720p. Its floor is measured in turns
// with it: what the scaler takes for four pictures, and copying their planes into one. Both are time of the processor,
// since others use it too.
func BenchmarkFourTiles(b *testing.B) {
	var pictures []*media.Picture
	for i := range 4 {
		pictures = append(pictures, scenery(1280, 720, i))
	}
	for _, each := range []struct {
		name   string
		banner Mark
		source Rect
	}{{"720p", Mark{}, Rect{Width: 640, Height: 360}}, {"720p with banner", Mark{Kind: Telephone}, Rect{Width: 600, Height: 338}}} {
		b.Run(each.name, func(b *testing.B) {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			floor := floorOf(b, pictures, each.source)
			c := compositor(b, 1280, 720)
			s := people(b, c, 4)
			c.SetBanner(each.banner)
			c.Arrange(TwoByTwo, s...)
			out, at := discard(), uint32(0)
			composed := func() {
				for i := range s {
					if err := s[i].Write(pictures[i]); err != nil {
						b.Fatal(err)
					}
				}
				if drawn, err := c.Step(at, out); err != nil || !drawn {
					b.Fatal(drawn, err)
				}
				at += 3000
			}
			composed() // draws the words
			var least, mix time.Duration
			b.ReportAllocs()
			for b.Loop() {
				begin := processor(b)
				floor()
				between := processor(b)
				composed()
				least, mix = least+between-begin, mix+processor(b)-between
			}
			b.ReportMetric(float64(least.Microseconds())/float64(b.N), "floor-us/op")
			b.ReportMetric(float64(mix.Microseconds())/float64(b.N), "composed-us/op")
			b.ReportMetric(float64(mix)/float64(least), "ratio")
		})
	}
}

// processor is the time that this thread has had.
func processor(b *testing.B) time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t); err != nil {
		b.Fatal(err)
	}
	return time.Duration(t.Nano())
}

// floorOf scales pictures to a size and copies them into one.
func floorOf(b *testing.B, pictures []*media.Picture, size Rect) func() {
	d, c := device(b), newCanvas(1280, 720)
	var scalers []hwaccel.Scaler
	var into []media.Sink[*media.Picture]
	for i := range pictures {
		s, err := d.OpenScaler(hwaccel.ScalerConfig{Width: size.Width, Height: size.Height})
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = s.Close() })
		scalers = append(scalers, s)
		into = append(into, media.SinkFunc[*media.Picture](func(p *media.Picture) error {
			c.copy(p, i%2*640, i/2*360)
			return nil
		}))
	}
	return func() {
		for i, s := range scalers {
			if err := s.Scale(pictures[i], into[i]); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkStep is what one step takes without scaling.
func BenchmarkStep(b *testing.B) {
	steps := []struct {
		name string
		do   func(c *Compositor, s []*Slot, n int)
	}{
		{"nothing new", func(*Compositor, []*Slot, int) {}},
		{"all again", func(c *Compositor, _ []*Slot, _ int) { c.Redraw() }},
		{"a speaker", func(_ *Compositor, s []*Slot, n int) { s[0].SetLabel(Label{Name: "Ingrid", Speaking: n%2 == 0}) }},
		{"a name", func(_ *Compositor, s []*Slot, n int) { s[0].SetLabel(Label{Name: "Ingrid", Muted: n%2 == 0}) }},
		{"gliding", func(c *Compositor, s []*Slot, n int) {
			if n%8 == 0 {
				s[0], s[1] = s[1], s[0]
				c.Arrange(OneFive, s...)
			}
		}},
	}
	for _, each := range steps {
		b.Run(each.name, func(b *testing.B) {
			c := compositor(b, 1280, 720)
			s := people(b, c, 4)
			c.Arrange(TwoByTwo, s...)
			for i := range s {
				write(b, s[i], scenery(640, 360, i))
			}
			out, n := discard(), 0
			b.ReportAllocs()
			for b.Loop() {
				each.do(c, s, n)
				if _, err := c.Step(uint32(n)*3000, out); err != nil {
					b.Fatal(err)
				}
				n++
			}
		})
	}
}
