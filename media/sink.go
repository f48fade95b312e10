package media

import "errors"

// ErrClosed is what a closed Sink answers; a Fan then drops it.
var ErrClosed = errors.New("media: sink closed")

// Unit is what flows through a Sink.
type Unit interface {
	*Packet | *Frame | *PCM | *Picture
}

// Sink takes units, one at a time, from one goroutine at a time.
// Owner: the unit is lent until Write returns; a Sink that keeps it makes a copy.
// Write never waits: what cannot be taken now is dropped and counted by the Sink.
// Errors: ErrClosed after Close; anything else concerns that unit only. Close may be called more than once.
type Sink[T Unit] interface {
	Write(T) error
	Close() error
}

// SinkFunc makes a Sink of a function; Close does nothing.
type SinkFunc[T Unit] func(T) error

// Write calls the function.
func (f SinkFunc[T]) Write(u T) error { return f(u) }

// Close does nothing.
func (f SinkFunc[T]) Close() error { return nil }
