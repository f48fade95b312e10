package sframe

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"testing"

	"legroom/media"
)

// tagByDefinition: HMAC-SHA-256 over kind, length of the header, header, length of the clear bytes, clear bytes and
// ciphertext, cut to 8 bytes.
func tagByDefinition(key []byte, kind Kind, u goldenUnit) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write(slices.Concat([]byte{byte(kind), byte(len(u.Header))}, u.Header,
		binary.BigEndian.AppendUint32(nil, uint32(len(u.Clear))), u.Clear, u.Ciphertext))
	return mac.Sum(nil)[:8]
}

func makeUnsealable() []goldenUnsealable {
	one := func(name string, codec media.CodecName, kind Kind, input []byte, reason string) goldenUnsealable {
		return goldenUnsealable{Name: name, Codec: codec, Kind: kind.String(), Number: kind, Input: input, Reason: reason}
	}
	spent := one("all counters used up", media.Opus, Audio, []byte("opus"), "exhausted")
	spent.Counter = 1 << 32
	slices3 := one("counters used up between slices", media.H264, Video, stream4(h264IDR, h264Delta), "exhausted")
	slices3.Counter = 1<<32 - 1
	return []goldenUnsealable{
		spent, slices3,
		one("opus of no bytes", media.Opus, Audio, nil, "empty"),
		one("H264 of no bytes", media.H264, Video, nil, "empty"),
		one("PCMU", "PCMU", Audio, []byte("sound"), "codec"),
		one("G722", "G722", Audio, []byte("sound"), "codec"),
		one("redundant audio", "red", Audio, []byte("sound"), "codec"),
		one("comfort noise", "CN", Audio, []byte{0x40}, "codec"),
		one("H265", "H265", Video, []byte("picture"), "codec"),
		one("no codec", "", Audio, []byte("sound"), "codec"),
		one("opus as video", media.Opus, Video, []byte("opus"), "codec"),
		one("VP8 as audio", media.VP8, Audio, []byte("1vp8"), "codec"),
		one("VP8 of one byte", media.VP8, Video, []byte{0x31}, "malformed"),
		one("VP8 key frame that ends with its size", media.VP8, Video, vp8KeyFrame[:10], "malformed"),
		one("H264 without a start code", media.H264, Video, h264IDR, "malformed"),
		one("H264, bytes before the start code", media.H264, Video, slices.Concat([]byte{1}, stream4(h264IDR)), "malformed"),
		one("H264, NAL unit of no bytes", media.H264, Video, slices.Concat(stream4(nil), stream4(h264IDR)), "malformed"),
		one("H264, slice of a header only", media.H264, Video, stream4(h264IDR[:3]), "malformed"),
		one("H264, slice that ends in its header", media.H264, Video, stream4(h264IDR[:2]), "malformed"),
		one("H264, slice type 10", media.H264, Video, stream4([]byte{0x41, 0x8b, 0x80, 1, 2}), "malformed"),
		one("H264, PPS 256", media.H264, Video, stream4([]byte{0x41, 0xc0, 0x20, 0x20, 1, 2}), "malformed"),
		one("H264, code of 32 zeros", media.H264, Video, stream4([]byte{0x41, 0, 0, 3, 0, 0, 0x80, 0, 0, 3, 0, 0, 0xff, 0xff, 1}), "malformed"),
		one("H264 data partition", media.H264, Video, stream4(h264IDR, []byte{0x42, 0x88, 0x84, 1}), "unit"),
		one("H264, forbidden bit", media.H264, Video, stream4([]byte{0xe5, 0x88, 0x84, 1}), "unit"),
		one("H264, prefix NAL unit of SVC", media.H264, Video, stream4([]byte{0x6e, 0xc0, 1}, h264IDR), "unit"),
		one("H264, nothing but parameter sets", media.H264, Video, stream4(h264SPS, h264PPS), "empty"),
		one("AV1, size beyond the end", media.AV1, Video, []byte{0x32, 0x05, 1, 2}, "malformed"),
		one("AV1, size without an end", media.AV1, Video, []byte{0x32, 0x80, 0x80}, "malformed"),
		one("AV1, size of nine bytes", media.AV1, Video, []byte{0x32, 0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0, 1}, "malformed"),
		one("AV1, size of 2^56 - 1", media.AV1, Video, []byte{0x32, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 1}, "malformed"),
		one("AV1, extension missing", media.AV1, Video, []byte{0x34}, "malformed"),
		one("AV1, forbidden bit", media.AV1, Video, []byte{0xb2, 0x01, 1}, "malformed"),
		one("AV1, reserved bit", media.AV1, Video, []byte{0x33, 0x01, 1}, "malformed"),
		one("AV1, frame of no bytes", media.AV1, Video, []byte{0x32, 0x00}, "malformed"),
		one("AV1, bytes in a temporal delimiter", media.AV1, Video, slices.Concat([]byte{0x12, 0x01, 7}, sizedOBU(obuFrame, "x")), "unit"),
		one("AV1 without a picture", media.AV1, Video, slices.Concat(av1TD, av1Sequence), "empty"),
		one("AV1, nothing but padding", media.AV1, Video, av1Padding, "empty"),
	}
}

