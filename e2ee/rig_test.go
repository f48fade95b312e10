package e2ee_test

import (
	"testing"
	"time"

	"legroom/e2ee"
	"legroom/e2ee/e2eetest"
	"legroom/e2ee/sframe"
	"legroom/media"
)

// rig is a meeting that granted a gateway to hear and speak.
type rig struct {
	*e2eetest.Meeting
	gateway *e2ee.Identity
	request *e2ee.LiveRequest
	entry   e2ee.GrantEntry
	grant   *e2ee.Grant
	host    e2eetest.Leaf
}

const testRoom = "1000"

func newRig(t *testing.T) *rig {
	t.Helper()
	now := time.Now()
	r := &rig{Meeting: e2eetest.NewMeeting(testRoom, now), gateway: e2ee.NewIdentity(e2eetest.Seeded(0x70))}
	r.host = r.NewLeaf(r.Owner, e2eetest.Seeded(0x30))
	r.request = r.ask(t)
	r.entry = r.Grant(r.request)
	grant, err := r.request.Granted(r.Policy, r.owner())
	if err != nil {
		t.Fatal(err)
	}
	r.grant = grant
	t.Cleanup(func() { grant.Close(nil) })
	return r
}

func (r *rig) ask(t *testing.T) *e2ee.LiveRequest {
	t.Helper()
	l, err := r.gateway.Ask(e2ee.Ask{
		Room: testRoom, Group: r.Group(), Legs: []e2ee.RequestLeg{{No: 2, Kind: e2ee.Phone, Label: "Line 2", Number: "+49 30 ...34"}},
		Scope: e2ee.ScopeOf(sframe.Audio), Speak: e2ee.ScopeOf(sframe.Audio), NotAfter: r.Now.Add(time.Hour),
	})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func (r *rig) owner() e2ee.Key { return e2eetest.Public(r.Owner) }

func (r *rig) take(t *testing.T, epoch uint64) {
	t.Helper()
	if err := r.grant.Take(r.NewBundle(r.entry, epoch, r.host).Seal(), r.Policy); err != nil {
		t.Fatalf("epoch %d: %v", epoch, err)
	}
}

// browser seals as a member of the group: with a sender tag, since the kind is granted.
func browser(t *testing.T, epoch uint64, leaf int) *sframe.Sealer {
	t.Helper()
	id, err := sframe.BrowserKeyID(0, leaf, epoch)
	if err != nil {
		t.Fatal(err)
	}
	s, err := sframe.NewSealer(sframe.StreamConfig{
		BaseKey: e2eetest.BrowserKey(epoch, "audio"), Kind: sframe.Audio, KeyID: id, Tag: sframe.CheckTag, TagKey: e2eetest.Count(32, 0x40),
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func sealed(t *testing.T, s *sframe.Sealer, text string) []byte {
	t.Helper()
	f, err := s.Seal(nil, media.Opus, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func opener(t *testing.T, g *e2ee.Grant) *e2ee.Opener {
	t.Helper()
	o, ok := g.Opener(sframe.Audio)
	if !ok {
		t.Fatal("no opener for what is in the scope")
	}
	return o
}
