package delivery

import (
	"fmt"
	"sync"
	"time"

	"legroom/e2ee"
)

// Config of a Meeting.
type Config struct {
	// Room that its group must be for.
	Room string
	// Owner of the room, who stands at the end of the chain of hosts.
	Owner e2ee.Key
	// Outlet is told what happens.
	Outlet Outlet
	// Log keeps the envelopes.
	Log Log
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// Validate tells what is missing.
func (c *Config) Validate() error {
	if c.Room == "" || c.Outlet == nil || c.Log == nil {
		return fmt.Errorf("delivery: room, outlet and log are needed: %w", ErrGroup)
	}
	return nil
}

// Meeting is the delivery service of one group, from its first epoch to its end. Many goroutines may use it.
type Meeting struct {
	cfg Config

	mu        sync.Mutex
	seq       uint64
	state     *state // nil before the group was founded
	undo      []undo
	connected map[Member]bool
	lobby     map[Member]applicant
	pace      bucket             // of all commits
	guests    map[Member]*bucket // of commits of those who are no hosts
	talk      map[Member]*bucket // of messages
	late      map[lateBundle]bool
	barred    []Hash // of commits that most members refused, the newest
}

// New makes a Meeting without a group. Errors: those of Config.Validate.
func New(cfg Config) (*Meeting, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Meeting{
		cfg: cfg, connected: make(map[Member]bool), lobby: make(map[Member]applicant), pace: bucket{every: paceEvery, size: paceBurst},
		guests: make(map[Member]*bucket), talk: make(map[Member]*bucket), late: make(map[lateBundle]bool),
	}, nil
}

// Found begins the group: the member who made it sits on its first leaf. Both are MLSMessages; the GroupInfo is that of
// the group's first epoch, with the policy in it.
// Errors: ErrTooLong, ErrMalformed, ErrGroup for a second group or a foreign one, those of e2ee.VerifyHosts, and of the Log.
func (m *Meeting) Found(by Member, keyPackage, info []byte) error {
	if len(keyPackage) > maxKeyPackage || len(info) > maxGroupInfo {
		return ErrTooLong
	}
	k, err := parseKeyPackage(keyPackage)
	if err != nil {
		return err
	}
	g, err := parseGroupInfo(info)
	if err != nil {
		return err
	}
	if g.group != g.policy.Charter.Group || k.credential.Identity != g.policy.Charter.By {
		return fmt.Errorf("delivery: founder: %w", ErrGroup)
	}
	if _, err := e2ee.VerifyHosts(g.policy, m.cfg.Owner, m.cfg.Room, g.group); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.state != nil {
		return fmt.Errorf("delivery: there is a group: %w", ErrGroup)
	}
	r := m.record(Founded, g.epoch)
	r.KeyPackage, r.GroupInfo = keyPackage, info
	if err := m.append(r); err != nil {
		return err
	}
	m.state = &state{
		epoch: g.epoch, policy: g.policy, groupInfo: info,
		leaves: map[uint32]leaf{0: {member: by, identity: k.credential.Identity}},
	}
	m.cfg.Outlet.Policy(g.epoch, g.policy)
	return nil
}

// Connect says that a member can be told things from now on. One who was here before calls Missed.
func (m *Meeting) Connect(who Member) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.connected[who] = true
	if m.state != nil {
		m.tellOf(who)
	}
}

// Disconnect says that a member cannot be told anything. Its leaf stays its own until a commit removes it.
func (m *Meeting) Disconnect(who Member) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.connected, who)
	m.unwait(who)
	if m.state == nil || !m.state.members()[who] {
		delete(m.guests, who)
		delete(m.talk, who)
	}
}

// Leaf of a member; ok is false when it has none. A forwarder lets a member's frames pass only under this leaf.
func (m *Meeting) Leaf(who Member) (leaf uint32, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.state == nil {
		return 0, false
	}
	return m.state.leafOf(who)
}

// Epoch that is now, and the group's policy in it; ok is false before there is a group. Nobody changes the policy.
func (m *Meeting) Epoch() (epoch uint64, p *e2ee.Policy, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.state == nil {
		return 0, nil, false
	}
	return m.state.epoch, m.state.policy, true
}

// Missed gives a page that comes back what it missed, and the newest GroupInfo, if there is one. seq is that of the last
// record it has. Errors: ErrLeaf for who is no member, ErrGap when it has been away too long.
func (m *Meeting) Missed(who Member, seq uint64) (records []Record, info []byte, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.state == nil {
		return nil, nil, ErrGroup
	}
	if _, ok := m.state.leafOf(who); !ok {
		return nil, nil, ErrLeaf
	}
	if seq > m.seq {
		return nil, nil, ErrEpoch
	}
	records, err = m.cfg.Log.Since(seq)
	return records, m.state.groupInfo, err
}

// The rest is called locked.

func (m *Meeting) post(to Member, n Notice) {
	if m.connected[to] {
		m.cfg.Outlet.Post(to, n)
	}
}

// postAll tells every connected member of a state.
func (m *Meeting) postAll(s *state, n Notice) {
	for to := range s.members() {
		m.post(to, n)
	}
}

func (m *Meeting) record(k RecordKind, epoch uint64) Record {
	return Record{Seq: m.seq + 1, Kind: k, Time: m.cfg.Now(), Epoch: epoch}
}

func (m *Meeting) append(r Record) error {
	if err := m.cfg.Log.Append(r); err != nil {
		return fmt.Errorf("delivery: log: %w", err)
	}
	m.seq = r.Seq
	return nil
}
