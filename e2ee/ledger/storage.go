package ledger

import "io"

// Storage keeps the lines of one log. A Ledger calls it under its lock, Open apart.
type Storage interface {
	// Append keeps a whole line, its line feed included, so that it outlives the process, or refuses it and keeps nothing.
	Append(line []byte) error
	// Open reads all lines from the first.
	Open() (io.ReadCloser, error)
	// Close ends writing.
	Close() error
}
