package fecc

import "errors"

var (
	// ErrShort is a frame or message that ends too early.
	ErrShort = errors.New("fecc: too short")
	// ErrFormat is one that breaks its format.
	ErrFormat = errors.New("fecc: not of the format")
	// ErrTooLarge is one over its bound.
	ErrTooLarge = errors.New("fecc: too large")
)
