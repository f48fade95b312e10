package sip

import (
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"legroom/internal/fault"
	"legroom/media"
	"legroom/sip/rtpsession"
)

// Config of a Server. Every field has its default in DefaultConfig.
type Config struct {
	// Listen lists the sockets. Default: udp and tcp on port 5060, tls on port 5061, all addresses.
	Listen []ListenConfig `yaml:"listen"`
	// Advertise is the host name or address put into Contact when it differs from the one of the socket, as behind a
	// one-to-one NAT. Empty (the default): the address by which the other side is reached.
	Advertise string `yaml:"advertise"`
	// UserAgent is sent in the User-Agent and Server headers. Default "Legroom".
	UserAgent string `yaml:"userAgent"`
	// StateDir is a folder that stays between starts; the certificate made at first start lies there. Default "state".
	StateDir string `yaml:"stateDir"`
	// TLS names certificate files; without any, one is made at first start.
	TLS TLSConfig `yaml:"tls"`
	// Access says who may call.
	Access AccessConfig `yaml:"access"`
	// Limits bound what strangers can use up.
	Limits LimitsConfig `yaml:"limits"`
	// Timers of the protocol.
	Timers TimersConfig `yaml:"timers"`
	// RTP is how media is carried.
	RTP rtpsession.Config `yaml:"rtp"`
	// Codecs offered and accepted, best first. Default: opus, G722, PCMA, PCMU.
	Codecs []media.CodecName `yaml:"codecs"`
	// Video is what is taken of pictures.
	Video VideoConfig `yaml:"video"`
	// Log gets one line for each change of state of a call. Never message bodies, keys or whole numbers.
	Log *slog.Logger `yaml:"-"`
	// OnRefused is told of every call turned away before it became a leg, on the goroutine that refused it. May be nil.
	OnRefused func(Refusal) `yaml:"-"`
}

// ListenConfig is one socket.
type ListenConfig struct {
	// Network is udp, tcp or tls.
	Network string `yaml:"network"`
	// Address to bind, host:port; an empty host means all addresses, port 0 any free port.
	Address string `yaml:"address"`
}

// TLSConfig names the files of SIP over TLS. TLS 1.2 is the floor.
type TLSConfig struct {
	// Certificate is a PEM file with the chain; empty: an own certificate in StateDir, made at first start.
	Certificate string `yaml:"certificate"`
	// Key is the PEM file of its private key; empty where Certificate is.
	Key string `yaml:"key"`
	// PeerCA is a PEM file of roots for peers that we call over TLS, beside those of the system. Optional.
	PeerCA string `yaml:"peerCA"`
	// InsecurePeers calls peers over TLS without checking their certificate. Default false.
	InsecurePeers bool `yaml:"insecurePeers"`
	// HandshakeTimeout closes a connection that has not finished its handshake. Default 10s.
	HandshakeTimeout time.Duration `yaml:"handshakeTimeout"`
}

// AccessConfig says who may call. Deny is asked first, then Allow, then the users.
type AccessConfig struct {
	// Deny lists networks whose requests are dropped without an answer. Default none.
	Deny []netip.Prefix `yaml:"deny"`
	// Allow lists networks that may call without credentials. Default: loopback and private networks.
	Allow []netip.Prefix `yaml:"allow"`
	// Users may call from anywhere with digest credentials (RFC 8760). Default none: then only Allow may call.
	Users []UserConfig `yaml:"users"`
	// Realm of the challenge. Default "legroom".
	Realm string `yaml:"realm"`
}

// UserConfig is one digest user.
type UserConfig struct {
	// Name is the digest user name.
	Name string `yaml:"name"`
	// Password in clear.
	Password string `yaml:"password"`
}

// LimitsConfig bounds what strangers can use up.
type LimitsConfig struct {
	// Dialogs is the most calls at one time. Default 500.
	Dialogs int `yaml:"dialogs"`
	// RatePerSource is how many messages a second one address may send before more are dropped. Networks
	// of access.allow may send ten times as many. Default 500.
	RatePerSource int `yaml:"ratePerSource"`
	// Burst is how many it may send at once. Default 1000.
	Burst int `yaml:"burst"`
	// Connections is the most TCP and TLS connections at one time. Default 1000.
	Connections int `yaml:"connections"`
}

// TimersConfig are the times of the protocol.
type TimersConfig struct {
	// T1 is the round-trip estimate by which answers are repeated (RFC 3261 section 17.1.1.1). Default 500ms.
	T1 time.Duration `yaml:"t1"`
	// SessionExpires is the session interval we ask for (RFC 4028). Default 30m; 0 asks for none.
	SessionExpires time.Duration `yaml:"sessionExpires"`
	// MinSE is the shortest session interval we take (RFC 4028 section 4: never below 90s). Default 90s.
	MinSE time.Duration `yaml:"minSE"`
	// NoAnswer ends a call of ours that nobody answers. Default 60s.
	NoAnswer time.Duration `yaml:"noAnswer"`
	// Drain is how long Run waits for calls to be ended by whoever handles them before it hangs up itself. Default 60s.
	Drain time.Duration `yaml:"drain"`
}

