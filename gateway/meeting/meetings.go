package meeting

import (
	"context"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"legroom/rooms"
)

// tidyEvery is how often old logs, and meetings that nobody came to, are looked for.
const tidyEvery = time.Hour

// Meetings are those of all encrypted rooms of the gateway.
type Meetings struct {
	cfg     Config
	limit   int64 // of a log; 0 is that of package ledger
	commits commits

	mu sync.Mutex // before the lock of any Meeting
	// all Meetings that somebody is in, by the room itself: a room on demand that comes up again is another one.
	all    map[space]*Meeting
	closed bool
}

// New makes Meetings, and the folder of their logs. Errors: ErrConfig, and those of the file system.
func New(cfg Config) (*Meetings, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Dir != "" {
		if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
			return nil, fmt.Errorf("meeting: folder of logs: %w", err)
		}
	}
	return &Meetings{cfg: cfg, all: make(map[space]*Meeting)}, nil
}

// Run deletes old logs until ctx ends, then ends all meetings and their logs. Its error is context.Cause of ctx.
func (a *Meetings) Run(ctx context.Context) error {
	a.tidy()
	again := time.NewTicker(tidyEvery)
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			a.close()
			return context.Cause(ctx)
		case <-again.C:
			a.tidy()
		}
	}
}

// Of gives the Meeting of a room: the same one while anybody is in the room, nil for an open room.
func (a *Meetings) Of(r *rooms.Room) *Meeting {
	if !r.Policy().Mode.Encrypted() {
		return nil
	}
	return a.of(r)
}

func (a *Meetings) of(s space) *Meeting {
	a.mu.Lock()
	defer a.mu.Unlock()
	m := a.all[s]
	if m == nil {
		m = newMeeting(a, s)
		m.closed = a.closed
		a.all[s] = m
	}
	return m
}

// Export writes the log of the running meeting in a room. Errors: ErrNoMeeting, those of ledger.Ledger.Export.
func (a *Meetings) Export(room string, w io.Writer) error {
	for _, m := range a.list() {
		if m.space.Number() != room {
			continue
		}
		if kept := m.kept(); kept != nil {
			return kept.Export(w)
		}
	}
	return ErrNoMeeting
}

func (a *Meetings) list() []*Meeting {
	a.mu.Lock()
	defer a.mu.Unlock()
	all := make([]*Meeting, 0, len(a.all))
	for _, m := range a.all {
		all = append(all, m)
	}
	return all
}

// lock locks the Meeting of the room that counts: m may have been forgotten since it was asked for, and then either counts
// again or has a successor.
func (a *Meetings) lock(m *Meeting) *Meeting {
	a.mu.Lock()
	defer a.mu.Unlock()
	if now := a.all[m.space]; now != nil {
		m = now
	}
	a.all[m.space] = m
	m.mu.Lock()
	m.closed = a.closed
	return m
}

// forget lets a Meeting go that nobody is in.
func (a *Meetings) forget(m *Meeting) {
	a.mu.Lock()
	defer a.mu.Unlock()
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.visits) == 0 && len(m.phones.pleas) == 0 && a.all[m.space] == m {
		delete(a.all, m.space)
	}
}

func (a *Meetings) tidy() {
	a.retire()
	for _, m := range a.list() {
		a.forget(m)
	}
}

func (a *Meetings) close() {
	a.mu.Lock()
	a.closed = true
	a.mu.Unlock()
	for _, m := range a.list() {
		m.close()
	}
}
