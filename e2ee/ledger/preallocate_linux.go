package ledger

import (
	"errors"
	"os"
	"syscall"
)

// keepSize has fallocate leave the length of the file as it is.
const keepSize = 1

// preallocate has the disk give the space of the first bytes of a file. A file system that cannot is no fault: only that
// then a disk that others fill stops needed lines too. Source: fallocate(2).
func preallocate(f *os.File, to int64) error {
	for {
		err := syscall.Fallocate(int(f.Fd()), keepSize, 0, to)
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case errors.Is(err, syscall.EOPNOTSUPP), errors.Is(err, syscall.ENOSYS):
			return nil
		default:
			return err
		}
	}
}
