package ledger_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"legroom/e2ee/ledger"
)

// FuzzVerify: no file panics, nothing that was changed holds, and every report can be printed.
func FuzzVerify(f *testing.F) {
	files, err := filepath.Glob("testdata/*.jsonl")
	if err != nil || len(files) == 0 {
		f.Fatal("no exports")
	}
	good := make(map[string]bool)
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		if r, err := ledger.Verify(bytes.NewReader(b)); err == nil && r.Holds() {
			good[string(b)] = true
		}
		// Short ones are quicker to change; running has the most kinds of lines for its length.
		f.Add(b[:min(len(b), 6000)])
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := ledger.Verify(bytes.NewReader(b))
		if err != nil {
			return
		}
		if len(r.String()) == 0 || r.Holds() && !good[string(b)] {
			t.Errorf("holds: %v", r.Holds())
		}
	})
}

// FuzzSigned: a server that signs whatever it likes makes no verifier panic.
func FuzzSigned(f *testing.F) {
	lines := parse(f, whole(f, load(f).Events))
	for _, l := range lines {
		switch {
		case l.Founded != nil:
			f.Add(byte(0), l.Founded.GroupInfo)
			f.Add(byte(1), l.Founded.KeyPackage)
		case l.Committed != nil:
			f.Add(byte(2), l.Committed.Commit)
		case l.Checkpoint != nil:
			f.Add(byte(3), l.Checkpoint.Signed)
		}
	}
	base := whole(f, load(f).Events)
	f.Fuzz(func(t *testing.T, kind byte, b []byte) {
		if len(b) > 64<<10 {
			return
		}
		lines := parse(t, base[:8])
		switch kind % 4 {
		case 0:
			lines[1].Founded.GroupInfo = b
		case 1:
			lines[1].Founded.KeyPackage = b
		case 2:
			lines[6].Committed.Commit = b
		case 3:
			lines[7].Checkpoint.Signed = b
		}
		if len(b) == 0 {
			return
		}
		verify(t, resign(t, lines))
	})
}
