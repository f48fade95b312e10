package sframe

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"testing"

	"legroom/media"
)

// run of n bytes: from, from + 1, ...
func run(n int, from byte) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = from + byte(i)
	}
	return b
}

// keysOf a codec: what the golden frames of it are sealed with.
func keysOf(codec media.CodecName, kind Kind, tag string, id KeyID) goldenKeys {
	k := goldenKeys{Codec: codec, Kind: kind.String(), Number: kind, BaseKey: run(16, 0), Tag: tag, KeyID: id}
	if tag == "check" {
		k.TagKey = run(32, 0x40)
	}
	return k
}

// TestGoldenFileIsCurrent makes all that is in the file again and compares; with -update it writes the file.
func TestGoldenFileIsCurrent(t *testing.T) {
	g := golden{KeyIDs: makeKeyIDs(t), Frames: makeFrames(t), Unsealable: makeUnsealable(), Replay: makeReplay()}
	g.Refused, g.Reflected = makeRefused(t, g.Frames), makeReflected(t)
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetIndent("", " ")
	if err := enc.Encode(g); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(goldenFile, text.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	on, err := os.ReadFile(goldenFile)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(on, text.Bytes()) {
		t.Errorf("%s is not what this code makes; if the change is meant, run go generate", goldenFile)
	}
}

func makeKeyIDs(t testing.TB) []goldenKeyID {
	ids := []goldenKeyID{
		{Type: "browser", Leaf: 3, Epoch: 257},
		{Type: "browser", Leaf: 3, Track: 1, Epoch: 257},
		{Type: "browser"},
		{Type: "browser", Epoch: 7},
		{Type: "browser", Leaf: MaxLeaf, Track: MaxTrack, Epoch: 1<<64 - 1},
		{Type: "grantee", N: 1, Epoch: 257},
		{Type: "grantee", N: 33, Leg: 2, Epoch: 256},
		{Type: "grantee", N: 1<<32 - 1, Leg: MaxLeg, Epoch: 1<<53 + 255},
	}
	for i := range ids {
		k := &ids[i]
		var err error
		if k.Type == "browser" {
			k.KeyID, err = BrowserKeyID(k.Track, k.Leaf, k.Epoch)
		} else {
			k.KeyID, err = GranteeKeyID(k.N, k.Leg, k.Epoch)
		}
		if err != nil {
			t.Fatal(err)
		}
		k.Header = Header{KeyID: uint64(k.KeyID), Counter: 300}.Append(nil)
	}
	return ids
}

// Frames as encoders make them, in little.
var (
	vp8KeyFrame = slices.Concat([]byte{0x50, 0x03, 0x00, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0xe0, 0x01}, []byte("key frame of VP8"))
	h264SPS     = []byte{0x67, 0x42, 0xc0, 0x1f, 0x8c, 0x8d, 0x40, 0x50, 0x1e, 0x90, 0x0f, 0x08, 0x84, 0x6a}
	h264PPS     = []byte{0x68, 0xce, 0x3c, 0x80}
	h264SEI     = []byte{0x06, 0x05, 0x04, 's', 'e', 'i', '!', 0x80}
	h264AUD     = []byte{0x09, 0xf0}
	h264Filler  = []byte{0x0c, 0xff, 0xff, 0x80}
	// First macroblock 0, slice type 7, PPS 0: bits 1 0001000 1, so two bytes of slice header are clear.
	h264IDR = slices.Concat([]byte{0x65, 0x88, 0x84, 0x00, 0x10}, []byte("IDR slice"))
	// Slice type 5: bits 1 00110 1, so one byte is.
	h264Delta = slices.Concat([]byte{0x41, 0x9a, 0x21}, []byte("delta slice"))
	// PPS 127 is written with seven zeros at its end: the clear bytes end in a zero, which the escaping has to see.
	h264Zero = slices.Concat([]byte{0x41, 0xc0, 0x40, 0x00}, []byte("clear bytes end in a zero"))
	// A first macroblock of 23 zeros and more: the clear bytes hold an escape.
	h264Escaped = slices.Concat([]byte{0x41, 0x00, 0x00, 0x03, 0x01, 0x00, 0x00, 0x03, 0x03, 0xff}, []byte("escape in clear"))
	// The sealed part holds escapes of its own, which come back as they were.
	h264Inner = slices.Concat([]byte{0x41, 0x9a, 0x21, 0x00, 0x00, 0x03, 0x01, 0x00, 0x00, 0x03, 0x00, 0x00, 0x03}, []byte{0x80})

	av1TD       = []byte{0x12, 0x00}
	av1Sequence = []byte{0x0a, 0x0b, 0x00, 0x00, 0x00, 0x24, 0xc4, 0xff, 0xdf, 0x00, 0x68, 0x02, 0x10}
	av1Metadata = []byte{0x2a, 0x03, 0x01, 0x02, 0x80}
	av1Padding  = []byte{0x7a, 0x02, 0x00, 0x80}
)

// stream4 puts NAL units together with start codes of four bytes.
func stream4(nals ...[]byte) []byte {
	var b []byte
	for _, n := range nals {
		b = append(append(b, 0, 0, 0, 1), n...)
	}
	return b
}

// sizedOBU makes an OBU of a type with a size.
func sizedOBU(kind byte, payload string) []byte {
	return append([]byte{kind<<3 | obuHasSize, byte(len(payload))}, payload...)
}

func makeFrames(t testing.TB) []goldenFrame {
	leaf3, _ := BrowserKeyID(0, 3, 257)
	phone, _ := GranteeKeyID(1, 0, 257)
	low, _ := BrowserKeyID(0, 0, 5)
	zeros, _ := BrowserKeyID(4, 0, 256)
	high, _ := BrowserKeyID(MaxTrack, MaxLeaf, 255)
	one := func(name string, keys goldenKeys, counter uint64, input []byte) goldenFrame {
		return goldenFrame{Name: name, goldenKeys: keys, Counter: counter, Input: input}
	}
	all := []goldenFrame{
		one("opus, tagged", keysOf(media.Opus, Audio, "check", leaf3), 300, []byte("opus")),
		one("opus, as long as 20 ms of speech", keysOf(media.Opus, Audio, "check", leaf3), 301, run(120, 0x78)),
		one("opus", keysOf(media.Opus, Audio, "none", leaf3), 300, []byte("opus")),
		one("opus, shortest header", keysOf(media.Opus, Audio, "none", low), 0, []byte{0xf8}),
		one("opus, shortest header, tagged", keysOf(media.Opus, Audio, "check", low), 7, []byte{0xf8, 0xff, 0xfe}),
		one("opus, longest header, last counter", keysOf(media.Opus, Audio, "check", high), 1<<32-1, []byte("opus")),
		one("opus of a phone", keysOf(media.Opus, Audio, "none", phone), 300, []byte("opus")),
		one("opus of a shared screen, tagged", keysOf(media.Opus, ScreenAudio, "check", leaf3), 300, []byte("opus")),
		one("VP8, tagged", keysOf(media.VP8, Video, "check", leaf3), 300, []byte("1vp8 frame")),
		one("VP8", keysOf(media.VP8, Video, "none", leaf3), 300, []byte("1vp8 frame")),
		one("VP8 key frame", keysOf(media.VP8, Video, "none", leaf3), 0, vp8KeyFrame),
		one("VP8 key frame, tagged", keysOf(media.VP8, Video, "check", leaf3), 0, vp8KeyFrame),
		one("VP8 of a shared screen", keysOf(media.VP8, Screen, "none", leaf3), 8, vp8KeyFrame),
		one("VP8, shortest", keysOf(media.VP8, Video, "none", low), 1, []byte{0x31, 0x00}),
		one("VP9", keysOf(media.VP9, Video, "none", leaf3), 255, []byte("frame of VP9")),
		one("VP9, tagged", keysOf(media.VP9, Screen, "check", leaf3), 256, []byte("frame of VP9")),
	}
	all = append(all, h264Frames(t, one, leaf3, zeros)...)
	all = append(all, av1Frames(one, leaf3)...)
	for i := range all {
		finish(t, &all[i])
	}
	return all
}

func h264Frames(t testing.TB, one func(string, goldenKeys, uint64, []byte) goldenFrame, leaf3, zeros KeyID) []goldenFrame {
	bare, tagged := keysOf(media.H264, Video, "none", leaf3), keysOf(media.H264, Video, "check", leaf3)
	withZeros := keysOf(media.H264, Video, "check", zeros)
	all := []goldenFrame{
		one("H264 slice", bare, 300, stream4(h264Delta)),
		one("H264 slice, tagged", tagged, 300, stream4(h264Delta)),
		one("H264 key frame", bare, 0, stream4(h264SPS, h264PPS, h264IDR)),
		one("H264 key frame, tagged", tagged, 0, stream4(h264SPS, h264PPS, h264IDR)),
		one("H264, start codes of three bytes and zeros between", bare, 1,
			slices.Concat([]byte{0, 0, 1}, h264SPS, []byte{0, 0, 1}, h264PPS, []byte{0, 0, 0, 0, 0, 1}, h264IDR, []byte{0, 0})),
		one("H264, AUD, SEI and filler left out", tagged, 1, stream4(h264AUD, h264SPS, h264PPS, h264SEI, h264IDR, h264Filler)),
		one("H264, three slices", tagged, 6, stream4(h264IDR, h264Delta, h264Zero)),
		one("H264, escape in the clear bytes", bare, 9, stream4(h264Escaped)),
		one("H264, escapes in the sealed part", bare, 9, stream4(h264Inner)),
		one("H264, counter that is escaped", tagged, 0x01000002, stream4(h264Delta)),
		one("H264, key id and counter that are escaped", withZeros, 0x0100, stream4(h264Delta)),
		one("H264, key id that ends in zeros", withZeros, 3, stream4(h264Delta)),
	}
	// The ciphertext begins with a zero and a byte of up to 3, and only the zero before it makes that a start code.
	all = append(all, search(t, one("H264, run of zeros carried over from the clear bytes", bare, 0, stream4(h264Zero)),
		func(s []byte) bool { return bytes.Contains(s, []byte{0x40, 0x00, 0x00, 0x03}) }))
	// A zero, a zero and a 3 of the ciphertext itself are escaped as well.
	return append(all, search(t, one("H264, ciphertext that looks escaped", bare, 0, stream4(h264IDR)),
		func(s []byte) bool { return bytes.Contains(s[8:], []byte{0, 0, 3, 3}) }))
}

// search counts up until the sealed frame is a wanted one.
func search(t testing.TB, f goldenFrame, wanted func(sealed []byte) bool) goldenFrame {
	for s := f.sealer(t, 0); s.counter.next < 1<<22; {
		f.Counter = s.counter.next
		sealed, err := s.Seal(nil, f.Codec, f.Input)
		if err != nil {
			t.Fatal(err)
		}
		if wanted(sealed) {
			return f
		}
	}
	t.Fatal("no counter does it")
	return f
}

func av1Frames(one func(string, goldenKeys, uint64, []byte) goldenFrame, leaf3 KeyID) []goldenFrame {
	bare, tagged := keysOf(media.AV1, Video, "none", leaf3), keysOf(media.AV1, Video, "check", leaf3)
	frame := sizedOBU(obuFrame, "frame of AV1")
	extended := slices.Concat([]byte{obuFrame<<3 | obuExtended | obuHasSize, 0x28, 0x08}, []byte("extended"))
	return []goldenFrame{
		one("AV1 frame", bare, 300, frame),
		one("AV1 frame, tagged", tagged, 300, frame),
		one("AV1 key frame, tagged", tagged, 0, slices.Concat(av1TD, av1Sequence, frame)),
		one("AV1, frame header and tile groups", tagged, 6, slices.Concat(av1TD, sizedOBU(obuFrameHeader, "header"),
			sizedOBU(obuTileGroup, "tiles 0"), sizedOBU(obuTileGroup, "tiles 1"))),
		one("AV1, metadata, redundant header and padding left out", bare, 1,
			slices.Concat(av1TD, av1Metadata, frame, sizedOBU(7, "header"), av1Padding)),
		one("AV1, header with extension", tagged, 2, extended),
		one("AV1, no size field", bare, 2, slices.Concat(av1TD[:2], []byte{obuFrame << 3}, []byte("to the end"))),
		one("AV1, size in a long form", bare, 2, slices.Concat([]byte{obuFrame<<3 | obuHasSize, 0x84, 0x80, 0x00}, []byte("long"))),
		one("AV1, size of two bytes", bare, 3, slices.Concat([]byte{obuFrame<<3 | obuHasSize, 0xac, 0x02}, run(300, 1))),
	}
}

// finish seals and opens the frame and takes its units apart.
func finish(t testing.TB, f *goldenFrame) {
	t.Helper()
	var err error
	if f.Sealed, err = f.sealer(t, f.Counter).Seal(nil, f.Codec, f.Input); err != nil {
		t.Fatalf("%s: %v", f.Name, err)
	}
	if f.Opened, err = f.opener(t).Open(nil, f.Codec, f.Sealed); err != nil {
		t.Fatalf("%s: %v", f.Name, err)
	}
	counter := f.Counter
	for _, p := range piecesOf(t, f.Codec, f.Input) {
		f.Units = append(f.Units, sealPiece(t, f.goldenKeys, counter, p))
		counter++
	}
}

// piece is what is clear and what is sealed of one unit.
type piece struct{ clear, plaintext []byte }

// piecesOf a frame: written apart from the walk that is tested.
func piecesOf(t testing.TB, codec media.CodecName, frame []byte) (all []piece) {
	t.Helper()
	switch codec {
	case media.VP8:
		n := 1
		if frame[0]&1 == 0 {
			n = 10
		}
		return []piece{{frame[:n], frame[n:]}}
	case media.H264:
		for _, nal := range bytes.Split(frame, []byte{0, 0, 1}) {
			nal = bytes.TrimRight(nal, "\x00")
			if len(nal) == 0 || nal[0]&0x1f != 1 && nal[0]&0x1f != 5 {
				continue
			}
			clear, rest, _, err := cutSlice(nal)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, piece{clear, rest})
		}
		return all
	case media.AV1:
		for len(frame) > 0 {
			u, rest, err := cutOBU(frame)
			if err != nil {
				t.Fatal(err)
			}
			if k := u.kind(); k == 3 || k == 4 || k == 6 {
				all = append(all, piece{bytes.Clone(u.clear()), u.payload})
			}
			frame = rest
		}
		return all
	default:
		return []piece{{nil, frame}}
	}
}

// sealPiece seals with the plain SFrame of RFC 9605 and the tag by its definition.
func sealPiece(t testing.TB, k goldenKeys, counter uint64, p piece) goldenUnit {
	t.Helper()
	key, err := NewKey(AES128GCM, k.BaseKey, uint64(k.KeyID))
	if err != nil {
		t.Fatal(err)
	}
	sealed := key.Seal(nil, counter, p.plaintext, p.clear)
	_, n, err := ParseHeader(sealed)
	if err != nil {
		t.Fatal(err)
	}
	u := goldenUnit{Header: sealed[:n], Clear: p.clear, Plaintext: p.plaintext, Ciphertext: sealed[n:]}
	if k.Tag == "check" {
		u.Tag = tagByDefinition(k.TagKey, k.Number, u)
	}
	return u
}
