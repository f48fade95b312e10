package rooms

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"

	"legroom/internal/fault"
)

// Policy is what a room is, before anybody is in it.
type Policy struct {
	// Number people dial and links name: digits.
	Number string `yaml:"number"`
	// Name shown to people. Default: the number.
	Name string `yaml:"name"`
	// Mode of protection. Default mixed.
	Mode Mode `yaml:"mode"`
	// MaxScope bounds what a group may grant to this gateway: "audio" for the sound of microphones and of shared screens,
	// "audio+video" for everything. Default "audio".
	MaxScope string `yaml:"maxScope"`
	// VetoRule says who has to agree when legs of this gateway are let in: "host" leaves it to the hosts, with "any" every
	// member may object, with "all" each of up to 25 has to consent. Default "host".
	VetoRule string `yaml:"vetoRule"`
	// Owner is the identity key that the hosts of the room have to lead to: Ed25519 in base64url without padding. Empty:
	// that of whoever is first to begin a meeting there. Default "".
	Owner string `yaml:"owner"`
	// HideLevels has the headers of packets not tell how loud sound is, which stands outside of the encryption. Nobody in the
	// gateway then knows who speaks: browsers are sent all sounds, and for telephones all that is granted is opened. In
	// encrypted rooms only. Default false.
	HideLevels bool `yaml:"hideLevels"`
	// Lobby keeps guests waiting until a host lets them in. Default true.
	Lobby bool `yaml:"lobby"`
	// Capacity is the number of participants, waiting ones included. Default 100. In an encrypted room at most 200, which is
	// what 0 means there; in an open one 0 is no bound.
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

// Values of Policy.MaxScope.
const (
	ScopeAudio = "audio"
	ScopeVideo = "audio+video"
)

// Values of Policy.VetoRule.
const (
	VetoHost = "host"
	VetoAny  = "any"
	VetoAll  = "all"
)

// maxEncrypted is how many can be in an encrypted room: what a change of its group costs grows with their number.
const maxEncrypted = 200

// DefaultPolicy of a room of that number: closed until a host decides.
func DefaultPolicy(number string) Policy {
	return Policy{
		Number: number, Name: number, Mode: Mixed, MaxScope: ScopeAudio, VetoRule: VetoHost, Lobby: true, Capacity: 100,
		Announce: true, Music: true,
	}
}

// Validate lists everything wrong with the policy, paths relative to it.
func (p Policy) Validate() error {
	var errs []error
	if !digits(p.Number) {
		errs = append(errs, fault.At("number", "%q is not 1 to 12 digits", p.Number))
	}
	if !p.Mode.Encrypted() && p.Mode != Open {
		errs = append(errs, fault.At("mode", "is missing, use mixed, sealed or open"))
	}
	if p.MaxScope != ScopeAudio && p.MaxScope != ScopeVideo {
		errs = append(errs, fault.At("maxScope", "is %q, must be audio or audio+video", p.MaxScope))
	}
	if p.VetoRule != VetoHost && p.VetoRule != VetoAny && p.VetoRule != VetoAll {
		errs = append(errs, fault.At("vetoRule", "is %q, must be host, any or all", p.VetoRule))
	}
	if p.Owner != "" && !identityKey(p.Owner) {
		errs = append(errs, fault.At("owner", "must be an identity key: 43 letters, digits, - or _"))
	}
	if p.HideLevels && p.Mode == Open {
		errs = append(errs, fault.At("hideLevels", "is for encrypted rooms: in an open one the gateway can hear"))
	}
	switch {
	case p.Capacity < 0:
		errs = append(errs, fault.At("capacity", "%d is below 0", p.Capacity))
	case p.Mode.Encrypted() && p.Capacity > maxEncrypted:
		errs = append(errs, fault.At("capacity", "%d is more than the %d that can be in an encrypted room", p.Capacity, maxEncrypted))
	}
	return errors.Join(errs...)
}

// identityKey tells whether s is the one form of an Ed25519 key in base64url.
func identityKey(s string) bool {
	key, err := base64.RawURLEncoding.Strict().DecodeString(s)
	return err == nil && len(key) == ed25519.PublicKeySize && len(s) == base64.RawURLEncoding.EncodedLen(ed25519.PublicKeySize)
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
