package delivery

// Limits of messages of one member.
const (
	maxMessage = 16 << 10
	talkBurst  = 20
)

// lateBundle is what a member may send once in an epoch.
type lateBundle struct {
	from Member
	n    uint32
}

// Bundle takes a bundle of the present epoch for a grant that came without one: its committer was no host, or failed.
// A host sends it, each host once for a grant and epoch; what it is worth, the gateway judges.
// Errors: ErrTooLong, ErrLeaf for who is no host, ErrBundle, *ThrottledError, those of e2ee.DecodeBundle.
func (m *Meeting) Bundle(from Member, sealed []byte) error {
	if len(sealed) > maxBundle {
		return ErrTooLong
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.state == nil || !m.state.host(from) {
		return ErrLeaf
	}
	b, err := m.state.bundle(sealed)
	if err != nil {
		return err
	}
	once := lateBundle{from: from, n: b.N}
	if m.late[once] {
		return &ThrottledError{After: paceEvery}
	}
	m.late[once] = true
	m.cfg.Outlet.Bundle(sealed, m.state.policy)
	return nil
}

// Relay passes an encrypted application message of this epoch, or of the one before, to all other members.
// Errors: ErrTooLong, ErrMalformed, ErrGroup, ErrLeaf, ErrEpoch, *ThrottledError.
func (m *Meeting) Relay(from Member, message []byte) error {
	if len(message) > maxMessage {
		return ErrTooLong
	}
	p, err := parsePrivate(message)
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.state == nil || p.group != m.state.policy.Charter.Group {
		return ErrGroup
	}
	if _, ok := m.state.leafOf(from); !ok {
		return ErrLeaf
	}
	if p.epoch != m.state.epoch && p.epoch+1 != m.state.epoch {
		return ErrEpoch
	}
	b := m.talk[from]
	if b == nil {
		b = &bucket{every: paceEvery / 4, size: talkBurst}
		m.talk[from] = b
	}
	now := m.cfg.Now()
	if wait := b.wait(now); wait > 0 {
		return &ThrottledError{After: wait}
	}
	b.spend(now)
	for to := range m.state.members() {
		if to != from {
			m.post(to, Relayed{Message: message})
		}
	}
	return nil
}
