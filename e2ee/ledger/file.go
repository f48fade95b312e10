package ledger

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
)

// File is a Storage that appends to one file. It takes the space of the last lines from the disk beforehand, so that a
// disk that others fill stops what is not needed first.
type File struct {
	file *os.File
	// size of the lines, and taken, how far the disk has given space; both in bytes.
	size, taken int64
}

var _ Storage = (*File)(nil)

// CreateFile makes the file of a new meeting, readable by its owner only; one that is there is never touched.
// Errors: ErrFull where the disk has no room for one.
func CreateFile(path string) (*File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return nil, noRoom(fmt.Errorf("ledger: %w", err))
	}
	made := &File{file: f}
	err = made.take(putBy)
	if err == nil {
		err = syncFolder(filepath.Dir(path))
	}
	if err != nil {
		return nil, noRoom(errors.Join(fmt.Errorf("ledger: %w", err), f.Close(), os.Remove(path)))
	}
	return made, nil
}

// syncFolder makes the name of a new file outlive the machine.
func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

const (
	// step is how much space is taken from the disk at once, and putBy how much of it is for the last lines, bytes.
	step  = 256 << 10
	putBy = int64(plain) * Reserve
)

// take has the disk give space for so many bytes behind the last line, and keeps it.
func (f *File) take(ahead int64) error {
	if f.size+ahead <= f.taken {
		return nil
	}
	to := (f.size + ahead + step - 1) / step * step
	if err := preallocate(f.file, to); err != nil {
		return err
	}
	f.taken = to
	return nil
}

// Append writes a line and waits until the disk has it. After a failure the file is as long as before. Where the disk gives no
// more space, a line may use what was taken beforehand, apart from what has to be left. Errors: ErrFull where the disk is.
func (f *File) Append(line []byte, keep int64) error {
	size := int64(len(line))
	if err := f.take(size + putBy); err != nil && keep > 0 && f.size+size+keep > f.taken {
		return noRoom(fmt.Errorf("ledger: write: %w", err))
	}
	n, err := f.file.Write(line)
	if err == nil {
		err = f.file.Sync()
	}
	if err != nil {
		err = fmt.Errorf("ledger: write: %w", err)
		if n > 0 {
			err = errors.Join(err, f.file.Truncate(f.size))
			f.taken = f.size // the space went with it
		}
		return noRoom(err)
	}
	f.size += int64(n)
	return nil
}

// noRoom makes it an ErrFull where the disk is full.
func noRoom(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return errors.Join(ErrFull, err)
	}
	return err
}

// Open reads the file from its beginning, by a handle of its own.
func (f *File) Open() (io.ReadCloser, error) { return os.Open(f.file.Name()) }

// Close ends writing, and gives back the space that was not used.
func (f *File) Close() error { return errors.Join(f.file.Truncate(f.size), f.file.Close()) }

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
