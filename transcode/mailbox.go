package transcode

import (
	"sync"

	"legroom/hwaccel"
	"legroom/media"
)

// mailbox holds the latest picture for one who is busy with the one before, which stays with him until he takes the next.
type mailbox struct {
	mu   sync.Mutex
	next *hwaccel.Kept
	now  *hwaccel.Kept // of the taker
	full bool
	// replaced counts pictures that nobody took.
	replaced uint64
	closed   bool
}

func newMailbox() *mailbox { return &mailbox{next: &hwaccel.Kept{}, now: &hwaccel.Kept{}} }

// put replaces what waits. Errors: media.ErrClosed, hwaccel.ErrPicture.
func (m *mailbox) put(p *media.Picture) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return media.ErrClosed
	}
	if m.full {
		m.replaced++
	}
	m.full = false
	if err := m.next.Put(p); err != nil {
		return err
	}
	m.full = true
	return nil
}

// take gives what waits, and takes back what was given before; false when nothing waits. Owner: the mailbox, until the
// next take that gives something.
func (m *mailbox) take() (*media.Picture, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.full {
		return nil, false
	}
	m.full = false
	m.next, m.now = m.now, m.next
	return m.now.Picture(), true
}

// last is what take gave, nil before.
func (m *mailbox) last() *media.Picture { return m.now.Picture() }

func (m *mailbox) count() uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.replaced
}

// close gives all back. The taker calls it, or nobody takes any more.
func (m *mailbox) close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed, m.full = true, false
	m.next.Release()
	m.now.Release()
}
