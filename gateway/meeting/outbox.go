package meeting

import "sync"

// mostQueued is how much may wait to be done before browsers have to wait with what they say.
const mostQueued = 4096

// outbox does what was found under the lock of a Meeting, in that order and behind the lock: by whoever comes first, for all.
// What is done may call back into the Meeting.
type outbox struct {
	mu    sync.Mutex
	fewer sync.Cond
	queue []func()
	busy  bool
}

func (o *outbox) init() { o.fewer.L = &o.mu }

// put is called under the lock of the Meeting.
func (o *outbox) put(f func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.queue = append(o.queue, f)
}

// work does what there is, unless somebody else does it already.
func (o *outbox) work() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.busy {
		return
	}
	o.busy = true
	for len(o.queue) > 0 {
		batch := o.queue
		o.queue = nil
		o.mu.Unlock()
		for _, f := range batch {
			f()
		}
		o.mu.Lock()
		o.fewer.Broadcast()
	}
	o.busy = false
}

// wait until there is little enough to do. It is not called from what is done.
func (o *outbox) wait() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for len(o.queue) > mostQueued {
		o.fewer.Wait()
	}
}
