//go:build e2e

package film

import (
	"fmt"
	"time"
)

// Sight is a picture that was seen, and when.
type Sight struct {
	At     time.Duration
	Number int
}

// Viewing is what became of a film of so many pictures that is shown over and over.
type Viewing struct {
	// Pictures that were seen, each once; Back is how many came behind a later one, Left out how many never came.
	Pictures, Back, LeftOut int
	// Freeze is the longest time without another picture.
	Freeze time.Duration
}

// Judge looks at what was seen of a film of length pictures.
func Judge(seen []Sight, length int) Viewing {
	var v Viewing
	for i, s := range seen {
		if i == 0 {
			v.Pictures++
			continue
		}
		step := ((s.Number-seen[i-1].Number)%length + length) % length
		if step == 0 {
			continue
		}
		v.Pictures++
		if step > length/2 {
			v.Back++
		} else {
			v.LeftOut += step - 1
		}
	}
	last := time.Duration(-1)
	for i, s := range seen {
		if i == 0 || s.Number != seen[i-1].Number {
			if last >= 0 {
				v.Freeze = max(v.Freeze, s.At-last)
			}
			last = s.At
		}
	}
	return v
}

// String tells it.
func (v Viewing) String() string {
	return fmt.Sprintf("%d pictures, %d left out, %d out of order, longest freeze %v", v.Pictures, v.LeftOut, v.Back, v.Freeze.Round(time.Millisecond))
}
