package ledger_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"sync"
	"testing"

	"legroom/e2ee"
	"legroom/e2ee/delivery"
	"legroom/e2ee/ledger"
)

func TestOrder(t *testing.T) {
	events := load(t).Events
	r := newRig(t, 0)
	commit := delivery.Record{Seq: 1, Kind: delivery.Committed, Commit: []byte{1}}
	if err := r.Append(commit); !errors.Is(err, ledger.ErrClosed) {
		t.Errorf("a commit before the founding: %v", err)
	}
	if err := r.Export(io.Discard); !errors.Is(err, ledger.ErrClosed) {
		t.Errorf("an export of nothing: %v", err)
	}
	if err := r.play(&events[0]); err != nil {
		t.Fatal(err)
	}
	if err := r.play(&events[0]); !errors.Is(err, ledger.ErrClosed) {
		t.Errorf("a second founding: %v", err)
	}
	commit.Seq = 3
	if err := r.Append(commit); !errors.Is(err, ledger.ErrOrder) {
		t.Errorf("a record left out: %v", err)
	}
	if got, err := r.Since(0); err != nil || len(got) != 1 || got[0].Kind != delivery.Founded {
		t.Errorf("since 0: %d records, %v", len(got), err)
	}
	if err := errors.Join(r.Close(), r.Close()); err != nil {
		t.Error(err)
	}
	commit.Seq = 2
	if err := r.Append(commit); !errors.Is(err, ledger.ErrClosed) {
		t.Errorf("after the end: %v", err)
	}
	var b bytes.Buffer
	if err := r.Export(&b); err != nil {
		t.Fatal(err)
	}
	if rep, err := ledger.Verify(&b); err != nil || !rep.Holds() || !rep.Over {
		t.Errorf("an export after the end: %v\n%s", err, rep)
	}
}

func TestFoundingMustHold(t *testing.T) {
	e := load(t).Events[0]
	f := *e.Founded
	f.GroupInfo = bytes.Clone(f.GroupInfo)
	flip(f.GroupInfo)
	e.Founded = &f
	r := newRig(t, 0)
	if err := r.play(&e); err == nil {
		t.Error("a group that is not as its charter says was let in")
	}
	if err := r.play(&load(t).Events[0]); err != nil {
		t.Errorf("and the right one not any more: %v", err)
	}
}

