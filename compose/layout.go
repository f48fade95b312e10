package compose

// Layout is how tiles are ordered on a canvas.
type Layout uint8

// Layouts. The zero value takes the smallest one that holds all, see For.
const (
	Auto Layout = iota
	// One is a single tile.
	One
	// OneOne is two tiles of one size.
	OneOne
	// TwoByTwo, ThreeByThree and FourByFour are grids of equal tiles.
	TwoByTwo
	// OneFive is a large tile and five small ones at its right and below.
	OneFive
	// OneSeven is a large tile and seven small ones at its right and below.
	OneSeven
	ThreeByThree
	FourByFour
	// Presentation shows the first slot, a screen, large and up to five speakers in a strip at its right.
	Presentation
)

// speakers in the strip of a Presentation.
const speakers = 5

// String is the name that keypads, hosts and logs use.
func (l Layout) String() string {
	switch l {
	case Auto:
		return "auto"
	case One:
		return "1"
	case OneOne:
		return "1+1"
	case TwoByTwo:
		return "2x2"
	case OneFive:
		return "1+5"
	case OneSeven:
		return "1+7"
	case ThreeByThree:
		return "3x3"
	case FourByFour:
		return "4x4"
	case Presentation:
		return "presentation"
	default:
		return "unknown"
	}
}

// Capacity is how many tiles the Layout has; Auto has as many as the largest.
func (l Layout) Capacity() int {
	switch l {
	case One:
		return 1
	case OneOne:
		return 2
	case TwoByTwo:
		return 4
	case OneFive:
		return 6
	case OneSeven:
		return 8
	case ThreeByThree:
		return 9
	case Auto, FourByFour:
		return 16
	case Presentation:
		return 1 + speakers
	default:
		return 0
	}
}

// For is the Layout itself, and for Auto the smallest one that holds n tiles, or FourByFour where none does.
func (l Layout) For(n int) Layout {
	if l != Auto {
		return l
	}
	for _, each := range []Layout{One, OneOne, TwoByTwo, OneFive, OneSeven, ThreeByThree} {
		if n <= each.Capacity() {
			return each
		}
	}
	return FourByFour
}

// Place puts n tiles on a canvas, in order: the first is the largest where one is larger, then row by row, in a
// Presentation from top to bottom. What is more than the Layout holds has no place.
// Shape: all coordinates and sizes are even, tiles are 16:9 but for the screen of a Presentation, none lies over another.
// A canvas too small for all of them holds none.
func Place(l Layout, width, height, n int) []Rect {
	l = l.For(n)
	n = min(n, l.Capacity())
	if n <= 0 || width < 2 || height < 2 {
		return nil
	}
	var all []Rect
	switch l {
	case OneOne:
		all = larger(grid(width, height, 2, 1, n), grid(width, height, 1, 2, n))
	case TwoByTwo:
		all = grid(width, height, 2, 2, n)
	case ThreeByThree:
		all = grid(width, height, 3, 3, n)
	case FourByFour:
		all = grid(width, height, 4, 4, n)
	case OneFive:
		all = corner(width, height, 3, n)
	case OneSeven:
		all = corner(width, height, 4, n)
	case Presentation:
		all = presentation(width, height, n)
	default:
		all = grid(width, height, 1, 1, n)
	}
	for _, r := range all {
		if r.Empty() {
			return nil
		}
	}
	return all
}

// cell is the largest size of 16:9 of which so many stand beside and below each other.
func cell(width, height, columns, rows int) (w, h int) {
	w = floor(min(width/columns, height/rows*16/9))
	return w, min(even(float64(w)*9/16), floor(height/rows))
}

// grid fills rows from the left; a last row that is not full stands in the middle.
func grid(width, height, columns, rows, n int) []Rect {
	w, h := cell(width, height, columns, rows)
	used := (n + columns - 1) / columns
	top := floor((height - used*h) / 2)
	all := make([]Rect, n)
	for i := range all {
		row := i / columns
		left := floor((width - min(columns, n-row*columns)*w) / 2)
		all[i] = Rect{left + i%columns*w, top + row*h, w, h}
	}
	return all
}

// corner puts the first tile into the upper left of a grid of cells by cells, but for its last column and row; the
// others go down that column and then along that row.
func corner(width, height, cells, n int) []Rect {
	w, h := cell(width, height, cells, cells)
	left, top := floor((width-cells*w)/2), floor((height-cells*h)/2)
	large := cells - 1
	all := []Rect{{left, top, large * w, large * h}}
	for i := range n - 1 {
		column, row := large, i
		if i >= large {
			column, row = i-large, large
		}
		all = append(all, Rect{left + column*w, top + row*h, w, h})
	}
	return all
}

func presentation(width, height, n int) []Rect {
	if n == 1 {
		return []Rect{{0, 0, floor(width), floor(height)}}
	}
	w, h := cell(width/speakers, height, 1, speakers)
	top := floor((height - (n-1)*h) / 2)
	left := floor(width - w)
	all := []Rect{{0, 0, left, floor(height)}}
	for i := range n - 1 {
		all = append(all, Rect{left, top + i*h, w, h})
	}
	return all
}

func larger(a, b []Rect) []Rect {
	if b[0].Width > a[0].Width {
		return b
	}
	return a
}
