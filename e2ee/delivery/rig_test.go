package delivery_test

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"sync"
	"testing"
	"time"

	"legroom/e2ee"
	"legroom/e2ee/delivery"
	"legroom/e2ee/e2eetest"
)

// fixture is testdata/messages.json.
type fixture struct {
	Now      int64             `json:"now"`
	Refs     map[string]string `json:"refs"`
	Messages map[string]string `json:"messages"`
	Gateway  struct {
		Request, Sig, ID, HPKEPrivate, K, G string
	} `json:"gateway"`
}

func load(t testing.TB) *fixture {
	t.Helper()
	f, err := loadOnce()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

var loadOnce = sync.OnceValues(func() (*fixture, error) {
	text, err := os.ReadFile("testdata/messages.json")
	if err != nil {
		return nil, err
	}
	f := new(fixture)
	return f, json.Unmarshal(text, f)
})

// bytes of a message, nil for one that is not there.
func (f *fixture) bytes(t testing.TB, name string) []byte {
	t.Helper()
	if name == "" {
		return nil
	}
	b := unhex(t, f.Messages[name])
	if len(b) == 0 {
		t.Fatalf("no message %s", name)
	}
	return b
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// posted is one notice to one member.
type posted struct {
	to     delivery.Member
	notice delivery.Notice
}

// rig is a meeting with a clock in the test's hand, and everything it told.
type rig struct {
	*delivery.Meeting
	*fixture
	t        *testing.T
	now      time.Time
	log      *delivery.MemoryLog
	posts    []posted
	policies []uint64
	bundles  [][]byte
}

func (r *rig) Post(to delivery.Member, n delivery.Notice) { r.posts = append(r.posts, posted{to, n}) }

func (r *rig) Policy(epoch uint64, _ *e2ee.Policy) { r.policies = append(r.policies, epoch) }

func (r *rig) Bundle(sealed []byte, _ *e2ee.Policy) { r.bundles = append(r.bundles, sealed) }

// The people of the fixture.
const (
	anna  delivery.Member = "anna"
	bob   delivery.Member = "bob"
	carol delivery.Member = "carol"
	dave  delivery.Member = "dave"
)

// newRig has Anna's group at epoch 0 and everybody connected.
func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{fixture: load(t), t: t, log: delivery.NewMemoryLog(1 << 20)}
	r.now = time.Unix(r.fixture.Now, 0)
	m, err := delivery.New(delivery.Config{
		Room: "1000", Owner: e2eetest.Public(e2eetest.Seeded(0x10)), Outlet: r, Log: r.log, Now: func() time.Time { return r.now },
	})
	if err != nil {
		t.Fatal(err)
	}
	r.Meeting = m
	for _, who := range []delivery.Member{anna, bob, carol, dave} {
		m.Connect(who)
	}
	if err := m.Found(anna, r.bytes(t, "keyPackage.anna"), r.bytes(t, "groupInfo.0")); err != nil {
		t.Fatal(err)
	}
	return r
}

// wait has somebody wait with the KeyPackage of that name.
func (r *rig) wait(who delivery.Member, name string) {
	r.t.Helper()
	ref, err := r.Wait(who, r.bytes(r.t, "keyPackage."+name))
	if err != nil || hex.EncodeToString(ref[:]) != r.Refs[name] {
		r.t.Fatalf("%s waits as %x, %v; want %s", who, ref, err, r.Refs[name])
	}
}

// commit offers the commit of that name with the Welcome that belongs to it.
func (r *rig) commit(who delivery.Member, name string) error {
	s := delivery.Submission{Commit: r.bytes(r.t, "commit."+name)}
	if w, ok := r.Messages["welcome."+name]; ok {
		s.Welcome = unhex(r.t, w)
	}
	return r.Submit(who, s)
}

// must is commit for those that have to win; the clock goes on, so that no rate is felt.
func (r *rig) must(who delivery.Member, names ...string) {
	r.t.Helper()
	for _, name := range names {
		r.now = r.now.Add(time.Minute)
		if err := r.commit(who, name); err != nil {
			r.t.Fatalf("%s: %v", name, err)
		}
	}
}

// three brings the meeting to epoch 1 with Anna, Bob and Carol.
func (r *rig) three() {
	r.t.Helper()
	r.wait(bob, "bob")
	r.wait(carol, "carol")
	r.must(anna, "add")
}

// told takes what a member was told since the last call, of one kind.
func told[N delivery.Notice](r *rig, who delivery.Member) []N {
	var got []N
	for _, p := range r.posts {
		if n, ok := p.notice.(N); ok && p.to == who {
			got = append(got, n)
		}
	}
	return got
}

func (r *rig) epoch() uint64 {
	e, _, _ := r.Epoch()
	return e
}
