package delivery_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"slices"
	"testing"
	"time"

	"legroom/e2ee"
	"legroom/e2ee/delivery"
	"legroom/e2ee/e2eetest"
)

// TestMeeting goes through a whole meeting: people come, a telephone is let in and out, somebody is replaced, a page is
// loaded again.
func TestMeeting(t *testing.T) {
	r := newRig(t)
	r.three()
	for who, leaf := range map[delivery.Member]uint32{anna: 0, bob: 1, carol: 2} {
		if got, ok := r.Leaf(who); !ok || got != leaf {
			t.Errorf("%s sits on %d, %v; want %d", who, got, ok, leaf)
		}
	}
	if w := told[delivery.Welcomed](r, carol); len(w) != 1 || w[0].Leaf != 2 || w[0].Epoch != 1 || w[0].Seq != 2 ||
		!bytes.Equal(w[0].Welcome, r.bytes(t, "welcome.add")) {
		t.Errorf("Carol got %+v", w)
	}
	if a := told[delivery.Applied](r, anna); len(a) != 1 || !bytes.Equal(a[0].Record.Commit, r.bytes(t, "commit.add")) {
		t.Errorf("Anna got back %d commits", len(a))
	}
	if a := told[delivery.Applied](r, bob); len(a) != 0 {
		t.Error("Bob was told of the commit that added him: he cannot read it")
	}
	bundle := r.bytes(t, "bundle.grant")
	if err := r.Submit(anna, delivery.Submission{Commit: r.bytes(t, "commit.grant"), Bundles: [][]byte{bundle}}); err != nil {
		t.Fatal(err)
	}
	if len(r.bundles) != 1 || !bytes.Equal(r.bundles[0], bundle) {
		t.Error("the winner's bundle did not come to the gateway")
	}
	r.must(bob, "revoke")
	r.wait(dave, "dave")
	r.must(anna, "swap")
	if leaf, ok := r.Leaf(dave); !ok || leaf != 2 {
		t.Errorf("Dave sits on %d, %v; want the leaf that Carol left", leaf, ok)
	}
	if _, ok := r.Leaf(carol); ok {
		t.Error("Carol still has a leaf")
	}
	if a := told[delivery.Applied](r, carol); a[len(a)-1].Record.Epoch != 3 {
		t.Error("Carol was not told of her removal")
	}
	r.wait(bob, "bobAgain")
	if a := told[delivery.Applicant](r, dave); len(a) != 1 || a[0].Member != bob {
		t.Errorf("Dave was told of %d applicants, want Bob's reload alone", len(a))
	}
	r.must(dave, "rejoin")
	if leaf, _ := r.Leaf(bob); leaf != 1 || r.epoch() != 5 {
		t.Errorf("Bob is back on leaf %d at epoch %d", leaf, r.epoch())
	}
	if want := []uint64{0, 1, 2, 3, 4, 5}; !slices.Equal(r.policies, want) {
		t.Errorf("the gateway was told policies of %v, want %v", r.policies, want)
	}
}

// TestFirstWins: the first commit of an epoch wins, the loser is told, and nothing of it is passed on.
func TestFirstWins(t *testing.T) {
	r := newRig(t)
	r.three()
	r.must(bob, "refresh")
	var lost *delivery.LostError
	s := delivery.Submission{Commit: r.bytes(t, "commit.grant"), Bundles: [][]byte{r.bytes(t, "bundle.grant")}}
	if err := r.Submit(anna, s); !errors.As(err, &lost) || lost.Epoch != 2 || !errors.Is(err, delivery.ErrLost) {
		t.Fatalf("the second commit of an epoch: %v", err)
	}
	if len(r.bundles) != 0 {
		t.Error("the loser's bundle came to the gateway")
	}
	for _, who := range []delivery.Member{anna, bob, carol} {
		a := told[delivery.Applied](r, who)
		if last := a[len(a)-1].Record; !bytes.Equal(last.Commit, r.bytes(t, "commit.refresh")) || last.Leaf != 1 {
			t.Errorf("%s was told of another winner", who)
		}
	}
}

