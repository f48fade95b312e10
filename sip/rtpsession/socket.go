package rtpsession

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"

	"golang.org/x/sys/unix"
)

// socket is a UDP socket whose send never waits and never allocates.
// Go's own write parks the caller when the socket's buffer is full; here the packet is dropped instead.
type socket struct {
	conn *net.UDPConn
	raw  syscall.RawConn
	// What send passes to the function that runs on the descriptor; made once, so that nothing escapes per packet.
	sendOnFD func(fd uintptr) bool
	packet   []byte
	to       unix.Sockaddr
	err      error
}

func newSocket(conn *net.UDPConn, dscp, buffer int) (*socket, error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("rtpsession: media socket: %w", err)
	}
	s := &socket{conn: conn, raw: raw}
	s.sendOnFD = func(fd uintptr) bool {
		s.err = unix.Sendto(int(fd), s.packet, unix.MSG_DONTWAIT, s.to)
		return true // done, whatever came of it: do not wait for the descriptor to become writable
	}
	// The system may give less than is asked, and may not know traffic classes: media flows all the same.
	_ = conn.SetReadBuffer(buffer)
	_ = conn.SetWriteBuffer(buffer)
	_ = raw.Control(func(fd uintptr) {
		if s.local().Addr().Is6() {
			_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_IPV6, unix.IPV6_TCLASS, dscp<<2)
			return
		}
		_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_IP, unix.IP_TOS, dscp<<2)
	})
	return s, nil
}

// send needs a lock held by the caller: it uses the socket's own fields and the raw form inside to.
func (s *socket) send(b []byte, to unix.Sockaddr) error {
	s.packet, s.to = b, to
	if err := s.raw.Write(s.sendOnFD); err != nil {
		return err
	}
	return s.err
}

func (s *socket) local() netip.AddrPort {
	a := s.conn.LocalAddr().(*net.UDPAddr).AddrPort()
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
}

func (s *socket) close() { _ = s.conn.Close() }

// full tells a send that found no room from one that failed.
func full(err error) bool {
	return errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.ENOBUFS)
}

// target is an address packets are sent to, with the form the system wants. It is never changed.
type target struct {
	addr netip.AddrPort
	sock unix.Sockaddr
}

func newTarget(a netip.AddrPort) *target {
	if !a.IsValid() || a.Port() == 0 {
		return &target{}
	}
	if a.Addr().Is4() {
		return &target{addr: a, sock: &unix.SockaddrInet4{Port: int(a.Port()), Addr: a.Addr().As4()}}
	}
	return &target{addr: a, sock: &unix.SockaddrInet6{Port: int(a.Port()), Addr: a.Addr().As16()}}
}
