package meeting

import (
	"encoding/json"

	"legroom/e2ee"
	"legroom/e2ee/delivery"
)

// outlet takes what the delivery service tells. It is called under its lock, and so under that of the Meeting.
type outlet struct{ m *Meeting }

var _ delivery.Outlet = outlet{}

// lent is the last notice as text: many are for everybody.
type lent struct {
	seq  uint64 // of a record that was applied
	body []byte // of a message or a Welcome
	text json.RawMessage
}

// Post puts a notice into the order of what is told.
func (o outlet) Post(to delivery.Member, n delivery.Notice) {
	v := o.m.visits[to]
	if v == nil {
		return
	}
	o.m.tell(v, o.text(n))
	if _, in := n.(delivery.Welcomed); in {
		o.m.later = append(o.m.later, func() { o.m.catchUp(v) })
	}
}

// text of a notice, written once where it goes to many in a row.
func (o outlet) text(n delivery.Notice) json.RawMessage {
	var next lent
	switch n := n.(type) {
	case delivery.Applied:
		next.seq = n.Record.Seq
	case delivery.Welcomed:
		next.body = n.Welcome
	case delivery.Relayed:
		next.body = n.Message
	}
	if last := &o.m.lent; last.text != nil && next.seq == last.seq && same(next.body, last.body) && (next.seq != 0 || next.body != nil) {
		return last.text
	}
	next.text = encode(noticeOf(n))
	o.m.lent = next
	return next.text
}

// same tells whether both are the very same bytes, without looking at them.
func same(a, b []byte) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}

// Policy is what holds from now on.
func (o outlet) Policy(_ uint64, p *e2ee.Policy) {
	o.m.later = append(o.m.later, func() {
		o.m.group.policy = p
		o.m.phones.follow(p)
	})
}

// Bundle is for a grant that may be ours.
func (o outlet) Bundle(sealed []byte, p *e2ee.Policy) {
	o.m.later = append(o.m.later, func() { o.m.phones.take(sealed, p) })
}
