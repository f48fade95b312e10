package sip

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	gosip "github.com/emiago/sipgo/sip"

	"legroom/internal/ratelog"
)

// renewAfter is how many UDP sources sipgo may remember before its reader is started anew: it keeps every source it ever
// saw until the reader ends. The sources of the last generation stay filed by us, so that a message that is just being
// worked on still finds its socket; twice renewAfter is the most that is held.
const renewAfter = 8192

// knownCost of a message from a network that may call without credentials: a trunk sends more than a stranger may.
const knownCost = 0.1

func within(list []netip.Prefix, a netip.Addr) bool {
	for _, p := range list {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// errRenew ends sipgo's reader quietly; the socket stays open and is served again.
var errRenew = fmt.Errorf("sip: reader renewed: %w", net.ErrClosed)

// gate stands between the sockets and the parser: who is denied or sends too much goes no further.
type gate struct {
	deny    []netip.Prefix
	allow   []netip.Prefix
	limit   *limiter
	noise   *ratelog.Log
	parser  *gosip.Parser
	server  string
	timeout time.Duration
	streams atomic.Int64
	max     int64
}

// admit tells whether a message from src may be read.
func (g *gate) admit(src netip.Addr) bool {
	src = src.Unmap().WithZone("")
	if within(g.deny, src) {
		return false
	}
	cost := 1.0
	if within(g.allow, src) {
		cost = knownCost
	}
	if !g.limit.take(src, cost, time.Now()) {
		g.noise.Count("rate", "sip messages dropped, a source sends too many")
		return false
	}
	return true
}

// datagrams is a UDP socket behind the gate. Read by one goroutine at a time.
type datagrams struct {
	*net.UDPConn
	gate *gate
	// retire is given the sources sipgo's reader is about to forget, on the reader's goroutine.
	retire   func(sources map[netip.AddrPort]struct{})
	sources  map[netip.AddrPort]struct{}
	held     []byte
	heldFrom netip.AddrPort
	closed   atomic.Bool
}

func newDatagrams(c *net.UDPConn, g *gate) *datagrams {
	return &datagrams{UDPConn: c, gate: g, sources: make(map[netip.AddrPort]struct{})}
}

// ReadFrom gives the next datagram that passes. It answers what cannot be parsed but has a sender with 400.
func (c *datagrams) ReadFrom(b []byte) (int, net.Addr, error) {
	n, from, err := c.next(b)
	if err != nil {
		c.retireAll()
		return 0, nil, err
	}
	if _, known := c.sources[from]; !known && len(c.sources) >= renewAfter {
		// The datagram waits here for the next reader.
		c.retireAll()
		c.held, c.heldFrom = append([]byte(nil), b[:n]...), from
		return 0, nil, errRenew
	}
	c.sources[from] = struct{}{}
	return n, net.UDPAddrFromAddrPort(from), nil
}

func (c *datagrams) retireAll() {
	old := c.sources
	c.sources = make(map[netip.AddrPort]struct{})
	if c.retire != nil {
		c.retire(old)
	}
}

func (c *datagrams) next(b []byte) (int, netip.AddrPort, error) {
	if c.held != nil {
		n := copy(b, c.held)
		c.held = nil
		return n, c.heldFrom, nil
	}
	for {
		n, from, err := c.ReadFromUDPAddrPort(b)
		if err != nil {
			return 0, from, err
		}
		from = netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
		if n < 8 || !c.gate.admit(from.Addr()) {
			// Fewer than 8 bytes are keep-alives (RFC 5626 section 3.5.1) or nothing.
			continue
		}
		v, o := screen(b[:n])
		if v == pass && o.method != nil && string(o.method) != "ACK" {
			// sipgo drops without an answer what its parser refuses, so it is asked here, where there is one. That costs
			// some 10 us for each request.
			if _, err := c.gate.parser.ParseSIP(b[:n]); err != nil {
				v, o.fault = refuse, "Malformed Message"
			}
		}
		switch v {
		case pass:
			return n, from, nil
		case refuse:
			c.gate.noise.Count("malformed", "malformed sip request refused")
			_, _ = c.WriteToUDPAddrPort(o.answer(from, c.gate.server), from)
		default:
			c.gate.noise.Count("noise", "datagram dropped, not sip")
		}
	}
}

// Close closes the socket for good.
func (c *datagrams) Close() error {
	c.closed.Store(true)
	return c.UDPConn.Close()
}

// streams is a TCP listener behind the gate, with TLS when tls is set.
type streams struct {
	net.Listener
	gate *gate
	tls  *tls.Config
}

// Accept gives the next connection that is let in. The TLS handshake is left to its reader, so that a slow one keeps
// nobody waiting.
func (l *streams) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		src, ok := c.RemoteAddr().(*net.TCPAddr)
		if !ok || !l.gate.admit(src.AddrPort().Addr()) {
			_ = c.Close()
			continue
		}
		if l.gate.streams.Add(1) > l.gate.max {
			l.gate.streams.Add(-1)
			l.gate.noise.Count("connections", "sip connection closed, too many are open")
			_ = c.Close()
			continue
		}
		s := &stream{Conn: c, gate: l.gate, src: src.AddrPort().Addr()}
		if l.tls != nil {
			s.tls = tls.Server(c, l.tls)
			s.Conn = s.tls
		}
		return s, nil
	}
}

// stream is one accepted connection.
type stream struct {
	net.Conn
	gate  *gate
	src   netip.Addr
	tls   *tls.Conn
	begun bool
	once  sync.Once
}

// Read ends connections that do not finish their handshake or do not say anything in time, and those that flood. In the
// middle of a stream nothing can be dropped, so a flood closes it.
func (s *stream) Read(b []byte) (int, error) {
	if !s.begun {
		if err := s.begin(); err != nil {
			return 0, err
		}
	}
	n, err := s.Conn.Read(b)
	if err != nil {
		var timeout net.Error
		if errors.As(err, &timeout) && timeout.Timeout() {
			return n, fmt.Errorf("sip: nothing was said: %w", net.ErrClosed)
		}
		return n, err
	}
	if !s.begun {
		s.begun = true
		_ = s.Conn.SetReadDeadline(time.Time{})
	}
	if !s.gate.admit(s.src) {
		return 0, fmt.Errorf("sip: flood: %w", net.ErrClosed)
	}
	return n, nil
}

func (s *stream) begin() error {
	_ = s.Conn.SetReadDeadline(time.Now().Add(s.gate.timeout))
	if s.tls == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), s.gate.timeout)
	defer cancel()
	if err := s.tls.HandshakeContext(ctx); err != nil {
		s.gate.noise.Count("handshake", "tls handshake failed")
		return fmt.Errorf("sip: tls handshake: %w", net.ErrClosed)
	}
	return nil
}

// Close gives the seat of the connection back.
func (s *stream) Close() error {
	s.once.Do(func() { s.gate.streams.Add(-1) })
	return s.Conn.Close()
}
