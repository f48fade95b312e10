package ledger

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"legroom/e2ee"
	"legroom/e2ee/delivery"
	"legroom/e2ee/replay"
)

// Limits of a log.
const (
	// defaultLimit of all lines, and defaultRecent of what is kept in memory for pages that come back, bytes.
	defaultLimit  = 256 << 20
	defaultRecent = 8 << 20
	// Reserve is each of the two parts of a log that are put by, bytes: the last for commits which only take something away,
	// enough for forty of the largest, each of which can remove everybody; the one before also for people who come back to a
	// leaf of theirs, maxReturns times each, so that nobody uses it up. reservePart bounds each in a small log.
	Reserve     = 1 << 20
	reservePart = 0.125
	maxReturns  = 4
	// A leaf vouches a few times in an epoch; checkpoints leave the last part of the log to commits.
	maxVouched     = 16
	maxLeaf        = 255
	recentEpochs   = 8
	checkpointPart = 0.75
)

// Signer signs lines as the server. *e2ee.Identity is one.
type Signer interface {
	Key() e2ee.Key
	SignLog(text []byte) e2ee.Signature
}

var _ Signer = (*e2ee.Identity)(nil)

// Config of a Ledger.
type Config struct {
	// Storage is empty, and of this log alone.
	Storage Storage
	// Signer is the server.
	Signer Signer
	// Limit of all lines, bytes; 0 is 256 MiB. The last 2 MiB (of a small log a quarter) are for records that let nobody
	// in, see delivery.Record: half of it for those that narrow, and half for those by which somebody returns as well.
	Limit int64
	// Recent bounds the records in memory, bytes; 0 is 8 MiB.
	Recent int
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// Validate tells what is missing.
func (c *Config) Validate() error {
	if c.Storage == nil || c.Signer == nil || c.Limit < 0 || c.Recent < 0 {
		return fmt.Errorf("ledger: storage and signer are needed: %w", ErrClosed)
	}
	return nil
}

// Ledger writes the log of one meeting. It is the delivery.Log of the Meeting. Many goroutines may use it.
type Ledger struct {
	cfg Config

	mu      sync.Mutex
	recent  *delivery.MemoryLog
	group   e2ee.Group
	open    bool
	closed  bool
	lines   uint64
	size    int64
	prev    []byte
	time    int64
	seq     uint64
	epoch   uint64
	vouched map[uint32]int // by leaf, since the epoch began
	// returned counts, by identity, who came back when the log was full.
	returned map[e2ee.Key]int
}

var _ delivery.Log = (*Ledger)(nil)

// New makes the log of a meeting that has not begun. Errors: those of Config.Validate.
func New(cfg Config) (*Ledger, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if cfg.Limit == 0 {
		cfg.Limit = defaultLimit
	}
	if cfg.Recent == 0 {
		cfg.Recent = defaultRecent
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Ledger{cfg: cfg, recent: delivery.NewMemoryLog(cfg.Recent), prev: []byte{}, vouched: make(map[uint32]int), returned: make(map[e2ee.Key]int)}, nil
}

// Append keeps a record of the delivery service. Errors: ErrOrder, ErrClosed, ErrFull, those of the Storage, and of
// replay.Found for a group that does not begin as its charter says.
func (l *Ledger) Append(r delivery.Record) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || l.open == (r.Kind == delivery.Founded) {
		return ErrClosed
	}
	if r.Seq != l.seq+1 {
		return ErrOrder
	}
	next := &line{Time: r.Time.UnixMilli()}
	epoch := r.Epoch
	switch r.Kind {
	case delivery.Founded:
		if err := l.begin(&r); err != nil {
			return err
		}
		next.Founded = &foundedLine{Seq: r.Seq, Epoch: r.Epoch, KeyPackage: r.KeyPackage, GroupInfo: r.GroupInfo}
	case delivery.Committed:
		next.Committed = &committedLine{Seq: r.Seq, Epoch: r.Epoch, Leaf: r.Leaf, Commit: r.Commit, Bundles: [][]byte{}}
		for _, h := range r.Bundles {
			next.Committed.Bundles = append(next.Committed.Bundles, h[:])
		}
		epoch++
	case delivery.Reopened:
		next.Reopened = &reopenedLine{Seq: r.Seq, Epoch: r.Epoch}
	default:
		return ErrOrder
	}
	if err := l.keep(next, &r); err != nil {
		return err
	}
	l.open, l.seq, l.epoch = true, r.Seq, epoch
	clear(l.vouched)
	return l.recent.Append(r)
}

// Since gives the records after seq. Errors: delivery.ErrGap when one of them is not in memory any more.
func (l *Ledger) Since(seq uint64) ([]delivery.Record, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.recent.Since(seq)
}

// Checkpoint keeps what a member's browser vouches for, under the leaf that the delivery service knows it by, and gives
// the line as it was written: a receipt with which the member can show later that something was taken out of the log.
// Who signed it, the verifier proves. Errors: ErrCheckpoint, ErrThrottled, ErrClosed, ErrFull, those of the Storage.
func (l *Ledger) Checkpoint(leaf uint32, signed []byte, sig e2ee.Signature) (receipt []byte, err error) {
	c, err := e2ee.DecodeCheckpoint(signed)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCheckpoint, err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case !l.open || l.closed:
		return nil, ErrClosed
	case c.Group != l.group || c.Epoch > l.epoch || c.Epoch+recentEpochs < l.epoch || leaf > maxLeaf:
		return nil, ErrCheckpoint
	case l.vouched[leaf] >= maxVouched:
		return nil, ErrThrottled
	}
	next := &line{Time: l.cfg.Now().UnixMilli(), Checkpoint: &checkpointLine{Leaf: leaf, Signed: signed, Signature: sig[:]}}
	if receipt, err = l.write(next, int64(float64(l.cfg.Limit)*checkpointPart), plain); err != nil {
		return nil, err
	}
	l.vouched[leaf]++
	return receipt, nil
}

