package ledger_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"slices"
	"syscall"
	"testing"
	"time"

	"legroom/e2ee"
	"legroom/e2ee/delivery"
	"legroom/e2ee/ledger"
)

// TestReserve: in a full log there is room for those who come back, each a few times, for what lets nobody in, and then for
// the end.
func TestReserve(t *testing.T) {
	events := load(t).Events
	r := newRig(t, 40<<10)
	if err := r.play(&events[0]); err != nil {
		t.Fatal(err)
	}
	fill := func(of delivery.Record) (n int) {
		t.Helper()
		of.Kind, of.Time, of.Commit = delivery.Committed, r.now, make([]byte, 200)
		for ; ; n++ {
			of.Seq, of.Epoch = r.seq+1, r.seq-1
			err := r.Append(of)
			if errors.Is(err, ledger.ErrFull) {
				return n
			} else if err != nil || n > 1000 {
				t.Fatal(n, err)
			}
			r.seq++
		}
	}
	returns := func(who byte) delivery.Record { return delivery.Record{Returns: &e2ee.Key{who}} }
	plain, anna, again, bob := fill(delivery.Record{}), fill(returns(1)), fill(returns(1)), fill(returns(2))
	if plain == 0 || anna != 4 || again != 0 || bob == 0 {
		t.Errorf("%d, then Anna comes back %d times, and %d times more, and Bob %d times", plain, anna, again, bob)
	}
	for who := byte(3); fill(returns(who)) > 0; who++ {
	}
	narrow, more := fill(delivery.Record{Narrows: true}), fill(delivery.Record{})
	if narrow < 5 || more != 0 || fill(returns(99)) != 0 {
		t.Errorf("when nobody can come back any more %d that narrow fit, then %d others", narrow, more)
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
	lines bytes.Buffer
	keep  []int64
	full  int64 // what is left of what is put by
}

func (a *asked) Append(line []byte, keep int64) error {
	if keep > a.full {
		return ledger.ErrFull
	}
	a.keep = append(a.keep, keep)
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
	s := &asked{full: 2 * ledger.Reserve}
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
	s.full--
	next := delivery.Record{Seq: 2, Kind: delivery.Committed, Commit: []byte{1}}
	if err := l.Append(next); !errors.Is(err, ledger.ErrFull) {
		t.Errorf("got %v", err)
	}
	next.Returns = new(e2ee.Key)
	if err := l.Append(next); err != nil {
		t.Error(err)
	}
	s.full = ledger.Reserve - 1
	next.Seq++
	if err := l.Append(next); !errors.Is(err, ledger.ErrFull) {
		t.Errorf("got %v", err)
	}
	next.Narrows, next.Returns = true, nil
	if err := errors.Join(l.Append(next), l.Close()); err != nil {
		t.Error(err)
	}
	if want := []int64{2 * ledger.Reserve, 2 * ledger.Reserve, ledger.Reserve, 0, 0}; !slices.Equal(s.keep, want) {
		t.Errorf("to be left: %v", s.keep)
	}
}

// TestSpaceIsTakenBeforehand looks at the blocks of the file. Where the file system cannot give them there is nothing to see.
func TestSpaceIsTakenBeforehand(t *testing.T) {
	events := load(t).Events
	r := newRig(t, 0)
	if blocks(t, r.path) == 0 {
		t.Skip("this file system gives no space beforehand")
	}
	if got := blocks(t, r.path); got < 2*ledger.Reserve {
		t.Errorf("%d bytes are taken", got)
	}
	if err := r.play(&events[0]); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(r.path)
	if err != nil || info.Size() == 0 || info.Size() > 64<<10 {
		t.Errorf("the file is %d bytes long, %v", info.Size(), err)
	}
	if got := blocks(t, r.path); got < 2*ledger.Reserve+info.Size() {
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
