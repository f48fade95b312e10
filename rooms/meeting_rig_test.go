package rooms_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"legroom/e2ee"
	"legroom/e2ee/e2eetest"
	"legroom/e2ee/sframe"
	"legroom/media"
	"legroom/rooms"
)

// heard kinds of a gateway that telephones are let in by, and all there are.
var (
	sounds = e2ee.ScopeOf(sframe.Audio, sframe.ScreenAudio)
	all    = e2ee.ScopeOf(sframe.Audio, sframe.ScreenAudio, sframe.Video, sframe.Screen)
)

// meeting plays the group of an encrypted room: its browsers, and the host who grants.
type meeting struct {
	*e2eetest.Meeting
	gateway *e2ee.Identity
	host    e2eetest.Leaf
	grants  map[uint32]bool // numbers that there were

	mu      sync.Mutex
	openers map[received]*sframe.Opener
}

// received names a stream that a browser opens.
type received struct {
	epoch uint64
	id    sframe.KeyID
}

// granted is a grant with its place in the policy.
type granted struct {
	*e2ee.Grant
	meeting *meeting
	entry   e2ee.GrantEntry
}

func newMeeting() *meeting {
	m := &meeting{
		Meeting: e2eetest.NewMeeting("1000", time.Now()), gateway: e2ee.NewIdentity(e2eetest.Seeded(0x70)),
		grants: make(map[uint32]bool), openers: make(map[received]*sframe.Opener),
	}
	m.Policy.MaxScope = all
	m.host = m.NewLeaf(m.Owner, e2eetest.Seeded(0x30))
	return m
}

// ask has hosts grant a scope to the gateway, for the lines 0 and up, in the place of an older grant.
func (m *meeting) ask(tb testing.TB, scope e2ee.Scope, lines int) *granted {
	tb.Helper()
	var legs []e2ee.RequestLeg
	for i := range lines {
		legs = append(legs, e2ee.RequestLeg{No: uint16(i), Kind: e2ee.Phone})
	}
	request, err := m.gateway.Ask(e2ee.Ask{
		Room: "1000", Group: m.Group(), Legs: legs, Scope: scope, Speak: e2ee.ScopeOf(sframe.Audio), NotAfter: m.Now.Add(time.Hour),
	})
	if err != nil {
		tb.Fatal(err)
	}
	entry := m.Grant(request)
	g, err := request.Granted(m.Policy, e2eetest.Public(m.Owner))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { g.Close(nil) })
	m.grants[entry.N] = true
	return &granted{Grant: g, meeting: m, entry: entry}
}

// take brings the keys of an epoch.
func (g *granted) take(tb testing.TB, epoch uint64) *granted {
	tb.Helper()
	if err := g.Take(g.meeting.NewBundle(g.entry, epoch, g.meeting.host).Seal(), g.meeting.Policy); err != nil {
		tb.Fatalf("epoch %d: %v", epoch, err)
	}
	return g
}

// opens tells what the grant says of a frame, which it then has opened: it opens each but once.
func (g *granted) opens(tb testing.TB, kind sframe.Kind, codec media.CodecName, frame []byte) error {
	tb.Helper()
	o, ok := g.Opener(kind)
	if !ok {
		tb.Fatalf("no opener for %v", kind)
	}
	_, _, err := o.Open(nil, codec, frame)
	return err
}

// sealer is a browser's.
func sealer(tb testing.TB, kind sframe.Kind, leaf int, epoch uint64) *sframe.Sealer {
	tb.Helper()
	id, err := sframe.BrowserKeyID(0, leaf, epoch)
	if err != nil {
		tb.Fatal(err)
	}
	s, err := sframe.NewSealer(sframe.StreamConfig{
		BaseKey: e2eetest.BrowserKey(epoch, kind.String()), Kind: kind, KeyID: id, Tag: sframe.CheckTag, TagKey: e2eetest.Count(32, 0x40),
	})
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// sealed has a mouth seal what it says as a leaf in an epoch.
func (m *mouth) sealed(tb testing.TB, kind sframe.Kind, leaf int, epoch uint64) *mouth {
	tb.Helper()
	s := sealer(tb, kind, leaf, epoch)
	m.seal = func(payload []byte) []byte {
		frame, err := s.Seal(nil, media.Opus, payload)
		if err != nil {
			tb.Error(err)
		}
		return frame
	}
	return m
}

// keys are how a browser that knows these epochs opens what comes from a leg of the gateway, under the key of the grant
// that the key id names. What another browser sealed is left aside.
func (m *meeting) keys(epochs ...uint64) func([]byte) ([]byte, error) {
	return func(payload []byte) ([]byte, error) {
		id, err := sframe.ReadKeyID(media.Opus, sframe.Audio, payload)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(epochs, func(e uint64) bool { return byte(e) == id.Epoch() })
		if i < 0 || !id.Grantee() {
			return nil, sframe.ErrSender
		}
		m.mu.Lock()
		defer m.mu.Unlock()
		o, err := m.opener(received{epochs[i], id})
		if err != nil {
			return nil, err
		}
		return o.Open(nil, media.Opus, payload)
	}
}

// opener of a stream, one for all browsers. Called locked.
func (m *meeting) opener(r received) (*sframe.Opener, error) {
	if o := m.openers[r]; o != nil {
		return o, nil
	}
	for n := range m.grants {
		if int(n%32) == r.id.Grant() {
			o, err := sframe.NewOpener(sframe.StreamConfig{
				BaseKey: e2eetest.LegKey(r.epoch, n, "audio"), Kind: sframe.Audio, KeyID: r.id,
			})
			m.openers[r] = o
			return o, err
		}
	}
	return nil, sframe.ErrSender
}

// inMixed runs a test in virtual time, in rooms that are encrypted and have exact silence.
func inMixed(t *testing.T, test func(t *testing.T, h *house, m *meeting)) {
	t.Helper()
	mixed := func(cfg *rooms.Config, p *rooms.Policy) { cfg.ComfortNoise, p.Mode = false, rooms.Mixed }
	inHouse(t, mixed, func(t *testing.T, h *house) {
		test(t, h, newMeeting())
		closeRoom(t, h)
	})
}

// letIn joins a room and is let in, as a browser on a leaf or as a leg of the gateway.
func (h *house) letIn(t *testing.T, l rooms.Leg, kind rooms.LegKind, s rooms.Sender) *rooms.Participant {
	t.Helper()
	p := h.join(t, rooms.JoinRequest{Leg: l, Kind: kind, Role: rooms.Host})
	if p.State() != rooms.Waiting {
		t.Fatalf("state %v of who comes into an encrypted room, want waiting", p.State())
	}
	p.SetSender(&s)
	is(t, p.LetIn(), nil)
	await(t, p.Admitted(), "who is let in is admitted")
	return p
}