// DefaultConfig is what runs without a file.
func DefaultConfig() Config {
	return Config{
		Listen: []ListenConfig{
			{Network: "udp", Address: ":5060"},
			{Network: "tcp", Address: ":5060"},
			{Network: "tls", Address: ":5061"},
		},
		UserAgent: "Legroom",
		StateDir:  "state",
		TLS:       TLSConfig{HandshakeTimeout: 10 * time.Second},
		Access:    AccessConfig{Allow: privateNetworks(), Realm: "legroom"},
		Limits:    LimitsConfig{Dialogs: 500, RatePerSource: 500, Burst: 1000, Connections: 1000},
		Timers: TimersConfig{
			T1: 500 * time.Millisecond, SessionExpires: 30 * time.Minute, MinSE: 90 * time.Second, NoAnswer: time.Minute,
			Drain: time.Minute,
		},
		RTP:    rtpsession.DefaultConfig(),
		Codecs: []media.CodecName{media.Opus, media.G722, media.PCMA, media.PCMU},
		Video:  defaultVideo(),
	}
}

// privateNetworks are loopback, RFC 1918, RFC 4193 and link-local: what cannot come from the Internet.
func privateNetworks() []netip.Prefix {
	return []netip.Prefix{
		netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128"),
		netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("172.16.0.0/12"),
		netip.MustParsePrefix("192.168.0.0/16"), netip.MustParsePrefix("169.254.0.0/16"),
		netip.MustParsePrefix("fc00::/7"), netip.MustParsePrefix("fe80::/10"),
	}
}

// Validate finds everything that is wrong, as faults with the path of the field.
func (c Config) Validate() error {
	return errors.Join(c.validateListen(), c.validateAccess(), c.validateTLS(), c.validateNumbers(), c.validateCodecs(),
		fault.In("video", c.Video.validate()), fault.In("rtp", c.RTP.Validate()))
}

func (c Config) validateListen() error {
	var errs []error
	if len(c.Listen) == 0 {
		errs = append(errs, fault.At("listen", "at least one socket is needed"))
	}
	for i, l := range c.Listen {
		at := "listen[" + strconv.Itoa(i) + "]"
		if !slices.Contains([]string{"udp", "tcp", "tls"}, l.Network) {
			errs = append(errs, fault.At(at+".network", "is %q, must be udp, tcp or tls", l.Network))
		}
		host, port, err := net.SplitHostPort(l.Address)
		if err != nil {
			errs = append(errs, fault.At(at+".address", "is %q, must be host:port", l.Address))
			continue
		}
		if host != "" {
			if _, err := netip.ParseAddr(host); err != nil {
				errs = append(errs, fault.At(at+".address", "host %q is no IP address", host))
			}
		}
		if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
			errs = append(errs, fault.At(at+".address", "port %q is not between 0 and 65535", port))
		}
	}
	return errors.Join(errs...)
}

func (c Config) validateAccess() error {
	var errs []error
	if c.Access.Realm == "" {
		errs = append(errs, fault.At("access.realm", "must not be empty"))
	}
	seen := make(map[string]bool)
	for i, u := range c.Access.Users {
		at := "access.users[" + strconv.Itoa(i) + "]"
		switch {
		case u.Name == "":
			errs = append(errs, fault.At(at+".name", "must not be empty"))
		case seen[u.Name]:
			errs = append(errs, fault.At(at+".name", "%q is there twice", u.Name))
		}
		if u.Password == "" {
			errs = append(errs, fault.At(at+".password", "must not be empty"))
		}
		seen[u.Name] = true
	}
	return errors.Join(errs...)
}

func (c Config) validateTLS() error {
	var errs []error
	if (c.TLS.Certificate == "") != (c.TLS.Key == "") {
		errs = append(errs, fault.At("tls", "certificate and key come together or not at all"))
	}
	if c.TLS.HandshakeTimeout <= 0 {
		errs = append(errs, fault.At("tls.handshakeTimeout", "must be more than 0"))
	}
	return errors.Join(errs...)
}

func (c Config) validateNumbers() error {
	var errs []error
	positive := func(path string, n int) {
		if n <= 0 {
			errs = append(errs, fault.At(path, "is %d, must be more than 0", n))
		}
	}
	positive("limits.dialogs", c.Limits.Dialogs)
	positive("limits.ratePerSource", c.Limits.RatePerSource)
	positive("limits.burst", c.Limits.Burst)
	positive("limits.connections", c.Limits.Connections)
	if c.Timers.T1 <= 0 {
		errs = append(errs, fault.At("timers.t1", "must be more than 0"))
	}
	if c.Timers.MinSE < 0 || c.Timers.SessionExpires < 0 {
		errs = append(errs, fault.At("timers", "session times must not be negative"))
	}
	if c.Timers.SessionExpires > 0 && c.Timers.SessionExpires < c.Timers.MinSE {
		errs = append(errs, fault.At("timers.sessionExpires", "is %v, below minSE %v", c.Timers.SessionExpires, c.Timers.MinSE))
	}
	if c.Timers.MinSE > 0 && c.Timers.MinSE < minimumSE {
		errs = append(errs, fault.At("timers.minSE", "is %v, RFC 4028 allows nothing below %v", c.Timers.MinSE, minimumSE))
	}
	if c.Timers.NoAnswer <= 0 {
		errs = append(errs, fault.At("timers.noAnswer", "must be more than 0"))
	}
	if c.Timers.Drain <= 0 {
		errs = append(errs, fault.At("timers.drain", "must be more than 0"))
	}
	return errors.Join(errs...)
}

func (c Config) validateCodecs() error {
	var errs []error
	if len(c.Codecs) == 0 {
		errs = append(errs, fault.At("codecs", "at least one codec is needed"))
	}
	known := []media.CodecName{media.PCMU, media.PCMA, media.G722, media.Opus}
	for i, name := range c.Codecs {
		if !slices.Contains(known, name) {
			errs = append(errs, fault.At("codecs["+strconv.Itoa(i)+"]", "%q is none of opus, G722, PCMA, PCMU", name))
		}
	}
	return errors.Join(errs...)
}
