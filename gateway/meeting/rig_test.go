package meeting_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"legroom/e2ee"
	"legroom/e2ee/e2eetest"
	"legroom/e2ee/sframe"
	"legroom/gateway/meeting"
	"legroom/rooms"
)

// owners of one room.
type owners struct {
	key           e2ee.Key
	pinned, known bool
	err           error
}

func (o *owners) Owner(string) (e2ee.Key, bool, bool) { return o.key, o.pinned, o.known }

func (o *owners) Claim(_ string, k e2ee.Key) error {
	if o.err == nil {
		o.key, o.known = k, true
	}
	return o.err
}

// room keeps what it was granted.
type room struct {
	policy rooms.Policy

	mu    sync.Mutex
	grant *e2ee.Grant
	times int
}

func (r *room) Number() string       { return r.policy.Number }
func (r *room) Policy() rooms.Policy { return r.policy }

func (r *room) Grant(g *e2ee.Grant) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.grant, r.times = g, r.times+1
}

func (r *room) granted() *e2ee.Grant {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.grant
}

// person is somebody in the room, and what was done to him, in order.
type person struct {
	id   string
	role rooms.Role

	mu     sync.Mutex
	sender *rooms.Sender
	in     bool
	cause  error
	done   []string
}

func (p *person) ID() string { return p.id }

func (p *person) Role() rooms.Role {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.role
}

func (p *person) SetRole(r rooms.Role) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.role = r
}

func (p *person) PutBack() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.in = false
	p.done = append(p.done, "back")
}

func (p *person) SetSender(s *rooms.Sender) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sender = s
	p.done = append(p.done, "sender")
}

func (p *person) LetIn() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.in = true
	p.done = append(p.done, "in")
	return nil
}

func (p *person) Leave(cause error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cause == nil {
		p.cause = cause
	}
}

func (p *person) state() (s *rooms.Sender, in bool, cause error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.sender, p.in, p.cause
}

// told is anything that a browser is told.
type told struct {
	Type    string `json:"type"`
	ID      int64  `json:"id"`
	Fault   string `json:"fault"`
	After   int64  `json:"after"`
	Group   []byte `json:"group"`
	Seated  bool   `json:"seated"`
	Record  record `json:"record"`
	Records []record
	Seq     uint64 `json:"seq"`
	Welcome []byte `json:"welcome"`
	Ref     []byte `json:"ref"`
	Key     []byte `json:"keyPackage"`
	Message []byte `json:"message"`
	Epoch   uint64 `json:"epoch"`
	N       uint32 `json:"n"`
	Leaf    uint32 `json:"leaf"`
	Here    bool   `json:"here"`
	Request []byte `json:"request"`
	Sig     []byte `json:"sig"`
	Who     string `json:"participant"`
}

type record struct {
	Seq    uint64 `json:"seq"`
	Kind   string `json:"kind"`
	Epoch  uint64 `json:"epoch"`
	Commit []byte `json:"commit"`
}

// rig is one room, its meeting, and the browsers in it.
type rig struct {
	*meeting.Meetings
	t        *testing.T
	cfg      meeting.Config
	owners   *owners
	room     *room
	meeting  *meeting.Meeting
	mls      *e2eetest.Meeting
	identity *e2ee.Identity
	epoch    uint64
	sealers  map[sframe.KeyID]*sframe.Sealer
}

// play runs a test in a bubble of its own time.
func play(t *testing.T, test func(t *testing.T, r *rig)) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) { test(t, newRig(t, dir)) })
}

func newRig(t *testing.T, dir string) *rig {
	t.Helper()
	r := &rig{t: t, owners: new(owners), sealers: make(map[sframe.KeyID]*sframe.Sealer), identity: e2ee.NewIdentity(e2eetest.Seeded(0x70))}
	r.cfg = meeting.Config{Identity: r.identity, Owners: r.owners, Dir: dir, Log: slog.New(slog.DiscardHandler)}
	var err error
	if r.Meetings, err = meeting.New(r.cfg); err != nil {
		t.Fatal(err)
	}
	r.room = &room{policy: rooms.DefaultPolicy("1000")}
	r.begin(0xa0)
	return r
}

// pass lets time go on, and what is due happen.
func (r *rig) pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// begin is another group, which was not founded yet.
func (r *rig) begin(group byte) {
	r.mls = e2eetest.NewMeetingOf(e2eetest.Seeded(0x10), e2ee.Group(e2eetest.Count(16, group)), "1000", time.Now())
	r.mls.Policy.Gateways = []e2ee.Key{r.identity.Key()}
	r.epoch = 0
	r.meeting = r.OfSpace(r.room)
}

// page is a browser and its connection.
type page struct {
	*person
	*e2eetest.Browser
	r      *rig
	member *meeting.Member
	id     int64

	mu   sync.Mutex
	told []told
}

// page has a browser enter the room. The identity is Seeded of that byte, its leaf key is one of its own.
func (r *rig) page(name string, role rooms.Role, identity, leaf byte) *page {
	r.t.Helper()
	p := &page{r: r, person: &person{id: name, role: role}, Browser: r.mls.NewBrowser(e2eetest.Seeded(identity), leaf)}
	p.enter()
	return p
}

