package meeting

import (
	"encoding/json"

	"legroom/e2ee"
	"legroom/e2ee/delivery"
	"legroom/e2ee/replay"
)

// Member is one connection of a browser.
type Member struct {
	meeting *Meeting
	visit   *visit
	say     func(json.RawMessage)
}

// Leave tells that the connection broke; the leaf stays. It may be called twice, and after another took its place.
func (mb *Member) Leave() {
	m := mb.meeting
	m.mu.Lock()
	defer m.release()
	if mb.visit.member == mb {
		m.disconnect(mb.visit)
		m.settle()
	}
}

// Handle does what the browser says, and answers it. It waits where much is to be told already.
// Errors: ErrMessage for what is no message; all else is answered by `failed`.
func (mb *Member) Handle(text json.RawMessage) error {
	q, err := decode(text)
	if err != nil {
		return err
	}
	m := mb.meeting
	m.out.wait()
	if q.Type == askCheckpoint {
		m.vouch(mb, q)
		return nil
	}
	s, proof := mb.prove(q)
	m.mu.Lock()
	defer m.release()
	if mb.visit.member != mb {
		return nil // it is the other connection that counts
	}
	m.obey(mb.visit, q, s, proof)
	return nil
}

// prove looks, without any lock, at what browsers are to be kept from and the delivery service does not look at: whether a
// KeyPackage is of the identity that it names, and whether a group begins as its charter says.
func (mb *Member) prove(q *message) (*replay.State, error) {
	switch q.Type {
	case askFound:
		return replay.Found(q.KeyPackage, q.GroupInfo)
	case askWait:
		_, err := replay.Newcomer(q.KeyPackage, mb.meeting.space.Number())
		return nil, err
	default:
		return nil, nil
	}
}

// obey does what a browser says, answers, and does what follows. Called locked.
func (m *Meeting) obey(v *visit, q *message, s *replay.State, proof error) {
	answer, err := any(nil), v.tooMuch(q)
	if err == nil {
		err = proof
	}
	if err == nil {
		answer, err = m.do(v, q, s)
	}
	if q.Type == askSubmit {
		m.owner.commits.tell(err)
	}
	switch {
	case q.ID == nil:
	case err != nil:
		m.tell(v, encode(failed(*q.ID, err)))
	case answer != nil:
		m.tell(v, encode(answer))
	default:
		m.tell(v, encode(doneAnswer{"done", *q.ID}))
	}
	if err != nil {
		return
	}
	switch q.Type {
	case askRelay, askMissed, askNote:
		return // they change nothing
	case askFound, askSubmit, askRefuse:
		m.seat(q.Type == askRefuse)
	}
	m.settle()
}

// tooMuch holds what a browser may say in a time.
func (v *visit) tooMuch(q *message) error {
	if !v.talk.Allow() || (q.Type == askMissed || q.Type == askWait) && !v.ask.Allow() {
		return delivery.ErrThrottled
	}
	return nil
}

// do hands it to the delivery service, or to whom else it is for. A nil answer is `done`. Called locked.
func (m *Meeting) do(v *visit, q *message, s *replay.State) (answer any, err error) {
	g := m.group
	if q.Type == askFound {
		return nil, m.found(v, q, s)
	}
	if g == nil {
		return nil, delivery.ErrGroup
	}
	switch q.Type {
	case askWait:
		_, err = g.Wait(v.id, q.KeyPackage)
	case sayUnwait:
		g.Unwait(v.id)
	case askSubmit:
		err = g.Submit(v.id, delivery.Submission{Commit: q.Commit, Welcome: q.Welcome, Bundles: q.Bundles})
	case askRefuse:
		err = g.Refuse(v.id, *q.Epoch)
	case askBundle:
		err = g.Bundle(v.id, q.Sealed)
	case askRelay:
		err = g.Relay(v.id, q.Message)
	case askMissed:
		return m.missed(v, q)
	case askNote:
		err = m.takeNote(v, q.Sealed)
	case sayDecline:
		m.phones.decline(v, q.Request)
	}
	return nil, err
}

func (m *Meeting) missed(v *visit, q *message) (any, error) {
	records, _, err := m.group.Missed(v.id, *q.Seq)
	if err != nil {
		return nil, err
	}
	list := make([]logRecord, len(records))
	for i := range records {
		list[i] = record(&records[i])
	}
	return recordsAnswer{"records", *q.ID, list}, nil
}

// vouch keeps a checkpoint. It is not done under the lock: everybody sends one at the same moments, and each waits for the
// disk.
func (m *Meeting) vouch(mb *Member, q *message) {
	log, leaf, err := m.voucher(mb)
	if err == nil && len(q.Sig) != len(e2ee.Signature{}) {
		err = delivery.ErrMalformed
	}
	if err == nil && log.kept != nil {
		_, err = log.kept.Checkpoint(leaf, q.Signed, e2ee.Signature(q.Sig))
	}
	m.mu.Lock()
	defer m.release()
	switch {
	case mb.visit.member != mb:
	case err != nil:
		m.tell(mb.visit, encode(failed(*q.ID, err)))
	default:
		m.tell(mb.visit, encode(doneAnswer{"done", *q.ID}))
	}
}

// voucher tells for which leaf a connection vouches, and in which log.
func (m *Meeting) voucher(mb *Member) (*archive, uint32, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case !mb.visit.talk.Allow():
		return nil, 0, delivery.ErrThrottled
	case m.group == nil:
		return nil, 0, delivery.ErrGroup
	case !mb.visit.seated:
		return nil, 0, delivery.ErrLeaf
	}
	return m.group.log, mb.visit.seat.Leaf, nil
}
