package hwaccel

import (
	"errors"
	"math"
	"testing"

	"legroom/media"
)

func TestWholeFindsWhatIsMissing(t *testing.T) {
	good := NewPicture(64, 36)
	cases := map[string]struct {
		bend func(*media.Picture)
		want error
	}{
		"whole":                   {func(*media.Picture) {}, nil},
		"no size":                 {func(p *media.Picture) { p.Width = 0 }, ErrPicture},
		"negative size":           {func(p *media.Picture) { p.Height = -2 }, ErrPicture},
		"stride too small":        {func(p *media.Picture) { p.Stride[0] = 63 }, ErrPicture},
		"negative stride":         {func(p *media.Picture) { p.Stride[1] = -32 }, ErrPicture},
		"no chroma":               {func(p *media.Picture) { p.Planes[1] = nil }, ErrPicture},
		"luma one short":          {func(p *media.Picture) { p.Planes[0] = p.Planes[0][:64*36-1] }, ErrPicture},
		"only on the card":        {func(p *media.Picture) { p.Planes = [3][]byte{}; p.Surface = 7 }, ErrPicture},
		"last row unpadded":       {func(p *media.Picture) { p.Stride[0], p.Planes[0] = 80, make([]byte, 80*35+64) }, nil},
		"a stride that overflows": {func(p *media.Picture) { p.Stride[2] = math.MaxInt / 8 }, ErrPicture},
		"odd size, rounded up":    {func(p *media.Picture) { p.Width, p.Height = 63, 35 }, nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			p := *good
			c.bend(&p)
			if err := Whole(&p); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

func TestTimelineOnlyGrows(t *testing.T) {
	var line Timeline
	for _, step := range []struct {
		timestamp uint32
		grows     int64
	}{
		{0xfffff000, 3000}, {0xfffffbb8, 3000}, {0x00000770, 3000}, {0x00000770, 3000}, {5, 3000},
		{0x7fff0000, Clock}, {0x7fff0000 + 6000, 6000},
	} {
		before := line.Now()
		line.Advance(step.timestamp, 3000)
		if got := line.Now() - before; got != step.grows {
			t.Errorf("at timestamp %#x it grew by %d, want %d", step.timestamp, got, step.grows)
		}
	}
}
