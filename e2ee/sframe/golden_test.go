package sframe

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"testing"

	"legroom/media"
)

//go:generate go test -run TestGoldenFileIsCurrent -update .

var update = flag.Bool("update", false, "write testdata/frames.json anew")

const goldenFile = "testdata/frames.json"

// golden is testdata/frames.json; testdata/README.md says what the fields mean.
type golden struct {
	KeyIDs     []goldenKeyID      `json:"keyIds"`
	Frames     []goldenFrame      `json:"frames"`
	Unsealable []goldenUnsealable `json:"unsealable"`
	Refused    []goldenRefused    `json:"refused"`
	Replay     []goldenReplay     `json:"replay"`
	Reflected  []goldenReflected  `json:"reflected"`
}

// goldenReflected tells whether a receiver takes a key id for its own sent back.
type goldenReflected struct {
	Own       KeyID `json:"own"`
	KeyID     KeyID `json:"kid"`
	Reflected bool  `json:"reflected"`
}

type goldenKeyID struct {
	Type  string `json:"type"` // browser or grantee
	Track int    `json:"track"`
	Leaf  int    `json:"leaf"`
	N     uint32 `json:"n"`
	Leg   int    `json:"leg"`
	Epoch uint64 `json:"epoch,string"`
	KeyID KeyID  `json:"kid"`
	// Header of this key id and counter 300.
	Header hexBytes `json:"header"`
}

// goldenKeys is what a stream is sealed or opened with.
type goldenKeys struct {
	Codec   media.CodecName `json:"codec"`
	Kind    string          `json:"kind"`
	Number  Kind            `json:"kindNumber"`
	BaseKey hexBytes        `json:"baseKey"`
	Tag     string          `json:"tag"` // none, check or skip
	TagKey  hexBytes        `json:"tagKey"`
	KeyID   KeyID           `json:"kid"`
}

type goldenFrame struct {
	Name string `json:"name"`
	goldenKeys
	Counter uint64       `json:"counter"`
	Input   hexBytes     `json:"input"`
	Units   []goldenUnit `json:"units"`
	Sealed  hexBytes     `json:"sealed"`
	Opened  hexBytes     `json:"opened"`
}

// goldenUnit is one sealed piece, before it is escaped.
type goldenUnit struct {
	Header     hexBytes `json:"header"`
	Clear      hexBytes `json:"clear"`
	Plaintext  hexBytes `json:"plaintext"`
	Ciphertext hexBytes `json:"ciphertext"`
	Tag        hexBytes `json:"tag"`
}

type goldenUnsealable struct {
	Name   string          `json:"name"`
	Codec  media.CodecName `json:"codec"`
	Kind   string          `json:"kind"`
	Number Kind            `json:"kindNumber"`
	// Counter is 2^32 where all are used up.
	Counter uint64   `json:"counter"`
	Input   hexBytes `json:"input"`
	Reason  string   `json:"reason"`
}

type goldenRefused struct {
	Name string `json:"name"`
	goldenKeys
	// Before are frames that open, one after the other, before the one that does not.
	Before []hexBytes `json:"before"`
	Frame  hexBytes   `json:"frame"`
	Reason string     `json:"reason"`
}

type goldenReplay struct {
	Name   string       `json:"name"`
	Kind   string       `json:"kind"`
	Number Kind         `json:"kindNumber"`
	Steps  []replayStep `json:"steps"`
}

// replayStep is an authentic frame of a counter, and whether it is taken.
type replayStep struct {
	Counter uint64 `json:"counter"`
	Taken   bool   `json:"taken"`
}

// hexBytes are written as lower-case hexadecimal digits.
type hexBytes []byte

func (h hexBytes) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(h)), nil }

func (h *hexBytes) UnmarshalText(text []byte) (err error) {
	*h, err = hex.DecodeString(string(text))
	return err
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// reasons are the classes of errors by the name that they have in the file.
var reasons = map[string]error{
	"malformed": ErrMalformed, "empty": ErrEmpty, "codec": ErrCodec, "unit": ErrUnit, "keyId": ErrKeyID,
	"tag": ErrTag, "auth": ErrAuth, "replay": ErrReplay, "exhausted": ErrExhausted,
}

// reason names the class of an error; exactly one fits.
func reason(t testing.TB, err error) string {
	t.Helper()
	found := ""
	for name, class := range reasons {
		if errors.Is(err, class) {
			if found != "" {
				t.Fatalf("%v is %s and %s", err, found, name)
			}
			found = name
		}
	}
	return found
}

var tagRules = map[string]Tag{"none": NoTag, "check": CheckTag, "skip": SkipTag}

func (k goldenKeys) config() StreamConfig {
	return StreamConfig{BaseKey: k.BaseKey, Kind: k.Number, KeyID: k.KeyID, Tag: tagRules[k.Tag], TagKey: k.TagKey}
}

func (k goldenKeys) sealer(t testing.TB, counter uint64) *Sealer {
	t.Helper()
	s, err := NewSealer(k.config())
	if err != nil {
		t.Fatal(err)
	}
	s.counter.next = counter
	return s
}

func (k goldenKeys) opener(t testing.TB) *Opener {
	t.Helper()
	o, err := NewOpener(k.config())
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func readGolden(t testing.TB) golden {
	t.Helper()
	text, err := os.ReadFile(goldenFile)
	if err != nil {
		t.Fatal(err)
	}
	var g golden
	if err := json.Unmarshal(text, &g); err != nil {
		t.Fatal(err)
	}
	if len(g.Frames) < 30 || len(g.Refused) < 40 || len(g.Unsealable) < 15 || len(g.KeyIDs) < 5 || len(g.Replay) < 2 || len(g.Reflected) < 5 {
		t.Fatalf("%s has lost cases", goldenFile)
	}
	return g
}
