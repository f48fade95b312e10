package compose

import (
	"testing"

	"legroom/hwaccel"
	"legroom/media"
)

func discard() media.Sink[*media.Picture] {
	return media.SinkFunc[*media.Picture](func(*media.Picture) error { return nil })
}

// BenchmarkFourTiles is a mix of four at 720p, with names and marks, from sources of 720p. Its floor is beside it: what
// the scaler takes for four pictures, and copying their planes into one.
func BenchmarkFourTiles(b *testing.B) {
	var pictures []*media.Picture
	for i := range 4 {
		pictures = append(pictures, scenery(1280, 720, i))
	}
	b.Run("floor", func(b *testing.B) {
		d, c := device(b), newCanvas(1280, 720)
		var scalers []hwaccel.Scaler
		var into []media.Sink[*media.Picture]
		for i := range 4 {
			s, err := d.OpenScaler(hwaccel.ScalerConfig{Width: 640, Height: 360})
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			scalers = append(scalers, s)
			into = append(into, media.SinkFunc[*media.Picture](func(p *media.Picture) error {
				c.copy(p, i%2*640, i/2*360)
				return nil
			}))
		}
		b.ReportAllocs()
		for b.Loop() {
			for i, s := range scalers {
				if err := s.Scale(pictures[i], into[i]); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
	for _, banner := range []Mark{{}, {Kind: Telephone}} {
		name := "composed"
		if banner.Kind != NoMark {
			name = "composed, banner"
		}
		b.Run(name, func(b *testing.B) {
			c := compositor(b, 1280, 720)
			s := people(b, c, 4)
			c.SetBanner(banner)
			c.Arrange(TwoByTwo, s...)
			out, at := discard(), uint32(0)
			b.ReportAllocs()
			for b.Loop() {
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
		})
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