// makeRefused spoils good frames in every way that has a reason.
func makeRefused(t testing.TB, frames []goldenFrame) []goldenRefused {
	named := func(name string) goldenFrame {
		i := slices.IndexFunc(frames, func(f goldenFrame) bool { return f.Name == name })
		if i < 0 {
			t.Fatalf("no frame %q", name)
		}
		return frames[i]
	}
	var all []goldenRefused
	add := func(name string, from goldenFrame, reason string, spoil func(b []byte) []byte) {
		all = append(all, goldenRefused{Name: name, goldenKeys: from.goldenKeys, Before: []hexBytes{}, Frame: spoil(bytes.Clone(from.Sealed)), Reason: reason})
	}
	flip := func(i int) func(b []byte) []byte {
		return func(b []byte) []byte {
			b[(i+len(b))%len(b)] ^= 1
			return b
		}
	}
	to := func(b ...byte) func([]byte) []byte { return func([]byte) []byte { return b } }
	as := func(f goldenFrame, change func(k *goldenKeys)) goldenFrame {
		change(&f.goldenKeys)
		return f
	}
	tag := func(rule string) func(k *goldenKeys) {
		return func(k *goldenKeys) {
			k.Tag, k.TagKey = rule, nil
			if rule == "check" {
				k.TagKey = run(32, 0x40)
			}
		}
	}

	opusTagged, opusBare := named("opus, tagged"), named("opus")
	add("opus of no bytes", opusBare, "empty", to())
	add("opus, header cut", opusBare, "malformed", to(0x99, 0x03, 0x01, 0x01))
	add("opus, header alone", opusBare, "malformed", func(b []byte) []byte { return b[:5] })
	add("opus, tag of GCM alone", opusBare, "malformed", func(b []byte) []byte { return b[:5+16] })
	add("opus, sealed empty", opusBare, "malformed", func([]byte) []byte { return sealedEmpty(t, opusBare) })
	add("opus, key id longer than need be", opusBare, "malformed", to(slices.Concat([]byte{0xa9, 0, 3, 1, 1, 0x2c}, run(24, 0))...))
	add("opus, counter longer than need be", opusBare, "malformed", to(slices.Concat([]byte{0x9a, 3, 1, 0, 1, 0x2c}, run(24, 0))...))
	add("opus, counter 7 in the long form", opusBare, "malformed", to(slices.Concat([]byte{0x98, 3, 1, 7}, run(24, 0))...))
	add("opus, key id of 25 bits", opusBare, "malformed", to(slices.Concat([]byte{0xb9, 1, 0, 3, 1, 1, 0x2c}, run(24, 0))...))
	add("opus, counter 2^32", opusBare, "malformed", to(slices.Concat([]byte{0x9c, 3, 1, 1, 0, 0, 0, 0}, run(24, 0))...))
	add("opus, other leaf", opusBare, "keyId", func(b []byte) []byte { b[1] = 4; return b })
	add("opus, other epoch", opusBare, "keyId", func(b []byte) []byte { b[2] = 2; return b })
	add("opus, other counter", opusBare, "auth", flip(4))
	add("opus, first byte of the ciphertext", opusBare, "auth", flip(5))
	add("opus, last byte", opusBare, "auth", flip(-1))
	add("opus, a byte more", opusBare, "auth", func(b []byte) []byte { return append(b, 0) })
	add("opus under the key of another kind", as(opusBare, func(k *goldenKeys) { k.BaseKey = run(16, 1) }), "auth", bytes.Clone)
	add("opus, tag is wrong", opusTagged, "tag", flip(-1))
	add("opus, tagged, other counter", opusTagged, "tag", flip(4))
	add("opus, tagged, other ciphertext", opusTagged, "tag", flip(5))
	add("opus, tag is missing", as(opusBare, tag("check")), "tag", func(b []byte) []byte { return append(b, run(8, 0)...) })
	add("opus, tag is not there", as(opusBare, tag("check")), "malformed", bytes.Clone)
	add("opus, tag where none is due", as(opusTagged, tag("none")), "auth", bytes.Clone)
	add("opus, tag of another kind", as(opusTagged, func(k *goldenKeys) { k.Number, k.Kind = ScreenAudio, ScreenAudio.String() }), "tag", bytes.Clone)
	add("opus, tag skipped, other ciphertext", as(opusTagged, tag("skip")), "auth", flip(5))
	add("opus said to be VP8", as(opusBare, func(k *goldenKeys) { k.Codec = media.VP8 }), "codec", bytes.Clone)
	add("unknown codec", as(opusBare, func(k *goldenKeys) { k.Codec = "red" }), "codec", bytes.Clone)
	add("opus in clear", opusBare, "malformed", to(0xf8, 0xff, 0xfe))
	add("opus once more", opusTagged, "replay", bytes.Clone)
	all[len(all)-1].Before = []hexBytes{opusTagged.Sealed, named("opus, as long as 20 ms of speech").Sealed}

	vp8Delta, vp8Key := named("VP8"), named("VP8 key frame, tagged")
	add("VP8 of one byte", vp8Delta, "malformed", to(0x31))
	add("VP8 in clear", vp8Delta, "malformed", to(vp8Delta.Input...))
	add("VP8, mark of the trailer missing", vp8Delta, "malformed", func(b []byte) []byte { b[len(b)-1] &^= 0x80; return b })
	add("VP8, trailer of no header", vp8Delta, "malformed", func(b []byte) []byte { b[len(b)-1] = 0x80; return b })
	add("VP8, trailer longer than any header", vp8Delta, "malformed", func(b []byte) []byte { b[len(b)-1] = 0x89; return b })
	add("VP8, trailer longer than its header", vp8Delta, "malformed", func(b []byte) []byte { b[len(b)-1] = 0x86; return b })
	add("VP8, trailer shorter than its header", vp8Delta, "malformed", func(b []byte) []byte { b[len(b)-1] = 0x84; return b })
	add("VP8, trailer longer than the frame", vp8Delta, "malformed", to(0x31, 0x01, 0x85))
	add("VP8, clear byte changed", vp8Delta, "auth", func(b []byte) []byte { b[0] ^= 0x10; return b })
	add("VP8, short delta frame said to be a key frame", vp8Delta, "malformed", flip(0))
	add("VP8, key frame said to be a delta frame", vp8Key, "tag", flip(0))
	add("VP8, key frame said to be a delta frame, tag skipped", as(vp8Key, tag("skip")), "auth", flip(0))
	add("VP8, size changed", vp8Key, "tag", flip(6))
	add("VP8, size changed, tag skipped", as(vp8Key, tag("skip")), "auth", flip(6))
	add("VP8 as screen", as(vp8Key, func(k *goldenKeys) { k.Number, k.Kind = Screen, Screen.String() }), "tag", bytes.Clone)
	add("VP8 once more", vp8Key, "replay", bytes.Clone)
	all[len(all)-1].Before = []hexBytes{vp8Key.Sealed}

	vp9 := named("VP9")
	add("VP9, changed", vp9, "auth", flip(6))
	add("VP9 in clear", vp9, "keyId", to(slices.Concat([]byte{0x82, 0x49, 0x83, 0x42}, run(40, 0))...))

	slice, key, many := named("H264 slice"), named("H264 key frame"), named("H264, three slices")
	carried := named("H264, run of zeros carried over from the clear bytes")
	counted := named("H264, counter that is escaped")
	add("H264 in clear", slice, "malformed", to(slice.Input...))
	add("H264 without a start code", slice, "malformed", func(b []byte) []byte { return b[4:] })
	add("H264, clear bytes changed", slice, "auth", func(b []byte) []byte { b[6] ^= 0x04; return b })
	add("H264, IDR said to be none", key, "auth", func(b []byte) []byte {
		b[bytes.Index(b, []byte{0, 0, 1, 0x65})+3] = 0x61
		return b
	})
	add("H264, parameter sets alone", key, "empty", func(b []byte) []byte { return b[:bytes.Index(b, []byte{0, 0, 1, 0x65})-1] })
	add("H264, data partition put in", key, "unit", func(b []byte) []byte { return append(stream4([]byte{0x42, 1, 2}), b...) })
	add("H264, one slice twice", many, "replay", func(b []byte) []byte {
		return append(b[:bytes.Index(b[5:], startCode)+4], b...)
	})
	add("H264, escape that is not needed", slice, "malformed", func(b []byte) []byte {
		return slices.Concat(b[:8], []byte{0, 0, 3, 0x7f}, b[8:])
	})
	add("H264, escape missing", counted, "malformed", func(b []byte) []byte {
		return bytes.Replace(b, []byte{0, 0, 3, 2}, []byte{0, 0, 2}, 1)
	})
	add("H264, escaping begun anew behind the clear bytes", carried, "malformed", func(b []byte) []byte {
		at := bytes.Index(b, []byte{0x40, 0, 0, 3})
		return slices.Delete(b, at+3, at+4)
	})
	add("H264, slices of two senders", many, "keyId", func(b []byte) []byte {
		k := many.goldenKeys
		k.KeyID, _ = BrowserKeyID(0, 4, 257)
		other, err := k.sealer(t, 1).Seal(nil, k.Codec, stream4(h264Delta))
		if err != nil {
			t.Fatal(err)
		}
		return append(b, other...)
	})
	add("H264, start code sealed inside a slice", slice, "unit", func([]byte) []byte { return smuggled(t, slice) })

	obu, obuKey := named("AV1 frame"), named("AV1 key frame, tagged")
	add("AV1 in clear", obu, "keyId", to(sizedOBU(obuFrame, string(slices.Concat([]byte{0x10, 0x00, 0x02}, run(40, 0))))...))
	add("AV1, header changed", obu, "auth", func(b []byte) []byte { b[0] = obuTileGroup<<3 | obuHasSize; return b })
	add("AV1, size beyond the end", obu, "malformed", func(b []byte) []byte { b[1]++; return b })
	add("AV1, size too small", obu, "malformed", func(b []byte) []byte { b[1] = 4; return b })
	add("AV1, reserved bit", obu, "malformed", flip(0))
	add("AV1, bytes in a temporal delimiter", obuKey, "unit", func(b []byte) []byte {
		return slices.Concat([]byte{0x12, 0x01, 7}, b[2:])
	})
	add("AV1, OBU twice", obuKey, "replay", func(b []byte) []byte { return append(b, b...) })
	add("AV1, no picture", obuKey, "empty", func(b []byte) []byte { return b[:15] })
	return all
}

