package meeting_test

import (
	"bytes"
	"errors"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"legroom/e2ee/e2eetest"
	"legroom/e2ee/sframe"
	"legroom/rooms"
)

func TestFounded(t *testing.T) {
	play(t, func(t *testing.T, r *rig) {
		bob := r.page("bob", rooms.Guest, 0x11, 0x31)
		if h := bob.last("hello"); h.Group != nil || h.Seated {
			t.Errorf("before there is a group: %+v", h)
		}
		if a := bob.ask("wait", fields{"keyPackage": bob.KeyPackage()}); a.Fault != "group" {
			t.Errorf("waits for a group that is not there: %s %s", a.Type, a.Fault)
		}
		anna := r.founded()
		group := r.mls.Group()
		if h := bob.last("hello"); !bytes.Equal(h.Group, group[:]) || h.Seated {
			t.Errorf("when a group began: %+v", h)
		}
		if len(anna.all("hello")) != 1 {
			t.Error("the founder is greeted again")
		}
		if s, in, _ := anna.state(); !in || s == nil || *s != (rooms.Sender{}) {
			t.Errorf("founder: %v, in %v", s, in)
		}
		if !slices.Equal(anna.done, []string{"sender", "in"}) {
			t.Errorf("founder: %v", anna.done)
		}
		if !r.owners.known || r.owners.key != public(anna.Identity) {
			t.Error("the room has no owner")
		}
		if a := anna.ask("found", fields{"keyPackage": anna.KeyPackage(), "groupInfo": r.mls.GroupInfo(anna.Browser)}); a.Fault != "group" {
			t.Errorf("a second founding: %s %s", a.Type, a.Fault)
		}
	})
}

func TestWhoMayFound(t *testing.T) {
	for name, test := range map[string]struct {
		owners owners
		role   rooms.Role
		fault  string
	}{
		"no owner known":  {role: rooms.Host},
		"the owner":       {owners{key: public(e2eetest.Seeded(0x10)), known: true}, rooms.Host, ""},
		"pinned owner":    {owners{key: public(e2eetest.Seeded(0x10)), known: true, pinned: true}, rooms.Host, ""},
		"another, known":  {owners{key: public(e2eetest.Seeded(0x20)), known: true}, rooms.Host, ""},
		"another, pinned": {owners{key: public(e2eetest.Seeded(0x20)), known: true, pinned: true}, rooms.Host, "role"},
		"a guest":         {role: rooms.Guest, fault: "role"},
		"not remembered":  {owners{err: errors.New("disk")}, rooms.Host, "internal"},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, func(t *testing.T, r *rig) {
				*r.owners = test.owners
				anna := r.page("anna", test.role, 0x10, 0x30)
				a := anna.ask("found", fields{"keyPackage": anna.KeyPackage(), "groupInfo": r.mls.GroupInfo(anna.Browser)})
				if a.Fault != test.fault {
					t.Errorf("answered by %s %q", a.Type, a.Fault)
				}
				logs, _ := filepath.Glob(filepath.Join(r.cfg.Dir, "*"))
				if owner := public(anna.Identity); test.fault == "" {
					if r.owners.key != owner || len(logs) != 1 {
						t.Errorf("owner %x, logs %v", r.owners.key, logs)
					}
				} else if r.owners.key != test.owners.key || len(logs) != 0 {
					t.Errorf("owner %x, logs %v", r.owners.key, logs)
				}
			})
		})
	}
}

func TestFoundingIsProven(t *testing.T) {
	play(t, func(t *testing.T, r *rig) {
		anna := r.page("anna", rooms.Host, 0x10, 0x30)
		mallory := r.page("mallory", rooms.Host, 0x66, 0x36)
		info := r.mls.GroupInfo(anna.Browser)
		other := e2eetest.NewMeetingOf(e2eetest.Seeded(0x10), r.mls.Group(), "2000", time.Now())
		flipped := bytes.Clone(info)
		flipped[len(flipped)-1] ^= 1
		for name, f := range map[string]fields{
			"somebody else's charter": {"keyPackage": mallory.KeyPackage(), "groupInfo": info},
			"another room":            {"keyPackage": other.NewBrowser(e2eetest.Seeded(0x10), 0x30).KeyPackage(), "groupInfo": other.GroupInfo(anna.Browser)},
			"flipped":                 {"keyPackage": anna.KeyPackage(), "groupInfo": flipped},
			"nothing":                 {"keyPackage": []byte{}, "groupInfo": []byte{}},
		} {
			if a := anna.ask("found", f); a.Fault != "malformed" {
				t.Errorf("%s: %s %s", name, a.Type, a.Fault)
			}
		}
		if r.owners.known {
			t.Error("the room has an owner")
		}
	})
}

