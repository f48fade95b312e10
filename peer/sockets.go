package peer

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/webrtc/v4"
)

// sockets are where media comes in: one UDP port on every address, and the TCP fallback.
type sockets struct {
	udp []*udpSocket
	tcp *net.TCPListener

	muxes  []*ice.UDPMuxDefault
	tcpMux *ice.TCPMuxDefault
}

// socketBuffer is asked of the kernel for each direction of a media socket, bytes; the kernel may grant less.
const socketBuffer = 4 << 20

// portTries is how often a port 0 is tried before giving up: the port the kernel gives on one address may be taken on
// the next.
const portTries = 16

func openSockets(cfg Config) (*sockets, error) {
	s := &sockets{}
	host, port, _ := net.SplitHostPort(cfg.UDP)
	addrs, err := localAddresses(host, cfg.Loopback)
	if err != nil {
		return nil, err
	}
	number, _ := strconv.Atoi(port)
	for try := 0; ; try++ {
		err = s.listenUDP(addrs, uint16(number))
		if err == nil || number != 0 || try == portTries {
			break
		}
	}
	if err != nil {
		return nil, err
	}
	if cfg.TCP == "" {
		return s, nil
	}
	addr, err := net.ResolveTCPAddr("tcp", cfg.TCP)
	if err == nil {
		s.tcp, err = net.ListenTCP("tcp", addr)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("peer: open media port tcp %s: %w", cfg.TCP, err), s.close())
	}
	return s, nil
}

// listenUDP opens the same port on all addresses; with port 0 the first one chooses.
func (s *sockets) listenUDP(addrs []netip.Addr, port uint16) error {
	for _, a := range addrs {
		u, err := listenUDP(netip.AddrPortFrom(a, port))
		if err != nil {
			err = fmt.Errorf("peer: open media port udp %s: %w", netip.AddrPortFrom(a, port), err)
			return errors.Join(err, s.close())
		}
		s.udp = append(s.udp, u)
		port = u.port()
	}
	return nil
}

// localAddresses are the addresses to listen on: host itself, or all of the machine when it is unspecified.
func localAddresses(host string, loopback bool) ([]netip.Addr, error) {
	if a, err := netip.ParseAddr(host); err == nil && !a.IsUnspecified() {
		return []netip.Addr{a}, nil
	} else if host != "" && err != nil {
		return nil, fmt.Errorf("peer: udp host %q is not an address: %w", host, err)
	}
	all, err := net.InterfaceAddrs()
	if err != nil {
		return nil, fmt.Errorf("peer: list addresses: %w", err)
	}
	only4 := host == "0.0.0.0"
	var out []netip.Addr
	for _, n := range all {
		ipNet, ok := n.(*net.IPNet)
		if !ok {
			continue
		}
		a, ok := netip.AddrFromSlice(ipNet.IP)
		a = a.Unmap()
		if !ok || a.IsLinkLocalUnicast() || a.IsLoopback() && !loopback || only4 && !a.Is4() {
			continue
		}
		out = append(out, a)
	}
	if len(out) == 0 {
		return nil, errors.New("peer: this machine has no address for media; set loopback for a demo on one machine")
	}
	return out, nil
}

// settings make pion use the sockets. Its goroutines start here and end with close.
func (e *Engine) settings() (webrtc.SettingEngine, error) {
	s := webrtc.SettingEngine{LoggerFactory: pionLogs{e.log}}
	types := []webrtc.NetworkType{webrtc.NetworkTypeUDP4, webrtc.NetworkTypeUDP6}
	var muxes []ice.UDPMux
	for _, u := range e.sockets.udp {
		m := ice.NewUDPMuxDefault(ice.UDPMuxParams{Logger: pionLogs{e.log}.NewLogger("ice"), UDPConn: u})
		e.sockets.muxes = append(e.sockets.muxes, m)
		muxes = append(muxes, m)
	}
	s.SetICEUDPMux(ice.NewMultiUDPMuxDefault(muxes...))
	if e.sockets.tcp != nil {
		e.sockets.tcpMux = ice.NewTCPMuxDefault(ice.TCPMuxParams{
			Listener: e.sockets.tcp, Logger: pionLogs{e.log}.NewLogger("ice"), ReadBufferSize: 64,
			// With a buffer the write returns at once, and a browser that does not read loses its own packets only.
			WriteBufferSize: e.cfg.TCPBuffer,
		})
		s.SetICETCPMux(e.sockets.tcpMux)
		types = append(types, webrtc.NetworkTypeTCP4, webrtc.NetworkTypeTCP6)
	}
	s.SetNetworkTypes(types)
	// We answer TCP and never dial it: a browser could make us connect anywhere.
	s.DisableActiveTCP(true)
	// Browsers hide their addresses behind .local names. We need not resolve them: their checks reach us.
	s.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	s.SetIncludeLoopbackCandidate(e.cfg.Loopback)
	s.SetReceiveMTU(receiveMTU)
	// A lost path is noticed after 4 s; giving it up is the Leg's decision, so the agent must not be faster.
	s.SetICETimeouts(4*time.Second, e.cfg.Grace+10*time.Second, time.Second)
	return s, e.rewrite(&s)
}

// rewrite tells browsers the public addresses in place of our own.
func (e *Engine) rewrite(s *webrtc.SettingEngine) error {
	var rules []webrtc.ICEAddressRewriteRule
	for _, a := range e.cfg.PublicAddresses {
		networks := []webrtc.NetworkType{webrtc.NetworkTypeUDP4, webrtc.NetworkTypeTCP4}
		if !a.Unmap().Is4() {
			networks = []webrtc.NetworkType{webrtc.NetworkTypeUDP6, webrtc.NetworkTypeTCP6}
		}
		rules = append(rules, webrtc.ICEAddressRewriteRule{
			External: []string{a.Unmap().String()}, AsCandidateType: webrtc.ICECandidateTypeHost,
			Mode: webrtc.ICEAddressRewriteReplace, Networks: networks,
		})
	}
	if len(rules) == 0 {
		return nil
	}
	if err := s.SetICEAddressRewriteRules(rules...); err != nil {
		return fmt.Errorf("peer: public addresses: %w", err)
	}
	return nil
}

func (s *sockets) close() error {
	var errs []error
	for _, m := range s.muxes {
		errs = append(errs, ignoreClosed(m.Close()))
	}
	if s.tcpMux != nil {
		errs = append(errs, ignoreClosed(s.tcpMux.Close()))
	}
	for _, u := range s.udp {
		errs = append(errs, ignoreClosed(u.Close()))
	}
	if s.tcp != nil {
		errs = append(errs, ignoreClosed(s.tcp.Close()))
	}
	s.udp = nil
	return errors.Join(errs...)
}

func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}
