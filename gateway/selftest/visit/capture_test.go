package visit

import (
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"legroom/e2ee"
	"legroom/e2ee/replay"
	"legroom/e2ee/sframe"
	"legroom/e2ee/visitor"
	"legroom/gateway/api"
	"legroom/gateway/selftest"
	"legroom/media"
)

// group opens frames of one epoch, in which Anna sits on leaf 0 and Ben on leaf 1, and grant 1 has line 0.
type group struct {
	epoch   byte
	openers map[streamID]*sframe.Opener
}

type streamID struct {
	kind sframe.Kind
	id   sframe.KeyID
}

func (g *group) Open(dst []byte, codec media.CodecName, kind sframe.Kind, b []byte) ([]byte, sframe.KeyID, error) {
	id, err := sframe.ReadKeyID(codec, kind, b)
	if err != nil {
		return dst, 0, err
	}
	if id.Epoch() != g.epoch {
		return dst, id, visitor.ErrNoKey
	}
	o := g.openers[streamID{kind, id}]
	if o == nil {
		if o, err = sframe.NewOpener(sframe.StreamConfig{BaseKey: baseKey(kind), Kind: kind, KeyID: id}); err != nil {
			return dst, id, err
		}
	}
	out, err := o.Open(dst, codec, b)
	if err == nil {
		g.openers[streamID{kind, id}] = o
	}
	return out, id, err
}

func (g *group) Sender(id sframe.KeyID) (visitor.Sender, error) {
	if id.Grantee() {
		return visitor.Sender{Name: "line 1", Leg: &e2ee.RequestLeg{Kind: e2ee.Phone}, N: 1}, nil
	}
	return visitor.Sender{Name: []string{"Anna", "Ben"}[id.Leaf()], Leaf: &replay.Leaf{}}, nil
}

func baseKey(k sframe.Kind) []byte {
	return []byte(strings.Repeat(string(rune('a'+k)), sframe.BaseKeySize))
}

// speaker seals what somebody says.
type speaker struct {
	t  *testing.T
	id sframe.KeyID
	*sframe.Sealer
}

func speaks(t *testing.T, kind sframe.Kind, id sframe.KeyID, err error) *speaker {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	s, err := sframe.NewSealer(sframe.StreamConfig{BaseKey: baseKey(kind), Kind: kind, KeyID: id})
	if err != nil {
		t.Fatal(err)
	}
	return &speaker{t, id, s}
}

func leaf(t *testing.T, kind sframe.Kind, n int, epoch uint64) *speaker {
	t.Helper()
	id, err := sframe.BrowserKeyID(0, n, epoch)
	return speaks(t, kind, id, err)
}

func (s *speaker) says() []byte {
	s.t.Helper()
	b, err := s.Seal(nil, media.Opus, random(80))
	if err != nil {
		s.t.Fatal(err)
	}
	return b
}

// random sound in clear begins with what says how it is coded, as all sound of an encoder does (RFC 6716 section 3.1).
func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	b[0] = 0x78
	return b
}

// stereo sound in clear cannot be taken for a sealed frame.
func stereo() []byte {
	b := random(80)
	b[0] = 0xfc
	return b
}

// rig is a capture with a clock of its own, in a room of Anna, Ben and a telephone, each on a slot.
type rig struct {
	*capture
	clock time.Time
	group *group
}

func newRig() *rig {
	r := &rig{clock: time.Unix(1_790_000_000, 0), group: &group{7, make(map[streamID]*sframe.Opener)}}
	r.capture = newCapture(func() time.Time { return r.clock })
	r.member = r.group
	anna, ben, grant, line := uint32(0), uint32(1), uint32(1), uint16(0)
	for _, p := range []api.Participant{
		{ID: "a", Name: "Anna", Kind: api.KindBrowser, State: api.StateJoined, Leaf: &anna, Sources: []api.Source{api.SourceMicrophone}},
		{ID: "b", Name: "Ben", Kind: api.KindBrowser, State: api.StateJoined, Leaf: &ben, Sources: []api.Source{api.SourceMicrophone}},
		{ID: "p", Name: "+49***12", Kind: api.KindPhone, State: api.StateJoined, Grant: &grant, Line: &line, Sources: []api.Source{api.SourceMicrophone}},
		{ID: "me", Name: "Self test", Kind: api.KindBrowser, State: api.StateJoined},
	} {
		r.people[p.ID] = p
		r.slots[p.ID] = api.SlotItem{MID: p.ID, Participant: p.ID, Source: api.SourceMicrophone}
	}
	r.begin()
	return r
}

