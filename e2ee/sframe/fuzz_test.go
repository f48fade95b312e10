package sframe

import (
	"bytes"
	"testing"

	"legroom/media"
)

func FuzzParseHeader(f *testing.F) {
	for _, v := range readRFC9605(f).Header {
		f.Add([]byte(v.Encoded))
	}
	f.Add([]byte{0x98, 0, 3})
	f.Fuzz(func(t *testing.T, b []byte) {
		h, n, err := ParseHeader(b)
		if reason(t, err) != "malformed" && err != nil {
			t.Fatal(err)
		}
		// What is read is the only form of what it means.
		if err == nil && !bytes.Equal(h.Append(nil), b[:n]) {
			t.Fatalf("%x is %+v", b, h)
		}
	})
}

// codecs by the number that a fuzzer picks.
var codecs = []media.CodecName{media.Opus, media.VP8, media.VP9, media.H264, media.AV1, media.PCMU}

func kindFor(codec media.CodecName) Kind {
	if codec == media.Opus || codec == media.PCMU {
		return Audio
	}
	return Video
}

func FuzzOpen(f *testing.F) {
	number := func(codec media.CodecName) uint8 {
		for i, c := range codecs {
			if c == codec {
				return uint8(i)
			}
		}
		return uint8(len(codecs) - 1)
	}
	g := readGolden(f)
	for _, c := range g.Frames {
		f.Add(number(c.Codec), uint8(tagRules[c.Tag]), []byte(c.Sealed))
	}
	for _, c := range g.Refused {
		f.Add(number(c.Codec), uint8(tagRules[c.Tag]), []byte(c.Frame))
	}
	f.Fuzz(func(t *testing.T, codec, tag uint8, frame []byte) {
		name := codecs[int(codec)%len(codecs)]
		keys := keysOf(name, kindFor(name), "none", browser(t, 0, 3, 257))
		if id, err := ReadKeyID(name, keys.Number, frame); err == nil {
			keys.KeyID = id
		}
		if !keys.KeyID.Grantee() {
			keys.Tag = rules[int(tag)%len(rules)]
		}
		if keys.Tag == "check" {
			keys.TagKey = run(32, 0x40)
		}
		before := bytes.Clone(frame)
		out, err := keys.opener(t).Open([]byte("kept"), name, frame)
		if !bytes.Equal(frame, before) || !bytes.HasPrefix(out, []byte("kept")) {
			t.Fatal("a lent buffer was changed")
		}
		if err != nil {
			if reason(t, err) == "" || len(out) != 4 {
				t.Fatalf("%q, %v", out, err)
			}
			return
		}
		// Nothing opens but what was sealed under the key, and that is longer than what comes out.
		if len(out)-4 >= len(frame) || len(out) == 4 {
			t.Fatalf("%d bytes opened to %d", len(frame), len(out)-4)
		}
	})
}

// FuzzSeal takes any frame of any codec: what can be sealed opens again, to the same as what sealing it again gives.
func FuzzSeal(f *testing.F) {
	g := readGolden(f)
	for i, name := range codecs {
		for _, c := range g.Frames {
			if c.Codec == name {
				f.Add(uint8(i), []byte(c.Input))
			}
		}
		for _, c := range g.Unsealable {
			if c.Codec == name {
				f.Add(uint8(i), []byte(c.Input))
			}
		}
	}
	f.Fuzz(func(t *testing.T, codec uint8, frame []byte) {
		name := codecs[int(codec)%len(codecs)]
		keys := keysOf(name, kindFor(name), "check", browser(t, 0, 3, 257))
		s := keys.sealer(t, 0)
		sealed, err := s.Seal(nil, name, frame)
		if err != nil {
			if reason(t, err) == "" || len(sealed) != 0 {
				t.Fatalf("%d bytes, %v", len(sealed), err)
			}
			return
		}
		if id, err := ReadKeyID(name, keys.Number, sealed); err != nil || id != keys.KeyID {
			t.Fatal(id, err)
		}
		o := keys.opener(t)
		once, err := o.Open(nil, name, sealed)
		if err != nil {
			t.Fatal(err)
		}
		again, err := s.Seal(nil, name, once)
		if err != nil {
			t.Fatal(err)
		}
		twice, err := o.Open(nil, name, again)
		if err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("%x is not %x, %v", twice, once, err)
		}
		if whole := name == media.Opus || name == media.VP8 || name == media.VP9; whole && !bytes.Equal(once, frame) {
			t.Fatalf("%x is not %x", once, frame)
		}
	})
}

