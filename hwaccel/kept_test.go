package hwaccel

import (
	"errors"
	"math"
	"testing"

	"legroom/media"
)

// padded is a picture whose rows have something behind them.
func padded(p *media.Picture) *media.Picture {
	c := &media.Picture{Width: p.Width, Height: p.Height, Timestamp: p.Timestamp}
	for i, plane := range p.Planes {
		c.Stride[i] = p.Stride[i] + 5
		for y := range rows(i, p.Height) {
			c.Planes[i] = append(append(c.Planes[i], plane[y*p.Stride[i]:][:columns(i, p.Width)]...), 9, 9, 9, 9, 9)
		}
	}
	return c
}

func TestKeptOutlivesWhatWasLent(t *testing.T) {
	var k Kept
	if k.Picture() != nil {
		t.Error("it holds a picture of nobody")
	}
	for n, size := range [][2]int{{64, 36}, {64, 36}, {321, 181}, {64, 36}} {
		want, lent := Pattern(size[0], size[1], n), Pattern(size[0], size[1], n)
		if n > 0 {
			lent = padded(lent)
		}
		if err := k.Put(lent); err != nil {
			t.Fatal(err)
		}
		for _, plane := range lent.Planes {
			clear(plane)
		}
		got := k.Picture()
		if db := PSNR(got, want); !math.IsInf(db, 1) || got.Timestamp != want.Timestamp {
			t.Errorf("picture %d: %v dB, timestamp %d", n, db, got.Timestamp)
		}
		for i := range want.Planes[1] {
			if got.Planes[1][i] != want.Planes[1][i] || got.Planes[2][i] != want.Planes[2][i] {
				t.Fatalf("picture %d: other colours at %d", n, i)
			}
		}
	}
	p := Pattern(64, 36, 0)
	if a := testing.AllocsPerRun(20, func() { _ = k.Put(p) }); a != 0 {
		t.Errorf("%v allocations a picture", a)
	}
	for name, bad := range map[string]*media.Picture{
		"no size": {}, "no planes": {Width: 64, Height: 36}, "a surface of others": {Width: 64, Height: 36, Surface: 7},
	} {
		if err := k.Put(bad); !errors.Is(err, ErrPicture) || k.Picture() != nil {
			t.Errorf("%s: %v, holds %v", name, err, k.Picture())
		}
	}
	k.Release()
	k.Release()
}
