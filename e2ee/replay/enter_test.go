package replay_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"testing"

	"legroom/e2ee/replay"
)

// entrance is a GroupInfo as somebody who is let in finds it in a Welcome: of a meeting with a history.
func entrance(t testing.TB) []byte {
	t.Helper()
	text, err := os.ReadFile("../visitor/testdata/meeting.json")
	if err != nil {
		t.Fatal(err)
	}
	var f struct{ GroupInfo string }
	if err := json.Unmarshal(text, &f); err != nil {
		t.Fatal(err)
	}
	b, err := hex.DecodeString(f.GroupInfo)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestEnter: the group is there whole, and no byte of it can be another (every third is tried).
func TestEnter(t *testing.T) {
	right := entrance(t)
	in, err := replay.Enter(right)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(in.Members()); n != 8 || in.Epoch != 7 || in.Signer.Credential.Name != "Anna" || !in.Host(in.Signer.Credential.Identity) || len(in.Confirmation) != 32 {
		t.Errorf("%d members, epoch %d, signed by %s", n, in.Epoch, in.Signer.Credential.Name)
	}
	for i := 0; i < len(right); i += 3 {
		other := bytes.Clone(right)
		other[i] ^= 4
		if _, err := replay.Enter(other); err == nil {
			t.Errorf("byte %d of %d can be another", i, len(right))
		}
	}
	for n := 0; n < len(right); n += 7 {
		if _, err := replay.Enter(right[:n]); !errors.Is(err, replay.ErrMalformed) {
			t.Errorf("%d bytes of it: %v", n, err)
		}
	}
	if _, err := replay.Enter(messages(t)["groupInfo.0"][4:]); !errors.Is(err, replay.ErrMalformed) {
		t.Errorf("without a tree: %v", err)
	}
	if _, err := replay.Enter(messages(t)["refused.groupInfo"][4:]); !errors.Is(err, replay.ErrMalformed) {
		t.Errorf("with a key to come in by: %v", err)
	}
}

// TestTreesThatCannotBe: each is found by itself, before any signature is looked at.
func TestTreesThatCannotBe(t *testing.T) {
	tree, hash, err := replay.TreeIn(entrance(t))
	if err != nil || !tree.Holds() || !bytes.Equal(tree.Hash(), hash) {
		t.Fatalf("the right tree: %v, holds %t", err, tree.Holds())
	}
	broken := tree.Broken()
	for what, other := range broken {
		if other.Holds() {
			t.Errorf("%s is another, and the tree holds", what)
		}
	}
	if len(broken) < 15 {
		t.Errorf("%d trees tried", len(broken))
	}
}

// FuzzEnter: no GroupInfo panics, and only the real one is taken.
func FuzzEnter(f *testing.F) {
	right := entrance(f)
	f.Add(right)
	f.Add(messages(f)["groupInfo.1"][4:])
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := replay.Enter(b); err == nil && !bytes.Equal(b, right) {
			t.Error("a group that nobody signed")
		}
	})
}
