package meeting_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"legroom/e2ee"
	"legroom/e2ee/e2eetest"
	"legroom/e2ee/sframe"
	"legroom/gateway/meeting"
	"legroom/media"
	"legroom/rooms"
)

func (r *rig) opens(leaf int) error {
	r.t.Helper()
	g := r.room.granted()
	if g == nil {
		return e2ee.ErrRevoked
	}
	o, ok := g.Opener(sframe.Audio)
	if !ok {
		return sframe.ErrSender
	}
	out, from, err := o.Open(nil, media.Opus, r.frame(leaf, r.epoch))
	if err == nil && (string(out) != "opus" || from.Leaf() != leaf) {
		r.t.Errorf("opened %q of leaf %d", out, from.Leaf())
	}
	return err
}

func (r *rig) speaks(n uint32, line uint16) {
	r.t.Helper()
	s, ok := r.room.granted().Sealer(sframe.Audio, line)
	if !ok {
		r.t.Fatalf("line %d may not speak", line)
	}
	sealed, err := s.Seal(nil, media.Opus, []byte("phone"))
	if err != nil {
		r.t.Fatal(err)
	}
	id, err := sframe.GranteeKeyID(n, int(line), r.epoch)
	if err != nil {
		r.t.Fatal(err)
	}
	o, err := sframe.NewOpener(sframe.StreamConfig{BaseKey: e2eetest.LegKey(r.epoch, n, "audio"), Kind: sframe.Audio, KeyID: id})
	if err != nil {
		r.t.Fatal(err)
	}
	if out, err := o.Open(nil, media.Opus, sealed); err != nil || string(out) != "phone" {
		r.t.Errorf("browsers hear %q, %v", out, err)
	}
}

func TestOnePhone(t *testing.T) {
	play(t, func(t *testing.T, r *rig) {
		c := r.call("anton")
		c.is(t, meeting.NobodyHere, false, nil)
		anna := r.founded()
		c.is(t, meeting.Asked, false, nil)
		select {
		case <-c.Changed():
		default:
			t.Error("nobody said that the state changed")
		}
		a := anna.last("asked")
		q, err := e2ee.DecodeRequest(a.Request)
		if err != nil || !e2ee.VerifyRequest(a.Request, r.identity.Key(), e2ee.Signature(a.Sig)) {
			t.Fatalf("request: %v", err)
		}
		leg := e2ee.RequestLeg{No: c.Leg(), Kind: e2ee.Phone, Label: "anton", Number: "+49 30 ...34"}
		if q.Room != "1000" || q.Group != r.mls.Group() || !slices.Equal(q.Legs, []e2ee.RequestLeg{leg}) ||
			q.Scope != e2ee.ScopeOf(sframe.Audio) || q.Speak != e2ee.ScopeOf(sframe.Audio) ||
			time.Until(q.NotAfter.Time()) != 8*time.Hour {
			t.Errorf("request %+v", q)
		}
		bob := r.page("bob", rooms.Guest, 0x11, 0x31)
		r.admit(anna, bob)
		if bob.last("asked").Request == nil {
			t.Error("who came later does not know who asks")
		}
		if r.room.granted() != nil || r.opens(0) == nil {
			t.Fatal("opened before it was granted")
		}
		g := r.allow(anna, false)
		c.is(t, meeting.Asked, false, nil)
		bundle := r.mls.NewBundle(g, r.epoch, anna.Browser.Leaf).Seal()
		anna.must("bundle", fields{"sealed": bundle})
		c.is(t, meeting.Granted, true, nil)
		if s, _, _ := c.person.state(); s == nil || *s != (rooms.Sender{Grant: g.N, Line: c.Leg()}) || !slices.Equal(c.done, []string{"sender", "in"}) {
			t.Errorf("the phone is %v: %v", s, c.done)
		}
		for _, p := range []*page{anna, bob} {
			if n := p.last("bundled"); n.N != g.N || n.Epoch != r.epoch {
				t.Errorf("bundled %+v", n)
			}
		}
		if err := r.opens(1); err != nil {
			t.Errorf("Bob is not heard: %v", err)
		}
		r.speaks(g.N, c.Leg())
		held := r.room.granted()
		c.Close()
		c.Close()
		if n := bob.last("withdrawn"); !bytes.Equal(n.Request, q.ID[:]) {
			t.Error("the hosts do not know that the last leg hung up")
		}
		if r.room.granted() != nil || r.room.times != 2 {
			t.Error("the room still has the grant")
		}
		if _, ok := held.Opener(sframe.Audio); ok && held.Err() == nil {
			t.Error("the keys outlive the call")
		}
		// Until hosts have taken it away, each commit reminds them.
		n := len(anna.all("withdrawn"))
		r.mls.Policy.Revision++
		r.policy(anna, false)
		if len(anna.all("withdrawn")) != n+1 {
			t.Error("a grant that nobody uses stays")
		}
		r.mls.Revoke(r.identity.Key())
		r.policy(bob, false)
		if len(anna.all("withdrawn")) != n+1 {
			t.Error("withdrawn once more for nothing")
		}
	})
}

