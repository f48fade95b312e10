package delivery_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"legroom/e2ee/delivery"
)

func (r *rig) reopen(epoch uint64, by ...delivery.Member) {
	r.t.Helper()
	for i, who := range by {
		if err := r.Refuse(who, epoch); err != nil {
			r.t.Fatalf("%s refuses: %v", who, err)
		}
		if open := r.epoch() == epoch; open != (i == len(by)-1) {
			r.t.Fatalf("after %d refusals the epoch is %d", i+1, r.epoch())
		}
	}
}

func TestGuestRate(t *testing.T) {
	for _, c := range []struct {
		name          string
		who           delivery.Member
		first, second string
		more          int // commits of theirs before
		after         time.Duration
		want          error
	}{
		{"a fourth too early", carol, "carolRefresh", "carolRefresh3", 2, 30*time.Second - 1, delivery.ErrThrottled},
		{"a fourth in time", carol, "carolRefresh", "carolRefresh3", 2, 30 * time.Second, nil},
		{"a third at once", carol, "carolRefresh", "carolRefresh3", 1, 0, nil},
		{"another guest", carol, "", "carolRefresh3", 0, 0, nil},
		{"revoking", bob, "refresh", "revoke", 0, time.Second, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			r.three()
			if c.first != "" {
				r.must(c.who, c.first)
				// The epoch is opened again and goes to Anna, so that the guest can commit to a later one.
				others := []delivery.Member{anna, bob, carol}
				r.reopen(1, slices.DeleteFunc(others, func(m delivery.Member) bool { return m == c.who })...)
			}
			for range c.more {
				r.SpendAsGuest(c.who)
			}
			if err := r.commit(anna, "grant"); err != nil {
				t.Fatal(err)
			}
			if c.second != "revoke" {
				if err := r.commit(bob, "revoke"); err != nil {
					t.Fatal(err)
				}
			}
			r.now = r.now.Add(c.after)
			if err := r.commit(c.who, c.second); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

func TestRoles(t *testing.T) {
	for _, c := range []struct {
		name   string
		before []string
		who    delivery.Member
		commit string
		want   error
	}{
		{"guest adds somebody", nil, bob, "guestAdds", delivery.ErrRole},
		{"guest puts somebody in another's place", nil, carol, "guestSwaps", delivery.ErrRole},
		{"guest grants", nil, bob, "guestGrants", delivery.ErrRole},
		{"host mixes policy and roster", nil, anna, "both", delivery.ErrRole},
		{"guest's empty commit while a gateway listens", []string{"grant"}, carol, "refreshInGrant", delivery.ErrRole},
		{"guest revokes", []string{"grant"}, bob, "revoke", nil},
		{"guest revokes and more", []string{"grant"}, bob, "revokeAndMore", delivery.ErrRole},
		{"guest brings a guest back while a gateway listens", []string{"grant"}, carol, "rejoinInGrant", delivery.ErrRole},
		{"guest brings a host back while a gateway listens", []string{"grant"}, carol, "rejoinOfHost", nil},
		{"fallback host takes over", []string{"grant", "revoke"}, carol, "takeover", nil},
		{"guest takes over", []string{"grant", "revoke"}, bob, "takeoverByBob", delivery.ErrRole},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			r.three()
			for _, name := range c.before {
				who := anna
				if name == "revoke" {
					who = bob
				}
				r.must(who, name)
			}
			r.wait(dave, "dave")
			r.wait(bob, "bobAgain")
			r.wait(anna, "annaAgain")
			r.now = r.now.Add(time.Minute)
			if err := r.commit(c.who, c.commit); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

func TestPace(t *testing.T) {
	r := newRig(t)
	r.three()
	r.now = r.now.Add(time.Minute)
	for i := range 8 {
		if err := r.commit(anna, fmt.Sprintf("pace%d", i)); err != nil {
			t.Fatalf("commit %d: %v", i, err)
		}
		r.reopen(1, bob, carol)
	}
	var wait *delivery.ThrottledError
	if err := r.commit(anna, "pace8"); !errors.As(err, &wait) || wait.After != time.Second {
		t.Fatalf("the ninth commit: %v", err)
	}
	r.now = r.now.Add(time.Second)
	if err := r.commit(anna, "pace8"); err != nil {
		t.Fatalf("a second later: %v", err)
	}
	r.reopen(1, bob, carol)
	if err := r.commit(anna, "pace9"); !errors.Is(err, delivery.ErrThrottled) {
		t.Fatalf("the tenth commit: %v", err)
	}
}

func TestRefusal(t *testing.T) {
	r := newRig(t)
	r.three()
	r.must(bob, "refresh")
	if err := r.Refuse(bob, 1); !errors.Is(err, delivery.ErrLeaf) {
		t.Errorf("the committer refuses: %v", err)
	}
	if err := r.Refuse(dave, 1); !errors.Is(err, delivery.ErrLeaf) {
		t.Errorf("a stranger refuses: %v", err)
	}
	if err := r.Refuse(anna, 7); !errors.Is(err, delivery.ErrEpoch) {
		t.Errorf("a commit that never was: %v", err)
	}
	r.posts = nil
	r.reopen(1, carol, anna)
	for _, who := range []delivery.Member{anna, bob, carol} {
		if a := told[delivery.Applied](r, who); len(a) != 1 || a[0].Record.Kind != delivery.Reopened || a[0].Record.Epoch != 1 {
			t.Errorf("%s was told %+v", who, a)
		}
	}
	if err := r.commit(bob, "refresh"); !errors.Is(err, delivery.ErrRefused) {
		t.Errorf("the refused commit again: %v", err)
	}
	if err := r.commit(carol, "carolRefresh"); err != nil {
		t.Errorf("another's commit of the open epoch: %v", err)
	}

	t.Run("tie", func(t *testing.T) {
		r := newRig(t)
		r.three()
		r.Disconnect(carol)
		r.must(bob, "refresh")
		r.reopen(1, anna)
		r.must(anna, "grant")
		if err := r.Refuse(bob, 1); err != nil {
			t.Fatal(err)
		}
		if r.epoch() != 2 {
			t.Error("a guest alone took a host's commit back")
		}
	})
	t.Run("tie of hosts", func(t *testing.T) {
		r := newRig(t)
		r.three()
		r.must(anna, "grant")
		r.must(bob, "revoke")
		r.must(carol, "takeover")
		r.must(anna, "afterTakeover")
		r.Disconnect(bob)
		if err := r.Refuse(carol, 4); err != nil || r.epoch() != 5 {
			t.Errorf("one host takes another's commit back: epoch %d, %v", r.epoch(), err)
		}
	})
	t.Run("with what came after", func(t *testing.T) {
		r := newRig(t)
		r.three()
		r.must(anna, "grant")
		r.must(bob, "revoke")
		r.wait(dave, "dave")
		r.must(anna, "swap")
		r.posts = nil
		if err := r.Refuse(bob, 1); err != nil {
			t.Fatal(err)
		}
		if err := r.Refuse(carol, 1); err != nil {
			t.Fatal(err)
		}
		if leaf, ok := r.Leaf(carol); r.epoch() != 1 || !ok || leaf != 2 {
			t.Errorf("epoch %d, Carol on %d, %v", r.epoch(), leaf, ok)
		}
		if _, ok := r.Leaf(dave); ok {
			t.Error("Dave kept his leaf")
		}
		if a := told[delivery.Applied](r, dave); len(a) != 1 {
			t.Error("Dave was not told")
		}
		if last := r.policies[len(r.policies)-1]; last != 1 {
			t.Errorf("the gateway believes in the policy of epoch %d", last)
		}
	})
}
