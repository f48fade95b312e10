package ledger

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"

	"legroom/e2ee"
)

// version of the form of logs.
const version = 1

// maxLine bounds a line, bytes: a commit or a GroupInfo in base64, and what stands around it.
const maxLine = 512 << 10

// line is one line of a log. Exactly one of the pointers is set; it tells the kind.
type line struct {
	// Line counts from 1.
	Line uint64 `json:"line"`
	// Prev is the SHA-256 of the line before, without its line feed; empty in the first.
	Prev []byte `json:"prev"`
	// Time by the server's clock, Unix milliseconds; never below the line before.
	Time int64 `json:"time"`

	Head       *headLine       `json:"head,omitempty"`
	Founded    *foundedLine    `json:"founded,omitempty"`
	Committed  *committedLine  `json:"committed,omitempty"`
	Reopened   *reopenedLine   `json:"reopened,omitempty"`
	Checkpoint *checkpointLine `json:"checkpoint,omitempty"`
	End        *endLine        `json:"end,omitempty"`
}

// headLine begins a log.
type headLine struct {
	Version int `json:"v"`
	// Group that it is of, and Server, whose key signs every line.
	Group  []byte `json:"group"`
	Server []byte `json:"server"`
}

// foundedLine is the first record.
type foundedLine struct {
	Seq        uint64 `json:"seq"`
	Epoch      uint64 `json:"epoch"`
	KeyPackage []byte `json:"keyPackage"`
	GroupInfo  []byte `json:"groupInfo"`
}

// committedLine is the commit that won an epoch.
type committedLine struct {
	Seq     uint64   `json:"seq"`
	Epoch   uint64   `json:"epoch"`
	Leaf    uint32   `json:"leaf"`
	Commit  []byte   `json:"commit"`
	Bundles [][]byte `json:"bundles"`
}

// reopenedLine takes back the commits from an epoch on.
type reopenedLine struct {
	Seq   uint64 `json:"seq"`
	Epoch uint64 `json:"epoch"`
}

// checkpointLine is what a leaf vouches for.
type checkpointLine struct {
	Leaf      uint32 `json:"leaf"`
	Signed    []byte `json:"signed"`
	Signature []byte `json:"sig"`
}

// endLine says that nothing is missing behind it.
type endLine struct {
	// Over is false where the meeting went on when the log was exported.
	Over bool `json:"over"`
}

// The signature is the last member of a line and covers all that stands before it, as it is written.
const (
	sigHead = `,"sig":"`
	sigTail = `"}`
	sigSize = 88
)

// encode signs a line and gives it without its line feed.
func (l *line) encode(s Signer) ([]byte, error) {
	text, err := json.Marshal(l)
	if err != nil {
		return nil, fmt.Errorf("ledger: encode: %w", err)
	}
	text = text[:len(text)-1]
	sig := s.SignLog(text)
	text = append(text, sigHead...)
	text = base64.StdEncoding.AppendEncode(text, sig[:])
	return append(text, sigTail...), nil
}

// parseLine reads a line and proves that it is written in the one way; ok is false where it is not.
// signed is what sig covers.
func parseLine(b []byte) (l *line, signed []byte, sig e2ee.Signature, ok bool) {
	cut := len(b) - len(sigHead) - sigSize - len(sigTail)
	if cut < 0 || len(b) > maxLine {
		return nil, nil, sig, false
	}
	signed, tail := b[:cut], b[cut:]
	if !bytes.HasPrefix(tail, []byte(sigHead)) || !bytes.HasSuffix(tail, []byte(sigTail)) {
		return nil, nil, sig, false
	}
	text := tail[len(sigHead) : len(sigHead)+sigSize]
	raw, err := base64.StdEncoding.Strict().DecodeString(string(text))
	if err != nil || len(raw) != len(sig) {
		return nil, nil, sig, false
	}
	body := append(bytes.Clone(signed), '}')
	l = new(line)
	if json.Unmarshal(body, l) != nil || l.kinds() != 1 || !l.inRange() {
		return nil, nil, sig, false
	}
	again, err := json.Marshal(l)
	if err != nil || !bytes.Equal(again, body) {
		return nil, nil, sig, false
	}
	return l, signed, e2ee.Signature(raw), true
}

// kinds counts the pointers that are set.
func (l *line) kinds() int {
	n := 0
	for _, set := range []bool{l.Head != nil, l.Founded != nil, l.Committed != nil, l.Reopened != nil, l.Checkpoint != nil, l.End != nil} {
		if set {
			n++
		}
	}
	return n
}

// inRange holds numbers that a browser cannot hold exactly, and lists that are null, out.
func (l *line) inRange() bool {
	const most = 1<<53 - 1
	for _, n := range []uint64{l.Line, l.seq(), l.epoch()} {
		if n > most {
			return false
		}
	}
	whole := l.Prev != nil && l.Time >= 0 && l.Time <= maxTime
	switch {
	case l.Head != nil:
		whole = whole && len(l.Head.Group) == len(e2ee.Group{}) && len(l.Head.Server) == len(e2ee.Key{}) && l.Head.Version >= 0
	case l.Founded != nil:
		whole = whole && l.Founded.KeyPackage != nil && l.Founded.GroupInfo != nil
	case l.Committed != nil:
		whole = whole && l.Committed.Commit != nil && l.Committed.Bundles != nil && hashes(l.Committed.Bundles)
	case l.Checkpoint != nil:
		whole = whole && l.Checkpoint.Signed != nil && len(l.Checkpoint.Signature) == len(e2ee.Signature{})
	}
	return whole
}

// maxTime is the end of the year 9999, Unix milliseconds.
const maxTime = 253402300799999

func hashes(list [][]byte) bool {
	for _, h := range list {
		if len(h) != sha256.Size {
			return false
		}
	}
	return true
}

// seq of a record, 0 in other lines.
func (l *line) seq() uint64 {
	switch {
	case l.Founded != nil:
		return l.Founded.Seq
	case l.Committed != nil:
		return l.Committed.Seq
	case l.Reopened != nil:
		return l.Reopened.Seq
	default:
		return 0
	}
}

func (l *line) epoch() uint64 {
	switch {
	case l.Founded != nil:
		return l.Founded.Epoch
	case l.Committed != nil:
		return l.Committed.Epoch
	case l.Reopened != nil:
		return l.Reopened.Epoch
	default:
		return 0
	}
}
