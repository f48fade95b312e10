package bfcp

import "time"

// transaction is a request of ours that waits for its acknowledgement. There is one at a time (RFC 8855 section 8).
type transaction struct {
	id        uint16
	datagrams [][]byte
	begun     time.Time
	due       time.Time
	wait      time.Duration
	sent      int
}

// begin sends a request of ours. Over a reliable link its transaction is 0, and that is all.
// Source: RFC 8855 section 8.2.
func (m *machine) begin(p Primitive, now time.Time, attributes ...Attribute) {
	h := Header{Version: m.version, Primitive: p, Conference: m.cfg.Conference, User: m.cfg.User}
	if m.reliable {
		m.send(m.encode(h, attributes))
		return
	}
	if m.serial++; m.serial == 0 {
		m.serial = 1
	}
	h.Transaction = m.serial
	t := &transaction{id: m.serial, datagrams: m.encode(h, attributes), begun: now, wait: m.cfg.T1, due: now.Add(m.cfg.T1)}
	m.open = t
	m.send(t.datagrams)
}

// repeat is T1: the request is sent again, each time after twice as long, or given up. Whoever said something meanwhile
// is there and merely does not acknowledge.
// Source: RFC 8855 section 8.3.1.
func (m *machine) repeat(now time.Time) error {
	t := m.open
	if t == nil || now.Before(t.due) {
		return nil
	}
	if t.sent == repetitions {
		m.open = nil
		m.stats.Unanswered++
		if m.heard.After(t.begun) {
			return nil
		}
		return ErrPeerGone
	}
	t.sent++
	t.wait *= 2
	t.due = now.Add(t.wait)
	m.stats.Repeated++
	m.send(t.datagrams)
	return nil
}

// acknowledged ends the transaction that h answers.
func (m *machine) acknowledged(h Header) {
	if m.open != nil && m.open.id == h.Transaction {
		m.open = nil
	}
}
