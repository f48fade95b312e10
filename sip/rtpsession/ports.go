package rtpsession

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync/atomic"
	"syscall"
)

// Ports hands out pairs of UDP ports to all sessions of a process: RTP on the even one, RTCP on the next (RFC 3550 section
// 11). It goes round, so that a port just left is the last to be used again and late packets of an old call meet nobody.
// Safe for use by many goroutines.
type Ports struct {
	first, pairs uint32 // first even port, number of pairs; 0 pairs lets the system choose
	next         atomic.Uint32
	dscp         int
	buffer       int
}

// NewPorts makes one for the range of cfg.
func NewPorts(cfg Config) *Ports {
	p := &Ports{dscp: cfg.DSCP, buffer: cfg.SocketBuffer}
	if cfg.PortMax != 0 {
		p.first = (uint32(cfg.PortMin) + 1) &^ 1
		p.pairs = (uint32(cfg.PortMax) + 1 - p.first) / 2
		p.next.Store(rand.Uint32N(p.pairs))
	}
	return p
}

// open binds a pair on addr.
// Errors: ErrNoPorts when the range is used up, else what the system says (no such address, no more files).
func (p *Ports) open(addr netip.Addr) (rtp, rtcp *socket, err error) {
	if p.pairs == 0 {
		return p.openAny(addr)
	}
	for range p.pairs {
		port := uint16(p.first + 2*(p.next.Add(1)%p.pairs))
		rtp, rtcp, err = p.openPair(addr, port)
		if !errors.Is(err, syscall.EADDRINUSE) {
			return rtp, rtcp, err
		}
	}
	return nil, nil, fmt.Errorf("%w: all %d pairs from %d on are in use", ErrNoPorts, p.pairs, p.first)
}

// openAny takes what the system gives and looks for its partner.
func (p *Ports) openAny(addr netip.Addr) (rtp, rtcp *socket, err error) {
	const tries = 64
	for range tries {
		one, err := p.listen(addr, 0)
		if err != nil {
			return nil, nil, err
		}
		port := one.local().Port()
		other, err := p.listen(addr, port^1)
		if err == nil {
			if port&1 == 1 {
				one, other = other, one
			}
			return one, other, nil
		}
		one.close()
		if !errors.Is(err, syscall.EADDRINUSE) {
			return nil, nil, err
		}
	}
	return nil, nil, fmt.Errorf("%w: %d tries", ErrNoPorts, tries)
}

func (p *Ports) openPair(addr netip.Addr, port uint16) (rtp, rtcp *socket, err error) {
	if rtp, err = p.listen(addr, port); err != nil {
		return nil, nil, err
	}
	if rtcp, err = p.listen(addr, port+1); err != nil {
		rtp.close()
		return nil, nil, err
	}
	return rtp, rtcp, nil
}

func (p *Ports) listen(addr netip.Addr, port uint16) (*socket, error) {
	network := "udp4"
	if addr.Is6() {
		network = "udp6"
	}
	conn, err := net.ListenUDP(network, net.UDPAddrFromAddrPort(netip.AddrPortFrom(addr, port)))
	if err != nil {
		return nil, fmt.Errorf("rtpsession: bind media port: %w", err)
	}
	return newSocket(conn, p.dscp, p.buffer)
}
