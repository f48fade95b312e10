package peer

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// udpSocket is a media socket whose writes never wait: what the kernel does not take at once is dropped and counted.
type udpSocket struct {
	*net.UDPConn
	four    bool
	ops     sync.Pool
	dropped atomic.Uint64
}

// sendOp is one write. It lives in a pool, so that handing a function to the runtime's poller costs no allocation.
type sendOp struct {
	raw interface {
		Write(func(fd uintptr) bool) error
	}
	run  func(fd uintptr) bool
	data []byte
	to4  unix.SockaddrInet4
	to6  unix.SockaddrInet6
	four bool
	err  error
}

func listenUDP(addr netip.AddrPort) (*udpSocket, error) {
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(addr))
	if err != nil {
		return nil, err
	}
	// Best effort: the kernel caps these at net.core.rmem_max and wmem_max.
	_ = conn.SetReadBuffer(socketBuffer)
	_ = conn.SetWriteBuffer(socketBuffer)
	raw, err := conn.SyscallConn()
	if err != nil {
		return nil, fmt.Errorf("raw socket: %w", err)
	}
	u := &udpSocket{UDPConn: conn, four: addr.Addr().Unmap().Is4()}
	u.ops.New = func() any {
		op := &sendOp{raw: raw, four: u.four}
		op.run = op.send
		return op
	}
	return u, nil
}

// send is called by the poller; true means "do not wait and call again".
func (op *sendOp) send(fd uintptr) bool {
	if op.four {
		op.err = unix.Sendto(int(fd), op.data, unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, &op.to4)
	} else {
		op.err = unix.Sendto(int(fd), op.data, unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, &op.to6)
	}
	return true
}

// WriteToAddrPort sends one datagram or drops it.
func (u *udpSocket) WriteToAddrPort(b []byte, to netip.AddrPort) (int, error) {
	op := u.ops.Get().(*sendOp)
	defer func() {
		op.data = nil
		u.ops.Put(op)
	}()
	op.data = b
	a := to.Addr().Unmap()
	switch {
	case u.four && a.Is4():
		op.to4.Addr, op.to4.Port = a.As4(), int(to.Port())
	case !u.four && a.Is6():
		op.to6.Addr, op.to6.Port = a.As16(), int(to.Port())
	default:
		return 0, net.InvalidAddrError("address of the other family")
	}
	if err := op.raw.Write(op.run); err != nil {
		return 0, err
	}
	if errors.Is(op.err, unix.EAGAIN) || errors.Is(op.err, unix.ENOBUFS) {
		u.dropped.Add(1)
		return len(b), nil
	}
	if op.err != nil {
		return 0, op.err
	}
	return len(b), nil
}

// WriteTo is WriteToAddrPort with a net.Addr.
func (u *udpSocket) WriteTo(b []byte, to net.Addr) (int, error) {
	a, ok := to.(*net.UDPAddr)
	if !ok {
		return 0, net.InvalidAddrError("not a UDP address")
	}
	return u.WriteToAddrPort(b, a.AddrPort())
}

// ReadFromAddrPort reads one datagram.
func (u *udpSocket) ReadFromAddrPort(b []byte) (int, netip.AddrPort, error) {
	return u.UDPConn.ReadFromUDPAddrPort(b)
}

func (u *udpSocket) port() uint16 { return u.LocalAddr().(*net.UDPAddr).AddrPort().Port() }

func (u *udpSocket) addr() netip.AddrPort {
	a := u.LocalAddr().(*net.UDPAddr).AddrPort()
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
}
