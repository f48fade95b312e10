package rooms

import (
	"errors"

	"legroom/internal/fault"
)

// Policy is what a room is, before anybody is in it.
type Policy struct {
	// Number people dial and links name: digits.
	Number string `yaml:"number"`
	// Name shown to people. Default: the number.
	Name string `yaml:"name"`
	// Mode of protection. Default open, the only one so far.
	Mode Mode `yaml:"mode"`
	// Lobby keeps guests waiting until a host lets them in. Default true.
	Lobby bool `yaml:"lobby"`
	// Capacity is the number of participants, waiting ones included. Default 100; 0 is no bound.
	Capacity int `yaml:"capacity"`
	// Locked lets no guest in at first; a host unlocks. Default false.
	Locked bool `yaml:"locked"`
	// Announce tells callers the state of the room on entry and plays the entry tone. Default true.
	Announce bool `yaml:"announce"`
	// Music plays in the lobby. Default true.
	Music bool `yaml:"music"`
	// OnDemand rooms exist only while somebody is in them. Default false: the room is always listed.
	OnDemand bool `yaml:"onDemand"`
}

// DefaultPolicy of a room of that number: closed until a host decides.
func DefaultPolicy(number string) Policy {
	return Policy{
		Number: number, Name: number, Mode: Open, Lobby: true, Capacity: 100, Announce: true, Music: true,
	}
}

// Validate lists everything wrong with the policy, paths relative to it.
func (p Policy) Validate() error {
	var errs []error
	if !digits(p.Number) {
		errs = append(errs, fault.At("number", "%q is not 1 to 12 digits", p.Number))
	}
	switch p.Mode {
	case Open:
	case Mixed, Sealed:
		errs = append(errs, fault.At("mode", "%q is not available, use open", p.Mode))
	default:
		errs = append(errs, fault.At("mode", "is missing, use open"))
	}
	if p.Capacity < 0 {
		errs = append(errs, fault.At("capacity", "%d is below 0", p.Capacity))
	}
	return errors.Join(errs...)
}

func digits(s string) bool {
	if len(s) == 0 || len(s) > 12 {
		return false
	}
	for _, r := range s {
		if r < '0' || r > '9' {
			return false
		}
	}
	return true
}
