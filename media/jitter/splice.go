package jitter

import "math"

// splicer shortens or lengthens sound by one pitch period, where it is most like itself a little later.
type splicer struct {
	shortest, longest int // of a period, samples
	fade              int // cross-fade and length compared
	stride            int
	ahead             []int16 // scratch: what a gap would go on with
	refused           int     // reads since the last splice at which nothing fitted
}

const (
	spliceLike   = 0.95 // correlation of a good place
	spliceBetter = 0.02 // what a place must have over one that comes sooner
	// Reads to wait for a good place before any will do. Sound that is like itself at no distance is noise, where a splice
	// is not heard; sound that is, only not as near as wanted, waits until as much is wanted.
	splicePatient = 8
)

func newSplicer(rate int) splicer {
	ms := rate / 1000
	return splicer{shortest: ms, longest: 12 * ms, fade: 5 * ms, stride: max(rate/16000, 1), ahead: make([]int16, 17*ms)}
}

// cut takes a period of at most want samples out of the front, if keep samples stay. It returns how many went.
func (s *splicer) cut(l *line, want, keep int) int {
	w := l.waiting()
	n := s.find(w, min(want, s.longest, len(w)-max(keep, s.fade)))
	if n == 0 {
		return 0
	}
	s.drop(l, n)
	return n
}

// drop takes n samples out of the front and fades from what was to come first to what comes first now.
func (s *splicer) drop(l *line, n int) {
	w := l.waiting()
	fade := min(s.fade, len(w)-n)
	for i := range fade {
		w[n+i] = blend(w[i], w[n+i], i, fade)
	}
	l.drop(n)
}

// stretch plays a period of at most want samples twice, or the shortest there is. It returns how many were added.
func (s *splicer) stretch(l *line, want int) int {
	w := l.waiting()
	n := s.find(w, min(max(want, 5*s.shortest), s.longest, len(w)-s.fade))
	if n == 0 {
		return 0
	}
	fade := min(s.fade, n)
	l.insert(n)
	w = l.waiting()
	copy(w[:n], w[n:2*n])
	// The sound went on behind the period; it is led back to the period's start.
	for i := range fade {
		w[n+i] = blend(w[2*n+i], w[n+i], i, fade)
	}
	return n
}

// find gives the shift, up to most, by which the front of w is most like itself; 0 when no shift is good enough yet.
func (s *splicer) find(w []int16, most int) int {
	if most < s.shortest {
		return 0
	}
	best, top, anywhere := 0, -2.0, -2.0
	for n := s.shortest; n <= min(s.longest, len(w)-s.fade); n += s.stride {
		c := s.like(w, n, s.stride)
		if anywhere = max(anywhere, c); n <= most && c > top {
			best, top = n, c
		}
	}
	for n := max(best-s.stride+1, s.shortest); n < min(best+s.stride, most+1); n++ {
		if c := s.like(w, n, 1); c > top {
			best, top = n, c
		}
	}
	if top < spliceLike && (anywhere >= spliceLike || s.refused < splicePatient) {
		s.refused++
		return 0
	}
	s.refused = 0
	return best
}

// meet gives how many more samples of ahead, what a gap would go on with, are best heard before late so that the one
// carries on from the other: the fewest with which they fit about as well as they can.
func (s *splicer) meet(ahead, late []int16) int {
	if len(late) < s.fade {
		return 0
	}
	best, top := 0, -2.0
	for n := 0; n+s.fade <= len(ahead); n += s.stride {
		if c := alike(ahead[n:n+s.fade], late[:s.fade], s.stride); c > top+spliceBetter {
			best, top = n, c
		}
	}
	return best
}

// like is the normalised correlation of the front of w with itself n samples later.
func (s *splicer) like(w []int16, n, stride int) float64 {
	return alike(w[:s.fade], w[n:n+s.fade], stride)
}

// alike is the normalised correlation of two sounds; silence is like silence.
func alike(a, b []int16, stride int) float64 {
	var ab, aa, bb int64
	for i := 0; i < len(a) && i < len(b); i += stride {
		x, y := int64(a[i]), int64(b[i])
		ab += x * y
		aa += x * x
		bb += y * y
	}
	if aa+bb < int64(2*len(a)/stride)*64 {
		return 1
	}
	return float64(ab) / math.Sqrt(float64(aa)*float64(bb)+1)
}

// blend goes from a to b in n steps; equal sounds stay what they are.
func blend(a, b int16, i, n int) int16 {
	w := int32(i+1) * 32768 / int32(n+1)
	return int16((int32(a)*(32768-w) + int32(b)*w + 16384) >> 15)
}
