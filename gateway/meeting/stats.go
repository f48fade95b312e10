package meeting

import (
	"errors"
	"maps"
	"path/filepath"
	"sync"
)

// Stats are all meetings at one moment, for metrics.
type Stats struct {
	// Running meetings, Members on leaves of their groups, and Grants in force in them.
	Running, Members, Grants int
	// LogBytes of the logs of running meetings.
	LogBytes int64
	// Taken is how many commits won an epoch, and Refused how many did not, by why, since the start.
	Taken   uint64
	Refused map[string]uint64
}

// Stats of now.
func (a *Meetings) Stats() Stats {
	var s Stats
	for _, m := range a.list() {
		m.count(&s)
	}
	a.commits.mu.Lock()
	defer a.commits.mu.Unlock()
	s.Taken, s.Refused = a.commits.taken, maps.Clone(a.commits.refused)
	return s
}

// count adds a meeting.
func (m *Meeting) count(s *Stats) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.group == nil {
		return
	}
	s.Running++
	s.Members += len(m.group.Seats())
	if _, p, ok := m.group.Epoch(); ok {
		s.Grants += len(p.Grants)
	}
	if kept := m.group.log.kept; kept != nil {
		s.LogBytes += kept.Size()
	}
}

// commits counts them. There are as many reasons as faults, whatever browsers send.
type commits struct {
	mu      sync.Mutex
	taken   uint64
	refused map[string]uint64
}

// tell counts one that was offered.
func (c *commits) tell(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err == nil {
		c.taken++
		return
	}
	if c.refused == nil {
		c.refused = make(map[string]uint64)
	}
	c.refused[string(faultOf(err))]++
}

// faultOf names an error.
func faultOf(err error) fault {
	for _, f := range faults {
		if errors.Is(err, f.err) {
			return f.name
		}
	}
	return faultInternal
}

// Running are the files of the logs of meetings that go on, by their names.
func (a *Meetings) Running() map[string]bool {
	files := make(map[string]bool)
	for _, m := range a.list() {
		if path := m.path(); path != "" {
			files[filepath.Base(path)] = true
		}
	}
	return files
}
