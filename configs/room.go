package configs

import (
	"errors"
	"regexp"
	"strings"

	"legroom/internal/fault"
	"legroom/rooms"
)

// NoPIN says of a PIN that none is asked for, or of a host PIN that no telephone can be host.
const NoPIN = "none"

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
	// PIN of guests who call: 4 to 16 digits, or "none". Default: made at first start and kept in StateDir.
	PIN string `yaml:"pin"`
	// HostPIN makes a caller host: 4 to 16 digits, or "none". Default: made at first start and kept in StateDir.
	HostPIN string `yaml:"hostPin"`
	// GuestSecret is what the guest link holds, at least 16 letters and digits. Default: made at first start and kept.
	GuestSecret string `yaml:"guestSecret"`
	// HostSecret is what the host link holds, at least 16 letters and digits. Default: made at first start and kept.
	HostSecret string `yaml:"hostSecret"`
	// Lobby keeps guests waiting until a host lets them in. Default true.
	Lobby bool `yaml:"lobby"`
	// Capacity is the number of participants, waiting ones included: 1 to 200 in an encrypted room; in an open one 0 is no
	// bound. Default 100.
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
	p.Mode, p.MaxScope, p.VetoRule, p.Owner = s.Mode, s.MaxScope, s.VetoRule, s.Owner
	p.Lobby, p.Capacity, p.Locked, p.Announce, p.Music = s.Lobby, s.Capacity, s.Locked, s.Announce, s.Music
	p.OnDemand = onDemand
	return p
}

// Validate lists what is wrong, as faults joined.
func (r Room) Validate() error {
	return errors.Join(r.Policy(r.Number, false).Validate(), r.validateSecrets())
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
	return errors.Join(errors.Join(errs...), policy.Validate(), o.validateSecrets())
}

// Regexp of the whole number.
func (o OnDemand) Regexp() (*regexp.Regexp, error) { return regexp.Compile(`^(?:` + o.Pattern + `)$`) }

func (s RoomSettings) validateSecrets() error {
	errs := []error{
		validPIN("pin", s.PIN), validPIN("hostPin", s.HostPIN),
		validSecret("guestSecret", s.GuestSecret), validSecret("hostSecret", s.HostSecret),
	}
	if s.PIN == s.HostPIN && s.PIN != "" && s.PIN != NoPIN {
		errs = append(errs, fault.At("hostPin", "must differ from pin"))
	}
	if s.GuestSecret == s.HostSecret && s.GuestSecret != "" {
		errs = append(errs, fault.At("hostSecret", "must differ from guestSecret"))
	}
	return errors.Join(errs...)
}

// validPIN never repeats what it refuses: it may be a PIN with a slip in it.
func validPIN(path, pin string) error {
	if pin == "" || pin == NoPIN {
		return nil
	}
	if len(pin) < 4 || len(pin) > 16 || strings.Trim(pin, "0123456789") != "" {
		return fault.At(path, "must be 4 to 16 digits, or none")
	}
	return nil
}

const secretLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

func validSecret(path, secret string) error {
	if secret == "" {
		return nil
	}
	if len(secret) < 16 || len(secret) > 64 || strings.Trim(secret, secretLetters) != "" {
		return fault.At(path, "must be 16 to 64 letters, digits, - or _")
	}
	return nil
}
