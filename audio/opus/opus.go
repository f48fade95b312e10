// Package opus is the codec of browsers (RFC 6716) over libopus: one channel out, one or two in, with in-band forward
// error correction and concealment. Built without cgo its constructors answer ErrUnavailable.
package opus

import (
	"errors"
	"fmt"

	"legroom/internal/fault"
)

var (
	// ErrUnavailable says that the program was built without libopus.
	ErrUnavailable = errors.New("opus: built without libopus")
	// ErrPayload says that a payload is not a packet of RFC 6716.
	ErrPayload = errors.New("opus: bad payload")
	// ErrClosed says that the codec was used after Close.
	ErrClosed = errors.New("opus: codec is closed")
)

// maxPayload is the largest packet made, bytes: three frames of the largest size and their lengths.
const maxPayload = 3*1275 + 7

// maxPacketMS is the longest packet there is, ms. Source: RFC 6716 section 3.2.
const maxPacketMS = 120

// EncoderConfig is how an Encoder works.
type EncoderConfig struct {
	// Rate of the sound given to Encode, Hz: 8000, 12000, 16000, 24000 or 48000. Default 48000.
	Rate int `yaml:"-"`
	// Bitrate, bit/s, 6000 to 510000. Default 32000: full band speech.
	Bitrate int `yaml:"bitrate"`
	// Complexity, 0 to 10: higher is better and dearer. Default 5.
	Complexity int `yaml:"complexity"`
	// FEC puts a coarse copy of each frame into the next packet. Default true.
	FEC bool `yaml:"fec"`
	// LossPercent is the loss the FEC is made for, 0 to 100; at 0 it is empty. Default 5.
	LossPercent int `yaml:"lossPercent"`
}

// DefaultConfig gives the defaults.
func DefaultConfig() EncoderConfig {
	return EncoderConfig{Rate: 48000, Bitrate: 32000, Complexity: 5, FEC: true, LossPercent: 5}
}

// Validate names every field that is out of range.
func (c EncoderConfig) Validate() error {
	var errs []error
	if !validRate(c.Rate) {
		errs = append(errs, fault.At("rate", "is %d, must be 8000, 12000, 16000, 24000 or 48000 Hz", c.Rate))
	}
	for _, f := range []struct {
		name          string
		value, lo, hi int
		unit          string
	}{
		{"bitrate", c.Bitrate, 6000, 510000, " bit/s"},
		{"complexity", c.Complexity, 0, 10, ""},
		{"lossPercent", c.LossPercent, 0, 100, " %"},
	} {
		if f.value < f.lo || f.value > f.hi {
			errs = append(errs, fault.At(f.name, "is %d, must be %d to %d%s", f.value, f.lo, f.hi, f.unit))
		}
	}
	return errors.Join(errs...)
}

func validRate(rate int) bool {
	switch rate {
	case 8000, 12000, 16000, 24000, 48000:
		return true
	}
	return false
}

func checkRate(rate int) error {
	if !validRate(rate) {
		return fmt.Errorf("opus: rate %d Hz: must be 8000, 12000, 16000, 24000 or 48000", rate)
	}
	return nil
}
