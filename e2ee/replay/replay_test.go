package replay_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"sync"
	"testing"

	"legroom/e2ee/replay"
)

// messages are those of the delivery service's tests: made by ts-mls, right and wrong.
func messages(t testing.TB) map[string][]byte {
	t.Helper()
	m, err := loadOnce()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// first adds Bob and Carol.
const first = "add"

var loadOnce = sync.OnceValues(func() (map[string][]byte, error) {
	text, err := os.ReadFile("../delivery/testdata/messages.json")
	if err != nil {
		return nil, err
	}
	var f struct{ Messages map[string]string }
	if err := json.Unmarshal(text, &f); err != nil {
		return nil, err
	}
	all := make(map[string][]byte)
	for name, s := range f.Messages {
		if all[name], err = hex.DecodeString(s); err != nil {
			return nil, err
		}
	}
	return all, nil
})

// at replays commits from the founding.
func at(t testing.TB, commits ...string) *replay.State {
	t.Helper()
	m := messages(t)
	s, err := replay.Found(m["keyPackage.anna"], m["groupInfo.0"])
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range commits {
		if s, _, err = s.Apply(m["commit."+name]); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	return s
}

// TestWhatMembersTake: every commit that a member made by the rules is followed, with what it did.
func TestWhatMembersTake(t *testing.T) {
	for _, c := range []struct {
		name    string
		before  []string
		shape   replay.Shape
		sender  uint32
		added   int
		removed int
	}{
		{first, nil, replay.Roster, 0, 2, 0},
		{"refresh", []string{first}, replay.Refresh, 1, 0, 0},
		{"grant", []string{first}, replay.PolicyChange, 0, 0, 0},
		{"revoke", []string{first, "grant"}, replay.Revoke, 1, 0, 0},
		{"takeover", []string{first, "grant", "revoke"}, replay.Takeover, 2, 0, 0},
		{"afterTakeover", []string{first, "grant", "revoke", "takeover"}, replay.Refresh, 0, 0, 0},
		{"swap", []string{first, "grant", "revoke"}, replay.Roster, 0, 1, 1},
		{"rejoin", []string{first, "grant", "revoke", "swap"}, replay.Rejoin, 2, 1, 1},
		{"rejoinOfHost", []string{first, "grant"}, replay.Rejoin, 2, 1, 1},
	} {
		next, step, err := at(t, c.before...).Apply(messages(t)["commit."+c.name])
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if step.Shape != c.shape || step.Sender.Index != c.sender || len(step.Added) != c.added || len(step.Removed) != c.removed {
			t.Errorf("%s: %s by %d, %d added, %d removed", c.name, step.Shape, step.Sender.Index, len(step.Added), len(step.Removed))
		}
		if next.Epoch != uint64(len(c.before)+1) || len(next.Transcript()) != 32 {
			t.Errorf("%s: epoch %d", c.name, next.Epoch)
		}
	}
}

// TestWhatMembersRefuse: each for the rule that it breaks.
func TestWhatMembersRefuse(t *testing.T) {
	m := messages(t)
	for _, c := range []struct {
		name   string
		before []string
		rule   int // 0 for what is not of the form of a commit
	}{
		{"commit.guestAdds", []string{first}, 3},
		{"commit.guestSwaps", []string{first}, 3},
		{"commit.guestGrants", []string{first}, 3},
		{"commit.both", []string{first}, 3},
		{"commit.revokeAndMore", []string{first, "grant"}, 3},
		{"commit.refreshInGrant", []string{first, "grant"}, 3},
		{"commit.rejoinInGrant", []string{first, "grant"}, 3},
		{"commit.takeoverByBob", []string{first, "grant", "revoke"}, 3},
		{"commit.grant", nil, 1},
		{"commit.grant", []string{first, "grant"}, 1},
		{"refused.extension", []string{first, "grant", "revoke"}, 4},
		{"refused.proposal", []string{first, "grant", "revoke"}, 0},
		{"refused.private", []string{first, "grant", "revoke"}, 0},
		{"refused.newMember", []string{first, "grant", "revoke"}, 0},
		{"refused.external", []string{first, "grant", "revoke"}, 0},
		{"refused.reinit", []string{first, "grant", "revoke"}, 0},
		{"refused.reference", []string{first, "grant", "revoke"}, 0},
		{"keyPackage.anna", nil, 0},
	} {
		if len(m[c.name]) == 0 {
			t.Fatalf("no message %s", c.name)
		}
		_, _, err := at(t, c.before...).Apply(m[c.name])
		var broken *replay.RuleError
		switch {
		case c.rule == 0 && !errors.Is(err, replay.ErrMalformed):
			t.Errorf("%s: %v", c.name, err)
		case c.rule != 0 && (!errors.As(err, &broken) || broken.Rule != c.rule || !errors.Is(err, replay.ErrRule)):
			t.Errorf("%s: %v, not rule R%d", c.name, err, c.rule)
		}
	}
}

// TestEveryByteIsSigned: no byte of a commit before its tags can be another, and a confirmation tag makes another history.
func TestEveryByteIsSigned(t *testing.T) {
	s, commit := at(t, first, "grant", "revoke"), messages(t)["commit.swap"]
	right, _, err := s.Apply(commit)
	if err != nil {
		t.Fatal(err)
	}
	const tags = 2 * 33
	for i := range len(commit) - tags {
		other := bytes.Clone(commit)
		other[i] ^= 4
		if _, _, err := s.Apply(other); err == nil {
			t.Errorf("byte %d of %d can be another", i, len(commit))
		}
	}
	other := bytes.Clone(commit)
	other[len(other)-tags+5] ^= 4
	next, _, err := s.Apply(other)
	if err != nil || !bytes.Equal(next.Transcript(), right.Transcript()) {
		t.Fatalf("a tag that nobody outside can check: %v", err)
	}
	// The tag enters the transcript with the next commit, and so the signature of the one after that.
	rejoin := messages(t)["commit.rejoin"]
	after, _, err := next.Apply(rejoin)
	wanted, _, rightErr := right.Apply(rejoin)
	if err != nil || rightErr != nil || bytes.Equal(after.Transcript(), wanted.Transcript()) {
		t.Errorf("another tag makes the same history: %v, %v", err, rightErr)
	}
}

func TestFoundingMustHold(t *testing.T) {
	m := messages(t)
	for name, c := range map[string][2]string{
		"another's key package": {"keyPackage.bob", "groupInfo.0"},
		"a later epoch":         {"keyPackage.anna", "groupInfo.1"},
		"swapped":               {"groupInfo.0", "keyPackage.anna"},
	} {
		if _, err := replay.Found(m[c[0]], m[c[1]]); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	for _, name := range []string{"keyPackage.anna", "groupInfo.0"} {
		for i := range m[name] {
			other := bytes.Clone(m[name])
			other[i] ^= 1
			key, info := other, m["groupInfo.0"]
			if name == "groupInfo.0" {
				key, info = m["keyPackage.anna"], other
			}
			if _, err := replay.Found(key, info); err == nil {
				t.Errorf("%s: byte %d of %d can be another", name, i, len(other))
			}
		}
	}
}

func TestTreeMath(t *testing.T) {
	// RFC 9420 appendix C, for eight leaves.
	want := []int{1, 3, 1, 7, 5, 3, 5, -1, 9, 11, 9, 7, 13, 11, 13}
	if got, root := replay.Parents(8); root != 7 || !slices.Equal(got, want) {
		t.Errorf("root %d, parents %v", root, got)
	}
	for n, want := range map[int]string{0: "00", 63: "3f", 64: "4040", 16383: "7fff", 16384: "80004000"} {
		if got := replay.Vector(n); got != want {
			t.Errorf("length %d is %s", n, got)
		}
	}
	if n := at(t, first).TreeSize(); n != 4 {
		t.Errorf("three members on %d places", n)
	}
}

// TestMembersAreThere: a state says who is in the group, and does not change by what is made of it.
func TestMembersAreThere(t *testing.T) {
	s := at(t, first, "grant", "revoke")
	names := func(s *replay.State) (all []string) {
		for _, m := range s.Members() {
			all = append(all, m.Credential.Name)
		}
		return all
	}
	before := names(s)
	next, _, err := s.Apply(messages(t)["commit.swap"])
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(before, []string{"Anna", "Bob", "Carol"}) || !slices.Equal(names(s), before) || !slices.Equal(names(next), []string{"Anna", "Bob", "Dave"}) {
		t.Errorf("%v, then %v, and after it %v", before, names(s), names(next))
	}
	if !s.Host(s.Leaf(0).Credential.Identity) || s.Host(s.Leaf(1).Credential.Identity) || s.Leaf(3) != nil || s.Leaf(1<<31) != nil {
		t.Error("roles or leaves are wrong")
	}
}

// FuzzApply: no commit panics, and only what is signed makes an epoch.
func FuzzApply(f *testing.F) {
	good := make(map[string]bool)
	for _, b := range messages(f) {
		f.Add(b)
	}
	states := []*replay.State{at(f), at(f, first), at(f, first, "grant"), at(f, first, "grant", "revoke")}
	const tags = 2 * 33
	for _, b := range messages(f) {
		if len(b) > tags {
			good[string(b[:len(b)-tags])] = true
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, s := range states {
			next, step, err := s.Apply(b)
			if err != nil {
				continue
			}
			if len(b) <= tags || !good[string(b[:len(b)-tags])] || next.Epoch != s.Epoch+1 || step.Sender.Leaf == nil {
				t.Errorf("a commit that nobody signed makes epoch %d", next.Epoch)
			}
		}
	})
}

// FuzzFound: no founding panics, and only the real one is taken.
func FuzzFound(f *testing.F) {
	m := messages(f)
	f.Add(m["keyPackage.anna"], m["groupInfo.0"])
	f.Add(m["keyPackage.bob"], m["groupInfo.1"])
	f.Fuzz(func(t *testing.T, key, info []byte) {
		if _, err := replay.Found(key, info); err == nil && (!bytes.Equal(key, m["keyPackage.anna"]) || !bytes.Equal(info, m["groupInfo.0"])) {
			t.Error("a founding that nobody signed")
		}
	})
}