// TestCommitRefused: what no commit may be.
func TestCommitRefused(t *testing.T) {
	cases := []struct {
		name string
		who  delivery.Member
		s    func(r *rig) delivery.Submission
		want error
	}{
		{"of another's leaf", carol, of("commit.refresh"), delivery.ErrLeaf},
		{"of a stranger", dave, of("commit.refresh"), delivery.ErrLeaf},
		{"of a later epoch", bob, of("commit.revoke"), delivery.ErrEpoch},
		{"too long", bob, func(*rig) delivery.Submission { return delivery.Submission{Commit: make([]byte, 64<<10+1)} }, delivery.ErrTooLong},
		{"welcome too long", bob, with("commit.refresh", func(s *delivery.Submission) { s.Welcome = make([]byte, 256<<10+1) }), delivery.ErrTooLong},
		{"cut short", bob, with("commit.refresh", func(s *delivery.Submission) { s.Commit = s.Commit[:len(s.Commit)-1] }), delivery.ErrMalformed},
		{"one byte more", bob, with("commit.refresh", func(s *delivery.Submission) { s.Commit = append(s.Commit, 0) }), delivery.ErrMalformed},
		{"with a welcome for nobody", bob, func(r *rig) delivery.Submission {
			return delivery.Submission{Commit: r.bytes(r.t, "commit.refresh"), Welcome: r.bytes(r.t, "welcome.add")}
		}, delivery.ErrWelcome},
		{"with the group info of another epoch", bob, func(r *rig) delivery.Submission {
			return delivery.Submission{Commit: r.bytes(r.t, "commit.refresh"), GroupInfo: r.bytes(r.t, "groupInfo.1")}
		}, delivery.ErrGroup},
		{"with a bundle for no grant", bob, func(r *rig) delivery.Submission {
			return delivery.Submission{Commit: r.bytes(r.t, "commit.refresh"), Bundles: [][]byte{r.bytes(r.t, "bundle.grant")}}
		}, delivery.ErrBundle},
		{"with two bundles for one grant", anna, func(r *rig) delivery.Submission {
			b := r.bytes(r.t, "bundle.grant")
			return delivery.Submission{Commit: r.bytes(r.t, "commit.grant"), Bundles: [][]byte{b, b}}
		}, delivery.ErrBundle},
		{"standalone proposal", bob, of("refused.proposal"), delivery.ErrMalformed},
		{"server's proposal of a new member", bob, of("refused.newMember"), delivery.ErrMalformed},
		{"external commit", bob, of("refused.external"), delivery.ErrMalformed},
		{"commit in a private message", bob, of("refused.private"), delivery.ErrMalformed},
		{"reinit", anna, of("refused.reinit"), delivery.ErrMalformed},
		{"proposal by reference", anna, of("refused.reference"), delivery.ErrMalformed},
		{"second extension", anna, of("refused.extension"), delivery.ErrMalformed},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			r.three()
			r.now = r.now.Add(time.Minute)
			if err := r.Submit(c.who, c.s(r)); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if r.epoch() != 1 || len(r.bundles) > 0 {
				t.Error("it changed something")
			}
		})
	}
}

func of(name string) func(*rig) delivery.Submission { return with(name, func(*delivery.Submission) {}) }

func with(name string, change func(*delivery.Submission)) func(*rig) delivery.Submission {
	return func(r *rig) delivery.Submission {
		s := delivery.Submission{Commit: r.bytes(r.t, name)}
		change(&s)
		return s
	}
}

// TestRoster: only who waits is added, with the Welcome that is for him.
func TestRoster(t *testing.T) {
	r := newRig(t)
	r.wait(bob, "bob")
	if err := r.commit(anna, "add"); !errors.Is(err, delivery.ErrRoster) {
		t.Errorf("Carol does not wait: %v", err)
	}
	r.wait(carol, "carol")
	s := delivery.Submission{Commit: r.bytes(t, "commit.add")}
	if err := r.Submit(anna, s); !errors.Is(err, delivery.ErrMalformed) {
		t.Errorf("no welcome: %v", err)
	}
	s.Welcome = r.bytes(t, "welcome.swap")
	if err := r.Submit(anna, s); !errors.Is(err, delivery.ErrWelcome) {
		t.Errorf("welcome of others: %v", err)
	}
	r.must(anna, "add")
	if _, err := r.Wait(dave, r.bytes(t, "keyPackage.dave")); err != nil {
		t.Error(err)
	}
	if _, err := r.Wait(carol, r.bytes(t, "keyPackage.dave")); !errors.Is(err, delivery.ErrRoster) {
		t.Errorf("the key package of somebody else: %v", err)
	}
}

