package meeting

import (
	"encoding/json"
	"log/slog"
	"sync"

	"legroom/e2ee"
	"legroom/e2ee/delivery"
	"legroom/e2ee/ledger"
	"legroom/internal/logkey"
	"legroom/rooms"
)

// Meeting is the life of MLS groups in one room: at most one at a time, which ends when nobody is left who could let others
// in. Many goroutines may use it.
type Meeting struct {
	owner *Meetings
	space space
	log   *slog.Logger
	out   outbox

	mu     sync.Mutex
	closed bool
	visits map[delivery.Member]*visit
	group  *group // nil while there is none
	phones phones
	note   *e2ee.Note // the last one of this group
	// later is what the delivery service told under its own lock, and lent the last notice of it as text.
	later []func()
	lent  lent
}

func newMeeting(a *Meetings, s space) *Meeting {
	m := &Meeting{
		owner: a, space: s, log: a.cfg.Log.With(logkey.Room, s.Number()), visits: make(map[delivery.Member]*visit),
	}
	m.out.init()
	m.phones = phones{m: m, pleas: make(map[uint16]*Plea)}
	return m
}

// Enter begins a connection of a browser. A later Enter of the same participant takes its place.
// tell is called with what the browser is to get, in order, and by one goroutine at a time. It must not wait, and must not
// wait for a call of this package either. Owner: what it is given is shared, nobody changes it.
func (m *Meeting) Enter(p *rooms.Participant, tell func(json.RawMessage)) *Member {
	return m.enter(p, tell)
}

func (m *Meeting) enter(p person, tell func(json.RawMessage)) *Member {
	m = m.owner.lock(m)
	defer m.release()
	v := m.visit(p)
	if v.member != nil && m.group != nil {
		m.group.Disconnect(v.id) // whoever was there waits no more; the new page says what it wants
	}
	v.member = &Member{meeting: m, visit: v, say: tell}
	m.hello(v)
	if m.group != nil {
		m.group.Connect(v.id)
		m.presence(v, true)
		m.catchUp(v)
	}
	m.settle()
	return v.member
}

// Gone tells that the visit of a browser is over for good. Its leaf stays until a commit removes it.
func (m *Meeting) Gone(p *rooms.Participant) { m.gone(p) }

func (m *Meeting) gone(p person) {
	m = m.owner.lock(m)
	func() {
		defer m.release()
		v := m.visits[delivery.Member(p.ID())]
		if v == nil {
			return
		}
		m.disconnect(v)
		delete(m.visits, v.id)
		v.stand()
		m.settle()
	}()
	m.owner.forget(m)
}

// Guard gives what tells whether a sealed Opus payload names the leaf that the browser sits on now, and whether it sits on
// any: for peer.LegConfig. It is for any goroutine, allocates nothing, and does not wait.
func (m *Meeting) Guard(p *rooms.Participant) func(payload []byte) (own, seated bool) {
	return m.guard(p)
}

func (m *Meeting) guard(p person) func(payload []byte) (own, seated bool) {
	m = m.owner.lock(m)
	defer m.release()
	return m.visit(p).owns
}

// The rest is called locked, apart from close, kept and path.

// release unlocks and does what was found.
func (m *Meeting) release() {
	m.mu.Unlock()
	m.out.work()
}

func (m *Meeting) visit(p person) *visit {
	v := m.visits[delivery.Member(p.ID())]
	if v == nil {
		v = newVisit(p)
		m.visits[v.id] = v
	}
	return v
}

// disconnect is the end of a connection.
func (m *Meeting) disconnect(v *visit) {
	if v.member == nil {
		return
	}
	v.member = nil
	if m.group != nil {
		m.presence(v, false)
		m.group.Disconnect(v.id)
	}
}

// tell puts something into the order of what a browser is told.
func (m *Meeting) tell(v *visit, text json.RawMessage) {
	if to := v.member; to != nil {
		m.out.put(func() { to.say(text) })
	}
}

// tellMembers tells everybody who has a leaf, but for one.
func (m *Meeting) tellMembers(text json.RawMessage, but *visit) {
	for _, v := range m.visits {
		if v.seated && v != but {
			m.tell(v, text)
		}
	}
}

func (m *Meeting) hello(v *visit) {
	h := helloNotice{Type: "hello", Seated: v.seated}
	if m.group != nil {
		h.Group = m.group.id[:]
	}
	m.tell(v, encode(h))
}

// presence tells the other members whether the leaf of a visit has a connection.
func (m *Meeting) presence(of *visit, here bool) {
	if of.seated {
		m.tellMembers(encode(presenceNotice{"presence", of.seat.Leaf, here}), of)
	}
}

// catchUp tells who has just come what is asked, and who is away.
func (m *Meeting) catchUp(v *visit) {
	if !v.seated {
		return
	}
	m.phones.remind(v)
	for _, s := range m.group.Seats() {
		if o := m.visits[s.Member]; s.Member != v.id && (o == nil || o.member == nil) {
			m.tell(v, encode(presenceNotice{"presence", s.Leaf, false}))
		}
	}
}

// settle does what follows from what was done: work that was left by the delivery service, requests for phones, and the
// end of a group that nobody can come back to.
func (m *Meeting) settle() {
	for len(m.later) > 0 {
		next := m.later[0]
		m.later = m.later[1:]
		next()
	}
	m.lent = lent{}
	if m.dead() {
		m.end()
	}
	m.phones.renew()
}

// close ends everything, as the gateway does.
func (m *Meeting) close() {
	m.mu.Lock()
	defer m.release()
	m.closed = true
	if m.group != nil {
		m.end()
	}
	m.phones.stop()
}

// kept is the log of the group that there is; nil when none is kept.
func (m *Meeting) kept() *ledger.Ledger {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.group == nil {
		return nil
	}
	return m.group.log.kept
}

// path of that log, empty when none is kept.
func (m *Meeting) path() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.group == nil {
		return ""
	}
	return m.group.log.path
}
