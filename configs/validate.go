package configs

import (
	"errors"
	"regexp"
	"slices"
	"strconv"

	"legroom/internal/fault"
)

// Validate lists everything that is wrong, as faults with the path of the field.
func (c Config) Validate() error {
	errs := []error{
		fault.In("log", c.Log.Validate()), fault.In("sip", c.SIP.Validate()), fault.In("calls", c.Calls.Validate()),
		fault.In("menu", c.Menu.Validate()), fault.In("prompts", c.Prompts.Validate()),
		fault.In("browsers", c.Browsers.Validate()), fault.In("web", c.Web.Validate()),
		fault.In("operate", c.Operate.Validate()), fault.In("encryption", c.Encryption.Validate()),
		fault.In("devices", c.Devices.Validate()), fault.In("audio", c.Audio.Validate()),
		c.validateRooms(), c.validateOnDemand(),
	}
	if c.StateDir == "" {
		errs = append(errs, fault.At("stateDir", "must not be empty"))
	}
	return errors.Join(errs...)
}

func (c Config) validateRooms() error {
	var errs []error
	seen := map[string]bool{}
	for i, r := range c.Rooms {
		at := "rooms[" + strconv.Itoa(i) + "]"
		errs = append(errs, fault.In(at, errors.Join(r.Validate(), r.unheard(c.Browsers.AudioSlots))))
		switch {
		case seen[r.Number]:
			errs = append(errs, fault.At(at+".number", "%s is there twice", r.Number))
		case slices.Contains(c.Calls.EmergencyNumbers, r.Number):
			errs = append(errs, fault.At(at+".number", "%s is an emergency number", r.Number))
		case slices.Contains(c.Calls.CommonNumbers, r.Number):
			errs = append(errs, fault.At(at+".number", "%s is a common number, where the menu asks for the room", r.Number))
		}
		seen[r.Number] = true
	}
	return errors.Join(errs...)
}

func (c Config) validateOnDemand() error {
	var errs []error
	for i, o := range c.OnDemand {
		at := "onDemand[" + strconv.Itoa(i) + "]"
		errs = append(errs, fault.In(at, errors.Join(o.Validate(), o.unheard(c.Browsers.AudioSlots))))
		if pattern, err := o.Regexp(); err == nil && o.Pattern != "" {
			errs = append(errs, clash(at, pattern, c.Calls.EmergencyNumbers))
		}
	}
	return errors.Join(errs...)
}

// clash refuses a pattern that would make a room of an emergency number.
func clash(at string, pattern *regexp.Regexp, emergency []string) error {
	for _, n := range emergency {
		if pattern.MatchString(n) {
			return fault.At(at+".pattern", "takes in the emergency number %s; narrow it or change calls.emergencyNumbers", n)
		}
	}
	return nil
}
