package gateway

import (
	"sync"

	"legroom/gateway/meeting"
)

// knocks are the pleas of all callers who wait to be let into encrypted rooms, by the number of the room. A host on the
// telephone, who can let nobody in, has the hosts in browsers reminded of them.
type knocks struct {
	mu      sync.Mutex
	waiting map[string][]plea
}

func newKnocks() *knocks { return &knocks{waiting: make(map[string][]plea)} }

// add one. remove takes it out; it may be called twice.
func (k *knocks) add(room string, p plea) (remove func()) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.waiting[room] = append(k.waiting[room], p)
	return func() { k.remove(room, p) }
}

func (k *knocks) remove(room string, p plea) {
	k.mu.Lock()
	defer k.mu.Unlock()
	var rest []plea
	for _, other := range k.waiting[room] {
		if other != p {
			rest = append(rest, other)
		}
	}
	if k.waiting[room] = rest; rest == nil {
		delete(k.waiting, room)
	}
}

// remind has the hosts of a room asked again for all who wait there. False: nobody on the telephone waits, or there is no
// host to ask.
func (k *knocks) remind(room string) bool {
	k.mu.Lock()
	list := append([]plea(nil), k.waiting[room]...)
	k.mu.Unlock()
	asked := false
	for _, p := range list {
		if p.State() == meeting.Asked {
			p.Remind()
			asked = true
		}
	}
	return asked
}
