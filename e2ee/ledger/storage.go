package ledger

import "io"

// Storage keeps the lines of one log. A Ledger calls it under its lock, Open apart.
type Storage interface {
	// Append keeps a whole line, its line feed included, so that it outlives the process, or refuses it and keeps nothing.
	// What it has put by for the last lines it gives away only for one that is needed. Errors: ErrFull, and its own.
	Append(line []byte, needed bool) error
	// Open reads all lines from the first.
	Open() (io.ReadCloser, error)
	// Close ends writing.
	Close() error
}
