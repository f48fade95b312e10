package meeting_test

import (
	"encoding/json"
	"errors"
	"log/slog"
	"testing"

	"legroom/e2ee"
	"legroom/e2ee/e2eetest"
	"legroom/gateway/meeting"
	"legroom/media"
	"legroom/rooms"
)

// leg is a browser that takes nothing.
type leg struct{}

func (leg) Accepts(media.Kind) []media.Codec { return nil }
func (leg) Capacity(media.Kind) int          { return 0 }
func (leg) Close(error) error                { return nil }

func (leg) Send(media.TrackInfo) (media.Sink[*media.Packet], error) { return nil, media.ErrClosed }

// still is a clock that does not go.
type still struct{}

func (still) AddSkipping(func(), func(int)) func() { return func() {} }

// TestRealRoom: a room of package rooms, whose people wait until the group let them in.
func TestRealRoom(t *testing.T) {
	policies := map[string]rooms.Policy{"1000": rooms.DefaultPolicy("1000"), "2000": rooms.DefaultPolicy("2000")}
	open := policies["2000"]
	open.Mode = rooms.Open
	policies["2000"] = open
	cfg := rooms.DefaultConfig()
	cfg.Clock, cfg.Log = still{}, slog.New(slog.DiscardHandler)
	cfg.Policy = func(number string) (rooms.Policy, bool) {
		p, ok := policies[number]
		return p, ok
	}
	registry := rooms.New(cfg)
	r := newRig(t, t.TempDir())
	if other, err := registry.Room("2000"); err != nil || r.Of(other) != nil {
		t.Errorf("an open room has a meeting, %v", err)
	}
	place, err := registry.Room("1000")
	if err != nil {
		t.Fatal(err)
	}
	join := func(role rooms.Role) *rooms.Participant {
		p, err := place.Join(rooms.JoinRequest{Leg: leg{}, Kind: rooms.Browser, Name: "x", Role: role})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	anna, bob := join(rooms.Host), join(rooms.Guest)
	m := r.Of(place)
	if m == nil || r.Of(place) != m || anna.State() != rooms.Waiting {
		t.Fatal("not the same meeting, or nobody waits")
	}
	quiet := func(json.RawMessage) {}
	host, guest := m.Enter(anna, quiet), m.Enter(bob, quiet)
	owns := m.Guard(anna)
	guard := func(payload []byte) bool { own, _ := owns(payload); return own }
	a, b := r.mls.NewBrowser(e2eetest.Seeded(0x10), 0x30), r.mls.NewBrowser(e2eetest.Seeded(0x11), 0x31)
	say := func(by *meeting.Member, f fields) {
		text, _ := json.Marshal(f)
		if err := by.Handle(text); err != nil {
			t.Fatal(err)
		}
	}
	say(host, fields{"type": "found", "id": 1, "keyPackage": a.KeyPackage(), "groupInfo": r.mls.GroupInfo(a)})
	say(guest, fields{"type": "wait", "id": 1, "keyPackage": b.KeyPackage()})
	if anna.State() != rooms.Joined || bob.State() != rooms.Waiting || !guard(r.frame(0, 0)) {
		t.Errorf("host %v, guest %v", anna.State(), bob.State())
	}
	commit := func(c e2eetest.Commit, welcome []byte) {
		f := fields{"type": "submit", "id": 2, "commit": r.mls.Commit(c), "bundles": []string{}}
		if welcome != nil {
			f["welcome"] = welcome
		}
		say(host, f)
	}
	commit(e2eetest.Commit{Add: []*e2eetest.Browser{b}}, e2eetest.Welcome(b))
	if bob.State() != rooms.Joined {
		t.Errorf("guest %v", bob.State())
	}
	for _, info := range place.Snapshot().Participants {
		if info.Sender == nil || info.ID == bob.ID() && info.Sender.Leaf != 1 {
			t.Errorf("%s is %v", info.ID, info.Sender)
		}
	}
	pl, err := m.Ask(join(rooms.Guest), meeting.Line{Kind: e2ee.Phone})
	if err != nil || pl.State() != meeting.Asked {
		t.Errorf("%v, %v", pl.State(), err)
	}
	pl.Close()
	commit(e2eetest.Commit{Epoch: 1, Remove: []uint32{1}}, nil)
	if !errors.Is(bob.Cause(), rooms.ErrRemoved) {
		t.Errorf("guest left: %v", bob.Cause())
	}
	m.Gone(bob)
	anna.Leave(nil)
	m.Gone(anna)
	if r.Used() != 1 { // that of the rig
		t.Error("a meeting stays that nobody is in")
	}
}
