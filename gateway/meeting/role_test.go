package meeting_test

import (
	"testing"

	"legroom/e2ee"
	"legroom/e2ee/e2eetest"
	"legroom/rooms"
)

// TestRoleFollowsTheGroup: on a leaf a browser is for the server what it is in the group, and without one what its link says.
func TestRoleFollowsTheGroup(t *testing.T) {
	play(t, func(t *testing.T, r *rig) {
		anna := r.founded()
		bob, linked := r.page("bob", rooms.Guest, 0x11, 0x31), r.page("linked", rooms.Host, 0x12, 0x32)
		are := func(when string, want map[*page]rooms.Role) {
			t.Helper()
			for p, role := range want {
				if got := p.Role(); got != role {
					t.Errorf("%s: %s is %v, want %v", when, p.person.id, got, role)
				}
			}
		}
		are("in the lobby", map[*page]rooms.Role{anna: rooms.Host, bob: rooms.Guest, linked: rooms.Host})
		r.admit(anna, bob)
		r.admit(anna, linked)
		are("let in", map[*page]rooms.Role{anna: rooms.Host, bob: rooms.Guest, linked: rooms.Guest})
		r.hosts(anna, e2ee.NewHostEntry(anna.Identity, r.mls.Group(), public(bob.Identity)))
		are("made host", map[*page]rooms.Role{anna: rooms.Host, bob: rooms.Host, linked: rooms.Guest})
		// As soon as most members refuse the commit it is as before.
		linked.must("refuse", fields{"epoch": r.epoch - 1})
		bob.must("refuse", fields{"epoch": r.epoch - 1})
		r.epoch--
		are("refused", map[*page]rooms.Role{anna: rooms.Host, bob: rooms.Guest, linked: rooms.Guest})
		r.mls.Policy.Hosts = r.mls.Policy.Hosts[:1]
		r.mls.Policy.Revision += 2 // the refused commit is not taken again
		r.hosts(anna, e2ee.NewHostEntry(anna.Identity, r.mls.Group(), public(bob.Identity)))
		r.mls.Policy.Hosts[1].Out = true
		r.mls.Policy.Revision++
		r.policy(anna, false)
		are("no host any more", map[*page]rooms.Role{anna: rooms.Host, bob: rooms.Guest})
		// Its group over, a link is what it was: only so can another meeting begin.
		anna.gone()
		bob.gone()
		linked.Browser = r.mls.NewBrowser(e2eetest.Seeded(0x12), 0x42)
		linked.must("wait", fields{"keyPackage": linked.KeyPackage()})
		if _, in, cause := linked.state(); in || cause != nil {
			t.Errorf("without a group: in %v, left %v", in, cause)
		}
		are("its group over", map[*page]rooms.Role{linked: rooms.Host})
	})
}

// hosts puts a policy in force with one more host.
func (r *rig) hosts(by *page, e e2ee.HostEntry) {
	r.t.Helper()
	r.mls.Policy.Hosts = append(r.mls.Policy.Hosts, e)
	r.mls.Policy.Revision++
	r.policy(by, false)
}

// TestForgedHost: an entry that no host signed makes nobody a host for the server, not even until members refuse it.
func TestForgedHost(t *testing.T) {
	play(t, func(t *testing.T, r *rig) {
		anna := r.founded()
		bob := r.page("bob", rooms.Guest, 0x11, 0x31)
		r.admit(anna, bob)
		e := e2ee.NewHostEntry(anna.Identity, r.mls.Group(), public(bob.Identity))
		e.Signature[0] ^= 1
		r.hosts(anna, e)
		if bob.Role() == rooms.Host {
			t.Error("a forged entry makes a host")
		}
	})
}

// TestTakeover: who takes over when the hosts are gone is host for the server too.
func TestTakeover(t *testing.T) {
	play(t, func(t *testing.T, r *rig) {
		r.mls.Policy.Fallback = []e2ee.HostEntry{e2ee.NewHostEntry(e2eetest.Seeded(0x10), r.mls.Group(), public(e2eetest.Seeded(0x11)))}
		anna := r.founded()
		bob := r.page("bob", rooms.Guest, 0x11, 0x31)
		r.admit(anna, bob)
		if bob.Role() != rooms.Guest {
			t.Errorf("before: %v", bob.Role())
		}
		anna.gone()
		e := r.mls.Policy.Fallback[0]
		r.mls.Policy.Fallback = nil
		r.hosts(bob, e)
		if bob.Role() != rooms.Host {
			t.Errorf("after: %v", bob.Role())
		}
	})
}
