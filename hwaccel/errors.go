package hwaccel

import (
	"errors"
	"fmt"

	"legroom/media"
)

// Errors of every Device; test with errors.Is.
var (
	// ErrBusy is what a Device answers that has no capacity left.
	ErrBusy = errors.New("hwaccel: device is full")
	// ErrUnsupported is what a Device answers that cannot do what was asked, now or later.
	ErrUnsupported = errors.New("hwaccel: not supported by this device")
	// ErrBitstream concerns one access unit that could not be decoded; the next key frame can be.
	ErrBitstream = errors.New("hwaccel: broken bitstream")
	// ErrPicture concerns one picture that does not fit the stage: its size, or where its samples lie.
	ErrPicture = errors.New("hwaccel: picture does not fit")
	// ErrLost is what a Device answers from the moment on that its driver hung: it stays out until the program starts
	// again, and whoever has a stage of it opens one on the next Device.
	ErrLost = errors.New("hwaccel: device is lost")
	// ErrClosed is what a closed stage answers.
	ErrClosed = errors.New("hwaccel: closed")
)

// ProbeError tells what a Device claimed and could not do when it was tried.
type ProbeError struct {
	// Device that was tried.
	Device string
	// Operation and Codec that did not work; Codec is empty for Scale.
	Operation Operation
	Codec     media.CodecName
	// Err is why.
	Err error
}

// Error gives device, operation, codec and reason.
func (e *ProbeError) Error() string {
	return fmt.Sprintf("hwaccel: probe %s: %s %s: %v", e.Device, e.Operation, e.Codec, e.Err)
}

// Unwrap gives the reason.
func (e *ProbeError) Unwrap() error { return e.Err }