func TestLobby(t *testing.T) {
	play(t, func(t *testing.T, r *rig) {
		anna := r.founded()
		bob := r.page("bob", rooms.Guest, 0x11, 0x31)
		forged := r.mls.NewBrowser(e2eetest.Seeded(0x11), 0x32).KeyPackage()
		forged[len(forged)-1] ^= 1
		if a := bob.ask("wait", fields{"keyPackage": forged}); a.Fault != "malformed" || len(anna.all("applicant")) > 0 {
			t.Errorf("a KeyPackage that nobody signed: %s %s", a.Type, a.Fault)
		}
		bob.must("wait", fields{"keyPackage": bob.KeyPackage()})
		ref := bob.Ref()
		if n := anna.last("applicant"); !bytes.Equal(n.Ref, ref[:]) || !bytes.Equal(n.Key, bob.KeyPackage()) || n.Who != bob.ID() {
			t.Errorf("the host sees %+v", n)
		}
		if _, in, _ := bob.state(); in {
			t.Fatal("in before a host let him in")
		}
		r.pass(time.Minute)
		welcome := e2eetest.Welcome(bob.Browser)
		if a := r.commit(anna, e2eetest.Commit{Add: []*e2eetest.Browser{bob.Browser}}, welcome); a.Type != "done" {
			t.Fatal(a.Fault)
		}
		if n := bob.last("welcomed"); !bytes.Equal(n.Welcome, welcome) || n.Seq != 2 {
			t.Errorf("welcomed by %+v", n)
		}
		if n := anna.last("applied"); n.Record.Seq != 2 || n.Record.Kind != "committed" || n.Record.Epoch != 0 || len(n.Record.Commit) == 0 {
			t.Errorf("applied %+v", n)
		}
		if n := anna.last("applicantGone"); !bytes.Equal(n.Ref, ref[:]) {
			t.Error("the card stays")
		}
		if s, in, _ := bob.state(); !in || s == nil || s.Leaf != 1 || s.Grant != 0 || !slices.Equal(bob.done, []string{"sender", "in"}) {
			t.Errorf("Bob is in %v as %v: %v", in, s, bob.done)
		}
		// Who is there already hears of it when the connection breaks, and who comes of who is away.
		bob.member.Leave()
		bob.member.Leave()
		if n := anna.last("presence"); n.Leaf != 1 || n.Here || len(anna.all("presence")) != 1 {
			t.Errorf("presence %+v", n)
		}
		carol := r.page("carol", rooms.Guest, 0x12, 0x33)
		r.admit(anna, carol)
		if n := carol.last("presence"); n.Leaf != 1 || n.Here {
			t.Errorf("presence %+v", n)
		}
		bob.enter()
		if h := bob.last("hello"); !h.Seated {
			t.Error("Bob has lost his leaf")
		}
		if n := anna.last("presence"); n.Leaf != 1 || !n.Here {
			t.Errorf("presence %+v", n)
		}
	})
}

func TestRelayAndMissed(t *testing.T) {
	play(t, func(t *testing.T, r *rig) {
		anna := r.founded()
		bob := r.page("bob", rooms.Guest, 0x11, 0x31)
		r.admit(anna, bob)
		text := r.mls.Message(1)
		bob.must("relay", fields{"message": text})
		if n := anna.last("relayed"); !bytes.Equal(n.Message, text) || len(bob.all("relayed")) > 0 {
			t.Errorf("relayed %+v", n)
		}
		bob.member.Leave()
		r.policy(anna, false)
		bob.enter()
		if len(bob.all("applied")) > 0 {
			t.Error("told although he was away")
		}
		a := bob.ask("missed", fields{"seq": 2})
		if a.Type != "records" || len(a.Records) != 1 || a.Records[0].Seq != 3 || a.Records[0].Epoch != 1 || len(a.Records[0].Commit) == 0 {
			t.Errorf("missed %+v", a)
		}
		if a := bob.ask("missed", fields{"seq": 99}); a.Fault != "epoch" {
			t.Errorf("from the future: %s %s", a.Type, a.Fault)
		}
		if a := r.page("dave", rooms.Guest, 0x13, 0x34).ask("missed", fields{"seq": 1}); a.Fault != "leaf" {
			t.Errorf("a stranger: %s %s", a.Type, a.Fault)
		}
	})
}

func TestSecondConnection(t *testing.T) {
	play(t, func(t *testing.T, r *rig) {
		anna := r.founded()
		bob := r.page("bob", rooms.Guest, 0x11, 0x31)
		bob.must("wait", fields{"keyPackage": bob.KeyPackage()})
		first := bob.member
		bob.enter()
		if len(anna.all("applicantGone")) != 1 {
			t.Error("the page that is gone still waits")
		}
		n := len(bob.told)
		if err := first.Handle([]byte(`{"type":"refuse","id":77,"epoch":0}`)); err != nil || len(bob.told) != n {
			t.Errorf("the old connection is still heard: %v", err)
		}
		first.Leave()
		r.admit(anna, bob)
		if _, in, _ := bob.state(); !in || len(anna.all("presence")) > 0 {
			t.Error("the old connection ended the new one")
		}
	})
}

