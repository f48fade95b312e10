package rtpsession

import (
	"errors"
	"net/netip"
	"time"

	"legroom/internal/fault"
	"legroom/sip/sdp"
)

// Config of RTP towards SIP peers.
type Config struct {
	// Address to bind IPv4 media sockets to. Default 0.0.0.0.
	Address netip.Addr `yaml:"address"`
	// Address6 to bind IPv6 media sockets to; none by default: IPv6 media is then refused.
	Address6 netip.Addr `yaml:"address6"`
	// PortMin and PortMax bound the UDP ports of media, both included; 0 and 0 let the system choose. Default 20000 to 29999.
	PortMin uint16 `yaml:"portMin"`
	PortMax uint16 `yaml:"portMax"`
	// DSCP of sent media, 0 to 63 (RFC 4594). Default 46, expedited forwarding.
	DSCP int `yaml:"dscp"`
	// SDES policy: off, optional or required. Default optional.
	SDES sdp.Policy `yaml:"sdes"`
	// DTLS policy: off, optional or required. Default optional.
	DTLS sdp.Policy `yaml:"dtls"`
	// Symmetric sends media to where it comes from rather than to where the SDP says (RFC 4961, NAT). Default true.
	Symmetric bool `yaml:"symmetric"`
	// MediaTimeout ends a call whose peer sends nothing for so long although it should; 0 never does. Default 60s.
	MediaTimeout time.Duration `yaml:"mediaTimeout"`
	// HandshakeTimeout bounds the DTLS handshake. Default 10s.
	HandshakeTimeout time.Duration `yaml:"handshakeTimeout"`
	// SocketBuffer of each direction, bytes. Default 262144.
	SocketBuffer int `yaml:"socketBuffer"`
}

// DefaultConfig is what holds where nothing is configured.
func DefaultConfig() Config {
	return Config{
		Address:          netip.IPv4Unspecified(),
		PortMin:          20000,
		PortMax:          29999,
		DSCP:             46,
		Symmetric:        true,
		MediaTimeout:     time.Minute,
		HandshakeTimeout: 10 * time.Second,
		SocketBuffer:     256 << 10,
	}
}

// Validate lists what is wrong, as faults joined.
func (c Config) Validate() error {
	var errs []error
	if !c.Address.Is4() {
		errs = append(errs, fault.At("address", "%q is not an IPv4 address; 0.0.0.0 binds all", c.Address))
	}
	if c.Address6.IsValid() && !c.Address6.Is6() {
		errs = append(errs, fault.At("address6", "%q is not an IPv6 address; leave it empty for no IPv6 media", c.Address6))
	}
	if (c.PortMin == 0) != (c.PortMax == 0) {
		errs = append(errs, fault.At("portMin", "set both portMin and portMax, or both to 0"))
	}
	if c.PortMax < c.PortMin || c.PortMin != 0 && c.PortMax-c.PortMin < 3 {
		errs = append(errs, fault.At("portMax", "%d leaves no room above portMin %d for a pair of ports", c.PortMax, c.PortMin))
	}
	if c.DSCP < 0 || c.DSCP > 63 {
		errs = append(errs, fault.At("dscp", "%d is not within 0 to 63", c.DSCP))
	}
	if c.MediaTimeout < 0 || c.MediaTimeout > 0 && c.MediaTimeout < time.Second {
		errs = append(errs, fault.At("mediaTimeout", "%v is too short; 0 switches it off", c.MediaTimeout))
	}
	if c.HandshakeTimeout < time.Second || c.HandshakeTimeout > time.Minute {
		errs = append(errs, fault.At("handshakeTimeout", "%v is not within 1s to 1m", c.HandshakeTimeout))
	}
	if c.SocketBuffer < 4096 || c.SocketBuffer > 64<<20 {
		errs = append(errs, fault.At("socketBuffer", "%d is not within 4096 and 67108864 bytes", c.SocketBuffer))
	}
	return errors.Join(errs...)
}
