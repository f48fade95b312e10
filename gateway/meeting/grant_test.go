package meeting_test

import (
	"crypto/sha256"
	"errors"
	"slices"
	"testing"
	"time"

	"legroom/e2ee"
	"legroom/gateway/meeting"
	"legroom/rooms"
)

func TestLateYes(t *testing.T) {
	play(t, func(t *testing.T, r *rig) {
		anna := r.founded()
		one := r.call("one")
		old := anna.last("asked")
		two := r.call("two")
		if n := anna.last("withdrawn"); n.Request == nil {
			t.Error("two cards for one gateway")
		}
		r.mls.GrantAsked(old.Request, e2ee.Signature(old.Sig))
		r.policy(anna, true)
		one.is(t, meeting.Granted, true, nil)
		two.is(t, meeting.Asked, false, nil)
		r.allow(anna, true)
		two.is(t, meeting.Granted, true, nil)
		one.is(t, meeting.Granted, true, nil)
	})
}

func TestYesToNobody(t *testing.T) {
	play(t, func(t *testing.T, r *rig) {
		anna := r.founded()
		one := r.call("one")
		old := anna.last("asked")
		one.Close()
		n := len(anna.all("withdrawn"))
		g := r.mls.GrantAsked(old.Request, e2ee.Signature(old.Sig))
		r.policy(anna, true)
		if r.room.granted() != nil || len(anna.all("bundled")) > 0 {
			t.Error("keys were taken for nobody")
		}
		if len(anna.all("withdrawn")) != n+1 {
			t.Error("the grant stays")
		}
		// Other calls ask anew, and none has a number that the grant names, however many there are.
		for range 1030 {
			two := r.call("two")
			if slices.Contains(lines(t, g.Request), two.Leg()) {
				t.Fatal("a line that is granted has another caller")
			}
			two.Close()
		}
	})
}

func TestSealed(t *testing.T) {
	play(t, func(t *testing.T, r *rig) {
		r.room.policy.Mode = rooms.Sealed
		if _, err := r.meeting.AskAs(&person{id: "x"}, meeting.Line{Kind: e2ee.Phone}); !errors.Is(err, meeting.ErrSealed) {
			t.Errorf("a sealed room: %v", err)
		}
		if r.Used() != 0 {
			t.Error("a meeting stays that nobody is in")
		}
	})
	play(t, func(t *testing.T, r *rig) {
		anna := r.founded()
		c := r.call("anton")
		in := r.call("berta")
		r.allow(anna, true)
		late := r.call("late")
		r.mls.Revoke(r.identity.Key())
		r.mls.Policy.Mode = e2ee.Sealed
		r.policy(anna, false)
		c.is(t, meeting.Revoked, true, rooms.ErrRevoked)
		in.is(t, meeting.Revoked, true, rooms.ErrRevoked)
		late.is(t, meeting.Declined, false, nil)
		if _, err := r.meeting.AskAs(&person{id: "x"}, meeting.Line{Kind: e2ee.Phone}); !errors.Is(err, meeting.ErrSealed) {
			t.Errorf("a sealed group: %v", err)
		}
	})
}

func TestRevoked(t *testing.T) {
	play(t, func(t *testing.T, r *rig) {
		anna := r.founded()
		bob := r.page("bob", rooms.Guest, 0x11, 0x31)
		r.admit(anna, bob)
		one := r.call("one")
		r.allow(anna, true)
		two := r.call("two") // waits
		r.mls.Revoke(r.identity.Key())
		r.policy(bob, false)
		one.is(t, meeting.Revoked, true, rooms.ErrRevoked)
		two.is(t, meeting.Asked, false, nil)
		if r.room.granted() != nil || r.opens(0) == nil {
			t.Error("the room still has the grant")
		}
		if got := lines(t, anna.last("asked").Request); !slices.Equal(got, []uint16{two.Leg()}) {
			t.Errorf("asked for lines %v", got)
		}
		one.Close()
		r.allow(anna, true)
		two.is(t, meeting.Granted, true, nil)
	})
}

func TestKeysMissing(t *testing.T) {
	play(t, func(t *testing.T, r *rig) {
		anna := r.founded()
		bob := r.page("bob", rooms.Guest, 0x11, 0x31)
		r.admit(anna, bob)
		c := r.call("anton")
		g := r.allow(anna, true)
		r.mls.Policy.Revision++
		r.policy(anna, false)
		r.pass(1900 * time.Millisecond)
		c.is(t, meeting.Granted, true, nil)
		r.pass(200 * time.Millisecond)
		c.is(t, meeting.Interrupted, true, nil)
		// What is no good changes nothing, and nobody is told that it was taken.
		n := len(anna.all("bundled"))
		forged := r.mls.NewBundle(g, r.epoch, anna.Browser.Leaf)
		forged.Sealer = bob.Browser.Leaf
		anna.must("bundle", fields{"sealed": forged.Seal()})
		c.is(t, meeting.Interrupted, true, nil)
		if len(anna.all("bundled")) != n {
			t.Error("a guest's bundle was taken")
		}
		r.mls.Policy.Revision++
		r.policy(anna, true)
		c.is(t, meeting.Granted, true, nil)
		if err := r.opens(1); err != nil {
			t.Error(err)
		}
		// In time, nothing is heard of it.
		r.mls.Policy.Revision++
		r.policy(anna, false)
		r.pass(time.Second)
		anna.must("bundle", fields{"sealed": r.mls.NewBundle(g, r.epoch, anna.Browser.Leaf).Seal()})
		r.pass(time.Hour)
		c.is(t, meeting.Granted, true, nil)
	})
}