func TestKick(t *testing.T) {
	play(t, func(t *testing.T, r *rig) {
		anna := r.founded()
		bob := r.page("bob", rooms.Guest, 0x11, 0x31)
		r.admit(anna, bob)
		guard := r.meeting.GuardAs(bob.person)
		if !guard(r.frame(1, 1)) {
			t.Error("his own frames are stopped")
		}
		if a := r.commit(anna, e2eetest.Commit{Remove: []uint32{1}}, nil); a.Type != "done" {
			t.Fatal(a.Fault)
		}
		if _, _, cause := bob.state(); cause != rooms.ErrRemoved {
			t.Errorf("Bob left: %v", cause)
		}
		if bob.last("applied").Record.Seq != 3 {
			t.Error("Bob was not told of the commit that removed him")
		}
		if guard(r.frame(1, 1)) {
			t.Error("he is heard")
		}
	})
}

func TestRejoin(t *testing.T) {
	play(t, func(t *testing.T, r *rig) {
		anna := r.founded()
		bob := r.page("bob", rooms.Guest, 0x11, 0x31)
		r.admit(anna, bob)
		rejoin := func(who *page) {
			t.Helper()
			who.must("wait", fields{"keyPackage": who.KeyPackage()})
			c := e2eetest.Commit{Remove: []uint32{1}, Add: []*e2eetest.Browser{who.Browser}}
			if a := r.commit(anna, c, e2eetest.Welcome(who.Browser)); a.Type != "done" {
				t.Fatal(a.Fault)
			}
		}
		again := r.page("bob again", rooms.Guest, 0x11, 0x32)
		rejoin(again)
		if _, _, cause := bob.state(); cause != rooms.ErrReplaced {
			t.Errorf("the page before left: %v", cause)
		}
		if s, in, cause := again.state(); !in || s.Leaf != 1 || cause != nil {
			t.Errorf("the new page is %v, %v, %v", s, in, cause)
		}
		// The same participant with a new leaf stays.
		again.Browser = r.mls.NewBrowser(e2eetest.Seeded(0x11), 0x33)
		rejoin(again)
		if s, _, cause := again.state(); s == nil || s.Leaf != 1 || cause != nil {
			t.Errorf("after the second time %v, %v", s, cause)
		}
	})
}

func TestReopened(t *testing.T) {
	play(t, func(t *testing.T, r *rig) {
		anna := r.founded()
		bob, carol := r.page("bob", rooms.Guest, 0x11, 0x31), r.page("carol", rooms.Guest, 0x12, 0x32)
		r.admit(anna, bob)
		r.admit(anna, carol)
		dave := r.page("dave", rooms.Guest, 0x13, 0x33)
		r.admit(anna, dave)
		for _, p := range []*page{bob, carol} {
			p.must("refuse", fields{"epoch": r.epoch - 1})
		}
		r.epoch--
		if s, in, cause := dave.state(); s != nil || in || cause != nil || r.meeting.GuardAs(dave.person)(r.frame(3, r.epoch)) {
			t.Errorf("Dave is %v, in %v, left %v", s, in, cause)
		}
		for _, p := range []*page{anna, bob, carol} {
			if _, in, _ := p.state(); !in {
				t.Errorf("%s waits", p.person.id)
			}
		}
		if dave.last("applied").Record.Kind != "reopened" {
			t.Error("Dave does not know")
		}
		dave.Browser = r.mls.NewBrowser(e2eetest.Seeded(0x13), 0x34)
		r.admit(anna, dave)
		if _, in, _ := dave.state(); dave.leaf() != 3 || !in {
			t.Errorf("Dave is %d, in %v", dave.leaf(), in)
		}
	})
}

func TestEmptyGroupEnds(t *testing.T) {
	play(t, func(t *testing.T, r *rig) {
		anna := r.founded()
		bob := r.page("bob", rooms.Guest, 0x11, 0x31)
		r.admit(anna, bob)
		dave := r.page("dave", rooms.Guest, 0x13, 0x33)
		anna.gone()
		if h := r.page("carol", rooms.Host, 0x12, 0x32).last("hello"); h.Group == nil {
			t.Fatal("the group ended while Bob is in it")
		}
		bob.member.Leave()
		if h := dave.last("hello"); h.Group == nil {
			t.Fatal("the group ended while Bob may come back")
		}
		bob.gone()
		// Those who wait cannot be let in by anybody any more, and are told so.
		if h := dave.last("hello"); h.Group != nil {
			t.Error("the group goes on with nobody in it")
		}
		r.begin(0xb0)
		r.founded()
		group := r.mls.Group()
		if h := dave.last("hello"); !bytes.Equal(h.Group, group[:]) {
			t.Error("no second group")
		}
		if logs, _ := filepath.Glob(filepath.Join(r.cfg.Dir, "1000-*.jsonl")); len(logs) != 2 {
			t.Errorf("logs: %v", logs)
		}
	})
}