// Size of all lines so far, bytes.
func (l *Ledger) Size() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.size
}

// Close writes the end of the log and lets the Storage go. It may be called twice.
func (l *Ledger) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil
	}
	l.closed = true
	var err error
	if l.open {
		// The end is let in above the limit: it is small and comes once.
		_, err = l.write(&line{Time: l.cfg.Now().UnixMilli(), End: &endLine{Over: true}}, l.cfg.Limit+maxLine, needed)
	}
	if closing := l.cfg.Storage.Close(); err == nil {
		err = closing
	}
	return err
}

// Export writes the log as it is now, with an end of its own where the meeting goes on. The meeting does not wait for w.
// Errors: ErrClosed when there was never a group, those of the Storage and of w.
func (l *Ledger) Export(w io.Writer) error {
	size, end, err := l.snapshot()
	if err != nil {
		return err
	}
	r, err := l.cfg.Storage.Open()
	if err != nil {
		return fmt.Errorf("ledger: read: %w", err)
	}
	defer func() { _ = r.Close() }()
	if _, err := io.CopyN(w, r, size); err != nil {
		return fmt.Errorf("ledger: export: %w", err)
	}
	if _, err := w.Write(end); err != nil {
		return fmt.Errorf("ledger: export: %w", err)
	}
	return nil
}

func (l *Ledger) snapshot() (size int64, end []byte, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.open {
		return 0, nil, ErrClosed
	}
	if l.closed {
		return l.size, nil, nil
	}
	end, err = l.next(&line{Time: l.cfg.Now().UnixMilli(), End: &endLine{}}).encode(l.cfg.Signer)
	return l.size, append(end, '\n'), err
}

// The rest is called locked.

// begin writes the head.
func (l *Ledger) begin(r *delivery.Record) error {
	s, err := replay.Found(r.KeyPackage, r.GroupInfo)
	if err != nil {
		return err
	}
	if l.lines > 0 {
		// A founding that failed after the head was written; another may follow only for the same group.
		if s.Group != l.group {
			return ErrOrder
		}
		return nil
	}
	server := l.cfg.Signer.Key()
	head := &line{Time: r.Time.UnixMilli(), Head: &headLine{Version: version, Group: s.Group[:], Server: server[:]}}
	if _, err := l.write(head, l.limit(plain), plain); err != nil {
		return err
	}
	l.group = s.Group
	return nil
}

// next puts a line in its place.
func (l *Ledger) next(n *line) *line {
	n.Line, n.Prev, n.Time = l.lines+1, l.prev, max(l.time, n.Time, 0)
	return n
}

// keep writes the line of a record, from what is put by where the log is full and the record may use it.
func (l *Ledger) keep(n *line, r *delivery.Record) error {
	if r.Narrows {
		_, err := l.write(n, l.limit(needed), needed)
		return err
	}
	_, err := l.write(n, l.limit(plain), plain)
	if r.Returns == nil || !errors.Is(err, ErrFull) || l.returned[*r.Returns] >= maxReturns {
		return err
	}
	if _, err = l.write(n, l.limit(returning), returning); err == nil {
		l.returned[*r.Returns]++
	}
	return err
}

// use of a line is how much of what is put by it has to leave, in Reserves.
type use int64

// Uses.
const (
	needed use = iota
	returning
	plain
)

// limit of all lines with one of that use.
func (l *Ledger) limit(u use) int64 {
	return l.cfg.Limit - int64(u)*min(Reserve, int64(float64(l.cfg.Limit)*reservePart))
}

// write signs and keeps a line, and gives it without its line feed.
func (l *Ledger) write(n *line, limit int64, u use) ([]byte, error) {
	l.next(n)
	text, err := n.encode(l.cfg.Signer)
	if err != nil {
		return nil, err
	}
	if len(text) > maxLine || l.size+int64(len(text))+1 > limit {
		return nil, ErrFull
	}
	whole := append(bytes.Clone(text), '\n')
	if err := l.cfg.Storage.Append(whole, int64(u)*Reserve); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(text)
	l.lines, l.prev, l.time, l.size = n.Line, sum[:], n.Time, l.size+int64(len(whole))
	return text, nil
}
