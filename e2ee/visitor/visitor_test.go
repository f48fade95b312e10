package visitor_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"legroom/e2ee/replay"
	"legroom/e2ee/sframe"
	"legroom/e2ee/visitor"
	"legroom/media"
)

// hexed are bytes that stand as hex in JSON.
type hexed []byte

func (h *hexed) UnmarshalText(text []byte) (err error) {
	*h, err = hex.DecodeString(string(text))
	return err
}

// file is what testdata/meeting.json holds.
type file struct {
	Room                   string
	Link                   string
	KeyPackage             hexed
	InitPrivate            hexed
	Welcome                hexed
	WelcomeByGuest         hexed
	WelcomeByGuestWithPath hexed
	WelcomeUnconfirmed     hexed
	Epochs                 []epoch
	Commits                []hexed
}

type epoch struct {
	Epoch         uint64
	Authenticator hexed
	Members       []string
	Media         map[string]hexed
	Tag           hexed
	Grants        []struct {
		N    uint32
		Keys map[string]hexed
	}
	LongCode string
	Frames   []struct {
		Kind, Codec   string
		Leaf          int
		Plain, Sealed hexed
	}
}

var loadOnce = sync.OnceValues(func() (*file, error) {
	text, err := os.ReadFile(filepath.Join("testdata", "meeting.json"))
	if err != nil {
		return nil, err
	}
	f := &file{}
	return f, json.Unmarshal(text, f)
})