func TestFork(t *testing.T) {
	play(t, func(t *testing.T, r *rig) {
		anna := r.founded()
		bob := r.page("bob", rooms.Guest, 0x11, 0x31)
		r.admit(anna, bob)
		c := r.call("anton")
		g := r.allow(anna, true)
		waits := r.call("berta")
		other := r.mls.NewBundle(g, r.epoch, anna.Browser.Leaf)
		other.Transcript = sha256.Sum256([]byte("another history"))
		anna.must("bundle", fields{"sealed": other.Seal()})
		c.is(t, meeting.Interrupted, true, nil)
		if r.room.granted() != nil {
			t.Error("the room still has the grant")
		}
		if len(bob.all("withdrawn")) == 0 {
			t.Error("nobody is to take the grant away")
		}
		n := len(anna.all("asked"))
		r.call("late").is(t, meeting.NobodyHere, false, nil)
		if len(anna.all("asked")) != n {
			t.Error("one half of a split group is asked")
		}
		r.mls.Revoke(r.identity.Key())
		r.policy(anna, false)
		c.is(t, meeting.Revoked, true, rooms.ErrRevoked)
		r.allow(anna, true)
		waits.is(t, meeting.Granted, true, nil)
	})
}

func TestRenewed(t *testing.T) {
	play(t, func(t *testing.T, r *rig) {
		anna := r.founded()
		c := r.call("anton")
		first := r.allow(anna, true)
		n := len(anna.all("asked"))
		r.pass(7*time.Hour + 29*time.Minute)
		if len(anna.all("asked")) != n {
			t.Error("asked too early")
		}
		r.pass(2 * time.Minute)
		if got := lines(t, anna.last("asked").Request); len(anna.all("asked")) != n+1 || !slices.Equal(got, []uint16{c.Leg()}) {
			t.Fatalf("asked %d times, for %v", len(anna.all("asked"))-n, got)
		}
		if err := r.opens(0); err != nil {
			t.Error(err)
		}
		anna.Browser = r.mls.NewBrowser(anna.Identity, 0x30)
		r.mls.Now = time.Now()
		anna.Browser.Leaf = r.mls.NewLeaf(anna.Identity, anna.Browser.Leaf.Key)
		second := r.allow(anna, true)
		c.is(t, meeting.Granted, true, nil)
		if second.NotAfter <= first.NotAfter || r.opens(0) != nil {
			t.Error("not renewed")
		}
		// Nobody renews it a second time.
		r.pass(7*time.Hour + 50*time.Minute)
		c.is(t, meeting.Granted, true, nil)
		r.pass(20 * time.Minute)
		c.is(t, meeting.Revoked, true, rooms.ErrRevoked)
	})
}

func TestGroupEndsUnderPhones(t *testing.T) {
	play(t, func(t *testing.T, r *rig) {
		anna := r.founded()
		in := r.call("in")
		r.allow(anna, true)
		waits := r.call("waits")
		held := r.room.granted()
		anna.gone()
		in.is(t, meeting.Revoked, true, rooms.ErrRevoked)
		waits.is(t, meeting.NobodyHere, false, nil)
		if held.Err() == nil || r.room.granted() != nil {
			t.Error("the grant outlives the group")
		}
		r.begin(0xb0)
		anna = r.founded()
		waits.is(t, meeting.Asked, false, nil)
		r.allow(anna, true)
		waits.is(t, meeting.Granted, true, nil)
	})
}

func TestNote(t *testing.T) {
	play(t, func(t *testing.T, r *rig) {
		anna := r.founded()
		c := r.call("anton")
		if a := anna.ask("note", fields{"sealed": []byte{1}}); a.Fault != "bundle" {
			t.Errorf("a note for nobody: %s %s", a.Type, a.Fault)
		}
		g := r.allow(anna, true)
		if _, _, ok := r.meeting.Code(); ok {
			t.Error("a code that nobody compared")
		}
		at := time.Now().Add(-time.Minute)
		anna.must("note", fields{"sealed": note(r, g, anna, "01234567", at)})
		for name, sealed := range map[string][]byte{
			"a bundle": r.mls.NewBundle(g, r.epoch, anna.Browser.Leaf).Seal(), "seven digits": note(r, g, anna, "0123456", at),
			"letters": note(r, g, anna, "0123456a", at), "tomorrow": note(r, g, anna, "01234567", at.Add(24*time.Hour)),
		} {
			if a := anna.ask("note", fields{"sealed": sealed}); a.Fault != "malformed" {
				t.Errorf("%s: %s %s", name, a.Type, a.Fault)
			}
		}
		other := r.mls.NewBundle(g, r.epoch, anna.Browser.Leaf)
		other.Transcript = sha256.Sum256([]byte("another history"))
		if a := anna.ask("note", fields{"sealed": other.SealNote("01234567", at.Unix())}); a.Fault != "epoch" {
			t.Errorf("of another history: %s %s", a.Type, a.Fault)
		}
		anna.must("note", fields{"sealed": note(r, g, anna, "76543210", at.Add(-time.Hour))}) // older: not counted
		code, when, ok := r.meeting.Code()
		if code != "01234567" || when.Unix() != at.Unix() || !ok {
			t.Errorf("%s, %v, %v", code, when, ok)
		}
		bob := r.page("bob", rooms.Guest, 0x11, 0x31)
		r.admit(anna, bob)
		if a := bob.ask("note", fields{"sealed": note(r, g, anna, "01234567", at)}); a.Fault != "leaf" {
			t.Errorf("a guest's: %s %s", a.Type, a.Fault)
		}
		c.Close()
	})
}

func note(r *rig, g e2ee.GrantEntry, by *page, code string, at time.Time) []byte {
	return r.mls.NewBundle(g, r.epoch, by.Browser.Leaf).SealNote(code, at.Unix())
}
