package delivery

import (
	"crypto/sha256"
	"time"

	"legroom/e2ee"
)

// RecordKind tells what happened.
type RecordKind uint8

// Kinds of records. The zero value is none.
const (
	// Founded begins the log.
	Founded RecordKind = iota + 1
	// Committed tells of the commit that won an epoch.
	Committed
	// Reopened takes back the commits from an epoch on.
	Reopened
)

// String gives the name.
func (k RecordKind) String() string {
	switch k {
	case Founded:
		return "founded"
	case Committed:
		return "committed"
	case Reopened:
		return "reopened"
	default:
		return "unknown"
	}
}

// Hash is a SHA-256.
type Hash [sha256.Size]byte

// Record is one line of a meeting's envelope log, which together with the members' checkpoints shows who could hold
// which key when. Owner: nobody changes what is in it.
type Record struct {
	// Seq counts records from 1, without gaps; it is how far a page has come.
	Seq uint64
	// Kind of record.
	Kind RecordKind
	// Time by the server's clock.
	Time time.Time
	// Epoch before: of the commit, of the foundation, or the one that is open again.
	Epoch uint64
	// Leaf that committed.
	Leaf uint32
	// KeyPackage of who founded the group, only in Founded.
	KeyPackage []byte
	// Commit as it was signed.
	Commit []byte
	// GroupInfo of the epoch after, if the committer gave one.
	GroupInfo []byte
	// Bundles are the hashes of the bundles that came with it.
	Bundles []Hash
	// Narrows tells that it lets nobody in: a commit that only takes grants or members away, or a reopening. A Log that is
	// full keeps room for such records, since who wants to close a door must not wait for it.
	Narrows bool
	// Returns is whom a commit puts on a leaf in the place of one of the same identity, and does nothing else: it lets nobody in
	// who was not in. nil for any other. A Log that is full keeps room for some of these too.
	Returns *e2ee.Key
}

// Log keeps the records of a meeting. Its methods are called under the Meeting's lock and so must not wait long.
type Log interface {
	// Append keeps a record or refuses it, and with it what it tells of.
	Append(Record) error
	// Since gives the records after seq, in order. Errors: ErrGap when one of them is gone.
	Since(seq uint64) ([]Record, error)
}

// MemoryLog keeps the newest records up to a number of bytes. The Meeting's lock is its lock.
type MemoryLog struct {
	limit, size int
	records     []Record
}

var _ Log = (*MemoryLog)(nil)

// NewMemoryLog makes a Log of at most limit bytes, the newest record always included.
func NewMemoryLog(limit int) *MemoryLog { return &MemoryLog{limit: limit} }

// Append keeps a record and forgets the oldest.
func (l *MemoryLog) Append(r Record) error {
	l.records = append(l.records, r)
	l.size += r.size()
	gone := 0
	for ; l.size > l.limit && gone < len(l.records)-1; gone++ {
		l.size -= l.records[gone].size()
	}
	if gone > 0 {
		l.records = append([]Record(nil), l.records[gone:]...)
	}
	return nil
}

// Since gives the records after seq.
func (l *MemoryLog) Since(seq uint64) ([]Record, error) {
	for i, r := range l.records {
		switch {
		case r.Seq == seq+1:
			return append([]Record(nil), l.records[i:]...), nil
		case r.Seq > seq+1:
			return nil, ErrGap
		}
	}
	return nil, nil
}

// size in memory, roughly, bytes.
func (r *Record) size() int {
	return 128 + len(r.KeyPackage) + len(r.Commit) + len(r.GroupInfo) + len(r.Bundles)*sha256.Size
}