func TestScopeIsCut(t *testing.T) {
	play(t, func(t *testing.T, r *rig) {
		r.mls.Policy.MaxScope = e2ee.ScopeOf(sframe.Audio, sframe.Video, sframe.Screen, sframe.ScreenAudio)
		anna := r.founded()
		r.call("anton")
		q, err := e2ee.DecodeRequest(anna.last("asked").Request)
		if err != nil || q.Scope != e2ee.ScopeOf(sframe.Audio, sframe.ScreenAudio) || q.Speak != e2ee.ScopeOf(sframe.Audio) {
			t.Errorf("asked for %v to speak %v, %v", q.Scope, q.Speak, err)
		}
	})
}

func TestTwoPhones(t *testing.T) {
	play(t, func(t *testing.T, r *rig) {
		anna := r.founded()
		one := r.call("one")
		first := r.allow(anna, true)
		one.is(t, meeting.Granted, true, nil)
		n := len(anna.all("asked"))

		two := r.call("two")
		two.is(t, meeting.Asked, false, nil)
		a := anna.last("asked")
		if len(anna.all("asked")) != n+1 || !slices.Equal(lines(t, a.Request), []uint16{one.Leg(), two.Leg()}) {
			t.Errorf("asked for lines %v", lines(t, a.Request))
		}
		if err := r.opens(0); err != nil || len(anna.all("withdrawn")) > 0 {
			t.Errorf("the old grant is not in force any more: %v", err)
		}
		first0, last := r.room.granted(), r.frame(0, r.epoch)
		second := r.allow(anna, true)
		// What was under way is still heard, for two seconds, and the old grant is over.
		o, _ := r.room.granted().Opener(sframe.Audio)
		if _, _, err := o.Open(nil, media.Opus, last); err != nil || first0.Err() == nil || first0 == r.room.granted() {
			t.Errorf("a frame under way: %v, the old grant: %v", err, first0.Err())
		}
		if _, _, err := o.Open(nil, media.Opus, last); err == nil {
			t.Error("a frame is heard twice")
		}
		last = r.frame(0, r.epoch-1)
		r.pass(2100 * time.Millisecond)
		if _, _, err := o.Open(nil, media.Opus, last); !errors.Is(err, e2ee.ErrNoKey) {
			t.Errorf("the old keys are kept: %v", err)
		}
		for _, c := range []*caller{one, two} {
			c.is(t, meeting.Granted, true, nil)
			if s, _, _ := c.person.state(); s.Grant != second.N || s.Line != c.Leg() {
				t.Errorf("%s is %+v", c.person.id, s)
			}
			r.speaks(second.N, c.Leg())
		}
		if second.N == first.N || r.opens(0) != nil {
			t.Error("nobody is heard")
		}

		// One hangs up: a narrower request, while the other goes on.
		two.Close()
		a = anna.last("asked")
		if !slices.Equal(lines(t, a.Request), []uint16{one.Leg()}) || r.opens(0) != nil || len(anna.all("withdrawn")) > 0 {
			t.Errorf("asked for lines %v, withdrawn %d", lines(t, a.Request), len(anna.all("withdrawn")))
		}
		// Its number is not given away while the grant names it.
		three := r.call("three")
		if three.Leg() == two.Leg() {
			t.Error("a line that is granted has another caller")
		}
		three.Close()
		third := r.allow(anna, true)
		one.is(t, meeting.Granted, true, nil)
		r.speaks(third.N, one.Leg())
		if len(anna.all("asked")) != 5 {
			t.Errorf("asked %d times", len(anna.all("asked")))
		}
		one.Close()
		if r.room.granted() != nil {
			t.Error("the grant outlives the last call")
		}
	})
}

func TestOneLeftWhoWaits(t *testing.T) {
	play(t, func(t *testing.T, r *rig) {
		anna := r.founded()
		one := r.call("one")
		r.allow(anna, true)
		two := r.call("two")
		one.Close()
		if r.room.granted() != nil {
			t.Error("the grant stays for a leg that it was not for")
		}
		two.is(t, meeting.Asked, false, nil)
		if got := lines(t, anna.last("asked").Request); !slices.Equal(got, []uint16{two.Leg()}) {
			t.Errorf("asked for lines %v", got)
		}
		r.allow(anna, true)
		two.is(t, meeting.Granted, true, nil)
	})
}

