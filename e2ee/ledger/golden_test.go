package ledger_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"legroom/e2ee"
	"legroom/e2ee/ledger"
)

var update = flag.Bool("update", false, "write the golden exports and reports anew")

// goldens are the exports that both verifiers are held to.
var goldens = []string{"valid", "running", "cut", "torn", "edited", "added", "gap", "forked", "contradicted", "rule", "unfounded"}

// golden makes an export.
func golden(t *testing.T, name string) []byte {
	t.Helper()
	s := load(t)
	valid := whole(t, s.Events)
	lines := parse(t, valid)
	switch name {
	case "running":
		return running(t, s)
	case "cut":
		valid = valid[:len(valid)-4]
	case "torn":
		valid = append(valid[:len(valid)-1], valid[len(valid)-1][:100])
	case "edited":
		valid[9] = bytes.Replace(valid[9], []byte(`"time":17`), []byte(`"time":16`), 1)
	case "added":
		valid = slices.Insert(valid, 6, valid[3])
	case "gap":
		at := slices.IndexFunc(lines, func(l *ledger.Line) bool { return l.Committed != nil && l.Committed.Epoch == 3 })
		return bytes.Join(resign(t, slices.Delete(lines, at, at+1)), nil)
	case "forked":
		at := slices.IndexFunc(lines, func(l *ledger.Line) bool { return l.Reopened != nil })
		return bytes.Join(resign(t, slices.Insert(lines, at+2, checkpoint(t, lines[at+1], s.Fork))), nil)
	case "contradicted":
		at := slices.IndexFunc(lines, func(l *ledger.Line) bool { return l.Committed != nil && l.Committed.Epoch == 3 })
		for _, v := range s.Contradicting {
			lines = slices.Insert(lines, at, checkpoint(t, lines[at], v))
		}
		return bytes.Join(resign(t, lines), nil)
	case "unfounded":
		flip(lines[1].Founded.GroupInfo)
		return bytes.Join(resign(t, lines), nil)
	case "rule":
		// A guest's commit of another epoch's bytes: no member took it.
		at := slices.IndexFunc(lines, func(l *ledger.Line) bool { return l.Committed != nil && l.Committed.Epoch == 2 })
		lines[at].Committed.Commit = lines[at+3].Committed.Commit
		return bytes.Join(resign(t, lines), nil)
	}
	return bytes.Join(valid, nil)
}

func checkpoint(t *testing.T, like *ledger.Line, v vouch) *ledger.Line {
	t.Helper()
	r := newRig(t, 0)
	for _, e := range load(t).Events {
		if e.Checkpoint == nil && !e.End {
			if err := r.play(&e); err != nil {
				t.Fatal(err)
			}
		}
	}
	b, err := r.Checkpoint(v.Leaf, v.Signed, e2ee.Signature(v.Sig))
	if err != nil {
		t.Fatal(err)
	}
	l := ledger.Parse(b)
	l.Time = like.Time
	return l
}

// running is an export while the meeting goes on.
func running(t *testing.T, s *story) []byte {
	t.Helper()
	r := newRig(t, 0)
	for i := range s.Events[:12] {
		if err := r.play(&s.Events[i]); err != nil {
			t.Fatal(err)
		}
	}
	r.now = r.now.Add(time.Minute)
	var b bytes.Buffer
	if err := r.Export(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestGolden: the exports are what the ledger writes, and the reports what Verify says of them. The browser's verifier is
// held to the same files.
func TestGolden(t *testing.T) {
	for _, name := range goldens {
		t.Run(name, func(t *testing.T) {
			export := golden(t, name)
			r, err := ledger.Verify(bytes.NewReader(export))
			if err != nil {
				t.Fatal(err)
			}
			file, text := filepath.Join("testdata", name+".jsonl"), filepath.Join("testdata", name+".txt")
			if *update {
				write(t, file, export)
				write(t, text, []byte(r.String()))
			}
			if want, err := os.ReadFile(file); err != nil || !bytes.Equal(want, export) {
				t.Errorf("the export is another: %v", err)
			}
			if want, err := os.ReadFile(text); err != nil || string(want) != r.String() {
				t.Errorf("the report is another: %v\n%s", err, r)
			}
			if good := name == "valid" || name == "running"; r.Holds() != good {
				t.Errorf("holds: %v", r.Holds())
			}
		})
	}
}

func write(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
}
