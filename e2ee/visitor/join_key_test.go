package visitor_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"legroom/e2ee"
	"legroom/e2ee/replay"
	"legroom/e2ee/visitor"
)

var now = time.Unix(1_790_000_000, 0)

// TestJoinKey: what a visitor sends is the KeyPackage of a guest of this room, and shows that it has the link.
func TestJoinKey(t *testing.T) {
	link, err := visitor.ParseLink(load(t).Link)
	if err != nil {
		t.Fatal(err)
	}
	key, err := visitor.NewJoinKey(visitor.Claim{Room: "1000", Name: "Self test", Link: link}, now)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := replay.Newcomer(key.KeyPackage(), "1000")
	if err != nil {
		t.Fatal(err)
	}
	c := leaf.Credential
	if c.Name != "Self test" || c.Kind != e2ee.Guest || c.Link == nil || *c.Link != e2ee.LinkProof(link.Secret, "1000", leaf.Key) ||
		c.NotAfter.Time() != now.Add(24*time.Hour) {
		t.Errorf("%+v", c)
	}
	if _, err := replay.Newcomer(key.KeyPackage(), "1001"); err == nil {
		t.Error("good for another room")
	}
	if _, err := visitor.NewJoinKey(visitor.Claim{Room: "1000", Name: strings.Repeat("x", 20_000)}, now); !errors.Is(err, e2ee.ErrInvalid) {
		t.Errorf("a name of 20,000 bytes: %v", err)
	}
}

func TestParseLink(t *testing.T) {
	const right = "1.m.AAECAwQFBgcICQoLDA0ODw.EBESExQVFhcYGRobHB0eHw"
	l, err := visitor.ParseLink(right)
	if err != nil || l.Mode != e2ee.Mixed || l.Owner[15] != 15 || l.Secret[0] != 16 {
		t.Errorf("%+v, %v", l, err)
	}
	if l, err := visitor.ParseLink(strings.Replace(right, ".m.", ".s.", 1)); err != nil || l.Mode != e2ee.Sealed {
		t.Errorf("%+v, %v", l, err)
	}
	for _, wrong := range []string{
		"", "1.m", "2" + right[1:], right + ".x", strings.Replace(right, ".m.", ".o.", 1), right[:len(right)-1], right[:len(right)-1] + "=",
		right[:len(right)-1] + "x", strings.Replace(right, "AAEC", "AA+C", 1),
	} {
		if _, err := visitor.ParseLink(wrong); !errors.Is(err, visitor.ErrLink) {
			t.Errorf("%q: %v", wrong, err)
		}
	}
}
