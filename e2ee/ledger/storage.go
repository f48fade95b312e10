package ledger

import "io"

// Storage keeps the lines of one log. A Ledger calls it under its lock, Open apart.
type Storage interface {
	// Append keeps a whole line, its line feed included, so that it outlives the process, or refuses it and keeps nothing.
	// It puts space by for the last lines; keep is how much of it has to be left behind this one, bytes. Errors: ErrFull, and
	// its own.
	Append(line []byte, keep int64) error
	// Open reads all lines from the first.
	Open() (io.ReadCloser, error)
	// Close ends writing.
	Close() error
}
