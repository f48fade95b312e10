package bfcp

import (
	"errors"
	"slices"
	"time"
)

// receive takes one whole message. known tells that it comes from where our client is, so that it may be told of errors;
// the answer is whether the message shows that it does.
func (m *machine) receive(b []byte, known bool, now time.Time) (confirmed bool) {
	m.stats.Received++
	msg, err := Parse(b)
	ours := msg != nil && msg.Conference == m.cfg.Conference && msg.User == m.cfg.User
	if msg == nil || !ours && !known {
		m.stats.Dropped++
		return false
	}
	m.heard = now
	switch {
	case !msg.Primitive.asks() && msg.Primitive.known(), msg.Version == Unreliable && msg.Response && !m.reliable:
		// An answer, whatever is wrong with it, is not answered: two servers would never stop.
		if ours && err == nil {
			m.answered(msg)
			m.notify(now)
		}
		return ours
	case m.repeated(msg.Header, now):
		return ours
	}
	m.judge(msg, err, now)
	m.notify(now)
	return ours
}

// judge answers a request, or refuses it.
func (m *machine) judge(msg *Message, err error, now time.Time) {
	var bad *MessageError
	switch {
	case errors.As(err, &bad):
		m.refuse(msg.Header, now, bad.Code, bad.Unknown...)
	case msg.Conference != m.cfg.Conference:
		m.refuse(msg.Header, now, NoSuchConference)
	case msg.User != m.cfg.User:
		m.refuse(msg.Header, now, NoSuchUser)
	default:
		m.version = msg.Version
		m.serve(msg, now)
	}
}

// repeated says an answer again.
func (m *machine) repeated(h Header, now time.Time) bool {
	if m.reliable || h.Transaction == 0 {
		return false
	}
	datagrams, ok := m.answers.repeat(h, now, m.cfg.T2)
	if ok {
		m.stats.Repeated++
		m.send(datagrams)
	}
	return ok
}

// answered takes an acknowledgement. An Error is one too: the client has heard us, and does not like it.
func (m *machine) answered(msg *Message) {
	switch msg.Primitive {
	case FloorRequestStatusAck, FloorStatusAck, GoodbyeAck, ErrorMessage:
		m.acknowledged(msg.Header)
	}
}

// serve does what a client asks.
func (m *machine) serve(msg *Message, now time.Time) {
	switch msg.Primitive {
	case Hello:
		m.hello(msg, now)
	case FloorRequest:
		m.floorRequest(msg, now)
	case FloorRelease:
		m.floorRelease(msg, now)
	case FloorRequestQuery:
		m.floorRequestQuery(msg, now)
	case FloorQuery:
		m.floorQuery(msg, now)
	case UserQuery:
		m.userQuery(msg, now)
	case Goodbye:
		m.end()
		m.reply(msg.Header, now, GoodbyeAck)
	case ChairAction:
		m.refuse(msg.Header, now, Unauthorized) // the chair is the room
	}
}

// hello tells what is understood. Source: RFC 8855 section 13.7.
func (m *machine) hello(msg *Message, now time.Time) {
	primitives := newAttribute(SupportedPrimitives)
	for _, p := range served() {
		primitives.Value = append(primitives.Value, byte(p))
	}
	attributes := newAttribute(SupportedAttributes)
	for t := BeneficiaryID; t <= OverallRequestStatus; t++ {
		attributes.Value = append(attributes.Value, byte(t)<<1)
	}
	m.reply(msg.Header, now, HelloAck, primitives, attributes)
}

