package rooms

// bulletin tells those who watch a room that it has changed.
type bulletin struct {
	revision uint64
	latest   *Snapshot // nil: has to be written anew
	watchers map[chan struct{}]struct{}
}

// changed ends the Snapshot that was. Called locked.
func (r *Room) changed() {
	b := &r.bulletin
	b.revision++
	b.latest = nil
	for w := range b.watchers {
		select {
		case w <- struct{}{}:
		default: // told already, and has not looked yet
		}
	}
}

// Watch has changed signalled after every change of the Snapshot, and once at the beginning; signals coalesce. stop ends
// it; the channel is not closed.
func (r *Room) Watch() (changed <-chan struct{}, stop func()) {
	w := make(chan struct{}, 1)
	w <- struct{}{}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.bulletin.watchers == nil {
		r.bulletin.watchers = make(map[chan struct{}]struct{})
	}
	r.bulletin.watchers[w] = struct{}{}
	return w, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.bulletin.watchers, w)
	}
}

// Snapshot of the room now. It is made once for all who ask between two changes.
func (r *Room) Snapshot() *Snapshot {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.bulletin.latest == nil {
		r.bulletin.latest = r.describe()
	}
	return r.bulletin.latest
}

// describe writes a Snapshot. Called locked.
func (r *Room) describe() *Snapshot {
	s := &Snapshot{
		Revision: r.bulletin.revision, Number: r.policy.Number, Name: r.policy.Name, Mode: r.policy.Mode,
		Locked: r.locked, Participants: make([]Info, 0, len(r.members)),
	}
	for _, p := range r.members {
		s.Participants = append(s.Participants, p.describe())
	}
	return s
}
