package sframe

// windowBits is how far below the highest counter a frame may come and still be told from one that came before.
const windowBits = 1024

// maxLate is how far below the highest counter sound may come: 64 frames of 20 ms are more than any jitter buffer waits.
const maxLate = 64

// window remembers which counters of one key id were taken.
type window struct {
	seen [windowBits / 64]uint64 // a ring: counter c is bit c mod windowBits
	next uint64                  // highest counter + 1; 0 = none yet
	late uint64                  // how far below the highest one may come
}

func newWindow(k Kind) window {
	if k.sound() {
		return window{late: maxLate}
	}
	return window{late: windowBits}
}

// fresh tells whether a counter was neither taken nor is too old.
func (w *window) fresh(c uint64) bool {
	if c >= w.next {
		return true
	}
	return w.next-1-c < w.late && w.seen[c%windowBits/64]&(1<<(c%64)) == 0
}

// take marks a fresh counter and forgets what fell out of the window.
func (w *window) take(c uint64) {
	if c >= w.next {
		if c-w.next >= windowBits {
			w.seen = [windowBits / 64]uint64{}
		} else {
			for v := w.next; v < c; v++ {
				w.seen[v%windowBits/64] &^= 1 << (v % 64)
			}
		}
		w.next = c + 1
	}
	w.seen[c%windowBits/64] |= 1 << (c % 64)
}