// floorRequest asks the chair. Who asks again for what it has asked for is told of the request it has: the answer may
// have been lost, and the client begun anew.
// Source: RFC 8855 section 13.1.1.
func (m *machine) floorRequest(msg *Message, now time.Time) {
	floors := msg.Floors()
	who, third := msg.Number(BeneficiaryID)
	switch {
	case len(floors) == 0:
		m.refuse(msg.Header, now, Unparsable)
		return
	case slices.ContainsFunc(floors, func(f uint16) bool { return !contains(m.cfg.Floors, f) }):
		m.refuse(msg.Header, now, InvalidFloor)
		return
	case third && who != msg.User:
		m.refuse(msg.Header, now, Unauthorized)
		return
	}
	for _, r := range m.requests {
		if !r.Status.Over() && slices.ContainsFunc(floors, func(f uint16) bool { return contains(r.Floors, f) }) {
			if !slices.Equal(floors, r.Floors) {
				m.refuse(msg.Header, now, TooManyRequests)
				return
			}
			m.status(msg.Header, now, r)
			return
		}
	}
	if len(m.requests) >= maxRequests {
		m.refuse(msg.Header, now, TooManyRequests)
		return
	}
	m.status(msg.Header, now, m.ask(msg, floors))
	m.changed(floors)
}

// ask the chair.
func (m *machine) ask(msg *Message, floors []uint16) *request {
	for taken := true; taken; _, taken = m.request(m.number) {
		m.number = m.number%ourRequests + 1
	}
	r := &request{Request: Request{
		ID: m.number, Floors: floors, Status: Pending, Beneficiary: msg.User, Info: msg.Info(), Priority: msg.Priority(),
	}}
	v := m.cfg.Chair.Request(r.Request)
	r.Info = ""
	if v.Status != Pending && !r.set(v) {
		r.Status = Denied
	}
	m.requests = append(m.requests, r)
	return r
}

// status answers with the state of a request.
func (m *machine) status(to Header, now time.Time, r *request) {
	r.tell()
	m.reply(to, now, FloorRequestStatus, r.Attribute())
	m.sweep()
}

// floorRelease ends a request. Source: RFC 8855 section 13.3.
func (m *machine) floorRelease(msg *Message, now time.Time) {
	id, _ := msg.Number(FloorRequestID)
	r, ok := m.request(id)
	if !ok {
		m.refuse(msg.Header, now, NoSuchRequest)
		return
	}
	if !r.Status.Over() {
		next := Cancelled
		if r.Status == Granted {
			next = Released
		}
		r.set(Verdict{Status: next})
		m.cfg.Chair.Release(r.ID)
		m.changed(r.Floors)
	}
	m.status(msg.Header, now, r)
}

// floorRequestQuery tells of one request. Source: RFC 8855 section 13.2.
func (m *machine) floorRequestQuery(msg *Message, now time.Time) {
	id, _ := msg.Number(FloorRequestID)
	r, ok := m.request(id)
	if !ok {
		m.refuse(msg.Header, now, NoSuchRequest)
		return
	}
	m.status(msg.Header, now, r)
}

// floorQuery says which floors the client watches from now on; none ends it. The first is told in the answer, the others
// behind it. Source: RFC 8855 section 13.5.
func (m *machine) floorQuery(msg *Message, now time.Time) {
	floors := msg.Floors()
	for _, f := range floors {
		if !contains(m.cfg.Floors, f) {
			m.refuse(msg.Header, now, InvalidFloor)
			return
		}
	}
	m.watched, m.unsaid = floors, nil
	if len(floors) == 0 {
		m.reply(msg.Header, now, FloorStatus)
		return
	}
	m.reply(msg.Header, now, FloorStatus, m.floorStatus(floors[0])...)
	m.unsaid = slices.Clone(floors[1:])
}

// userQuery tells of the client itself. Source: RFC 8855 section 13.4.
func (m *machine) userQuery(msg *Message, now time.Time) {
	if who, named := msg.Number(BeneficiaryID); named && who != msg.User {
		m.refuse(msg.Header, now, NoSuchUser)
		return
	}
	out := []Attribute{newNumber(BeneficiaryInformation, msg.User)}
	for _, r := range m.requests {
		if !r.Status.Over() {
			out = append(out, r.Attribute())
		}
	}
	m.reply(msg.Header, now, UserStatus, out...)
}
