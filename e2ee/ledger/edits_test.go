package ledger_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"testing"

	"legroom/e2ee/ledger"
)

// edit is one byte of valid.jsonl that is another, and the SHA-256 of the report on it, none where it is no log any more.
type edit struct {
	At     int    `json:"at"`
	XOR    byte   `json:"xor"`
	Report string `json:"report"`
}

// TestEdits: both verifiers say the same words of many edited logs (edits.json).
func TestEdits(t *testing.T) {
	valid := golden(t, "valid")
	var all []edit
	for i := range 40 {
		e := edit{At: (i*7919 + 311) % len(valid), XOR: 1 << (i % 7)}
		b := bytes.Clone(valid)
		b[e.At] ^= e.XOR
		r, err := ledger.Verify(bytes.NewReader(b))
		switch {
		case errors.Is(err, ledger.ErrNotLog):
		case err != nil || r.Holds():
			t.Fatalf("byte %d: %v", e.At, err)
		default:
			sum := sha256.Sum256([]byte(r.String()))
			e.Report = hex.EncodeToString(sum[:])
		}
		all = append(all, e)
	}
	if *update {
		b, err := json.Marshal(all)
		if err != nil {
			t.Fatal(err)
		}
		write(t, "testdata/edits.json", append(b, '\n'))
	}
	text, err := os.ReadFile("testdata/edits.json")
	var want []edit
	if err == nil {
		err = json.Unmarshal(text, &want)
	}
	if err != nil || !slices.Equal(all, want) {
		t.Errorf("other reports, %v", err)
	}
}