func (p *page) enter() {
	p.member = p.r.meeting.EnterAs(p.person, func(text json.RawMessage) {
		var n told
		d := json.NewDecoder(bytes.NewReader(text))
		d.DisallowUnknownFields()
		if err := d.Decode(&n); err != nil {
			p.r.t.Errorf("%s: %v", text, err)
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		p.told = append(p.told, n)
	})
}

// fields of a message.
type fields map[string]any

// ask asks a question and gives its answer.
func (p *page) ask(kind string, f fields) told {
	p.r.t.Helper()
	p.id++
	m := fields{"type": kind, "id": p.id}
	for name, value := range f {
		m[name] = value
	}
	p.say(m)
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, n := range p.told {
		if n.ID == p.id {
			return n
		}
	}
	p.r.t.Fatalf("%s: no answer to %s", p.person.id, kind)
	return told{}
}

func (p *page) say(m fields) {
	p.r.t.Helper()
	text, err := json.Marshal(m)
	if err != nil {
		p.r.t.Fatal(err)
	}
	if err := p.member.Handle(text); err != nil {
		p.r.t.Fatalf("%s: %v", p.person.id, err)
	}
}

// must asks a question that has to be done.
func (p *page) must(kind string, f fields) {
	p.r.t.Helper()
	if a := p.ask(kind, f); a.Type != "done" {
		p.r.t.Fatalf("%s: %s is answered by %s %s", p.person.id, kind, a.Type, a.Fault)
	}
}

// all it was told of a kind.
func (p *page) all(kind string) []told {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(p.told), func(n told) bool { return n.Type != kind })
}

// last it was told of a kind.
func (p *page) last(kind string) told {
	p.r.t.Helper()
	all := p.all(kind)
	if len(all) == 0 {
		p.r.t.Fatalf("%s was not told %s", p.person.id, kind)
	}
	return all[len(all)-1]
}

func (p *page) leaf() uint32 {
	s, _, _ := p.person.state()
	if s == nil {
		p.r.t.Helper()
		p.r.t.Fatalf("%s has no leaf", p.person.id)
	}
	return s.Leaf
}

// gone ends a visit.
func (p *page) gone() {
	p.member.Leave()
	p.r.meeting.GoneAs(p.person)
}

// founded has Anna begin the group.
func (r *rig) founded() *page {
	r.t.Helper()
	anna := r.page("anna", rooms.Host, 0x10, 0x30)
	anna.must("found", fields{"keyPackage": anna.KeyPackage(), "groupInfo": r.mls.GroupInfo(anna.Browser)})
	return anna
}

// admit has a host let somebody in.
func (r *rig) admit(host, who *page) {
	r.t.Helper()
	who.must("wait", fields{"keyPackage": who.KeyPackage()})
	if a := r.commit(host, e2eetest.Commit{Add: []*e2eetest.Browser{who.Browser}}, e2eetest.Welcome(who.Browser)); a.Type != "done" {
		r.t.Fatalf("Add is answered by %s", a.Fault)
	}
}

// commit offers a commit of the present epoch; that goes on if it wins.
func (r *rig) commit(by *page, c e2eetest.Commit, welcome []byte, bundles ...[]byte) told {
	r.t.Helper()
	r.pass(time.Second) // the pace of commits
	c.Epoch, c.Sender = r.epoch, by.leaf()
	if bundles == nil {
		bundles = [][]byte{}
	}
	f := fields{"commit": r.mls.Commit(c), "bundles": bundles}
	if welcome != nil {
		f["welcome"] = welcome
	}
	a := by.ask("submit", f)
	if a.Type == "done" {
		r.epoch++
	}
	return a
}

// policy puts the present policy in force, with bundles for the grants in it unless there are to be none.
func (r *rig) policy(by *page, sealed bool) {
	r.t.Helper()
	var bundles [][]byte
	for _, g := range r.mls.Policy.Grants {
		if sealed {
			bundles = append(bundles, r.mls.NewBundle(g, r.epoch+1, by.Browser.Leaf).Seal())
		}
	}
	if a := r.commit(by, e2eetest.Commit{Policy: r.mls.Policy}, nil, bundles...); a.Type != "done" {
		r.t.Fatalf("policy is answered by %s", a.Fault)
	}
}

// allow grants what the host was asked last.
func (r *rig) allow(host *page, sealed bool) e2ee.GrantEntry {
	r.t.Helper()
	a := host.last("asked")
	g := r.mls.GrantAsked(a.Request, e2ee.Signature(a.Sig))
	r.policy(host, sealed)
	return g
}

// caller is a leg on the telephone.
type caller struct {
	*person
	*meeting.Plea
}

func (r *rig) call(name string) *caller {
	r.t.Helper()
	p := &person{id: name}
	pl, err := r.meeting.AskAs(p, meeting.Line{Kind: e2ee.Phone, Label: name, Number: "+49 30 ...34"})
	if err != nil {
		r.t.Fatal(err)
	}
	return &caller{p, pl}
}

// is checks how far a caller has come.
func (c *caller) is(t *testing.T, s meeting.PleaState, in bool, cause error) {
	t.Helper()
	_, joined, left := c.person.state()
	if c.State() != s || joined != in || left != cause {
		t.Fatalf("%s is %v, in %v, left %v; want %v, in %v, left %v", c.person.id, c.State(), joined, left, s, in, cause)
	}
}

// lines that a request names.
func lines(t *testing.T, request []byte) []uint16 {
	t.Helper()
	r, err := e2ee.DecodeRequest(request)
	if err != nil {
		t.Fatal(err)
	}
	var list []uint16
	for _, l := range r.Legs {
		list = append(list, l.No)
	}
	return list
}

func public(k ed25519.PrivateKey) e2ee.Key { return e2eetest.Public(k) }