func TestCheckpointsAreBounded(t *testing.T) {
	events := load(t).Events
	r := newRig(t, 0)
	for i := range events[:2] {
		if err := r.play(&events[i]); err != nil {
			t.Fatal(err)
		}
	}
	k := events[1].Checkpoint
	if _, err := r.Checkpoint(0, []byte{1}, e2ee.Signature(k.Sig)); !errors.Is(err, ledger.ErrCheckpoint) || !errors.Is(err, e2ee.ErrEncoding) {
		t.Errorf("no checkpoint: %v", err)
	}
	if _, err := r.Checkpoint(256, k.Signed, e2ee.Signature(k.Sig)); !errors.Is(err, ledger.ErrCheckpoint) {
		t.Errorf("no leaf: %v", err)
	}
	early := events[4].Checkpoint
	if _, err := r.Checkpoint(1, early.Signed, e2ee.Signature(early.Sig)); !errors.Is(err, ledger.ErrCheckpoint) {
		t.Errorf("an epoch that is not there yet: %v", err)
	}
	for range ledger.MaxVouched - 1 {
		if _, err := r.Checkpoint(0, k.Signed, e2ee.Signature(k.Sig)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := r.Checkpoint(0, k.Signed, e2ee.Signature(k.Sig)); !errors.Is(err, ledger.ErrThrottled) {
		t.Errorf("one too many: %v", err)
	}
	if err := r.play(&events[2]); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Checkpoint(0, k.Signed, e2ee.Signature(k.Sig)); err != nil {
		t.Errorf("in the next epoch: %v", err)
	}
}

// TestFull: a full log takes nothing more, checkpoints least, and is still a log.
func TestFull(t *testing.T) {
	events := load(t).Events
	r := newRig(t, 12<<10)
	full, few := false, false
	for i := 0; i < len(events)-1 && !full; i++ {
		err := r.play(&events[i])
		if err != nil && !errors.Is(err, ledger.ErrFull) {
			t.Fatal(err)
		}
		few = few || err != nil && events[i].Checkpoint != nil
		full = err != nil && events[i].Checkpoint == nil
	}
	if !few {
		t.Error("checkpoints may take the room of commits")
	}
	if err := r.Close(); !full || err != nil {
		t.Fatalf("full: %v, %v", full, err)
	}
	text, err := os.ReadFile(r.path)
	if err != nil {
		t.Fatal(err)
	}
	if rep, err := ledger.Verify(bytes.NewReader(text)); err != nil || !rep.Holds() {
		t.Errorf("%v\n%s", err, rep)
	}
}

func TestFileIsNeverOverwritten(t *testing.T) {
	r := newRig(t, 0)
	if _, err := ledger.CreateFile(r.path); !errors.Is(err, os.ErrExist) {
		t.Errorf("a second log in one file: %v", err)
	}
}

// TestBrokenDisk: what could not be kept is refused, and leaves nothing behind.
func TestBrokenDisk(t *testing.T) {
	events := load(t).Events
	r := newRig(t, 0)
	if err := r.play(&events[0]); err != nil {
		t.Fatal(err)
	}
	if err := r.file.Close(); err != nil {
		t.Fatal(err)
	}
	if err := r.play(&events[2]); err == nil {
		t.Error("a record went nowhere")
	}
	if got, err := r.Since(1); err != nil || len(got) != 0 {
		t.Errorf("%d records are told all the same, %v", len(got), err)
	}
}

func TestSalvage(t *testing.T) {
	var b bytes.Buffer
	if err := ledger.Salvage(&b, strings.NewReader("one\ntwo\nthr")); !errors.Is(err, ledger.ErrTorn) || b.String() != "one\ntwo\n" {
		t.Errorf("%q, %v", b.String(), err)
	}
	b.Reset()
	if err := ledger.Salvage(&b, strings.NewReader("one\n")); err != nil || b.String() != "one\n" {
		t.Errorf("%q, %v", b.String(), err)
	}
	if err := ledger.Salvage(io.Discard, strings.NewReader(strings.Repeat("x", ledger.MaxLine+2)+"\n")); !errors.Is(err, ledger.ErrTorn) {
		t.Errorf("a line too long: %v", err)
	}
}

func TestNoLog(t *testing.T) {
	first := whole(t, load(t).Events)[0]
	for name, text := range map[string]string{
		"nothing": "", "words": "hello\n", "half a line": string(first[:50]), "version": strings.Replace(string(first), `"v":1`, `"v":2`, 1),
	} {
		if _, err := ledger.Verify(strings.NewReader(text)); name != "half a line" && !errors.Is(err, ledger.ErrNotLog) {
			t.Errorf("%s: %v", name, err)
		}
	}
	long := append(bytes.Clone(first), bytes.Repeat([]byte("x"), ledger.MaxLine*3)...)
	if r, err := ledger.Verify(bytes.NewReader(append(long, '\n'))); err != nil || r.Holds() || r.Lines != 2 {
		t.Errorf("a line too long: %v", err)
	}
}

// TestListsAreBounded: a log of nothing but faults does not grow a report without end.
func TestListsAreBounded(t *testing.T) {
	text := append(bytes.Clone(whole(t, load(t).Events)[0]), bytes.Repeat([]byte("x\n"), 5000)...)
	r, err := ledger.Verify(bytes.NewReader(text))
	if err != nil || len(r.Faults) != ledger.MostListed || r.More != 5002-ledger.MostListed {
		t.Errorf("%d faults, %d more, %v", len(r.Faults), r.More, err)
	}
}

// TestManyAtOnce: members vouch and the log is exported while records come.
func TestManyAtOnce(t *testing.T) {
	events := load(t).Events
	r := newRig(t, 0)
	if err := r.play(&events[0]); err != nil {
		t.Fatal(err)
	}
	k := events[1].Checkpoint
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 8 {
				_, _ = r.Checkpoint(0, k.Signed, e2ee.Signature(k.Sig))
				var b bytes.Buffer
				if err := r.Export(&b); err != nil {
					t.Error(err)
				} else if rep, err := ledger.Verify(&b); err != nil || !rep.Holds() {
					t.Errorf("%v\n%s", err, rep)
				}
			}
		})
	}
	all.Wait()
}
