package meeting_test

import (
	"maps"
	"testing"

	"legroom/e2ee/e2eetest"
	"legroom/gateway/meeting"
	"legroom/rooms"
)

// TestStats counts what there is now, and commits since the start, also when their meeting is over.
func TestStats(t *testing.T) {
	play(t, func(t *testing.T, r *rig) {
		if s := r.Stats(); s.Running+s.Members+s.Grants != 0 || s.LogBytes != 0 || s.Taken != 0 || len(s.Refused) != 0 {
			t.Errorf("of nothing: %+v", s)
		}
		anna := r.founded()
		bob := r.page("bob", rooms.Guest, 0x11, 0x31)
		r.admit(anna, bob)
		c := r.call("phone")
		r.allow(anna, true)
		c.is(t, meeting.Granted, true, nil)
		r.commit(bob, e2eetest.Commit{Remove: []uint32{0}}, nil)
		r.commit(bob, e2eetest.Commit{Remove: []uint32{9}}, nil)
		s := r.Stats()
		if s.Running != 1 || s.Members != 2 || s.Grants != 1 || s.LogBytes < 1000 || s.Taken != 2 || !maps.Equal(s.Refused, map[string]uint64{"role": 2}) {
			t.Errorf("got %+v", s)
		}
		if len(r.Running()) != 1 {
			t.Errorf("logs that go on: %v", r.Running())
		}
		bob.gone()
		anna.gone()
		if s := r.Stats(); s.Running+s.Members+s.Grants != 0 || s.LogBytes != 0 || s.Taken != 2 || len(r.Running()) != 0 {
			t.Errorf("when it is over: %+v", s)
		}
	})
}
