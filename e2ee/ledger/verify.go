package ledger

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"

	"legroom/e2ee"
)

// verifier reads a log once, in bounded memory.
type verifier struct {
	report  Report
	history history
	at      int    // line in the file
	due     uint64 // number of the next line
	prev    []byte
	seq     uint64
	founded bool
	ended   bool
}

// Verify reads an exported log and says what it proves. Faults in the log are in the Report; errors are ErrNotLog for what
// is no log, or one of a newer form, and those of reading. Memory does not grow with the length of the log beyond the lists.
func Verify(r io.Reader) (*Report, error) {
	v := &verifier{due: 1, prev: []byte{}}
	in := bufio.NewReaderSize(r, maxLine+1)
	for {
		b, err := in.ReadSlice('\n')
		if len(b) == 0 && errors.Is(err, io.EOF) {
			break
		}
		v.at++
		if errors.Is(err, bufio.ErrBufferFull) {
			b = nil
			err = skipLine(in)
		}
		torn := errors.Is(err, io.EOF)
		if err != nil && !torn {
			return nil, fmt.Errorf("ledger: read: %w", err)
		}
		if torn {
			v.report.remark(v.at, "it was not written whole and is left out")
			v.at--
			break
		}
		if err := v.line(bytes.TrimSuffix(b, []byte("\n"))); err != nil {
			return nil, err
		}
	}
	return v.finish()
}

// skipLine reads to the end of a line that is too long.
func skipLine(in *bufio.Reader) error {
	for {
		_, err := in.ReadSlice('\n')
		if !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
	}
}

func (v *verifier) finish() (*Report, error) {
	if v.at == 0 {
		return nil, ErrNotLog
	}
	v.report.Lines = v.at
	if !v.founded {
		v.report.fault(v.at, "no group was founded")
	}
	if !v.ended {
		v.report.fault(v.at, "here the log stops without an end: it was cut, or the server did not come to its end")
	}
	return &v.report, nil
}

// line proves one line's place in the log, and goes on to what it says.
func (v *verifier) line(b []byte) error {
	l, signed, sig, ok := parseLine(b)
	if v.at == 1 {
		if !ok || l.Head == nil || l.Head.Version != version {
			return ErrNotLog
		}
		v.report.Server, v.report.Group, v.report.From = e2ee.Key(l.Head.Server), e2ee.Group(l.Head.Group), l.Time
		v.report.To = l.Time
	}
	sum := sha256.Sum256(b)
	before := v.prev
	v.prev = sum[:]
	if !ok {
		v.due++
		v.report.fault(v.at, "it is damaged: no line of a log is written like this")
		return nil
	}
	switch {
	case l.Line > v.due:
		v.report.fault(v.at, fmt.Sprintf("it says it is line %d, and line %d is due: lines are missing", l.Line, v.due))
	case l.Line < v.due:
		v.report.fault(v.at, fmt.Sprintf("it says it is line %d, and line %d is due: lines were added or moved", l.Line, v.due))
	case !bytes.Equal(l.Prev, before):
		v.report.fault(v.at, "it does not follow the line before it: something was changed, dropped or added")
	}
	v.due = l.Line + 1
	if !e2ee.VerifyLog(signed, v.report.Server, sig) {
		v.report.fault(v.at, "it is not what the server signed")
	}
	if l.Time < v.report.To {
		v.report.fault(v.at, "its time is before that of a line above")
	}
	v.report.To = max(v.report.To, l.Time)
	if v.ended {
		v.report.fault(v.at, "it stands behind the end")
	}
	v.says(l)
	return nil
}

// says goes by the kind of line.
func (v *verifier) says(l *line) {
	if n := l.seq(); n > 0 || l.Founded != nil || l.Committed != nil || l.Reopened != nil {
		if n != v.seq+1 {
			v.report.fault(v.at, fmt.Sprintf("it is record %d, and record %d is due", n, v.seq+1))
		}
		v.seq = n
	}
	switch {
	case l.Head != nil:
		if v.at > 1 {
			v.report.fault(v.at, "a second beginning")
		}
	case l.Founded != nil:
		v.foundedLine(l)
	case l.Committed != nil:
		v.committedLine(l)
	case l.Reopened != nil:
		v.reopenedLine(l)
	case l.Checkpoint != nil:
		v.checkpointLine(l)
	case l.End != nil:
		v.ended, v.report.Over = true, l.End.Over
	}
}

// stick says that the group cannot be followed any further, once.
func (v *verifier) stick(text string) {
	v.report.Stuck = true
	v.report.fault(v.at, text+"; the group could not be followed from here on")
}
