package delivery_test

import (
	"bytes"
	"strings"
	"testing"

	"legroom/e2ee/delivery"
)

// TestParse: every message of the fixture is what its name says, and nothing cut or longer is.
func TestParse(t *testing.T) {
	f := load(t)
	for name := range f.Messages {
		b := f.bytes(t, name)
		mls := !strings.HasPrefix(name, "refused.") && !strings.HasPrefix(name, "bundle.")
		if got := delivery.Parse(b); got != mls {
			t.Errorf("%s is read: %v, want %v", name, got, mls)
		}
		if delivery.Parse(append(bytes.Clone(b), 0)) {
			t.Errorf("%s with a byte more is read", name)
		}
		for n := 0; n < len(b); n += 1 + len(b)/100 {
			if delivery.Parse(b[:n]) {
				t.Errorf("%s cut to %d bytes is read", name, n)
			}
		}
	}
	adds, removes, epoch, err := delivery.Counts(f.bytes(t, "commit.swap"))
	if err != nil || adds != 1 || removes != 1 || epoch != 3 {
		t.Errorf("swap adds %d, removes %d at %d, %v", adds, removes, epoch, err)
	}
}

// TestBent: single bytes that change what a message is.
func TestBent(t *testing.T) {
	f := load(t)
	commit, keyPackage := f.bytes(t, "commit.grant"), f.bytes(t, "keyPackage.bob")
	// Version and format 4, group 17, epoch 8, sender 5, no authenticated data 1.
	const content = 4 + 17 + 8 + 5 + 1
	proposals := content + 1 + 1<<(commit[content+1]>>6)
	for name, b := range map[string][]byte{
		"version":             bend(commit, 1, 2),
		"content":             bend(commit, content, 2),
		"sender":              bend(commit, 4+17+8, 2),
		"proposal by ref":     bend(commit, proposals, 2),
		"kind of proposal":    bend(commit, proposals+2, 6),
		"suite":               bend(keyPackage, 7, 3),
		"length in more bits": append(append(bytes.Clone(keyPackage[:8]), 0x40, 0x20), keyPackage[9:]...),
		"length in 8 bytes":   append(append(bytes.Clone(keyPackage[:8]), 0xc0, 0, 0, 0, 0, 0, 0, 0x20), keyPackage[9:]...),
	} {
		if delivery.Parse(b) {
			t.Errorf("read with another %s", name)
		}
	}
}

func bend(b []byte, at int, to byte) []byte {
	b = bytes.Clone(b)
	b[at] = to
	return b
}

// FuzzParse: no message panics or holds more than its limits.
func FuzzParse(f *testing.F) {
	all := load(f)
	for name := range all.Messages {
		f.Add(all.bytes(f, name))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		delivery.Parse(b)
		if adds, removes, _, err := delivery.Counts(b); err == nil && (adds > delivery.MaxAdds || removes > delivery.MaxLeaves) {
			t.Errorf("%d adds, %d removes", adds, removes)
		}
	})
}

// FuzzMeeting: whatever a member sends, the meeting goes on, and only Submit moves the epoch, by one.
func FuzzMeeting(f *testing.F) {
	all := load(f)
	for name := range all.Messages {
		f.Add(all.bytes(f, name), byte(1))
	}
	f.Fuzz(func(t *testing.T, b []byte, who byte) {
		r := newRig(t)
		r.three()
		from := []delivery.Member{anna, bob, carol, dave}[who%4]
		_, _ = r.Wait(from, b)
		_ = r.Relay(from, b)
		_ = r.Meeting.Bundle(from, b)
		if r.epoch() != 1 {
			t.Fatalf("epoch %d without a commit", r.epoch())
		}
		won := r.Submit(from, delivery.Submission{Commit: b, Welcome: r.bytes(t, "welcome.swap")}) == nil ||
			r.Submit(from, delivery.Submission{Commit: b}) == nil
		if got := r.epoch(); got != 1 && !won || got > 2 {
			t.Fatalf("epoch %d, won %v", got, won)
		}
		_, _, _ = r.Missed(from, uint64(who))
		_ = r.Refuse(from, uint64(who))
	})
}
