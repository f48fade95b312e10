package e2ee_test

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"testing"

	"legroom/e2ee"
	"legroom/e2ee/e2eetest"
)

// vouched is a checkpoint that browser code encoded.
func vouched(t testing.TB) []byte {
	t.Helper()
	text, err := os.ReadFile("ledger/testdata/story.json")
	if err != nil {
		t.Fatal(err)
	}
	var story struct{ Fork struct{ Signed string } }
	if err := json.Unmarshal(text, &story); err != nil {
		t.Fatal(err)
	}
	b, err := hex.DecodeString(story.Fork.Signed)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestCheckpoint(t *testing.T) {
	c, err := e2ee.DecodeCheckpoint(vouched(t))
	if err != nil {
		t.Fatal(err)
	}
	if c.Epoch != 7 || c.Group != e2ee.Group(e2eetest.Count(16, 0xa0)) || c.State != e2ee.MarkSealed || len(c.Transcript) != 32 {
		t.Errorf("%+v", c)
	}
	key := e2eetest.Seeded(0x33)
	b, err := c.Encode()
	if err != nil || string(b) != string(vouched(t)) {
		t.Errorf("comes out as another, %v", err)
	}
	sig := e2ee.SignCheckpoint(key, b)
	if !e2ee.VerifyCheckpoint(b, e2eetest.Public(key), sig) || e2ee.VerifyCheckpoint(b[1:], e2eetest.Public(key), sig) {
		t.Error("signature")
	}
	if e2ee.VerifyLog(b, e2eetest.Public(key), sig) {
		t.Error("a signature for one use passes for another")
	}
}

func TestCheckpointOfTheWrongForm(t *testing.T) {
	for name, change := range map[string]func(*e2ee.Checkpoint){
		"version":              func(c *e2ee.Checkpoint) { c.Version = 2 },
		"epoch":                func(c *e2ee.Checkpoint) { c.Epoch = 1 << 60 },
		"no transcript":        func(c *e2ee.Checkpoint) { c.Transcript = nil },
		"half a transcript":    func(c *e2ee.Checkpoint) { c.Transcript = c.Transcript[:16] },
		"half of one at first": func(c *e2ee.Checkpoint) { c.Epoch, c.Transcript = 0, c.Transcript[:16] },
		"state":                func(c *e2ee.Checkpoint) { c.State = "open" },
	} {
		c, err := e2ee.DecodeCheckpoint(vouched(t))
		if err != nil {
			t.Fatal(err)
		}
		change(c)
		b, err := c.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e2ee.DecodeCheckpoint(b); !errors.Is(err, e2ee.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestConsentsOfNobody(t *testing.T) {
	leaves := []e2ee.ConsentingLeaf{{Leaf: 0, Key: e2eetest.Public(e2eetest.Seeded(1))}}
	group := e2ee.Group(e2eetest.Count(16, 0xa0))
	for name, c := range map[string]struct {
		encoded []byte
		want    error
	}{
		"nothing":      {nil, e2ee.ErrEncoding},
		"an empty":     {[]byte{0x80}, e2ee.ErrInvalid},
		"another leaf": {append([]byte{0x81, 0x82, 1, 0x58, 64}, make([]byte, 64)...), e2ee.ErrInvalid},
		"not signed":   {append([]byte{0x81, 0x82, 0, 0x58, 64}, make([]byte, 64)...), e2ee.ErrSignature},
	} {
		if err := e2ee.VerifyConsents(c.encoded, group, 1, []byte{1}, leaves); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzCheckpoint: what is taken has one spelling.
func FuzzCheckpoint(f *testing.F) {
	f.Add(vouched(f))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := e2ee.DecodeCheckpoint(b)
		if err != nil {
			return
		}
		if again, err := c.Encode(); err != nil || string(again) != string(b) {
			t.Errorf("comes out as %x, %v", again, err)
		}
	})
}