func FuzzEscape(f *testing.F) {
	f.Add(uint8(0), []byte{0, 0, 1, 0, 0, 3, 0, 0, 0})
	f.Add(uint8(2), []byte{3, 0, 0, 3, 3})
	f.Fuzz(func(t *testing.T, zeros uint8, b []byte) {
		lead := append([]byte{0x41}, make([]byte, zeros%3)...)
		run := int(zeros % 3)
		escaped := escape(nil, run, b)
		if !bytes.Equal(append(bytes.Clone(lead), escaped...), naiveEscape(lead, b)) {
			t.Fatalf("%x behind %d zeros: %x", b, run, escaped)
		}
		whole := append(lead, escaped...)
		for _, bad := range [][]byte{{0, 0, 0}, {0, 0, 1}, {0, 0, 2}} {
			if bytes.Contains(whole, bad) {
				t.Fatalf("%x holds %x", whole, bad)
			}
		}
		if back, ok := unescape(nil, run, escaped); !ok && len(b) > 0 && b[len(b)-1] != 0 || ok && !bytes.Equal(back, b) {
			t.Fatalf("%x came back as %x, %v", b, back, ok)
		}
		// What is taken for escaped is what escape makes of it.
		if back, ok := unescape(nil, run, b); ok && !bytes.Equal(escape(nil, run, back), b) {
			t.Fatalf("%x is taken for escaped", b)
		}
	})
}

// FuzzCutNAL splits a byte stream and puts it together again, without the zeros between.
func FuzzCutNAL(f *testing.F) {
	for _, c := range readGolden(f).Frames {
		if c.Codec == media.H264 {
			f.Add([]byte(c.Input))
			f.Add([]byte(c.Sealed))
		}
	}
	f.Fuzz(func(t *testing.T, frame []byte) {
		rest, err := skipToNAL(frame)
		if err != nil {
			return
		}
		var units [][]byte
		for rest != nil {
			var nal []byte
			if nal, rest, err = cutNAL(rest); err != nil {
				return
			}
			if bytes.Contains(nal, startCode) || nal[len(nal)-1] == 0 {
				t.Fatalf("unit %x", nal)
			}
			units = append(units, nal)
			if clear, sealed, zeros, err := cutSlice(nal); err == nil {
				if !bytes.Equal(append(bytes.Clone(clear), sealed...), nal) || len(sealed) == 0 || zeros != trailingZeros(clear) {
					t.Fatalf("%x is %x and %x, %d zeros", nal, clear, sealed, zeros)
				}
				// The clear bytes do not depend on what follows them: a receiver finds the same.
				other, _, _, err := cutSlice(append(bytes.Clone(clear), 0xff))
				if err != nil || !bytes.Equal(other, clear) {
					t.Fatalf("%x is cut at %d and %d, %v", nal, len(clear), len(other), err)
				}
			}
		}
		rest, err = skipToNAL(stream4(units...))
		for i := 0; rest != nil || err != nil; i++ {
			var nal []byte
			if nal, rest, err = cutNAL(rest); err != nil || !bytes.Equal(nal, units[i]) {
				t.Fatalf("unit %d: %x, %v", i, nal, err)
			}
		}
	})
}

// FuzzCutOBU walks OBUs and writes them again with sizes.
func FuzzCutOBU(f *testing.F) {
	for _, c := range readGolden(f).Frames {
		if c.Codec == media.AV1 {
			f.Add([]byte(c.Input))
			f.Add([]byte(c.Sealed))
		}
	}
	f.Fuzz(func(t *testing.T, frame []byte) {
		for len(frame) > 0 {
			u, rest, err := cutOBU(frame)
			if err != nil {
				if reason(t, err) != "malformed" {
					t.Fatal(err)
				}
				return
			}
			if len(u.payload)+len(rest) >= len(frame) {
				t.Fatalf("%d bytes of %d, %d left", len(u.payload), len(frame), len(rest))
			}
			written := append(u.appendHead(nil, len(u.payload)), u.payload...)
			again, after, err := cutOBU(written)
			if err != nil || len(after) != 0 || again.head != u.head || !bytes.Equal(again.payload, u.payload) {
				t.Fatalf("%x became %x, %v", frame, written, err)
			}
			frame = rest
		}
	})
}
