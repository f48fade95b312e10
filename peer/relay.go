package peer

import (
	"crypto/rand"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strconv"
	"time"

	"github.com/pion/turn/v5"

	"legroom/internal/fault"
)

// relay is the embedded TURN server (RFC 8656). It helps browsers that reach this machine on one of its TURN ports only,
// and relays to this gateway's own media port: it is no way to anywhere else, whoever has a credential.
type relay struct {
	cfg    TURNConfig
	public []netip.Addr
	secret string
	media  []netip.AddrPort // our media sockets

	udp    net.PacketConn
	tcp    net.Listener
	tls    net.Listener
	server *turn.Server
}

func openRelay(cfg Config, s *sockets) (*relay, error) {
	r := &relay{cfg: cfg.TURN, public: cfg.PublicAddresses, secret: cfg.TURN.Secret}
	for _, u := range s.udp {
		r.media = append(r.media, u.addr())
	}
	if r.secret == "" {
		r.secret = rand.Text()
	}
	err := r.open(cfg)
	if err != nil {
		return nil, errors.Join(err, r.close())
	}
	return r, nil
}

func (r *relay) open(cfg Config) (err error) {
	if a := r.cfg.UDP; a != "" {
		if r.udp, err = net.ListenPacket("udp", a); err != nil {
			return fmt.Errorf("peer: open turn udp %s: %w", a, err)
		}
	}
	if a := r.cfg.TCP; a != "" {
		if r.tcp, err = net.Listen("tcp", a); err != nil {
			return fmt.Errorf("peer: open turn tcp %s: %w", a, err)
		}
	}
	if a := r.cfg.TLS; a != "" {
		if cfg.Certificate == nil {
			return fault.At("turn.tls", "needs a certificate")
		}
		// TLS 1.2 is the house's floor.
		conf := &tls.Config{GetCertificate: cfg.Certificate, MinVersion: tls.VersionTLS12}
		if r.tls, err = tls.Listen("tcp", a, conf); err != nil {
			return fmt.Errorf("peer: open turn tls %s: %w", a, err)
		}
	}
	return nil
}

// start serves; its goroutines end with close.
func (r *relay) start(log *slog.Logger) error {
	logs := pionLogs{log}
	permit := func(_ net.Addr, ip net.IP) bool { return r.ours(ip) }
	conf := turn.ServerConfig{
		Realm: r.cfg.Realm, LoggerFactory: logs,
		AuthHandler: turn.LongTermTURNRESTAuthHandler(r.secret, logs.NewLogger("turn")),
	}
	if r.udp != nil {
		conf.PacketConnConfigs = append(conf.PacketConnConfigs,
			turn.PacketConnConfig{PacketConn: r.udp, RelayAddressGenerator: r, PermissionHandler: permit})
	}
	for _, ln := range []net.Listener{r.tcp, r.tls} {
		if ln != nil {
			conf.ListenerConfigs = append(conf.ListenerConfigs,
				turn.ListenerConfig{Listener: ln, RelayAddressGenerator: r, PermissionHandler: permit})
		}
	}
	var err error
	if r.server, err = turn.NewServer(conf); err != nil {
		return fmt.Errorf("peer: start turn server: %w", err)
	}
	return nil
}

func (r *relay) close() error {
	if r.server != nil {
		return ignoreClosed(r.server.Close())
	}
	var errs []error
	if r.udp != nil {
		errs = append(errs, r.udp.Close())
	}
	for _, ln := range []net.Listener{r.tcp, r.tls} {
		if ln != nil {
			errs = append(errs, ln.Close())
		}
	}
	return errors.Join(errs...)
}

// ours tells whether a browser may name ip as the other end: an address of our media port, own or public.
func (r *relay) ours(ip net.IP) bool {
	a, ok := netip.AddrFromSlice(ip)
	if !ok {
		return false
	}
	_, ok = r.local(netip.AddrPortFrom(a.Unmap(), 0))
	return ok
}

// local maps what a browser calls our media port to the socket that is behind it. Port 0 means any.
func (r *relay) local(to netip.AddrPort) (netip.AddrPort, bool) {
	for _, m := range r.media {
		if to.Port() != 0 && to.Port() != m.Port() {
			continue
		}
		if m.Addr() == to.Addr() {
			return m, true
		}
		for _, p := range r.public {
			if p.Unmap() == to.Addr() && p.Unmap().Is4() == m.Addr().Is4() {
				return m, true
			}
		}
	}
	return netip.AddrPort{}, false
}

