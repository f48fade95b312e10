package ledger_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"syscall"
	"testing"
	"time"

	"legroom/e2ee/delivery"
	"legroom/e2ee/ledger"
)

// TestReserve: in a full log there is room for what lets nobody in, and then for the end.
func TestReserve(t *testing.T) {
	events := load(t).Events
	r := newRig(t, 40<<10)
	if err := r.play(&events[0]); err != nil {
		t.Fatal(err)
	}
	fill := func(narrows bool) (n int) {
		t.Helper()
		for ; ; n++ {
			err := r.Append(delivery.Record{
				Seq: r.seq + 1, Kind: delivery.Committed, Time: r.now, Epoch: r.seq - 1, Commit: make([]byte, 200), Narrows: narrows,
			})
			if errors.Is(err, ledger.ErrFull) {
				return n
			} else if err != nil || n > 1000 {
				t.Fatal(n, err)
			}
			r.seq++
		}
	}
	plain, narrow, more := fill(false), fill(true), fill(false)
	if plain == 0 || narrow < 5 || more != 0 {
		t.Errorf("%d, then %d more, then %d", plain, narrow, more)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	info, err := os.Stat(r.path)
	if err != nil || info.Size() > 41<<10 {
		t.Errorf("%d bytes, %v", info.Size(), err)
	}
}

// asked is a Storage that remembers what it was asked for.
type asked struct {
	lines  bytes.Buffer
	needed []bool
	full   bool
}

func (a *asked) Append(line []byte, needed bool) error {
	if a.full && !needed {
		return ledger.ErrFull
	}
	a.needed = append(a.needed, needed)
	a.lines.Write(line)
	return nil
}

func (a *asked) Open() (io.ReadCloser, error) {
	return io.NopCloser(bytes.NewReader(a.lines.Bytes())), nil
}
func (a *asked) Close() error { return nil }

// TestFullDisk: the space that was put by is for what lets nobody in, and for the end.
func TestFullDisk(t *testing.T) {
	events := load(t).Events
	s := new(asked)
	l, err := ledger.New(ledger.Config{Storage: s, Signer: server()})
	if err != nil {
		t.Fatal(err)
	}
	founded := delivery.Record{
		Seq: 1, Kind: delivery.Founded, Time: time.Now(), KeyPackage: events[0].Founded.KeyPackage, GroupInfo: events[0].Founded.GroupInfo,
	}
	if err := l.Append(founded); err != nil {
		t.Fatal(err)
	}
	s.full = true
	next := delivery.Record{Seq: 2, Kind: delivery.Committed, Commit: []byte{1}}
	if err := l.Append(next); !errors.Is(err, ledger.ErrFull) {
		t.Errorf("got %v", err)
	}
	next.Narrows = true
	if err := errors.Join(l.Append(next), l.Close()); err != nil {
		t.Error(err)
	}
	if want := []bool{false, false, true, true}; len(s.needed) != 4 || s.needed[1] != want[1] || s.needed[2] != want[2] || s.needed[3] != want[3] {
		t.Errorf("needed: %v", s.needed)
	}
}

// TestSpaceIsTakenBeforehand looks at the blocks of the file. Where the file system cannot give them there is nothing to see.
func TestSpaceIsTakenBeforehand(t *testing.T) {
	events := load(t).Events
	r := newRig(t, 0)
	if blocks(t, r.path) == 0 {
		t.Skip("this file system gives no space beforehand")
	}
	if got := blocks(t, r.path); got < ledger.Reserve {
		t.Errorf("%d bytes are taken", got)
	}
	if err := r.play(&events[0]); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(r.path)
	if err != nil || info.Size() == 0 || info.Size() > 64<<10 {
		t.Errorf("the file is %d bytes long, %v", info.Size(), err)
	}
	if got := blocks(t, r.path); got < ledger.Reserve+info.Size() {
		t.Errorf("%d bytes are taken for %d", got, info.Size())
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if got := blocks(t, r.path); got > 512<<10 {
		t.Errorf("%d bytes are still taken", got)
	}
}

// blocks that the disk gave a file, bytes.
func blocks(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		t.Skip("no count of blocks here")
	}
	return s.Blocks * 512
}
