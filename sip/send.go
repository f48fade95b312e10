package sip

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

	gosip "github.com/emiago/sipgo/sip"
)

const (
	// maxDatagram is the size above which a request of ours goes over TCP, bytes (RFC 3261 section 18.1.1).
	maxDatagram = 1300
	// switchTimeout bounds the attempt to reach a UDP peer over TCP.
	switchTimeout = 2 * time.Second
)

// begin starts a client transaction. A request too large for UDP moves to TCP where the peer takes it there.
func (s *Server) begin(ctx context.Context, req *gosip.Request) (*gosip.ClientTx, error) {
	if strings.EqualFold(req.Transport(), "udp") && len(req.String()) > maxDatagram {
		large := req.Clone()
		large.SetTransport("TCP")
		s.via(large)
		short, cancel := context.WithTimeout(ctx, switchTimeout)
		defer cancel()
		if tx, err := s.txl.Request(short, large); err == nil {
			return tx, nil
		}
	}
	s.via(req)
	tx, err := s.txl.Request(ctx, req)
	if err != nil {
		return nil, fmt.Errorf("sip: send %s: %w: %w", req.Method, ErrUnreachable, err)
	}
	return tx, nil
}

// write sends a request that has no transaction: the ACK of a 2xx.
func (s *Server) write(req *gosip.Request) error {
	s.via(req)
	if err := s.tpl.WriteMsg(req); err != nil {
		return fmt.Errorf("sip: send %s: %w: %w", req.Method, ErrUnreachable, err)
	}
	return nil
}

// via puts a fresh Via on top, with our address on the transport in use, and binds UDP requests to our own socket, so
// that the other side sees one address from us whoever spoke first.
func (s *Server) via(req *gosip.Request) {
	network := strings.ToLower(req.Transport())
	req.RemoveHeader("Via")
	dest := addrOf(req.Destination())
	v := &gosip.ViaHeader{
		ProtocolName: "SIP", ProtocolVersion: "2.0", Transport: strings.ToUpper(network),
		Host: s.hostFor(network, dest.Addr()), Port: int(s.Addr(network).Port()),
	}
	v.Params.Add("branch", gosip.GenerateBranch())
	v.Params.Add("rport", "")
	req.PrependHeader(v)
	if network == "udp" {
		if sock := s.Addr("udp"); sock.IsValid() {
			req.Laddr = gosip.Addr{IP: net.IP(sock.Addr().AsSlice()), Port: int(sock.Port())}
		}
	} else {
		req.Laddr = gosip.Addr{}
	}
}

// roundTrip sends a request other than INVITE and waits for its final answer. Errors: ErrUnreachable, the context's.
func (s *Server) roundTrip(ctx context.Context, req *gosip.Request) (*gosip.Response, error) {
	tx, err := s.begin(ctx, req)
	if err != nil {
		return nil, err
	}
	res, err := final(ctx, tx)
	if err != nil {
		return nil, fmt.Errorf("sip: %s: %w", req.Method, err)
	}
	return res, nil
}

// hostFor is the name or address by which remote reaches us over network. It sends nothing.
func (s *Server) hostFor(network string, remote netip.Addr) string {
	if s.cfg.Advertise != "" {
		return s.cfg.Advertise
	}
	if bound := s.Addr(network).Addr(); bound.IsValid() && !bound.IsUnspecified() {
		return bound.String()
	}
	return localFor(remote).String()
}

// localFor is our address on the way to remote: a connected UDP socket knows it without a packet.
func localFor(remote netip.Addr) netip.Addr {
	fallback := netip.AddrFrom4([4]byte{127, 0, 0, 1})
	if !remote.IsValid() {
		return fallback
	}
	c, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(netip.AddrPortFrom(remote, 9)))
	if err != nil {
		return fallback
	}
	defer c.Close()
	if a, ok := c.LocalAddr().(*net.UDPAddr); ok {
		return a.AddrPort().Addr().Unmap().WithZone("")
	}
	return fallback
}

// contact is our Contact on network towards remote.
func (s *Server) contact(network, user string, remote netip.Addr, secure bool) *gosip.ContactHeader {
	u := gosip.Uri{
		Scheme: "sip", User: user, Host: strings.Trim(s.hostFor(network, remote), "[]"), Port: int(s.Addr(network).Port()),
	}
	if secure {
		u.Scheme = "sips"
	}
	if network != "udp" {
		u.UriParams.Add("transport", network)
		if secure {
			u.UriParams[0].V = "tcp"
		}
	}
	return &gosip.ContactHeader{Address: u}
}
