package peer

import (
	"cmp"
	"errors"
	"net"
	"strconv"
	"strings"
	"time"

	"legroom/internal/fault"
)

// inRange makes a fault of a value outside lo..hi.
func inRange[T cmp.Ordered](path string, v, lo, hi T) error {
	if v < lo || v > hi {
		return fault.At(path, "is %v, must be between %v and %v", v, lo, hi)
	}
	return nil
}

// validAddress makes a fault of what net.Listen would not take; empty is fine where optional.
func validAddress(path, addr string, optional bool) error {
	if addr == "" && optional {
		return nil
	}
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		return fault.At(path, "%q is not host:port", addr)
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return fault.At(path, "%q has no port between 0 and 65535", addr)
	}
	return nil
}

func (c Config) validateSockets() error {
	errs := []error{
		validAddress("udp", c.UDP, false),
		validAddress("tcp", c.TCP, true),
	}
	var v4, v6 int
	for i, a := range c.PublicAddresses {
		path := "publicAddresses[" + strconv.Itoa(i) + "]"
		switch {
		case !a.IsValid() || a.IsUnspecified():
			errs = append(errs, fault.At(path, "is no address that a browser could reach"))
		case a.Unmap().Is4():
			v4++
		default:
			v6++
		}
	}
	if v4 > 1 || v6 > 1 {
		errs = append(errs, fault.At("publicAddresses", "has more than one address of a family"))
	}
	for i, s := range c.ICEServers {
		errs = append(errs, fault.In("iceServers["+strconv.Itoa(i)+"]", s.validate()))
	}
	return errors.Join(errs...)
}

func (c ICEServerConfig) validate() error {
	if len(c.URLs) == 0 {
		return fault.At("urls", "is empty; name at least one stun: or turn: URL")
	}
	var errs []error
	for i, u := range c.URLs {
		path := "urls[" + strconv.Itoa(i) + "]"
		scheme, rest, _ := strings.Cut(u, ":")
		switch scheme {
		case "stun", "stuns":
		case "turn", "turns":
			if c.Secret == "" && (c.Username == "" || c.Credential == "") {
				errs = append(errs, fault.At(path, "is a TURN server; give secret, or username and credential"))
			}
		default:
			errs = append(errs, fault.At(path, "%q is neither a stun: nor a turn: URL", u))
		}
		if rest == "" {
			errs = append(errs, fault.At(path, "%q names no host", u))
		}
	}
	return errors.Join(errs...)
}

func (c TURNConfig) validate() error {
	errs := []error{
		validAddress("udp", c.UDP, true),
		validAddress("tcp", c.TCP, true),
		validAddress("tls", c.TLS, true),
	}
	if c.Enabled() {
		errs = append(errs, inRange("lifetime", c.Lifetime, time.Minute, 7*24*time.Hour))
		if c.Realm == "" {
			errs = append(errs, fault.At("realm", "is empty; browsers need one"))
		}
	}
	return errors.Join(errs...)
}
