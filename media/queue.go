package media

import (
	"context"
	"sync"
)

// Queue stands before something slow, so that nothing before it waits: what does not fit is dropped and counted. Of a
// video Frame all is dropped up to the next key frame, since nothing in between can be decoded; of packets, sound and
// pictures the oldest goes. Run hands the units on in its own goroutine.
// Owner: a unit is copied while it waits, by the function given to NewQueue; the memory of frames is used again, so that
// a stream that flows makes none.
type Queue[T Unit] struct {
	dst   Sink[T]
	clone func(T) T
	reuse func(u, old T) T // clone in the memory of old; nil: not worth it
	key   func(T) bool     // nil: any unit can be dropped alone

	mu      sync.Mutex
	wake    chan struct{} // capacity 1
	units   []T           // ring
	spare   []T           // done with, to be used again
	head, n int
	waiting bool // for a key frame
	closed  bool
	dropped uint64
}

// NewQueue makes a Queue of size units before dst. clone makes a copy that the Queue owns.
func NewQueue[T Unit](size int, dst Sink[T], clone func(T) T) *Queue[T] {
	return &Queue[T]{dst: dst, clone: clone, wake: make(chan struct{}, 1), units: make([]T, max(size, 1))}
}

// NewFrameQueue makes a Queue of video frames, which drops up to the next key frame.
func NewFrameQueue(size int, dst Sink[*Frame]) *Queue[*Frame] {
	q := NewQueue(size, dst, (*Frame).Clone)
	q.key = func(f *Frame) bool { return f.Keyframe }
	q.reuse = (*Frame).copyTo
	q.spare = make([]*Frame, 0, len(q.units)+1)
	return q
}

// Write puts a copy of u into the Queue. Errors: ErrClosed; a unit that is dropped is no error.
func (q *Queue[T]) Write(u T) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return ErrClosed
	}
	if !q.admit(u) {
		q.dropped++
		return nil
	}
	q.units[(q.head+q.n)%len(q.units)] = q.copy(u)
	q.n++
	select {
	case q.wake <- struct{}{}:
	default:
	}
	return nil
}

// Run hands units to dst until ctx ends or the Queue is closed and empty; then it closes dst. An error of dst other than
// ErrClosed concerns one unit only and is counted as a drop.
func (q *Queue[T]) Run(ctx context.Context) error {
	defer q.dst.Close()
	for {
		u, ok, closed := q.pop()
		switch {
		case ok:
			q.done(u, q.dst.Write(u))
			if ctx.Err() == nil {
				continue
			}
		case closed:
			return nil
		}
		select {
		case <-ctx.Done():
			_ = q.Close()
			return context.Cause(ctx)
		case <-q.wake:
		}
	}
}

// Close takes no more units; Run hands on those that wait and ends.
func (q *Queue[T]) Close() error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	select {
	case q.wake <- struct{}{}:
	default:
	}
	return nil
}

// Dropped is how many units were not handed on.
func (q *Queue[T]) Dropped() uint64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.dropped
}

// Len is the number of units that wait.
func (q *Queue[T]) Len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.n
}

// admit makes room for u, or tells that there is none.
func (q *Queue[T]) admit(u T) bool {
	if q.key == nil {
		if q.n == len(q.units) {
			q.recycle(q.take())
			q.dropped++
		}
		return true
	}
	key := q.key(u)
	if key && (q.waiting || q.n == len(q.units)) {
		// Nothing before a key frame is missed behind it.
		q.dropped += uint64(q.n)
		for q.n > 0 {
			q.recycle(q.take())
		}
		q.waiting = false
	}
	q.waiting = q.waiting || q.n == len(q.units)
	return !q.waiting
}

func (q *Queue[T]) pop() (u T, ok, closed bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.n == 0 {
		return u, false, q.closed
	}
	return q.take(), true, q.closed
}

func (q *Queue[T]) take() T {
	var none T
	u := q.units[q.head]
	q.units[q.head] = none
	q.head = (q.head + 1) % len(q.units)
	q.n--
	return u
}

// copy makes the Queue's own of a unit.
func (q *Queue[T]) copy(u T) T {
	last := len(q.spare) - 1
	if last < 0 {
		return q.clone(u)
	}
	old := q.spare[last]
	q.spare = q.spare[:last]
	return q.reuse(u, old)
}

// recycle keeps the memory of a unit that is done with.
func (q *Queue[T]) recycle(u T) {
	if q.reuse != nil && len(q.spare) < cap(q.spare) {
		q.spare = append(q.spare, u)
	}
}

// done takes a unit back that was handed on.
func (q *Queue[T]) done(u T, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if err != nil {
		q.dropped++
	}
	q.recycle(u)
}