func load(t testing.TB) *file {
	t.Helper()
	f, err := loadOnce()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func (f *file) key(t testing.TB) *visitor.JoinKey {
	t.Helper()
	key, err := visitor.KeyOf(f.KeyPackage, f.InitPrivate, f.Room)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func (f *file) expect(t testing.TB) visitor.Expectation {
	t.Helper()
	link, err := visitor.ParseLink(f.Link)
	if err != nil {
		t.Fatal(err)
	}
	return visitor.Expectation{Room: f.Room, Link: link}
}

func enter(t testing.TB) (*file, *visitor.Visitor) {
	t.Helper()
	f := load(t)
	v, err := visitor.Enter(f.Welcome, f.key(t), f.expect(t))
	if err != nil {
		t.Fatal(err)
	}
	return f, v
}

func kindOf(t *testing.T, name string) sframe.Kind {
	t.Helper()
	for _, k := range []sframe.Kind{sframe.Audio, sframe.Video, sframe.Screen, sframe.ScreenAudio} {
		if k.String() == name {
			return k
		}
	}
	t.Fatal(name)
	return 0
}

// TestSharesEveryEpoch: let in by browsers, the visitor has their keys, code and people in each epoch, opens what they seal,
// and goes out when a commit has a path.
func TestSharesEveryEpoch(t *testing.T) {
	f, v := enter(t)
	if got := v.Host().Credential.Name; got != "Anna" || v.State().Leaf(v.Leaf()).Credential.Name != "Self test" {
		t.Errorf("let in by %q, leaf %d", got, v.Leaf())
	}
	if code, err := v.LongCode(); err != nil || code != f.Epochs[0].LongCode {
		t.Errorf("code %s, %v", code, err)
	}
	for i, want := range f.Epochs[:len(f.Commits)] {
		agrees(t, v, &want)
		step, err := v.Apply(f.Commits[i])
		switch last := i == len(f.Commits)-1; {
		case last && (!errors.Is(err, visitor.ErrMoved) || step == nil || step.Removed[0].Credential.Name != "Dave"):
			t.Errorf("a path: %v", err)
		case !last && err != nil:
			t.Fatalf("commit %d: %v", i, err)
		}
	}
	// Frames of epochs before are still opened, those of the one that it is not in are not.
	for i, e := range f.Epochs {
		sealed := e.Frames[len(e.Frames)-1]
		_, id, err := v.Open(nil, media.CodecName(sealed.Codec), kindOf(t, sealed.Kind), sealed.Sealed)
		if last := i == len(f.Commits); last != errors.Is(err, visitor.ErrNoKey) || !last && !errors.Is(err, sframe.ErrReplay) {
			t.Errorf("epoch %d: %v, %v", e.Epoch, id, err)
		}
	}
}

func agrees(t *testing.T, v *visitor.Visitor, want *epoch) {
	t.Helper()
	if v.State().Epoch != want.Epoch || !bytes.Equal(v.Authenticator(), want.Authenticator) {
		t.Fatalf("epoch %d, not %d, or another authenticator", v.State().Epoch, want.Epoch)
	}
	names := []string{}
	for _, m := range v.State().Members() {
		names = append(names, m.Credential.Name)
	}
	if !slices.Equal(names, want.Members) {
		t.Errorf("epoch %d: %v, not %v", want.Epoch, names, want.Members)
	}
	mediaKeys, tag, grants := v.Keys()
	if len(grants) != len(want.Grants) || !bytes.Equal(tag, want.Tag) {
		t.Errorf("epoch %d: %d grants, or another tag key", want.Epoch, len(grants))
	}
	for _, k := range []string{"audio", "video", "screen", "screen-audio"} {
		if !bytes.Equal(mediaKeys[k], want.Media[k]) {
			t.Errorf("epoch %d: another key of %s", want.Epoch, k)
		}
		for _, g := range want.Grants {
			if !bytes.Equal(grants[g.N][k], g.Keys[k]) {
				t.Errorf("epoch %d: another key of %s for grant %d", want.Epoch, k, g.N)
			}
		}
	}
	for _, s := range want.Frames {
		kind := kindOf(t, s.Kind)
		for _, other := range []sframe.Kind{sframe.Audio, sframe.ScreenAudio, sframe.Video, sframe.Screen} {
			if _, _, err := v.Open(nil, media.CodecName(s.Codec), other, s.Sealed); other != kind && err == nil {
				t.Errorf("epoch %d: %s opens as %s", want.Epoch, s.Kind, other)
			} else if other == kind && err != nil {
				t.Errorf("epoch %d: %s of leaf %d: %v", want.Epoch, s.Kind, s.Leaf, err)
			}
		}
		id, err := sframe.ReadKeyID(media.CodecName(s.Codec), kind, s.Sealed)
		if err != nil || id.Leaf() != s.Leaf {
			t.Errorf("epoch %d: leaf %d, %v", want.Epoch, id.Leaf(), err)
		}
		who, err := v.Sender(id)
		if err != nil || who.Name != v.State().Leaf(uint32(s.Leaf)).Credential.Name {
			t.Errorf("epoch %d: sent by %q, %v", want.Epoch, who.Name, err)
		}
	}
}

// TestLinesOfAGrant: what a telephone system seals as its line opens, in that epoch and as nothing else.
func TestLinesOfAGrant(t *testing.T) {
	f, v := enter(t)
	if _, err := v.Apply(f.Commits[0]); err != nil {
		t.Fatal(err)
	}
	_, _, grants := v.Keys()
	seal := func(key []byte, kind sframe.Kind, id sframe.KeyID, err error) []byte {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		s, err := sframe.NewSealer(sframe.StreamConfig{BaseKey: key, Kind: kind, KeyID: id})
		if err != nil {
			t.Fatal(err)
		}
		frame, err := s.Seal(nil, media.Opus, []byte("somebody on the telephone"))
		if err != nil {
			t.Fatal(err)
		}
		return frame
	}
	line, err := sframe.GranteeKeyID(1, 0, v.State().Epoch)
	plain, id, openErr := v.Open(nil, media.Opus, sframe.Audio, seal(grants[1]["audio"], sframe.Audio, line, err))
	if openErr != nil || string(plain) != "somebody on the telephone" {
		t.Errorf("a line: %q, %v", plain, openErr)
	}
	if who, err := v.Sender(id); err != nil || who.Leg == nil || who.Name != "line 1" || who.N != 1 || who.Leaf != nil {
		t.Errorf("sent by %+v, %v", who, err)
	}
	another, err := sframe.GranteeKeyID(1, 7, v.State().Epoch)
	if _, _, err := v.Open(nil, media.Opus, sframe.Audio, seal(grants[1]["audio"], sframe.Audio, another, err)); !errors.Is(err, sframe.ErrSender) {
		t.Errorf("a line that was not named: %v", err)
	}
	if _, err := v.Sender(another); !errors.Is(err, sframe.ErrSender) {
		t.Errorf("a line that was not named: %v", err)
	}
	if _, _, err := v.Open(nil, media.Opus, sframe.ScreenAudio, seal(grants[1]["screen-audio"], sframe.ScreenAudio, line, err)); !errors.Is(err, sframe.ErrSender) {
		t.Errorf("a kind that may not be spoken: %v", err)
	}
}

// TestWhatIsNotJoined: every lie about the group has its answer.
func TestWhatIsNotJoined(t *testing.T) {
	f := load(t)
	spent := f.key(t)
	if _, err := visitor.Enter(f.Welcome, spent, f.expect(t)); err != nil {
		t.Fatal(err)
	}
	other, err := visitor.NewJoinKey(visitor.Claim{Room: f.Room, Name: "Self test"}, now)
	if err != nil {
		t.Fatal(err)
	}
	sealed, owner, room := f.expect(t), f.expect(t), f.expect(t)
	sealed.Link.Mode = "sealed"
	owner.Link.Owner[3] ^= 1
	room.Room = "1001"
	for name, c := range map[string]struct {
		welcome []byte
		key     *visitor.JoinKey
		expect  visitor.Expectation
		err     error
		says    string
	}{
		"another owner":          {f.Welcome, f.key(t), owner, visitor.ErrRefused, "not the one in the link"},
		"another room":           {f.Welcome, f.key(t), room, visitor.ErrRefused, "another room"},
		"looser than the link":   {f.Welcome, f.key(t), sealed, visitor.ErrRefused, "lets telephones in"},
		"by a guest":             {f.WelcomeByGuest, f.key(t), f.expect(t), visitor.ErrRefused, "no host"},
		"by a guest with a path": {f.WelcomeByGuestWithPath, f.key(t), f.expect(t), visitor.ErrRefused, "no host"},
		"unconfirmed":            {f.WelcomeUnconfirmed, f.key(t), f.expect(t), visitor.ErrSeal, "confirmation tag"},
		"for another":            {f.Welcome, other, f.expect(t), visitor.ErrForeign, ""},
		"twice":                  {f.Welcome, spent, f.expect(t), visitor.ErrSpent, ""},
		"a commit":               {f.Commits[0], f.key(t), f.expect(t), visitor.ErrMalformed, ""},
		"nothing":                {nil, f.key(t), f.expect(t), visitor.ErrMalformed, ""},
		"too much":               {make([]byte, 256<<10+1), f.key(t), f.expect(t), visitor.ErrMalformed, ""},
	} {
		if _, err := visitor.Enter(c.welcome, c.key, c.expect); !errors.Is(err, c.err) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if v, err := visitor.Enter(f.Welcome, f.key(t), visitor.Expectation{Room: f.Room}); err != nil || v == nil {
		t.Errorf("without a link: %v", err)
	}
}

// TestEveryByteOfAWelcomeCounts: nothing in it can be another. Its last and longest part is sealed as a whole.
func TestEveryByteOfAWelcomeCounts(t *testing.T) {
	f := load(t)
	for i := range f.Welcome {
		if i > 300 && i%17 != 0 {
			continue
		}
		other := bytes.Clone(f.Welcome)
		other[i] ^= 4
		if _, err := visitor.Enter(other, f.key(t), f.expect(t)); err == nil {
			t.Errorf("byte %d of %d can be another", i, len(other))
		}
	}
}

// TestCommitsOfNobody: tags that no member made change nothing, and the right commit still follows.
func TestCommitsOfNobody(t *testing.T) {
	f, v := enter(t)
	signed := len(visitor.WithoutTags(f.Commits[0]))
	for i := range f.Commits[0] {
		other := bytes.Clone(f.Commits[0])
		other[i] ^= 4
		_, err := v.Apply(other)
		if err == nil || i > signed && i != signed+33 && !errors.Is(err, visitor.ErrTag) {
			t.Errorf("byte %d of %d can be another: %v", i, len(other), err)
		}
	}
	// A member may forge the tag of the next epoch: then there is no such epoch.
	if _, err := v.Apply(v.Unconfirmed(f.Commits[0])); !errors.Is(err, visitor.ErrTag) {
		t.Errorf("a commit of a member without a confirmation: %v", err)
	}
	if _, err := v.Apply(f.Commits[1]); !errors.Is(err, replay.ErrRule) {
		t.Errorf("a commit of another epoch: %v", err)
	}
	if _, err := v.Apply(f.Commits[0]); err != nil || v.State().Epoch != f.Epochs[1].Epoch {
		t.Errorf("the right one: %v", err)
	}
}

// TestFramesOfNobody: what is not sealed by a member opens as nothing, and neither does one's own.
func TestFramesOfNobody(t *testing.T) {
	f, v := enter(t)
	frame := f.Epochs[0].Frames[0]
	for i := range frame.Sealed {
		other := bytes.Clone(frame.Sealed)
		other[i] ^= 1
		if _, _, err := v.Open(nil, media.CodecName(frame.Codec), sframe.Audio, other); err == nil {
			t.Errorf("byte %d of a frame can be another", i)
		}
	}
	own, err := sframe.BrowserKeyID(0, int(v.Leaf()), v.State().Epoch)
	if err != nil {
		t.Fatal(err)
	}
	h := sframe.Header{KeyID: uint64(own)}.Append(nil)
	if _, _, err := v.Open(nil, media.Opus, sframe.Audio, append(h, make([]byte, 40)...)); !errors.Is(err, sframe.ErrReflected) {
		t.Errorf("one's own: %v", err)
	}
	blank, err := sframe.BrowserKeyID(0, 200, v.State().Epoch)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Sender(blank); !errors.Is(err, sframe.ErrSender) {
		t.Errorf("a blank leaf: %v", err)
	}
}

// FuzzEnter: no Welcome panics, and none but the real one is joined.
func FuzzEnter(f *testing.F) {
	all := load(f)
	for _, b := range [][]byte{all.Welcome, all.WelcomeByGuest, all.WelcomeByGuestWithPath, all.Commits[0]} {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := visitor.Enter(b, all.key(t), all.expect(t))
		if (err == nil) != bytes.Equal(b, all.Welcome) || (v == nil) != (err != nil) {
			t.Errorf("joined, or not: %v", err)
		}
	})
}
