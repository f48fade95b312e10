package ledger_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"legroom/e2ee"
	"legroom/e2ee/delivery"
	"legroom/e2ee/e2eetest"
	"legroom/e2ee/ledger"
)

// blob is hex in a fixture.
type blob []byte

func (b *blob) UnmarshalJSON(text []byte) error {
	var s string
	if err := json.Unmarshal(text, &s); err != nil {
		return err
	}
	var err error
	*b, err = hex.DecodeString(s)
	return err
}

// vouch is a checkpoint as a browser sends it.
type vouch struct {
	Leaf        uint32
	Signed, Sig blob
}

// event is what a server gets.
type event struct {
	Time       int64
	Founded    *struct{ KeyPackage, GroupInfo blob }
	Commit     blob
	Epoch      uint64
	Leaf       uint32
	Bundles    []blob
	Reopened   *uint64
	Checkpoint *vouch
	End        bool
}

// story is testdata/story.json.
type story struct {
	Events        []event
	Fork          vouch
	Contradicting []vouch
}

func load(t testing.TB) *story {
	t.Helper()
	s, err := loadOnce()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var loadOnce = sync.OnceValues(func() (*story, error) {
	text, err := os.ReadFile("testdata/story.json")
	if err != nil {
		return nil, err
	}
	s := new(story)
	return s, json.Unmarshal(text, s)
})

// server signs the lines of all tests.
func server() *e2ee.Identity { return e2ee.NewIdentity(e2eetest.Seeded(0x60)) }

// rig is a ledger that writes to a file, and a clock in the test's hand.
type rig struct {
	*ledger.Ledger
	t    testing.TB
	now  time.Time
	seq  uint64
	file *ledger.File
	path string
}

func newRig(t testing.TB, limit int64) *rig {
	t.Helper()
	r := &rig{t: t, path: filepath.Join(t.TempDir(), "meeting.jsonl")}
	var err error
	if r.file, err = ledger.CreateFile(r.path); err != nil {
		t.Fatal(err)
	}
	r.Ledger, err = ledger.New(ledger.Config{Storage: r.file, Signer: server(), Limit: limit, Now: func() time.Time { return r.now }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r
}

// play gives the ledger an event.
func (r *rig) play(e *event) error {
	r.now = time.UnixMilli(e.Time)
	rec := delivery.Record{Seq: r.seq + 1, Time: r.now, Epoch: e.Epoch}
	switch {
	case e.Founded != nil:
		rec.Kind, rec.KeyPackage, rec.GroupInfo = delivery.Founded, e.Founded.KeyPackage, e.Founded.GroupInfo
	case e.Commit != nil:
		rec.Kind, rec.Leaf, rec.Commit = delivery.Committed, e.Leaf, e.Commit
		for _, b := range e.Bundles {
			rec.Bundles = append(rec.Bundles, delivery.Hash(b))
		}
	case e.Reopened != nil:
		rec.Kind, rec.Epoch = delivery.Reopened, *e.Reopened
	case e.Checkpoint != nil:
		_, err := r.Checkpoint(e.Checkpoint.Leaf, e.Checkpoint.Signed, e2ee.Signature(e.Checkpoint.Sig))
		return err
	default:
		return r.Close()
	}
	if err := r.Append(rec); err != nil {
		return err
	}
	r.seq++
	return nil
}

// whole is the log of the story, by the ledger.
func whole(t testing.TB, events []event) [][]byte {
	t.Helper()
	r := newRig(t, 0)
	for i := range events {
		if err := r.play(&events[i]); err != nil {
			t.Fatalf("event %d: %v", i, err)
		}
	}
	text, err := os.ReadFile(r.path)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.SplitAfter(text, []byte("\n"))[:bytes.Count(text, []byte("\n"))]
}

// parse reads lines of a log.
func parse(t testing.TB, lines [][]byte) []*ledger.Line {
	t.Helper()
	var all []*ledger.Line
	for i, b := range lines {
		l := ledger.Parse(bytes.TrimSuffix(b, []byte("\n")))
		if l == nil {
			t.Fatalf("line %d cannot be read", i+1)
		}
		all = append(all, l)
	}
	return all
}

// resign is what a lying server does: it numbers, chains and signs all lines anew.
func resign(t testing.TB, lines []*ledger.Line) [][]byte {
	t.Helper()
	var all [][]byte
	prev, seq := []byte{}, uint64(0)
	for i, l := range lines {
		l.Line, l.Prev = uint64(i+1), prev
		for _, n := range seqs(l) {
			seq++
			*n = seq
		}
		b, err := ledger.Encode(l, server())
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(b)
		prev = sum[:]
		all = append(all, append(b, '\n'))
	}
	return all
}

func seqs(l *ledger.Line) []*uint64 {
	switch {
	case l.Founded != nil:
		return []*uint64{&l.Founded.Seq}
	case l.Committed != nil:
		return []*uint64{&l.Committed.Seq}
	case l.Reopened != nil:
		return []*uint64{&l.Reopened.Seq}
	default:
		return nil
	}
}

func verify(t testing.TB, lines [][]byte) *ledger.Report {
	t.Helper()
	r, err := ledger.Verify(bytes.NewReader(bytes.Join(lines, nil)))
	if err != nil {
		t.Fatal(err)
	}
	return r
}
