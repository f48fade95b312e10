package e2ee

import "time"

// Limits of what waits for a bundle.
const (
	maxEarly  = 64
	earlyLife = 500 * time.Millisecond
)

// Early keeps frames that came before the bundle of their epoch, for which an Opener answered ErrNoKey: senders change
// epochs as they apply a commit, and its bundle takes another way. It holds at most 64 frames; the oldest go first. One
// goroutine at a time may use it; the zero value is ready, and its buffers are used again.
type Early struct {
	frames [maxEarly]earlyFrame
	first  int
	count  int
}

type earlyFrame struct {
	came time.Time
	data []byte
}

// Hold copies a frame.
func (e *Early) Hold(now time.Time, frame []byte) {
	if e.count == maxEarly {
		e.first, e.count = (e.first+1)%maxEarly, e.count-1
	}
	slot := &e.frames[(e.first+e.count)%maxEarly]
	slot.came, slot.data = now, append(slot.data[:0], frame...)
	e.count++
}

// Release hands over, in order, the frames that waited no more than half a second, and forgets all. It is called when a
// bundle was taken. Owner: a frame is lent until f returns.
func (e *Early) Release(now time.Time, f func(frame []byte)) {
	for ; e.count > 0; e.count-- {
		if slot := &e.frames[e.first]; now.Sub(slot.came) <= earlyLife {
			f(slot.data)
		}
		e.first = (e.first + 1) % maxEarly
	}
}
