package ledger

import "errors"

// Errors of this package, for errors.Is.
var (
	// ErrFull tells that the log has its largest size. What would not be in the log does not happen.
	ErrFull = errors.New("ledger: full")
	// ErrClosed tells that the log has its end already, or that no group was founded yet.
	ErrClosed = errors.New("ledger: not open")
	// ErrOrder tells that a record is not the next one.
	ErrOrder = errors.New("ledger: not the next record")
	// ErrCheckpoint tells that a checkpoint is malformed, of another group, or of no epoch of late.
	ErrCheckpoint = errors.New("ledger: no checkpoint of this meeting")
	// ErrThrottled tells that a leaf vouches too often.
	ErrThrottled = errors.New("ledger: too many checkpoints")
	// ErrNotLog tells that what was to be verified is no log of a meeting at all.
	ErrNotLog = errors.New("ledger: not the log of a meeting")
	// ErrTorn tells that the last line of a file was not written whole. The lines before it are good.
	ErrTorn = errors.New("ledger: last line is torn")
)