func TestDeclined(t *testing.T) {
	play(t, func(t *testing.T, r *rig) {
		anna := r.founded()
		bob := r.page("bob", rooms.Guest, 0x11, 0x31)
		r.admit(anna, bob)
		c := r.call("anton")
		no := func(p *page) {
			q, err := e2ee.DecodeRequest(anna.last("asked").Request)
			if err != nil {
				t.Fatal(err)
			}
			p.say(fields{"type": "decline", "request": q.ID[:]})
		}
		no(bob)
		c.is(t, meeting.Asked, false, nil) // who is no host cannot
		anna.say(fields{"type": "decline", "request": make([]byte, 16)})
		c.is(t, meeting.Asked, false, nil)
		no(anna)
		c.is(t, meeting.Declined, false, nil)
		n := len(anna.all("asked"))
		// Another call is another matter, and does not bring the first one back.
		two := r.call("two")
		if got := lines(t, anna.last("asked").Request); !slices.Equal(got, []uint16{two.Leg()}) {
			t.Errorf("asked for lines %v", got)
		}
		c.Remind()
		c.is(t, meeting.Asked, false, nil)
		c.Remind() // too soon
		if got := lines(t, anna.last("asked").Request); len(anna.all("asked")) != n+2 || len(got) != 2 {
			t.Errorf("asked %d times, for lines %v", len(anna.all("asked"))-n, got)
		}
		r.pass(6 * time.Second)
		c.Remind()
		if all := anna.all("asked"); len(all) != n+3 || !bytes.Equal(all[n+1].Request, all[n+2].Request) {
			t.Error("hosts are not reminded of the same request")
		}
	})
}

func TestNarrowerIsDeclined(t *testing.T) {
	play(t, func(t *testing.T, r *rig) {
		anna := r.founded()
		one, two := r.call("one"), r.call("two")
		r.allow(anna, true)
		two.Close()
		q, err := e2ee.DecodeRequest(anna.last("asked").Request)
		if err != nil {
			t.Fatal(err)
		}
		n := len(anna.all("asked"))
		anna.say(fields{"type": "decline", "request": q.ID[:]})
		one.is(t, meeting.Granted, true, nil)
		if len(anna.all("asked")) != n || r.opens(0) != nil {
			t.Errorf("asked %d times more", len(anna.all("asked"))-n)
		}
	})
}

func TestHostsComeAndGo(t *testing.T) {
	play(t, func(t *testing.T, r *rig) {
		anna := r.founded()
		bob := r.page("bob", rooms.Guest, 0x11, 0x31)
		r.admit(anna, bob)
		anna.member.Leave()
		c := r.call("anton")
		c.is(t, meeting.NobodyHere, false, nil)
		anna.enter()
		c.is(t, meeting.Asked, false, nil)
		anna.member.Leave()
		c.is(t, meeting.NobodyHere, false, nil)
		anna.enter()
		c.is(t, meeting.Asked, false, nil)
		r.allow(anna, true)
		c.is(t, meeting.Granted, true, nil)
	})
}

func TestGatewayIsNotListed(t *testing.T) {
	play(t, func(t *testing.T, r *rig) {
		r.mls.Policy.Gateways = nil
		anna := r.founded()
		c := r.call("anton")
		for n := range 3 {
			c.is(t, meeting.NobodyHere, false, nil)
			r.mls.Policy.Gateways = []e2ee.Key{r.identity.Key()}
			r.mls.Policy.Revision++
			r.policy(anna, false)
			c.is(t, meeting.Asked, false, nil)
			if len(anna.all("asked")) != n+1 {
				t.Error("the hosts were not asked anew")
			}
			r.mls.Policy.Gateways = nil
			r.mls.Policy.Revision++
			r.policy(anna, false)
		}
	})
}

func TestCut(t *testing.T) {
	for _, test := range []struct {
		in   string
		most int
		want string
	}{{"abc", 3, "abc"}, {"abcd", 3, "abc"}, {"aäb", 2, "a"}, {"äää", 5, "ää"}, {"", 0, ""}, {"ä", 1, ""}} {
		if got := meeting.Cut(test.in, test.most); got != test.want {
			t.Errorf("%q to %d: %q", test.in, test.most, got)
		}
	}
	if got := meeting.Cut(strings.Repeat("x", 100), 64); len(got) != 64 {
		t.Errorf("%d bytes", len(got))
	}
}

func TestLinesRunOut(t *testing.T) {
	play(t, func(t *testing.T, r *rig) {
		var all []*caller
		for range 256 {
			all = append(all, r.call("x"))
		}
		if _, err := r.meeting.AskAs(&person{id: "y"}, meeting.Line{Kind: e2ee.Phone}); !errors.Is(err, meeting.ErrLines) {
			t.Errorf("one too many: %v", err)
		}
		for _, c := range all {
			c.Close()
		}
		if r.Used() != 0 {
			t.Error("a meeting stays that nobody is in")
		}
	})
}
