package media

import (
	"errors"
	"slices"
	"sync"
	"sync/atomic"
)

// Fan hands each unit to all its members, in the order they were added.
// Members may be added and removed at any time, from a member's Write too; a unit under way may still reach a member
// that is just being removed. A member that answers ErrClosed is dropped, other errors are counted.
// The zero value is an empty Fan.
type Fan[T Unit] struct {
	mu      sync.Mutex
	members atomic.Pointer[[]*fanMember[T]]
	errs    atomic.Uint64
	closed  atomic.Bool
}

type fanMember[T Unit] struct{ sink Sink[T] }

// Add makes sink a member and returns the function that removes it again (without closing it). A sink added to a closed
// Fan is closed at once.
func (f *Fan[T]) Add(sink Sink[T]) (remove func()) {
	m := &fanMember[T]{sink: sink}
	f.mu.Lock()
	if f.closed.Load() {
		f.mu.Unlock()
		_ = sink.Close()
		return func() {}
	}
	next := append(slices.Clone(f.list()), m)
	f.members.Store(&next)
	f.mu.Unlock()
	return func() { f.remove(m) }
}

// Write hands the unit to every member. It answers ErrClosed once the Fan is closed, otherwise nil.
func (f *Fan[T]) Write(u T) error {
	if f.closed.Load() {
		return ErrClosed
	}
	for _, m := range f.list() {
		if err := m.sink.Write(u); err != nil {
			if errors.Is(err, ErrClosed) {
				f.remove(m)
				continue
			}
			f.errs.Add(1)
		}
	}
	return nil
}

// Close closes every member and forgets them.
func (f *Fan[T]) Close() error {
	f.mu.Lock()
	if f.closed.Swap(true) {
		f.mu.Unlock()
		return nil
	}
	members := f.list()
	f.members.Store(nil)
	f.mu.Unlock()
	var errs []error
	for _, m := range members {
		errs = append(errs, m.sink.Close())
	}
	return errors.Join(errs...)
}

// Len is the number of members now.
func (f *Fan[T]) Len() int { return len(f.list()) }

// Errors is how many units some member refused with an error other than ErrClosed.
func (f *Fan[T]) Errors() uint64 { return f.errs.Load() }

func (f *Fan[T]) list() []*fanMember[T] {
	if p := f.members.Load(); p != nil {
		return *p
	}
	return nil
}

func (f *Fan[T]) remove(m *fanMember[T]) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if i := slices.Index(f.list(), m); i >= 0 {
		next := slices.Delete(slices.Clone(f.list()), i, i+1)
		f.members.Store(&next)
	}
}
