package configs

import (
	"errors"
	"strings"

	"legroom/internal/fault"
)

// NoPIN says of a PIN that none is asked for, or of a host PIN that no telephone can be host.
const NoPIN = "none"

// RoomSecrets open a room: PINs to callers, links to browsers.
type RoomSecrets struct {
	// PIN of guests who call: 4 to 16 digits, or "none". Default: made at first start and kept in StateDir.
	PIN string `yaml:"pin"`
	// HostPIN makes a caller host: 4 to 16 digits, or "none". Default: made at first start and kept in StateDir.
	HostPIN string `yaml:"hostPin"`
	// GuestSecret is what the guest link holds, at least 16 letters and digits. Default: made at first start and kept.
	GuestSecret string `yaml:"guestSecret"`
	// HostSecret is what the host link holds, at least 16 letters and digits. Default: made at first start and kept.
	HostSecret string `yaml:"hostSecret"`
}

func (s RoomSecrets) validate() error {
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