func (r *rig) sound(mid string, b []byte) {
	r.clock = r.clock.Add(20 * time.Millisecond)
	r.take(frame{mid: mid, codec: media.Opus, payload: b, packets: 1})
}

// found ends the look. grants of the report are what the group says.
func (r *rig) found(grants ...e2ee.GrantEntry) *Report {
	r.end(false)
	report := &Report{
		Invitation: &Invitation{Room: "1000"}, Mode: api.ModeMixed, Grants: grants, Group: &replay.State{Policy: &e2ee.Policy{}},
		Host: replay.Member{Leaf: &replay.Leaf{Credential: &e2ee.Credential{Name: "Anna"}}},
	}
	report.Legs = legs(r.capture, report, "me", nil)
	return report
}

func one(t *testing.T, r *Report, name string) Leg {
	t.Helper()
	var found []Leg
	for _, l := range r.Legs {
		if l.Name == name {
			found = append(found, l)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d legs of %s in %+v", len(found), name, r.Legs)
	}
	return found[0]
}

// TestAllIsAsPromised: what is sealed is put down to whom the keys name, whatever slot it comes on.
func TestAllIsAsPromised(t *testing.T) {
	r := newRig()
	anna, before := leaf(t, sframe.Audio, 0, 7), leaf(t, sframe.Audio, 0, 6)
	grantee, err := sframe.GranteeKeyID(1, 0, 7)
	phone := speaks(t, sframe.Audio, grantee, err)
	for range 20 {
		r.sound("a", before.says())
	}
	for i := range 200 {
		r.sound([]string{"a", "b"}[i%2], anna.says()) // a slot that changes hands before the gateway has said so
		r.sound("p", phone.says())
	}
	report := r.found(e2ee.GrantEntry{N: 1, Scope: e2ee.ScopeOf(sframe.Audio)})
	if l := one(t, report, "Anna"); l.Verdict != selftest.Sealed || l.Opened != 200 || l.Failed != 0 || l.Before != 20 ||
		l.ClearTo != "members, and the gateway (grant 1)" || l.Header != "leaf 0, epoch 7, counters 0 to 199" {
		t.Errorf("%+v", l)
	}
	if l := one(t, report, "line 1"); l.Verdict != selftest.Sealed || l.Opened != 200 || l.ClearTo != "members; clear at the gateway (grant 1)" {
		t.Errorf("%+v", l)
	}
	if l := one(t, report, "Ben"); l.Verdict != selftest.Unjudged || l.Why != "nothing came" {
		t.Errorf("%+v", l)
	}
	if report.Outcome() != selftest.AllSealed {
		t.Errorf("outcome %d", report.Outcome())
	}
}

// TestWhatIsNotAsPromised: each of these ends in exit status 1.
func TestWhatIsNotAsPromised(t *testing.T) {
	anna := func(t *testing.T) *speaker { t.Helper(); return leaf(t, sframe.Audio, 0, 7) }
	for name, c := range map[string]struct {
		send func(t *testing.T, r *rig, right *speaker, i int) []byte
		says string
	}{
		"all in clear": {func(*testing.T, *rig, *speaker, int) []byte { return stereo() }, "IN CLEAR, or another's: 300 of 300"},
		"one in clear": {func(_ *testing.T, _ *rig, s *speaker, i int) []byte { return either(i == 250, stereo(), s) }, "IN CLEAR, or another's: 1 of 300"},
		"all in clear, and its first byte is that of a header of this epoch": {
			func(*testing.T, *rig, *speaker, int) []byte { return random(80) }, ": 300 of 300",
		},
		"one of those": {
			func(_ *testing.T, _ *rig, s *speaker, i int) []byte { return either(i == 250, random(80), s) }, ": 1 of 300",
		},
		"sealed as another": {func(t *testing.T, _ *rig, _ *speaker, _ int) []byte { return leaf(t, sframe.Audio, 1, 7).says() }, ""},
		"of another meeting": {func(_ *testing.T, _ *rig, s *speaker, _ int) []byte {
			b := s.says()
			b[len(b)-1] ^= 1
			return b
		}, "NOT WITH THE MEETING'S KEY: 300 of 300"},
		"an epoch that nobody explains": {func(t *testing.T, _ *rig, _ *speaker, i int) []byte {
			id, err := sframe.BrowserKeyID(0, 0, 9)
			s := speaks(t, sframe.Audio, id, err)
			for range i {
				s.says()
			}
			return s.says()
		}, "NOT WITH THE MEETING'S KEY"},
	} {
		t.Run(name, func(t *testing.T) {
			r, right := newRig(), anna(t)
			for i := range 300 {
				r.sound("a", c.send(t, r, right, i))
			}
			report := r.found()
			var b strings.Builder
			if _, err := report.WriteTo(&b); err != nil || c.says != "" && (report.Outcome() != selftest.NotSealed || !strings.Contains(b.String(), c.says)) {
				t.Errorf("outcome %d:\n%s", report.Outcome(), b.String())
			}
			if c.says == "" && one(t, report, "Ben").Opened == 0 {
				t.Error("who speaks is not who the keys name")
			}
		})
	}
}

func either(plain bool, b []byte, s *speaker) []byte {
	if plain {
		return b
	}
	return s.says()
}

// TestAheadOfTheCommit: frames of an epoch whose commit is still under way are opened once it came.
func TestAheadOfTheCommit(t *testing.T) {
	r := newRig()
	now, next := leaf(t, sframe.Audio, 0, 7), leaf(t, sframe.Audio, 0, 8)
	for range 200 {
		r.sound("a", now.says())
	}
	for range 30 {
		r.sound("a", next.says())
	}
	r.changed(func() { r.group.epoch = 8 })
	for range 30 {
		r.sound("a", next.says())
	}
	if l := one(t, r.found(), "Anna"); l.Opened != 260 || l.Failed != 0 || l.Header != "leaf 0, epochs 7 to 8, counters 0 to 59" {
		t.Errorf("%+v", l)
	}
}

// TestTheMeetingMovesOn: frames under keys that no visitor can have are nobody's fault.
func TestTheMeetingMovesOn(t *testing.T) {
	r := newRig()
	now, next := leaf(t, sframe.Audio, 0, 7), leaf(t, sframe.Audio, 0, 8)
	for range 200 {
		r.sound("a", now.says())
	}
	for range 100 {
		r.sound("a", next.says())
	}
	r.end(true)
	for _, s := range r.all() {
		if s.opened != 200 || s.failed != 0 {
			t.Errorf("%d opened, %d failed", s.opened, s.failed)
		}
	}
}

// TestOtherKind: the gateway cannot pass the sound of a screen off as a microphone's.
func TestOtherKind(t *testing.T) {
	r := newRig()
	screen := leaf(t, sframe.ScreenAudio, 0, 7)
	for range 20 {
		r.sound("a", screen.says())
	}
	for _, l := range r.found().Legs {
		if screen := l.Stream.Source == string(api.SourceScreenAudio); screen != (l.Opened == 20) || !screen && l.Opened > 0 {
			t.Errorf("%s of %s: %d opened", l.Stream.Source, l.Name, l.Opened)
		}
	}
}

// TestOpenRoom: nothing is promised there, and the report says so.
func TestOpenRoom(t *testing.T) {
	r := newRig()
	r.member = nil
	for range 20 {
		r.sound("a", random(80))
	}
	r.end(false)
	report := &Report{Invitation: &Invitation{Room: "1000"}, Mode: api.ModeOpen}
	report.Legs = legs(r.capture, report, "me", nil)
	var b strings.Builder
	if _, err := report.WriteTo(&b); err != nil || report.Outcome() != selftest.NotSealed ||
		!strings.Contains(b.String(), "IN CLEAR: this room is open") || !strings.Contains(b.String(), "the gateway reads all of it") {
		t.Errorf("outcome %d:\n%s", report.Outcome(), b.String())
	}
}

// TestBeforeAndAfterTheLook: nothing of that counts.
func TestBeforeAndAfterTheLook(t *testing.T) {
	r := newRig()
	r.began = time.Time{}
	r.sound("a", random(80))
	r.lost("a", media.Opus, 3)
	r.begin()
	r.end(false)
	r.sound("a", random(80))
	r.lost("a", media.Opus, 3)
	if n := len(r.streams); n != 0 {
		t.Errorf("%d streams", n)
	}
}

func TestPrintable(t *testing.T) {
	if got := printable("Anna\u202e\x1b[31m 🔒 Øre"); got != "Anna??[31m ? Øre" && got != "Anna???31m ? Øre" {
		t.Errorf("%q", got)
	}
	if got := printable(strings.Repeat("x", 50)); len(got) != 40 {
		t.Errorf("%d characters", len(got))
	}
}
