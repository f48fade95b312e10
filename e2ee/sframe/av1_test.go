package sframe

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"

	"legroom/media"
)

// A real encoder's frames come back byte for byte, and what a forwarder sees of them is OBUs.
func TestARealStreamOfAV1(t *testing.T) {
	file, err := os.ReadFile(filepath.Join("..", "..", "hwaccel", "sample", "av1.ivf"))
	if err != nil {
		t.Fatal(err)
	}
	keys := keysOf(media.AV1, Video, "check", browser(t, 0, 3, 257))
	s, o := keys.sealer(t, 0), keys.opener(t)
	frames := 0
	// IVF: a header of 32 bytes, then frames behind 4 bytes of length and 8 of time.
	for file = file[32:]; len(file) > 12; frames++ {
		n := binary.LittleEndian.Uint32(file)
		frame := file[12 : 12+n]
		file = file[12+n:]
		sealed, err := s.Seal(nil, media.AV1, frame)
		if err != nil {
			t.Fatal(err)
		}
		if opened, err := o.Open(nil, media.AV1, sealed); err != nil || !bytes.Equal(opened, frame) {
			t.Fatalf("frame %d: %d bytes of %d, %v", frames, len(opened), len(frame), err)
		}
		if a, b := kindsOf(t, frame), kindsOf(t, sealed); !bytes.Equal(a, b) {
			t.Errorf("frame %d: OBUs %v became %v", frames, a, b)
		}
	}
	if frames < 10 {
		t.Errorf("%d frames", frames)
	}
}

// kindsOf lists the types of the OBUs of a frame.
func kindsOf(t *testing.T, frame []byte) (kinds []byte) {
	t.Helper()
	for len(frame) > 0 {
		u, rest, err := cutOBU(frame)
		if err != nil {
			t.Fatal(err)
		}
		kinds = append(kinds, u.kind())
		frame = rest
	}
	return kinds
}

func TestWhereAnOBUIsCut(t *testing.T) {
	for _, c := range []struct{ name, b, clear, payload, rest string }{
		{"size", "3203aabbcc12", "30", "aabbcc", "12"},
		{"no size", "30aabbcc", "30", "aabbcc", ""},
		{"extension", "362802aabbcc", "3428", "aabb", "cc"},
		{"extension, no size", "3428aabb", "3428", "aabb", ""},
		{"no payload", "1200", "10", "", ""},
		{"long size", "32828000aabbcc", "30", "aabb", "cc"},
		{"size of eight bytes", "328280808080808000aabbcc", "30", "aabb", "cc"},
	} {
		u, rest, err := cutOBU(unhex(t, c.b))
		if err != nil || !bytes.Equal(u.clear(), unhex(t, c.clear)) || !bytes.Equal(u.payload, unhex(t, c.payload)) ||
			!bytes.Equal(rest, unhex(t, c.rest)) {
			t.Errorf("%s: %x | %x | %x, %v", c.name, u.clear(), u.payload, rest, err)
		}
	}
	for name, b := range map[string]string{
		"forbidden bit": "b200", "reserved bit": "3300", "no extension": "36", "no size": "32", "size without an end": "328080",
		"size of nine bytes": "32818080808080808000aa", "short": "3202aa",
	} {
		if u, _, err := cutOBU(unhex(t, b)); err == nil {
			t.Errorf("%s: %x", name, u.payload)
		}
	}
}
