package meeting

import (
	"time"

	"legroom/e2ee/delivery"
)

// Code is what members compared last and when, as a host said it for people on the telephone: eight digits. It proves nothing
// against whoever runs this gateway. ok is false where no host has said so in this meeting.
func (m *Meeting) Code() (code string, at time.Time, ok bool) {
	m = m.owner.lock(m)
	defer m.mu.Unlock()
	if m.note == nil {
		return "", time.Time{}, false
	}
	return m.note.Code, m.note.At.Time(), true
}

// takeNote is told by a host. An older one than there is does not count. Called locked.
func (m *Meeting) takeNote(by *visit, sealed []byte) error {
	if !by.seat.Host {
		return delivery.ErrLeaf
	}
	if m.phones.grant == nil {
		return delivery.ErrBundle
	}
	n, err := m.phones.grant.Note(sealed, m.group.policy)
	if err != nil {
		return err
	}
	if m.note == nil || n.At >= m.note.At {
		m.note = n
	}
	return nil
}
