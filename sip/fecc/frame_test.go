package fecc

import (
	"bytes"
	"encoding/hex"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// goldens are whole RTP payloads, written by hand from the layouts of H.224 clause 6 and H.281 clause 4.
var goldens = []struct {
	name, bytes string
	want        Message
}{
	{"start: pan right", "007103 0000 0000 01 c0  01 c0 00", Message{Verb: Start, Action: Action{Pan: More}, Timeout: DefaultTimeout}},
	{"start: tilt up and zoom in, 100 ms", "007103 0000 0000 01 c0  01 3c 02", Message{Verb: Start, Action: Action{Tilt: More, Zoom: More}, Timeout: 2 * timeoutStep}},
	{"continue: pan left", "007103 0000 0000 01 c0  02 80", Message{Verb: Continue, Action: Action{Pan: Less}}},
	{"stop: tilt down, zoom out, focus out", "007103 0000 0000 01 c0  03 2a", Message{Verb: Stop, Action: Action{Tilt: Less, Zoom: Less, Focus: Less}}},
	{"stop: focus in", "007103 0000 0000 01 c0  03 03", Message{Verb: Stop, Action: Action{Focus: More}}},
	{"select the document camera", "007103 0000 0000 01 c0  04 30", Message{Verb: SelectSource, Number: DocumentCamera}},
	{"switched to a still of the main camera", "007103 0000 0000 01 c0  05 11", Message{Verb: SourceIs, Number: MainCamera, Mode: NormalStill}},
	{"store preset 4", "007103 0000 0000 01 c0  07 40", Message{Verb: StorePreset, Number: 4}},
	{"recall preset 15", "007103 0000 0000 01 c0  08 f0", Message{Verb: RecallPreset, Number: 15}},
}

func TestGoldens(t *testing.T) {
	for _, c := range goldens {
		t.Run(c.name, func(t *testing.T) {
			want := unhex(t, c.bytes)
			if got, err := c.want.frame().Append(nil); err != nil || !bytes.Equal(got, want) {
				t.Errorf("written %x, want %x: %v", got, want, err)
			}
			f, err := ParseFrame(want)
			if err != nil || !f.High || f.Client != H281 || !f.Begin || !f.End || f.Segment != 0 {
				t.Fatalf("%+v, %v", f, err)
			}
			if got, err := ParseMessage(f.Data); err != nil || got != c.want {
				t.Errorf("read %+v, want %+v: %v", got, c.want, err)
			}
		})
	}
}

func TestFrameFields(t *testing.T) {
	b := unhex(t, "006103 0102 0304 7e 5a 99")
	want := Frame{To: 0x102, From: 0x304, Client: extended, End: true, C0: true, Segment: 10, Data: []byte{0x99}}
	f, err := ParseFrame(b)
	if err != nil || !reflect.DeepEqual(f, want) {
		t.Errorf("%+v, %v", f, err)
	}
	if got, err := want.Append([]byte{1}); err != nil || !bytes.Equal(got[1:], b) {
		t.Errorf("%x, %v", got, err)
	}
}

func TestRefuses(t *testing.T) {
	frames := map[string]struct {
		in  string
		err error
	}{
		"nothing": {"", ErrShort}, "half": {"007103 0000 0000 01", ErrShort}, "with HDLC flags": {"7e007103 0000 0000 01c0", ErrFormat},
		"another address": {"009103 0000 0000 01c0", ErrFormat}, "no unnumbered information": {"007104 0000 0000 01c0", ErrFormat},
		"too long": {"007103 0000 0000 01c0" + strings.Repeat("00", MaxData+1), ErrTooLarge},
	}
	for name, c := range frames {
		if _, err := ParseFrame(unhex(t, c.in)); !errors.Is(err, c.err) {
			t.Errorf("%s: %v, want %v", name, err, c.err)
		}
	}
	messages := map[string]struct {
		in  string
		err error
	}{"nothing": {"", ErrShort}, "half": {"02", ErrShort}, "start without a time": {"01c0", ErrShort}, "verb 6": {"0600", ErrFormat}, "verb 0": {"0000", ErrFormat}}
	for name, c := range messages {
		if _, err := ParseMessage(unhex(t, c.in)); !errors.Is(err, c.err) {
			t.Errorf("%s: %v, want %v", name, err, c.err)
		}
	}
	for name, m := range map[string]Message{
		"verb": {Verb: 6}, "number": {Verb: SelectSource, Number: 16}, "no time": {Verb: Start}, "long": {Verb: Start, Timeout: 16 * timeoutStep * 2},
	} {
		if b, err := m.Append(nil); !errors.Is(err, ErrFormat) || b != nil {
			t.Errorf("%s: %x, %v", name, b, err)
		}
	}
	for name, f := range map[string]Frame{"client": {Client: 128}, "segment": {Segment: 16}, "data": {Data: make([]byte, MaxData+1)}} {
		if b, err := f.Append(nil); err == nil || b != nil {
			t.Errorf("%s: %x", name, b)
		}
	}
}

// TestSegments: a long message goes in pieces, and comes whole or not at all.
func TestSegments(t *testing.T) {
	message := bytes.Repeat([]byte("0123456789"), 60)
	frames, err := Frames(CME, message)
	if err != nil || len(frames) != 3 || !frames[0].Begin || frames[0].End || frames[1].Begin || !frames[2].End || frames[2].Segment != 2 {
		t.Fatalf("%d frames, %v", len(frames), err)
	}
	if _, err := Frames(CME, make([]byte, MaxMessage+1)); !errors.Is(err, ErrTooLarge) {
		t.Error(err)
	}
	other := frames[1]
	other.Client = H281
	cases := map[string]struct {
		frames []Frame
		whole  bool
	}{
		"in order":                 {frames, true},
		"after one that was cut":   {slices.Concat(frames[:2], frames), true},
		"one is missing":           {[]Frame{frames[0], frames[2]}, false},
		"the end first":            {[]Frame{frames[2], frames[0], frames[1]}, false},
		"of another client":        {[]Frame{frames[0], other, frames[2]}, false},
		"twice":                    {[]Frame{frames[0], frames[1], frames[1], frames[2]}, false},
		"a short one comes across": {[]Frame{frames[0], {Begin: true, End: true}, frames[1], frames[2]}, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var a Assembly
			whole := false
			for _, f := range c.frames {
				if b, ok := a.Add(f); ok && len(b) > 0 {
					whole = true
					if !bytes.Equal(b, message) {
						t.Errorf("%q", b)
					}
				}
			}
			if whole != c.whole {
				t.Errorf("whole %v, want %v", whole, c.whole)
			}
		})
	}
	var a Assembly
	a.Add(Frame{Begin: true, Data: make([]byte, MaxData)})
	for i := range 40 {
		a.Add(Frame{Segment: uint8(i+1) & 15, Data: make([]byte, MaxData)})
	}
	if len(a.buf) > MaxMessage {
		t.Errorf("%d bytes are kept", len(a.buf))
	}
}
