package menu

import (
	"errors"
	"time"

	"legroom/internal/fault"
)

// Limits say how long and how often a caller may try.
type Limits struct {
	// Tries is how many wrong PINs end the call. Default 3.
	Tries int `yaml:"tries"`
	// Silences is how many prompts may pass without a key before the call ends. Default 3.
	Silences int `yaml:"silences"`
	// DigitTimeout is the wait for the next key; digits that are there then count as entered. Default 6s.
	DigitTimeout time.Duration `yaml:"digitTimeout"`
	// CommandTimeout is the wait for the key after *. Default 3s.
	CommandTimeout time.Duration `yaml:"commandTimeout"`
	// LobbyReminder is how often who waits is spoken to. Default 1m.
	LobbyReminder time.Duration `yaml:"lobbyReminder"`
	// LobbyTimeout is how long a caller may wait there, rounded up to whole reminders. Default 30m.
	LobbyTimeout time.Duration `yaml:"lobbyTimeout"`
	// LastWords bounds the goodbye, should its end never be told. Default 20s.
	LastWords time.Duration `yaml:"lastWords"`
}

// DefaultLimits is what holds where nothing is configured.
func DefaultLimits() Limits {
	return Limits{
		Tries: 3, Silences: 3, DigitTimeout: 6 * time.Second, CommandTimeout: 3 * time.Second,
		LobbyReminder: time.Minute, LobbyTimeout: 30 * time.Minute, LastWords: 20 * time.Second,
	}
}

// Validate lists what is wrong, as faults joined.
func (l Limits) Validate() error {
	var errs []error
	if l.Tries < 1 || l.Tries > 10 {
		errs = append(errs, fault.At("tries", "is %d, must be 1 to 10", l.Tries))
	}
	if l.Silences < 1 || l.Silences > 10 {
		errs = append(errs, fault.At("silences", "is %d, must be 1 to 10", l.Silences))
	}
	for _, d := range []struct {
		path        string
		value       time.Duration
		least, most time.Duration
	}{
		{"digitTimeout", l.DigitTimeout, time.Second, time.Minute},
		{"commandTimeout", l.CommandTimeout, time.Second, time.Minute},
		{"lobbyReminder", l.LobbyReminder, 5 * time.Second, time.Hour},
		{"lobbyTimeout", l.LobbyTimeout, 5 * time.Second, 24 * time.Hour},
		{"lastWords", l.LastWords, time.Second, 5 * time.Minute},
	} {
		if d.value < d.least || d.value > d.most {
			errs = append(errs, fault.At(d.path, "is %v, must be %v to %v", d.value, d.least, d.most))
		}
	}
	return errors.Join(errs...)
}

// reminders that fit into LobbyTimeout.
func (l Limits) reminders() int {
	return int((l.LobbyTimeout + l.LobbyReminder - 1) / l.LobbyReminder)
}