func TestNobodyIsRemembered(t *testing.T) {
	play(t, func(t *testing.T, r *rig) {
		anna := r.founded()
		one := r.meeting
		anna.gone()
		if r.Used() != 0 {
			t.Error("a meeting stays that nobody is in")
		}
		// Who asked for it before still comes to the one that the others find.
		r.meeting = one
		r.begin(0xb0)
		anna = r.founded()
		r.meeting, one = one, r.meeting
		bob := r.page("bob", rooms.Guest, 0x11, 0x31)
		if h := bob.last("hello"); h.Group == nil {
			t.Error("two meetings in one room")
		}
		bob.gone()
		r.meeting = one
		anna.gone()
		if r.Used() != 0 {
			t.Error("somebody is in it for ever")
		}
	})
}

func TestLoneHostReloads(t *testing.T) {
	for name, same := range map[string]bool{"as the same participant": true, "as another": false} {
		t.Run(name, func(t *testing.T) {
			play(t, func(t *testing.T, r *rig) {
				anna := r.founded()
				anna.member.Leave()
				again := anna
				if same {
					anna.enter()
				} else {
					again = r.page("anna again", rooms.Host, 0x10, 0x40)
				}
				if h := again.last("hello"); h.Group == nil {
					t.Fatal("the group ended although its host may come back")
				}
				stranger := r.page("mallory", rooms.Guest, 0x66, 0x41)
				stranger.must("wait", fields{"keyPackage": stranger.KeyPackage()})
				if h := again.last("hello"); h.Group == nil {
					t.Fatal("a stranger ended the group")
				}
				fresh := r.mls.NewBrowser(e2eetest.Seeded(0x10), 0x42)
				again.must("wait", fields{"keyPackage": fresh.KeyPackage()})
				if h := again.last("hello"); h.Group != nil {
					t.Fatal("the group goes on, and nobody can come into it")
				}
				_, _, cause := anna.state()
				if want := map[bool]error{true: nil, false: rooms.ErrReplaced}[same]; cause != want {
					t.Errorf("the old page left: %v", cause)
				}
				if s, _, _ := anna.state(); s != nil {
					t.Errorf("the old page is %v", s)
				}
			})
		})
	}
}

func (r *rig) frame(leaf int, epoch uint64) []byte {
	r.t.Helper()
	id, err := sframe.BrowserKeyID(0, leaf, epoch)
	if err != nil {
		r.t.Fatal(err)
	}
	if r.sealers[id] == nil {
		r.sealers[id], err = sframe.NewSealer(sframe.StreamConfig{
			BaseKey: e2eetest.BrowserKey(epoch, "audio"), Kind: sframe.Audio, KeyID: id, Tag: sframe.CheckTag, TagKey: make([]byte, 32),
		})
		if err != nil {
			r.t.Fatal(err)
		}
	}
	b, err := r.sealers[id].Seal(nil, "opus", []byte("opus"))
	if err != nil {
		r.t.Fatal(err)
	}
	return b
}

func TestGuard(t *testing.T) {
	play(t, func(t *testing.T, r *rig) {
		anna := r.founded()
		guard := r.meeting.GuardAs(anna.person)
		own, other := r.frame(0, 300), r.frame(1, 300)
		id, err := sframe.GranteeKeyID(1, 0, 300)
		if err != nil {
			t.Fatal(err)
		}
		grantee := append(sframe.Header{KeyID: uint64(id)}.Append(nil), make([]byte, 24)...)
		for name, test := range map[string]struct {
			payload []byte
			passes  bool
		}{
			"own": {own, true}, "another leaf": {other, false}, "nothing": {nil, false}, "clear": {[]byte{0xf8, 0xff, 0xfe}, false},
			"a phone's": {grantee, false}, "cut": {own[:1], false},
		} {
			if got := guard(test.payload); got != test.passes {
				t.Errorf("%s: %v", name, got)
			}
			if n := testing.AllocsPerRun(100, func() { guard(test.payload) }); n != 0 {
				t.Errorf("%s: %v allocations", name, n)
			}
		}
		bob := r.page("bob", rooms.Guest, 0x11, 0x31)
		if r.meeting.GuardAs(bob.person)(other) || r.meeting.SeatedAs(bob.person) || !r.meeting.SeatedAs(anna.person) {
			t.Error("somebody without a leaf is heard, or is taken for somebody with one")
		}
	})
}