// TestRemoved: nobody removes himself, or a leaf that is free. ts-mls makes no such commit, so one is bent.
func TestRemoved(t *testing.T) {
	r := newRig(t)
	r.three()
	r.must(anna, "grant")
	r.must(bob, "revoke")
	r.now = r.now.Add(time.Minute)
	r.wait(bob, "dave")
	if err := r.commit(anna, "swap"); !errors.Is(err, delivery.ErrRoster) {
		t.Errorf("Bob gets a second leaf: %v", err)
	}
	r.Unwait(bob)
	r.wait(dave, "dave")
	ref := unhex(t, r.Refs["dave"])
	forAnother := bytes.Replace(r.bytes(t, "welcome.swap"), ref, unhex(t, r.Refs["bobAgain"]), 1)
	if err := r.Submit(anna, delivery.Submission{Commit: r.bytes(t, "commit.swap"), Welcome: forAnother}); !errors.Is(err, delivery.ErrWelcome) {
		t.Errorf("a welcome for as many others: %v", err)
	}
	right := []byte{1, 0, 3, 0, 0, 0, 2}
	for _, leaf := range []byte{0, 3, 200} {
		s := delivery.Submission{Welcome: r.bytes(t, "welcome.swap")}
		s.Commit = bytes.Replace(r.bytes(t, "commit.swap"), right, append(right[:6:6], leaf), 1)
		if err := r.Submit(anna, s); !errors.Is(err, delivery.ErrRoster) {
			t.Errorf("leaf %d removed: %v", leaf, err)
		}
	}
	r.must(anna, "swap")
}

// TestLobby: hosts hear who waits, whenever they come, and when somebody goes; guests hear nothing of strangers.
func TestLobby(t *testing.T) {
	r := newRig(t)
	r.wait(bob, "bob")
	r.wait(carol, "carol")
	r.wait(carol, "carol")
	if a := told[delivery.Applicant](r, anna); len(a) != 3 || a[0].Member != bob ||
		!bytes.Equal(a[0].KeyPackage, r.bytes(t, "keyPackage.bob")) || hex.EncodeToString(a[0].Ref[:]) != r.Refs["bob"] {
		t.Errorf("Anna heard of %d applicants", len(a))
	}
	if g := told[delivery.ApplicantGone](r, anna); len(g) != 1 {
		t.Errorf("Anna heard %d times that somebody went, want once: Carol's older wait", len(g))
	}
	r.posts = nil
	r.Disconnect(anna)
	r.Connect(anna)
	if a := told[delivery.Applicant](r, anna); len(a) != 2 {
		t.Errorf("after a break Anna hears of %d applicants, want 2", len(a))
	}
	r.must(anna, "add")
	r.posts = nil
	r.Connect(anna)
	if a := told[delivery.Applicant](r, anna); len(a) != 0 {
		t.Error("who was let in still waits")
	}
	r.wait(dave, "dave")
	if a := told[delivery.Applicant](r, bob); len(a) != 0 {
		t.Error("a guest heard of a stranger")
	}
	r.Disconnect(dave)
	if g := told[delivery.ApplicantGone](r, anna); len(g) != 1 {
		t.Error("Anna did not hear that Dave went")
	}
	if _, err := r.Wait(dave, []byte("no key package")); !errors.Is(err, delivery.ErrMalformed) {
		t.Errorf("no key package: %v", err)
	}
	if _, err := r.Wait(dave, make([]byte, 1<<20)); !errors.Is(err, delivery.ErrTooLong) {
		t.Errorf("endless key package: %v", err)
	}
}

// TestLobbyAgain: a host who was brought back on a new leaf hears of those who came before, as it remembers nothing.
func TestLobbyAgain(t *testing.T) {
	r := newRig(t)
	r.three()
	r.must(anna, "grant")
	r.wait(dave, "dave")
	r.wait(bob, "bobAgain")
	r.wait(anna, "annaAgain")
	r.now = r.now.Add(time.Minute)
	r.posts = nil
	r.must(carol, "rejoinOfHost")
	if a := told[delivery.Applicant](r, anna); len(a) != 2 {
		t.Errorf("Anna heard of %d who wait, want Dave and Bob", len(a))
	}
}

