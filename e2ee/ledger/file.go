package ledger

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// File is a Storage that appends to one file.
type File struct {
	file *os.File
	size int64
}

var _ Storage = (*File)(nil)

// CreateFile makes the file of a new meeting, readable by its owner only; one that is there is never touched.
func CreateFile(path string) (*File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("ledger: %w", err)
	}
	if err := syncFolder(filepath.Dir(path)); err != nil {
		return nil, errors.Join(fmt.Errorf("ledger: %w", err), f.Close())
	}
	return &File{file: f}, nil
}

// syncFolder makes the name of a new file outlive the machine.
func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Append writes a line and waits until the disk has it. After a failure the file is as long as before.
func (f *File) Append(line []byte) error {
	n, err := f.file.Write(line)
	if err == nil {
		err = f.file.Sync()
	}
	if err != nil {
		return errors.Join(fmt.Errorf("ledger: write: %w", err), f.file.Truncate(f.size))
	}
	f.size += int64(n)
	return nil
}

// Open reads the file from its beginning, by a handle of its own.
func (f *File) Open() (io.ReadCloser, error) { return os.Open(f.file.Name()) }

// Close ends writing.
func (f *File) Close() error { return f.file.Close() }

// Salvage copies the whole lines of a log whose server did not come to its end, and leaves out what it wrote half.
// Errors: ErrTorn when there was such a line, after everything else was copied; those of reading and writing.
func Salvage(to io.Writer, from io.Reader) error {
	r := bufio.NewReaderSize(from, maxLine)
	for {
		b, err := r.ReadSlice('\n')
		if err != nil {
			if errors.Is(err, io.EOF) && len(b) == 0 {
				return nil
			}
			if errors.Is(err, io.EOF) || errors.Is(err, bufio.ErrBufferFull) {
				return ErrTorn
			}
			return fmt.Errorf("ledger: read: %w", err)
		}
		if _, err := to.Write(b); err != nil {
			return fmt.Errorf("ledger: write: %w", err)
		}
	}
}
