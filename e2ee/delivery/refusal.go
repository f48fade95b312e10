package delivery

import "slices"

// maxUndo is how many commits can be taken back: as many as can come at once, so that a bad one is not out of reach
// because others were put on top of it.
const maxUndo = paceBurst

// undo is what it takes to open an epoch again.
type undo struct {
	state     *state
	commit    Hash
	committer Member
	added     []joined
	refused   map[Member]bool
}

// Refuse reports that a member cannot accept the commit that won an epoch. When most of the members that are connected
// report it, the epoch is open again for any other commit, and all later ones are gone. In a tie the word of a
// host counts, if the committer was none.
// Errors: ErrLeaf for who was no member in that epoch, ErrEpoch when it cannot be opened any more, and of the Log.
func (m *Meeting) Refuse(who Member, epoch uint64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	i := slices.IndexFunc(m.undo, func(u undo) bool { return u.state.epoch == epoch })
	if i < 0 {
		return ErrEpoch
	}
	u := &m.undo[i]
	if _, ok := u.state.leafOf(who); !ok || who == u.committer {
		return ErrLeaf
	}
	u.refused[who] = true
	if !m.mostRefuse(u) {
		return nil
	}
	return m.reopen(i)
}

// The rest is called locked.

func (m *Meeting) remember(u undo) {
	if len(m.undo) == maxUndo {
		m.undo = slices.Delete(m.undo, 0, 1)
	}
	m.undo = append(m.undo, u)
}

// mostRefuse counts who is connected, the committer among them.
func (m *Meeting) mostRefuse(u *undo) bool {
	all, against, host := 0, 0, false
	for who := range u.state.members() {
		if !m.connected[who] {
			continue
		}
		all++
		if u.refused[who] {
			against++
			host = host || u.state.host(who)
		}
	}
	return against*2 > all || against*2 == all && host && !u.state.host(u.committer)
}

// reopen goes back to the state before a commit.
func (m *Meeting) reopen(i int) error {
	u := m.undo[i]
	r := m.record(Reopened, u.state.epoch)
	r.Narrows = true
	if err := m.append(r); err != nil {
		return err
	}
	told := u.state.members()
	for _, later := range m.undo[i:] {
		for _, j := range later.added {
			told[j.member] = true
		}
	}
	m.undo = slices.Delete(m.undo, i, len(m.undo))
	m.state = u.state
	if len(m.barred) == maxUndo {
		m.barred = slices.Delete(m.barred, 0, 1)
	}
	m.barred = append(m.barred, u.commit)
	clear(m.late)
	for who := range told {
		m.post(who, Applied{Record: r})
	}
	m.cfg.Outlet.Policy(m.state.epoch, m.state.policy)
	return nil
}