// reopen has members refuse the commit of an epoch and checks that the last of them tips the scales.
// TestGuestRate: a guest's commits are thirty seconds apart, but whoever revokes need not wait.
// TestRoles: what no member would accept of a guest does not cost an epoch.
// TestPace: eight commits at once, then one a second, whoever makes them.
// TestRefusal: most of the connected members open an epoch again, later commits go too, and a tie goes the host's way.
// TestMissed: a page that comes back gets what it missed in order, members only.
// TestMemoryLog forgets the oldest and says so.
// TestLogRefuses: what cannot be logged does not happen.
// TestFound: whose group it may be.
func TestFound(t *testing.T) {
	f := load(t)
	kp, info := f.bytes(t, "keyPackage.anna"), f.bytes(t, "groupInfo.0")
	owner := e2eetest.Public(e2eetest.Seeded(0x10))
	for _, c := range []struct {
		name     string
		room     string
		owner    e2ee.Key
		kp, info []byte
		want     error
	}{
		{"right", "1000", owner, kp, info, nil},
		{"another room", "1001", owner, kp, info, e2ee.ErrForeign},
		{"another owner", "1000", e2ee.Key{1}, kp, info, e2ee.ErrChain},
		{"somebody else's key package", "1000", owner, f.bytes(t, "keyPackage.bob"), info, delivery.ErrGroup},
		{"open to external commits", "1000", owner, kp, f.bytes(t, "refused.groupInfo"), delivery.ErrMalformed},
		{"no group info", "1000", owner, kp, kp, delivery.ErrMalformed},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := &rig{t: t}
			m, err := delivery.New(delivery.Config{Room: c.room, Owner: c.owner, Outlet: r, Log: delivery.NewMemoryLog(1 << 20)})
			if err != nil {
				t.Fatal(err)
			}
			if err := m.Found(anna, c.kp, c.info); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
	r := newRig(t)
	if err := r.Found(bob, kp, info); !errors.Is(err, delivery.ErrGroup) {
		t.Errorf("a second group: %v", err)
	}
	if _, err := delivery.New(delivery.Config{}); err == nil {
		t.Error("a meeting without a room")
	}
}

// TestLateBundle: a host makes up for a bundle that did not come with the commit, once.
func TestLateBundle(t *testing.T) {
	r := newRig(t)
	r.three()
	b := r.bytes(t, "bundle.grant")
	if err := r.Meeting.Bundle(anna, b); !errors.Is(err, delivery.ErrBundle) {
		t.Errorf("before the grant: %v", err)
	}
	r.must(anna, "grant")
	old := bytes.Replace(b, []byte("epoch\x02"), []byte("epoch\x01"), 1)
	if err := r.Meeting.Bundle(anna, old); !errors.Is(err, delivery.ErrBundle) {
		t.Errorf("of another epoch: %v", err)
	}
	if err := r.Meeting.Bundle(bob, b); !errors.Is(err, delivery.ErrLeaf) {
		t.Errorf("from a guest: %v", err)
	}
	if err := r.Meeting.Bundle(anna, b); err != nil || len(r.bundles) != 1 {
		t.Errorf("from a host: %v, %d came", err, len(r.bundles))
	}
	if err := r.Meeting.Bundle(anna, b); !errors.Is(err, delivery.ErrThrottled) {
		t.Errorf("again: %v", err)
	}
	if err := r.Meeting.Bundle(anna, []byte{0xa0}); err == nil {
		t.Error("nonsense was passed on")
	}
}

// TestRelay: members' messages go to the others, of this epoch or the one before, not too many.
func TestRelay(t *testing.T) {
	r := newRig(t)
	r.three()
	msg := r.bytes(t, "message.bob")
	if err := r.Relay(dave, msg); !errors.Is(err, delivery.ErrLeaf) {
		t.Errorf("of a stranger: %v", err)
	}
	if err := r.Relay(bob, r.bytes(t, "refused.private")); !errors.Is(err, delivery.ErrMalformed) {
		t.Errorf("a hidden commit: %v", err)
	}
	if err := r.Relay(bob, msg); err != nil {
		t.Fatal(err)
	}
	if len(told[delivery.Relayed](r, anna)) != 1 || len(told[delivery.Relayed](r, carol)) != 1 || len(told[delivery.Relayed](r, bob)) != 0 {
		t.Error("it went to the wrong people")
	}
	var err error
	for range 20 {
		err = r.Relay(bob, msg)
	}
	if !errors.Is(err, delivery.ErrThrottled) {
		t.Errorf("the 21st at once: %v", err)
	}
	r.must(anna, "grant")
	if err := r.Relay(bob, msg); err != nil {
		t.Errorf("of the epoch before: %v", err)
	}
	r.must(bob, "revoke")
	if err := r.Relay(bob, msg); !errors.Is(err, delivery.ErrEpoch) {
		t.Errorf("of an older epoch: %v", err)
	}
}
