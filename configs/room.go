package configs

import (
	"errors"
	"regexp"

	"legroom/internal/fault"
	"legroom/rooms"
)

// Room is a room that is always there.
type Room struct {
	// Number people dial and links name: digits.
	Number string `yaml:"number"`
	// RoomSettings are the rest.
	RoomSettings `yaml:",inline"`
}

// OnDemand are rooms that are made when somebody calls a number that fits, and vanish with the last who leaves.
type OnDemand struct {
	// Pattern is a regular expression (RE2) that the whole number must match, such as "9[0-9]{1,5}".
	Pattern string `yaml:"pattern"`
	// RoomSettings of each.
	RoomSettings `yaml:",inline"`
}

// RoomSettings say what a room is.
type RoomSettings struct {
	// Name shown to people. Default: the number.
	Name string `yaml:"name"`
	// Mode of protection: open, mixed or sealed. Default mixed.
	Mode rooms.Mode `yaml:"mode"`
	// MaxScope bounds what the hosts of a mixed room can let telephones have: "audio" or "audio+video". Default "audio".
	MaxScope string `yaml:"maxScope"`
	// VetoRule says who has to agree before telephones are let in: "host", "any" or "all". Default "host".
	VetoRule string `yaml:"vetoRule"`
	// Owner is the key that the hosts of an encrypted room have to lead to, base64url; empty: that of who is first to begin
	// a meeting there. Default "".
	Owner string `yaml:"owner"`
	// HideLevels has packets of an encrypted room not tell how loud they are; a browser then gets all sounds, so that no more
	// people can come in than browsers.audioSlots. Default false.
	HideLevels bool `yaml:"hideLevels"`
	// RoomSecrets are what opens it.
	RoomSecrets `yaml:",inline"`
	// Lobby keeps guests waiting until a host lets them in. Default true.
	Lobby bool `yaml:"lobby"`
	// Capacity is the number of participants, waiting ones included: up to 200 in an encrypted room. 0 is as many as can be:
	// 200 there, no bound in an open room. Default 100.
	Capacity int `yaml:"capacity"`
	// Locked lets no guest in at first. Default false.
	Locked bool `yaml:"locked"`
	// Announce greets callers and tells them the state of the room; without it nothing is said or played. Default true.
	Announce bool `yaml:"announce"`
	// Music plays in the lobby. Default true.
	Music bool `yaml:"music"`
	// Language that callers are spoken to in once they are let in (before that it would tell a stranger that the room
	// exists); empty for the first of prompts.languages. Default "".
	Language string `yaml:"language"`
}

// DefaultRoomSettings are closed until a host decides.
func DefaultRoomSettings() RoomSettings {
	p := rooms.DefaultPolicy("")
	return RoomSettings{
		Mode: p.Mode, MaxScope: p.MaxScope, VetoRule: p.VetoRule, Lobby: p.Lobby, Capacity: p.Capacity,
		Locked: p.Locked, Announce: p.Announce, Music: p.Music,
	}
}

// SetDefaults gives a room of a list its defaults before the file is read over them.
func (r *Room) SetDefaults() { r.RoomSettings = DefaultRoomSettings() }

// SetDefaults gives a pattern of a list its defaults before the file is read over them.
func (o *OnDemand) SetDefaults() { o.RoomSettings = DefaultRoomSettings() }

// Policy is what package rooms wants to know of the room of that number.
func (s RoomSettings) Policy(number string, onDemand bool) rooms.Policy {
	p := rooms.DefaultPolicy(number)
	if s.Name != "" {
		p.Name = s.Name
	}
	p.Mode, p.MaxScope, p.VetoRule, p.Owner, p.HideLevels = s.Mode, s.MaxScope, s.VetoRule, s.Owner, s.HideLevels
	p.Lobby, p.Capacity, p.Locked, p.Announce, p.Music = s.Lobby, s.Capacity, s.Locked, s.Announce, s.Music
	p.OnDemand = onDemand
	return p
}

// unheard refuses a room of more people than a browser is sent, where nothing tells which of them to leave out.
func (s RoomSettings) unheard(slots int) error {
	if s.HideLevels && (s.Capacity == 0 || s.Capacity > slots) {
		return fault.At("capacity", "is %d, and with hideLevels at most the %d of browsers.audioSlots: all have to be heard", s.Capacity, slots)
	}
	return nil
}

// Validate lists what is wrong, as faults joined.
func (r Room) Validate() error {
	return errors.Join(r.Policy(r.Number, false).Validate(), r.RoomSecrets.validate())
}

// Validate lists what is wrong, as faults joined.
func (o OnDemand) Validate() error {
	var errs []error
	if _, err := o.Regexp(); err != nil {
		errs = append(errs, fault.At("pattern", "is no regular expression: %v", err))
	}
	if o.Pattern == "" {
		errs = append(errs, fault.At("pattern", "is missing"))
	}
	if o.PIN == "" {
		errs = append(errs, fault.At("pin", "is missing: one for all rooms of the pattern, or none"))
	}
	policy := o.Policy("0", true) // any number does, the pattern is checked above
	return errors.Join(errors.Join(errs...), policy.Validate(), o.RoomSecrets.validate())
}

// Regexp of the whole number.
func (o OnDemand) Regexp() (*regexp.Regexp, error) { return regexp.Compile(`^(?:` + o.Pattern + `)$`) }
