package configs

import (
	"errors"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"legroom/internal/fault"
)

// Calls says which telephone calls are taken.
type Calls struct {
	// PerSource is how many one address may have at one time; a telephone exchange is one address. How many there may be in
	// all is sip.limits.dialogs. Default 500.
	PerSource int `yaml:"perSource"`
	// CommonNumbers are those where the menu asks for the room. Default "0" and "meet".
	CommonNumbers []string `yaml:"commonNumbers"`
	// EmergencyNumbers are refused, never answered, because nobody can be helped here; a telephone hears why, an exchange of
	// Throttle.Trunks is free at once to try another way. Default 112, 911, 999, 110, 118, 119, 000.
	EmergencyNumbers []string `yaml:"emergencyNumbers"`
	// Drain is how long calls may go on after SIGTERM. Default 30s.
	Drain time.Duration `yaml:"drain"`
	// RefusedKept is how many refused calls are kept for the operator to look at. Default 200.
	RefusedKept int `yaml:"refusedKept"`
	// Throttle is what guessing a PIN costs.
	Throttle Throttle `yaml:"throttle"`
}

// Throttle bounds wrong PINs and wrong links. Whoever is over a bound is turned away, with the right one too, until the
// window has passed since the last wrong one.
type Throttle struct {
	// Window is how long a wrong one counts. Default 10m.
	Window time.Duration `yaml:"window"`
	// PerSource is how many wrong PINs an address may send in a window. Default 3.
	PerSource int `yaml:"perSource"`
	// PerNumber is the same for a calling number, from wherever it calls. Default 3.
	PerNumber int `yaml:"perNumber"`
	// PerRoom is how many wrong PINs a room bears from everybody together. Default 50.
	PerRoom int `yaml:"perRoom"`
	// Links is how many wrong links an address may open in a window. Default 20.
	Links int `yaml:"links"`
	// Trunks are networks of telephone exchanges, whose callers share an address: there the calling number is the source.
	// They are refused emergency calls without words. Default none.
	Trunks []netip.Prefix `yaml:"trunks"`
}

// DefaultCalls is what holds where nothing is configured.
func DefaultCalls() Calls {
	return Calls{
		PerSource: 500, CommonNumbers: []string{"0", "meet"},
		EmergencyNumbers: []string{"112", "911", "999", "110", "118", "119", "000"},
		Drain:            30 * time.Second, RefusedKept: 200,
		Throttle: Throttle{Window: 10 * time.Minute, PerSource: 3, PerNumber: 3, PerRoom: 50, Links: 20},
	}
}

// Validate lists what is wrong, as faults joined.
func (c Calls) Validate() error {
	errs := []error{
		between("perSource", c.PerSource, 1, 100000), between("refusedKept", c.RefusedKept, 0, 100000),
		between("throttle.perSource", c.Throttle.PerSource, 1, 1000), between("throttle.perNumber", c.Throttle.PerNumber, 1, 1000),
		between("throttle.perRoom", c.Throttle.PerRoom, 1, 100000), between("throttle.links", c.Throttle.Links, 1, 100000),
	}
	if c.Drain < 0 || c.Drain > time.Hour {
		errs = append(errs, fault.At("drain", "is %v, must be 0s to 1h", c.Drain))
	}
	if c.Throttle.Window < time.Second || c.Throttle.Window > 24*time.Hour {
		errs = append(errs, fault.At("throttle.window", "is %v, must be 1s to 24h", c.Throttle.Window))
	}
	for i, n := range c.CommonNumbers {
		if slices.Contains(c.EmergencyNumbers, n) {
			errs = append(errs, fault.At("commonNumbers["+strconv.Itoa(i)+"]", "%s is an emergency number too", n))
		}
	}
	return errors.Join(errs...)
}

func between(path string, n, least, most int) error {
	if n < least || n > most {
		return fault.At(path, "is %d, must be %d to %d", n, least, most)
	}
	return nil
}