// Validate has nothing to check.
func (r *relay) Validate() error { return nil }

// AllocatePacketConn opens the relay's end of one allocation, on the address of our media socket: nobody else needs to
// reach it.
func (r *relay) AllocatePacketConn(c turn.AllocateListenerConfig) (net.PacketConn, net.Addr, error) {
	for _, m := range r.media {
		if m.Addr().Is4() != (c.Network == "udp4" || c.Network == "udp") {
			continue
		}
		conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(m.Addr(), 0)))
		if err != nil {
			return nil, nil, fmt.Errorf("peer: open relay: %w", err)
		}
		return &relayConn{UDPConn: conn, relay: r}, conn.LocalAddr(), nil
	}
	return nil, nil, fmt.Errorf("peer: relay over %s: %w", c.Network, errors.ErrUnsupported)
}

// AllocateListener refuses: media is UDP behind the relay (RFC 6062 is not offered).
func (r *relay) AllocateListener(turn.AllocateListenerConfig) (net.Listener, net.Addr, error) {
	return nil, nil, errors.ErrUnsupported
}

// AllocateConn refuses like AllocateListener.
func (r *relay) AllocateConn(turn.AllocateConnConfig) (net.Conn, error) {
	return nil, errors.ErrUnsupported
}

// relayConn lets packets to and from our media port through, and nothing else.
type relayConn struct {
	*net.UDPConn
	relay *relay
}

// WriteTo sends what a browser sent by its allocation; to anywhere else it is swallowed.
func (c *relayConn) WriteTo(b []byte, to net.Addr) (int, error) {
	u, ok := to.(*net.UDPAddr)
	if !ok {
		return 0, net.InvalidAddrError("not a UDP address")
	}
	named := u.AddrPort()
	local, ok := c.relay.local(netip.AddrPortFrom(named.Addr().Unmap(), named.Port()))
	if !ok {
		return len(b), nil
	}
	return c.UDPConn.WriteToUDPAddrPort(b, local)
}

// ReadFrom gives what our media port sent, under the address the browser knows it by.
func (c *relayConn) ReadFrom(b []byte) (int, net.Addr, error) {
	for {
		n, from, err := c.UDPConn.ReadFromUDPAddrPort(b)
		if err != nil {
			return 0, nil, err
		}
		from = netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
		if _, ok := c.relay.local(from); !ok {
			continue
		}
		return n, net.UDPAddrFromAddrPort(c.relay.seenAs(from)), nil
	}
}

// seenAs is the inverse of local: the public address where there is one.
func (r *relay) seenAs(from netip.AddrPort) netip.AddrPort {
	for _, p := range r.public {
		if p.Unmap().Is4() == from.Addr().Is4() {
			return netip.AddrPortFrom(p.Unmap(), from.Port())
		}
	}
	return from
}

// server tells a browser of the embedded server.
func (r *relay) iceServer(now time.Time) ICEServer {
	var urls []string
	add := func(scheme, transport string, a net.Addr) {
		host, port, _ := net.SplitHostPort(a.String())
		switch {
		case r.cfg.Host != "":
			host = r.cfg.Host
		case len(r.public) > 0:
			host = r.public[0].String()
		case net.ParseIP(host).IsUnspecified():
			host = r.media[0].Addr().String()
		}
		urls = append(urls, scheme+":"+net.JoinHostPort(host, port)+"?transport="+transport)
	}
	if r.udp != nil {
		add("turn", "udp", r.udp.LocalAddr())
	}
	if r.tcp != nil {
		add("turn", "tcp", r.tcp.Addr())
	}
	if r.tls != nil {
		add("turns", "tcp", r.tls.Addr())
	}
	s := timeLimited(r.secret, now, r.cfg.Lifetime)
	s.URLs = urls
	return s
}

// timeLimited makes a credential that carries its end in its name (draft-uberti-behave-turn-rest-00).
func timeLimited(secret string, now time.Time, lifetime time.Duration) ICEServer {
	ends := now.Add(lifetime)
	name := strconv.FormatInt(ends.Unix(), 10) + ":" + rand.Text()[:12]
	return ICEServer{Username: name, Credential: base64.StdEncoding.EncodeToString(mac(secret, name)), Expires: ends}
}
