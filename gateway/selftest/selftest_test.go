package selftest

import (
	"crypto/rand"
	"errors"
	"strings"
	"testing"

	"legroom/audio/opus"
	"legroom/e2ee/sframe"
	"legroom/gateway/api"
	"legroom/gateway/tap"
	"legroom/hwaccel"
	"legroom/media"
	"legroom/prompts"
)

// speech is real sound in plain Opus, n packets of 20 ms.
func speech(t *testing.T, n int) [][]byte {
	t.Helper()
	set, err := prompts.Load(prompts.DefaultConfig())
	if err != nil {
		t.Fatal(err)
	}
	clip := set.Say("en", "help-guest", "help-host", "help-entry", "help-lobby")
	encoder, err := opus.NewEncoder(opus.DefaultConfig())
	if err != nil {
		t.Fatal(err)
	}
	defer encoder.Close()
	out := make([][]byte, n)
	pcm := make([]int16, 960)
	for i := range out {
		clip.Read(pcm, 48000)
		if out[i], err = encoder.Encode(nil, pcm); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// leaf3 is the sender of these tests.
func leaf3() *api.TapSender { n := uint32(3); return &api.TapSender{Leaf: &n} }

func keyID(t *testing.T, leaf int) sframe.KeyID {
	t.Helper()
	id, err := sframe.BrowserKeyID(0, leaf, 7)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func sealAll(t *testing.T, id sframe.KeyID, frames [][]byte) [][]byte {
	t.Helper()
	s, err := sframe.NewSealer(sframe.StreamConfig{BaseKey: make([]byte, sframe.BaseKeySize), Kind: sframe.Audio, KeyID: id})
	if err != nil {
		t.Fatal(err)
	}
	out := make([][]byte, len(frames))
	for i, f := range frames {
		if out[i], err = s.Seal(nil, media.Opus, f); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// disguised are frames with the header of a sealed one in front and as many bytes more, and nothing encrypted.
func disguised(id sframe.KeyID, frames [][]byte) [][]byte {
	out := make([][]byte, len(frames))
	for i, f := range frames {
		out[i] = append(sframe.Header{KeyID: uint64(id), Counter: uint64(i)}.Append(nil), f...)
		out[i] = append(out[i], random(16)...)
	}
	return out
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return b
}

// streamOf is what a gateway tells of payloads that it takes for sealed.
func streamOf(t *testing.T, payloads [][]byte) api.TapStream {
	t.Helper()
	s := api.TapStream{
		Participant: "someone", Kind: "browser", Source: "microphone", Codec: "opus", Sender: leaf3(),
		Packets: uint64(len(payloads)), Payloads: uint64(len(payloads)), Sealed: uint64(len(payloads)),
	}
	for i, b := range payloads {
		h, err := tap.Header(media.Opus, sframe.Audio, b)
		if err != nil {
			t.Fatal(err)
		}
		s.Heads = append(s.Heads, api.TapHead{Size: len(b), First: b[:min(24, len(b))], Last: b[max(0, len(b)-24):], Counter: h.Counter})
		if i < 8 {
			s.Samples = append(s.Samples, b)
		}
	}
	return s
}

func TestJudge(t *testing.T) {
	plain := speech(t, 400)
	sealed := sealAll(t, keyID(t, 3), plain)
	change := func(f func(s *api.TapStream)) api.TapStream {
		s := streamOf(t, sealed)
		f(&s)
		return s
	}
	cases := map[string]struct {
		stream  api.TapStream
		verdict Verdict
		why     string
	}{
		"sealed":                  {streamOf(t, sealed), Sealed, "sealed: every one of 400 payloads"},
		"header and no more":      {streamOf(t, disguised(keyID(t, 3), plain)), Exposed, "NOT NOISE"},
		"one in clear":            {change(func(s *api.TapStream) { s.Sealed--; s.Heads, s.Samples = nil, nil }), Exposed, "1 of 400"},
		"of another leaf":         {change(func(s *api.TapStream) { *s.Sender.Leaf = 4 }), Exposed, "names another"},
		"of a line":               {change(func(s *api.TapStream) { g, l := uint32(1), uint16(0); *s.Sender = api.TapSender{Grant: &g, Line: &l} }), Exposed, "names another"},
		"of nobody":               {change(func(s *api.TapStream) { s.Sender = nil }), Exposed, "names another"},
		"a counter twice":         {change(func(s *api.TapStream) { s.Heads[9] = s.Heads[8] }), Exposed, "SEALED TWICE"},
		"a head that is none":     {change(func(s *api.TapStream) { s.Heads[9].First = []byte{0xff} }), Exposed, "cannot be read"},
		"no counters":             {change(func(s *api.TapStream) { s.Heads, s.Samples = nil, nil }), Exposed, "do not count"},
		"too few":                 {streamOf(t, sealed[:7]), Unjudged, "too few"},
		"nothing":                 {change(func(s *api.TapStream) { s.Packets, s.Payloads, s.Sealed = 0, 0, 0 }), Unjudged, "nothing was sent"},
		"a codec nobody can read": {change(func(s *api.TapStream) { s.Codec, s.Payloads, s.Sealed = "AV1", 0, 0 }), Unjudged, "AV1"},
		"a few, sealed":           {streamOf(t, sealed[:20]), Sealed, "every one of 20"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := judge(c.stream, nil)
			if got.Verdict != c.verdict || !strings.Contains(got.Why, c.why) {
				t.Errorf("verdict %d: %s", got.Verdict, got.Why)
			}
			if c.verdict == Sealed && len(got.Notes) != 2 {
				t.Errorf("notes %q", got.Notes)
			}
		})
	}
}

// TestDiceAreFair: nothing that is sealed is ever taken for plain, whatever the key.
func TestDiceAreFair(t *testing.T) {
	plain := speech(t, 120)
	for leaf := range uint32(300) {
		s := streamOf(t, sealAll(t, keyID(t, int(leaf)), plain))
		s.Samples, *s.Sender.Leaf = nil, leaf // what a decoder makes of it costs time and decides nothing
		if got := judge(s, nil); got.Verdict != Sealed {
			t.Fatalf("leaf %d: %s", leaf, got.Why)
		}
	}
}

// takes is a decoder that makes a picture of the first few that it is given.
type takes int

func (n *takes) OpenDecoder(hwaccel.DecoderConfig) (hwaccel.Decoder, error) { return n, nil }
func (n *takes) Close() error                                               { return nil }
func (n *takes) Decode(_ *media.Frame, out media.Sink[*media.Picture]) error {
	if *n--; *n < 0 {
		return hwaccel.ErrBitstream
	}
	return out.Write(&media.Picture{})
}

func TestPlainPictures(t *testing.T) {
	var samples [][]byte
	for range 6 {
		samples = append(samples, random(300))
	}
	all, some := takes(6), takes(5)
	if got := plainVP8(samples, &all); !got.exposes || !strings.Contains(got.note, "PLAIN VP8") {
		t.Errorf("a decoder takes all: %+v", got)
	}
	if got := plainVP8(samples, &some); got.exposes || !strings.Contains(got.note, "5 of 6") {
		t.Errorf("a decoder takes all but one: %+v", got)
	}
	few := takes(3)
	if got := plainVP8(samples[:3], &few); got.exposes {
		t.Errorf("three pictures by chance: %+v", got)
	}
	if got := plainVP8(nil, &all); got.exposes || got.note == "" {
		t.Errorf("no picture: %+v", got)
	}
	if got := plainVP8(samples, none{}); got.exposes || !strings.Contains(got.note, "no decoder") {
		t.Errorf("no decoder: %+v", got)
	}
}

type none struct{}

func (none) OpenDecoder(hwaccel.DecoderConfig) (hwaccel.Decoder, error) {
	return nil, hwaccel.ErrUnsupported
}

func TestReport(t *testing.T) {
	sealed := streamOf(t, sealAll(t, keyID(t, 3), speech(t, 120)))
	grant, line := uint32(1), uint16(0)
	phone := api.TapStream{
		Participant: "caller", Kind: "phone", Source: "microphone", Codec: "opus", InClear: true, Sender: &api.TapSender{Grant: &grant, Line: &line},
	}
	exposed := sealed
	exposed.Sealed, exposed.Heads, exposed.Samples = 100, nil, nil
	cases := map[string]struct {
		tap     api.Tap
		outcome Outcome
		says    []string
	}{
		"sealed, and a telephone": {api.Tap{Room: "1000", Mode: "mixed", Seconds: 5, Streams: []api.TapStream{sealed, phone}}, AllSealed, []string{
			"browser someone", "sealed: every one of 120 payloads", "phone caller", "clear, granted as grant 1 line 0", "Everything that was judged is sealed",
		}},
		"not sealed": {api.Tap{Room: "1000", Mode: "sealed", Streams: []api.TapStream{sealed, exposed}}, NotSealed, []string{
			"NOT SEALED: 20 of 120 payloads", "SOMETHING THAT SHOULD BE SEALED IS NOT",
		}},
		"no traffic": {api.Tap{Room: "1000", Mode: "mixed"}, NothingToJudge, []string{"no traffic", "two browsers"}},
		"open":       {api.Tap{Room: "9001", Mode: "open"}, NotSealed, []string{"This room is open"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			r := NewReport(&c.tap, nil)
			var b strings.Builder
			if n, err := r.WriteTo(&b); err != nil || n != int64(b.Len()) {
				t.Fatalf("%d bytes, %v", n, err)
			}
			t.Log(b.String())
			if got := r.Outcome(); got != c.outcome {
				t.Errorf("outcome %d, want %d", got, c.outcome)
			}
			for _, want := range c.says {
				if !strings.Contains(b.String(), want) {
					t.Errorf("%q is missing", want)
				}
			}
		})
	}
	if _, err := NewReport(&api.Tap{}, nil).WriteTo(full{}); !errors.Is(err, errFull) {
		t.Errorf("a full disk: %v", err)
	}
}

var errFull = errors.New("full")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }
