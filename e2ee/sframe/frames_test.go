package sframe

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"legroom/media"
)

func TestFramesAreSealedAsWritten(t *testing.T) {
	for _, f := range readGolden(t).Frames {
		t.Run(f.Name, func(t *testing.T) {
			lead := []byte("kept")
			got, err := f.sealer(t, f.Counter).Seal(bytes.Clone(lead), f.Codec, f.Input)
			if err != nil || !bytes.Equal(got, slices.Concat(lead, f.Sealed)) {
				t.Errorf("%x, %v, want %x", got, err, []byte(f.Sealed))
			}
		})
	}
}

func TestFramesOpenAsWritten(t *testing.T) {
	for _, f := range readGolden(t).Frames {
		t.Run(f.Name, func(t *testing.T) {
			lead := []byte("kept")
			rules := []string{f.Tag}
			if f.Tag == "check" {
				rules = append(rules, "skip")
			}
			for _, rule := range rules {
				keys := f.goldenKeys
				keys.Tag = rule
				got, err := keys.opener(t).Open(bytes.Clone(lead), f.Codec, f.Sealed)
				if err != nil || !bytes.Equal(got, slices.Concat(lead, f.Opened)) {
					t.Errorf("tag %s: %x, %v, want %x", rule, got, err, []byte(f.Opened))
				}
			}
			if id, err := ReadKeyID(f.Codec, f.Number, f.Sealed); id != f.KeyID || err != nil {
				t.Errorf("key id %v, %v, want %v", id, err, f.KeyID)
			}
		})
	}
}

// The units of a frame are plain SFrame, put together by the two forms.
func TestFramesAreMadeOfTheirUnits(t *testing.T) {
	for _, f := range readGolden(t).Frames {
		t.Run(f.Name, func(t *testing.T) {
			if len(f.Units) == 0 {
				t.Fatal("no units")
			}
			for i, u := range f.Units {
				got := sealPiece(t, f.goldenKeys, f.Counter+uint64(i), piece{u.Clear, u.Plaintext})
				if !bytes.Equal(got.Ciphertext, u.Ciphertext) || !bytes.Equal(got.Tag, u.Tag) || !bytes.Equal(got.Header, u.Header) {
					t.Errorf("unit %d: %x", i, got)
				}
				want := slices.Concat(u.Header, u.Ciphertext, u.Tag)
				trailer := slices.Concat(u.Ciphertext, u.Tag, u.Header, []byte{0x80 | byte(len(u.Header))})
				switch f.Codec {
				case media.VP8:
					want = slices.Concat(u.Clear, trailer)
				case media.H264:
					want = naiveEscape(u.Clear, trailer)
				}
				if !bytes.Contains(f.Sealed, want) {
					t.Errorf("unit %d is not in the frame", i)
				}
				if whole := f.Codec != media.H264 && f.Codec != media.AV1; whole && len(want) != len(f.Sealed) {
					t.Errorf("%d bytes sealed, want %d", len(f.Sealed), len(want))
				}
			}
		})
	}
}

func TestWhatIsNotSealed(t *testing.T) {
	for _, c := range readGolden(t).Unsealable {
		t.Run(c.Name, func(t *testing.T) {
			id, _ := BrowserKeyID(0, 3, 257)
			s := keysOf(c.Codec, c.Number, "none", id).sealer(t, c.Counter)
			got, err := s.Seal([]byte("kept"), c.Codec, c.Input)
			if reason(t, err) != c.Reason || string(got) != "kept" {
				t.Errorf("%q, %v, want %s", got, err, c.Reason)
			}
		})
	}
}

func TestWhatIsRefused(t *testing.T) {
	for _, c := range readGolden(t).Refused {
		t.Run(c.Name, func(t *testing.T) {
			o := c.opener(t)
			for _, before := range c.Before {
				if _, err := o.Open(nil, c.Codec, before); err != nil {
					t.Fatal(err)
				}
			}
			got, err := o.Open([]byte("kept"), c.Codec, c.Frame)
			if reason(t, err) != c.Reason || string(got) != "kept" {
				t.Errorf("%q, %v, want %s", got, err, c.Reason)
			}
		})
	}
}

func TestReplayIsRefused(t *testing.T) {
	for _, c := range readGolden(t).Replay {
		t.Run(c.Name, func(t *testing.T) {
			codec := media.VP8
			if c.Number.sound() {
				codec = media.Opus
			}
			id, _ := BrowserKeyID(0, 3, 257)
			keys := keysOf(codec, c.Number, "none", id)
			o := keys.opener(t)
			for i, step := range c.Steps {
				frame, err := keys.sealer(t, step.Counter).Seal(nil, codec, []byte("1 frame"))
				if err != nil {
					t.Fatal(err)
				}
				_, err = o.Open(nil, codec, frame)
				if step.Taken && err != nil || !step.Taken && !errors.Is(err, ErrReplay) {
					t.Errorf("step %d, counter %d: %v", i, step.Counter, err)
				}
			}
		})
	}
}

// A counter that was forged must not push the window past what is still to come.
func TestForgedCountersDoNotMoveTheWindow(t *testing.T) {
	id, _ := BrowserKeyID(0, 3, 257)
	keys := keysOf(media.Opus, Audio, "none", id)
	s, o := keys.sealer(t, 0), keys.opener(t)
	for range 3 {
		good, err := s.Seal(nil, media.Opus, []byte("opus"))
		if err != nil {
			t.Fatal(err)
		}
		_, body, _ := bytes.Cut(good, good[:4])
		forged := append(Header{KeyID: uint64(id), Counter: 1 << 30}.Append(nil), body...)
		if _, err := o.Open(nil, media.Opus, forged); !errors.Is(err, ErrAuth) {
			t.Errorf("forged: %v", err)
		}
		if _, err := o.Open(nil, media.Opus, good); err != nil {
			t.Errorf("good: %v", err)
		}
	}
}

// The vectors of the protocol, which other implementations were checked against before this one was written.
func TestPrintedVectors(t *testing.T) {
	id, err := BrowserKeyID(0, 3, 257)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name         string
		codec        media.CodecName
		kind         Kind
		frame, wants string
	}{
		{"opus", media.Opus, Audio, "opus", "990301012cfc6389c44bd890359ef23ec8f98b808f76ce1495ab2f53da644e0415"},
		{"VP8", media.VP8, Video, "1vp8 frame",
			"31e563c497a60a603eb2854b88641cd1e15029746e973c9f9b170fe696c582a9fafb990301012c85"},
	} {
		t.Run(c.name, func(t *testing.T) {
			keys := keysOf(c.codec, c.kind, "check", id)
			got, err := keys.sealer(t, 300).Seal(nil, c.codec, []byte(c.frame))
			if err != nil || !bytes.Equal(got, unhex(t, c.wants)) {
				t.Errorf("%x, %v", got, err)
			}
			plain, err := keys.opener(t).Open(nil, c.codec, unhex(t, c.wants))
			if err != nil || string(plain) != c.frame {
				t.Errorf("%q, %v", plain, err)
			}
		})
	}
	phone, err := GranteeKeyID(1, 0, 257)
	if err != nil {
		t.Fatal(err)
	}
	if got := (Header{KeyID: uint64(phone), Counter: 300}).Append(nil); !bytes.Equal(got, unhex(t, "a9840001012c")) {
		t.Errorf("header of a phone: %x", got)
	}
}