// sealedEmpty seals no bytes, which no sender of ours does.
func sealedEmpty(t testing.TB, f goldenFrame) []byte {
	key, err := NewKey(AES128GCM, f.BaseKey, uint64(f.KeyID))
	if err != nil {
		t.Fatal(err)
	}
	return key.Seal(nil, f.Counter, nil, nil)
}

// smuggled seals a slice with a further NAL unit inside.
func smuggled(t testing.TB, f goldenFrame) []byte {
	s := f.sealer(t, f.Counter)
	clear := h264Delta[:2]
	body, err := s.trailer(nil, clear, slices.Concat([]byte{1, 2, 3}, stream4(h264SEI)))
	if err != nil {
		t.Fatal(err)
	}
	return escape(stream4(clear), 0, body)
}

func makeReplay() []goldenReplay {
	sound := []replayStep{
		{5, true}, {5, false}, {0, true}, {4, true}, {4, false}, {68, true}, {5, false}, {6, true}, {6, false},
		{4, false}, {69, true}, {6, false}, {7, true}, {1000, true}, {936, false}, {937, true}, {937, false}, {999, true},
		{1<<32 - 1, true}, {1<<32 - 1, false}, {1<<32 - 64, true}, {1<<32 - 65, false}, {1000, false},
	}
	pictures := []replayStep{
		{0, true}, {0, false}, {1023, true}, {0, false}, {1, true}, {1, false}, {1024, true}, {0, false}, {1, false}, {2, true},
		{2047, true}, {1023, false}, {1024, false}, {1025, true}, {2047, false},
		{3071, true}, {2047, false}, {2048, true}, {4095, true}, {3071, false}, {3072, true},
		{1 << 20, true}, {1<<20 - 1023, true}, {1<<20 - 1024, false}, {1<<20 - 1023, false}, {4095, false},
	}
	named := func(name string, kind Kind, steps []replayStep) goldenReplay {
		return goldenReplay{Name: name, Kind: kind.String(), Number: kind, Steps: steps}
	}
	return []goldenReplay{
		named("sound: 64 below the highest is too old", Audio, sound),
		named("sound of a shared screen likewise", ScreenAudio, sound),
		named("pictures: 1,024 below the highest is too old", Video, pictures),
		named("pictures of a shared screen likewise", Screen, pictures),
	}
}
