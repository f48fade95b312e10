package gateway

import (
	"sync"
	"time"
)

// maxBudgets bounds what a throttle remembers, whatever strangers send.
const maxBudgets = 1 << 16

// throttle counts wrong tries by key. Over the limit a key is spent until the window has passed since its last wrong try.
type throttle struct {
	limit  int
	window time.Duration

	mu      sync.Mutex
	budgets map[string]budget
}

type budget struct {
	wrong int
	last  time.Time
}

func newThrottle(limit int, window time.Duration) *throttle {
	return &throttle{limit: limit, window: window, budgets: make(map[string]budget)}
}

// spent tells whether key has used up its tries.
func (t *throttle) spent(key string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	b, ok := t.budgets[key]
	return ok && b.wrong >= t.limit && time.Since(b.last) < t.window
}

// wrong counts one more. It answers true when this one was the last of the budget.
func (t *throttle) wrong(key string) (spent bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	b, ok := t.budgets[key]
	if ok && time.Since(b.last) >= t.window {
		b.wrong = 0
	}
	if !ok && len(t.budgets) >= maxBudgets {
		t.forget()
	}
	b.wrong++
	b.last = time.Now()
	t.budgets[key] = b
	return b.wrong == t.limit
}

// forget makes room: everything that is over, and one more if nothing was.
func (t *throttle) forget() {
	var oldest string
	var since time.Time
	for key, b := range t.budgets {
		if time.Since(b.last) >= t.window {
			delete(t.budgets, key)
			continue
		}
		if oldest == "" || b.last.Before(since) {
			oldest, since = key, b.last
		}
	}
	if len(t.budgets) >= maxBudgets {
		delete(t.budgets, oldest)
	}
}
