package bfcp

import (
	"slices"
	"time"
)

// machine is the state of a floor control server. It neither reads nor waits: what it says is in out, and deadline is when
// it wants to be called again. Source: RFC 8855 section 13.
type machine struct {
	cfg      Config
	reliable bool
	version  uint8 // of what we begin
	requests []*request
	number   uint16 // of the last request
	watched  []uint16
	unsaid   []uint16 // watched floors the client is to be told of
	holders  map[uint16]Holder
	serial   uint16 // of our last transaction
	open     *transaction
	answers  answers
	heard    time.Time
	out      [][]byte
	stats    Stats
}

// Stats counts what a Server did, for logs and metrics.
type Stats struct {
	// Received and Sent are messages or datagrams.
	Received, Sent uint64
	// Unsent are datagrams that the socket did not take.
	Unsent uint64
	// Dropped could not be read, or came from nobody we know.
	Dropped uint64
	// Refused were answered with an error.
	Refused uint64
	// Repeated are datagrams sent again, Unanswered those never acknowledged.
	Repeated, Unanswered uint64
}

func newMachine(cfg Config, reliable bool) *machine {
	m := &machine{cfg: cfg, reliable: reliable, version: cfg.Version, holders: make(map[uint16]Holder)}
	if m.version == 0 {
		m.version = Unreliable
		if reliable {
			m.version = Reliable
		}
	}
	return m
}

// send puts datagrams out.
func (m *machine) send(datagrams [][]byte) { m.out = append(m.out, datagrams...) }

// encode writes a message of ours. What we make fits: a machine says nothing longer than MaxPayload.
func (m *machine) encode(h Header, attributes []Attribute) [][]byte {
	b, err := (&Message{Header: h, Attributes: attributes}).Append(nil)
	if err != nil {
		b, _ = (&Message{Header: h}).Append(nil)
	}
	if m.reliable {
		return [][]byte{b}
	}
	return Split(b, m.cfg.MTU)
}

// reply answers a request, and keeps the answer while the request may come again.
func (m *machine) reply(to Header, now time.Time, p Primitive, attributes ...Attribute) {
	h := Header{Version: to.Version, Primitive: p, Conference: to.Conference, Transaction: to.Transaction, User: to.User}
	if h.Version != Reliable && h.Version != Unreliable {
		h.Version = m.version
	}
	// R is reserved in version 1, also where that is spoken over UDP.
	h.Response = !m.reliable && h.Version == Unreliable
	datagrams := m.encode(h, attributes)
	if !m.reliable && to.Transaction != 0 {
		m.answers.keep(to, now, datagrams)
	}
	m.send(datagrams)
}

// refuse answers with an Error. Source: RFC 8855 section 13.8.
func (m *machine) refuse(to Header, now time.Time, code ErrorCode, unknown ...AttributeType) {
	m.stats.Refused++
	value := []byte{byte(code)}
	for _, t := range unknown {
		value = append(value, byte(t)<<1)
	}
	m.reply(to, now, ErrorMessage, newAttribute(ErrorCodeAttribute, value...), newText(ErrorInfo, code.String()))
}

// request finds a floor request by its number.
func (m *machine) request(id uint16) (*request, bool) {
	at := slices.IndexFunc(m.requests, func(r *request) bool { return r.ID == id })
	if at < 0 {
		return nil, false
	}
	return m.requests[at], true
}

// sweep drops the requests that are over and told of.
func (m *machine) sweep() {
	m.requests = slices.DeleteFunc(m.requests, func(r *request) bool { return r.Status.Over() && !r.stale() })
}

// changed notes that the watchers of the floors are to be told.
func (m *machine) changed(floors []uint16) {
	for _, f := range floors {
		if contains(m.watched, f) && !contains(m.unsaid, f) {
			m.unsaid = append(m.unsaid, f)
		}
	}
}

// decide takes what the chair says later.
func (m *machine) decide(id uint16, v Verdict) {
	if r, ok := m.request(id); ok && r.set(v) {
		m.changed(r.Floors)
	}
}

// announce takes who else has a floor.
func (m *machine) announce(floor uint16, h Holder) {
	h.Name = clip(h.Name, maxName)
	if !contains(m.cfg.Floors, floor) || m.holders[floor] == h {
		return
	}
	m.holders[floor] = h
	m.changed([]uint16{floor})
}

// notify tells the client what it does not know yet, one thing at a time where each must be acknowledged. What changed
// twice meanwhile is told once, as it is now; so nothing piles up.
func (m *machine) notify(now time.Time) {
	for _, r := range m.requests {
		if m.open != nil {
			return
		}
		if r.stale() {
			r.tell()
			m.begin(FloorRequestStatus, now, r.Attribute())
		}
	}
	m.sweep()
	for len(m.unsaid) > 0 && m.open == nil {
		floor := m.unsaid[0]
		m.unsaid = m.unsaid[1:]
		m.begin(FloorStatus, now, m.floorStatus(floor)...)
	}
}

// floorStatus are the attributes of a FloorStatus. Source: RFC 8855 section 5.3.8.
func (m *machine) floorStatus(floor uint16) []Attribute {
	out := []Attribute{newNumber(FloorID, floor)}
	for _, r := range m.requests {
		if contains(r.Floors, floor) && !r.Status.Over() {
			out = append(out, r.Attribute())
		}
	}
	if h := m.holders[floor]; h.User != 0 {
		other := Request{
			ID: ourRequests + 1 + uint16(slices.Index(m.cfg.Floors, floor)), Floors: []uint16{floor}, Status: Granted,
			Beneficiary: h.User, Name: h.Name, Priority: NormalPriority,
		}
		out = append(out, other.Attribute())
	}
	return out
}

// tick does what is due. Errors: ErrPeerGone.
func (m *machine) tick(now time.Time) error {
	if err := m.repeat(now); err != nil {
		return err
	}
	m.notify(now)
	return nil
}

// deadline is when tick is due next; zero for never.
func (m *machine) deadline() time.Time {
	if m.open == nil {
		return time.Time{}
	}
	return m.open.due
}

// end lets go of all requests. The client is told no more of them.
func (m *machine) end() {
	for _, r := range m.requests {
		if !r.Status.Over() {
			m.cfg.Chair.Release(r.ID)
		}
	}
	m.requests, m.watched, m.unsaid, m.open = nil, nil, nil, nil
}
