package compose

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

var layouts = []Layout{Auto, One, OneOne, TwoByTwo, OneFive, OneSeven, ThreeByThree, FourByFour, Presentation}

func TestPlacesHoldWhatTheyPromise(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := rapid.SampledFrom(layouts).Draw(t, "layout")
		width, height := rapid.IntRange(64, 4096).Draw(t, "width"), rapid.IntRange(64, 2304).Draw(t, "height")
		n := rapid.IntRange(0, 40).Draw(t, "n")
		all := Place(l, width, height, n)
		if want := min(n, l.Capacity()); len(all) != want {
			t.Fatalf("%d places, want %d", len(all), want)
		}
		for i, r := range all {
			if r.X%2 != 0 || r.Y%2 != 0 || r.Width%2 != 0 || r.Height%2 != 0 || r.Empty() {
				t.Errorf("%v: not even", r)
			}
			if r.within(Rect{0, 0, width, height}) != r {
				t.Errorf("%v: not on the canvas", r)
			}
			// A large tile is up to three small ones high, each of which is rounded to even numbers.
			if off := r.Height*16 - r.Width*9; (l != Presentation || i > 0) && max(off, -off) > 3*16 {
				t.Errorf("%v: not 16:9", r)
			}
			for _, o := range all[:i] {
				if !r.within(o).Empty() {
					t.Errorf("%v lies over %v", r, o)
				}
			}
		}
		inOrder(t, all)
		if !slices.Equal(all, Place(l, width, height, n)) {
			t.Error("another answer to the same question")
		}
	})
}

// inOrder fails where a later place of the same size stands before an earlier one in reading order of their columns and
// rows, or a larger one comes later.
func inOrder(t *rapid.T, all []Rect) {
	for i := 1; i < len(all); i++ {
		a, b := all[i-1], all[i]
		if b.Width > a.Width {
			t.Errorf("%v is larger than %v before it", b, a)
		}
		if a.Width == b.Width && a.Height == b.Height && b.X <= a.X && b.Y <= a.Y {
			t.Errorf("%v comes after %v", b, a)
		}
	}
}

func TestAutoTakesTheSmallestThatHolds(t *testing.T) {
	want := map[int]Layout{0: One, 1: One, 2: OneOne, 3: TwoByTwo, 4: TwoByTwo, 5: OneFive, 6: OneFive, 7: OneSeven,
		8: OneSeven, 9: ThreeByThree, 10: FourByFour, 16: FourByFour, 40: FourByFour}
	for n, l := range want {
		if got := Auto.For(n); got != l {
			t.Errorf("%d: %s, want %s", n, got, l)
		}
	}
}

func TestPlacesAt720(t *testing.T) {
	tests := []struct {
		layout Layout
		n      int
		want   []Rect
	}{
		{One, 1, []Rect{{0, 0, 1280, 720}}},
		{OneOne, 2, []Rect{{0, 180, 640, 360}, {640, 180, 640, 360}}},
		{TwoByTwo, 4, []Rect{{0, 0, 640, 360}, {640, 0, 640, 360}, {0, 360, 640, 360}, {640, 360, 640, 360}}},
		{TwoByTwo, 3, []Rect{{0, 0, 640, 360}, {640, 0, 640, 360}, {320, 360, 640, 360}}},
		{OneSeven, 3, []Rect{{0, 0, 960, 540}, {960, 0, 320, 180}, {960, 180, 320, 180}}},
		{Presentation, 3, []Rect{{0, 0, 1024, 720}, {1024, 216, 256, 144}, {1024, 360, 256, 144}}},
	}
	for _, c := range tests {
		if got := Place(c.layout, 1280, 720, c.n); !slices.Equal(got, c.want) {
			t.Errorf("%s with %d: %v, want %v", c.layout, c.n, got, c.want)
		}
	}
}

func TestFitKeepsTheShape(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		width, height := rapid.IntRange(1, 16384).Draw(t, "width"), rapid.IntRange(1, 16384).Draw(t, "height")
		in := Rect{rapid.IntRange(0, 100).Draw(t, "x") * 2, 0, rapid.IntRange(1, 960).Draw(t, "w") * 2, rapid.IntRange(1, 540).Draw(t, "h") * 2}
		r := fit(width, height, in)
		if r.within(in) != r || r.Empty() || r.X%2+r.Y%2+r.Width%2+r.Height%2 != 0 {
			t.Fatalf("%v in %v", r, in)
		}
		if r.Width != in.Width && r.Height != in.Height {
			t.Errorf("%v touches no side of %v", r, in)
		}
		// One side is exact, the other as near as even numbers go.
		off := float64(r.Width)*float64(height)/float64(width) - float64(r.Height)
		side := float64(r.Height)*float64(width)/float64(height) - float64(r.Width)
		if min(max(off, -off), max(side, -side)) > 2 {
			t.Errorf("%dx%d became %v", width, height, r)
		}
	})
}
