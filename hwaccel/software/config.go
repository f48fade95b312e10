package software

import (
	"errors"
	"log/slog"

	"legroom/hwaccel"
	"legroom/internal/fault"
)

// Config of the software Device.
type Config struct {
	// Share of all processor cores that pictures may take, percent, 1 to 100, default 75: sound comes first, and a late
	// packet of sound is heard where a late picture is not seen.
	Share int `yaml:"share"`

	// Log of the Device and of FFmpeg, of which a process has one.
	Log *slog.Logger `yaml:"-"`
	// Measured are the Capabilities that an earlier Probe on this machine found; nil makes New probe.
	Measured *hwaccel.Capabilities `yaml:"-"`
}

// DefaultConfig gives every field its default.
func DefaultConfig() Config { return Config{Share: 75} }

// Validate tells all that is wrong at once.
func (c Config) Validate() error {
	var faults []error
	if c.Share < 1 || c.Share > 100 {
		faults = append(faults, fault.At("share", "is %d; it is a percentage from 1 to 100", c.Share))
	}
	return errors.Join(faults...)
}
