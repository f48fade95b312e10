package peer

import (
	"crypto/tls"
	"errors"
	"log/slog"
	"net/netip"
	"time"

	"legroom/internal/fault"
)

// Config of an Engine.
type Config struct {
	// Log takes the lines of the Engine; legs bring their own.
	Log *slog.Logger `yaml:"-"`
	// Certificate for TURN over TLS.
	Certificate func(*tls.ClientHelloInfo) (*tls.Certificate, error) `yaml:"-"`

	// UDP is the address and port all browsers send media to. With an unspecified host one socket is opened on every
	// address of the machine, so that answers leave from where the browser sent to. Default ":8443".
	UDP string `yaml:"udp"`
	// TCP is the address of the ICE-TCP fallback (RFC 6544) for networks that let no UDP through; empty for none.
	// Default ":8444".
	TCP string `yaml:"tcp"`
	// PublicAddresses are the addresses browsers reach this machine at when a 1:1 NAT stands before it. They replace
	// the machine's own in what browsers are told. At most one per address family. Default none.
	PublicAddresses []netip.Addr `yaml:"publicAddresses"`
	// Loopback offers loopback addresses too: for tests and for a demo on one machine. Default false.
	Loopback bool `yaml:"loopback"`
	// ICEServers are STUN and TURN servers that browsers are told of. Default none: the gateway itself is reachable.
	ICEServers []ICEServerConfig `yaml:"iceServers"`
	// TURN is the embedded TURN server.
	TURN TURNConfig `yaml:"turn"`

	// AudioSlots is how many audio streams a browser is sent at most, 1 to 32. Default 8.
	AudioSlots int `yaml:"audioSlots"`
	// VideoSlots is how many videos a browser is sent at most, 0 to 64. Default 25.
	VideoSlots int `yaml:"videoSlots"`
	// Grace is how long a Leg lives without a connection, 1 s to 5 min. Default 25 s.
	Grace time.Duration `yaml:"grace"`
	// StartBitrate is what a path is trusted with before it has been measured, bit/s. Default 2000000.
	StartBitrate int `yaml:"startBitrate"`
	// MaxBitrate is the most a browser is sent, bit/s. Default 20000000.
	MaxBitrate int `yaml:"maxBitrate"`
	// TCPBuffer is what is held for a slow browser on TCP before packets are dropped, bytes. Default 1048576.
	TCPBuffer int `yaml:"tcpBuffer"`
}

// ICEServerConfig is one STUN or TURN server of somebody else.
type ICEServerConfig struct {
	// URLs as in RFC 7064 and RFC 7065: "stun:host:port", "turn:host:port?transport=udp".
	URLs []string `yaml:"urls"`
	// Username and Credential for TURN; leave out for STUN.
	Username string `yaml:"username"`
	// Credential is the password.
	Credential string `yaml:"credential"`
	// Secret shared with a TURN server that takes time-limited credentials; replaces Username and Credential.
	Secret string `yaml:"secret"`
}

// TURNConfig is the embedded TURN server. It relays to this gateway's own media port and to nothing else.
type TURNConfig struct {
	// UDP is the address for TURN over UDP; empty for none. Default "".
	UDP string `yaml:"udp"`
	// TCP is the address for TURN over TCP; empty for none. Default "".
	TCP string `yaml:"tcp"`
	// TLS is the address for TURN over TLS; empty for none. Default "".
	TLS string `yaml:"tls"`
	// Host is the name or address browsers are told; needed for TLS when the certificate names a host. Default: the
	// first public address, else the address the browser's URL is made of is that of the socket.
	Host string `yaml:"host"`
	// Realm of the credentials. Default "legroom".
	Realm string `yaml:"realm"`
	// Secret that credentials are derived from; empty makes a new one at each start. Default "".
	Secret string `yaml:"secret"`
	// Lifetime of a credential, 1 min to 7 days. Default 12 h.
	Lifetime time.Duration `yaml:"lifetime"`
}

// Enabled tells whether any TURN socket is wanted.
func (c TURNConfig) Enabled() bool { return c.UDP != "" || c.TCP != "" || c.TLS != "" }

// DefaultConfig is what runs when nothing is configured.
func DefaultConfig() Config {
	return Config{
		UDP:          ":8443",
		TCP:          ":8444",
		AudioSlots:   8,
		VideoSlots:   25,
		Grace:        25 * time.Second,
		StartBitrate: 2_000_000,
		MaxBitrate:   20_000_000,
		TCPBuffer:    1 << 20,
		TURN:         TURNConfig{Realm: "legroom", Lifetime: 12 * time.Hour},
	}
}

// Validate tells everything that is wrong, each as a *fault.Fault.
func (c Config) Validate() error {
	return errors.Join(
		c.validateSockets(),
		inRange("audioSlots", c.AudioSlots, 1, 32),
		inRange("videoSlots", c.VideoSlots, 0, 64),
		inRange("grace", c.Grace, time.Second, 5*time.Minute),
		inRange("startBitrate", c.StartBitrate, 100_000, 1_000_000_000),
		inRange("maxBitrate", c.MaxBitrate, 100_000, 1_000_000_000),
		inRange("tcpBuffer", c.TCPBuffer, 1<<14, 1<<26),
		fault.In("turn", c.TURN.validate()),
	)
}
