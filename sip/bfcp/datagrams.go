package bfcp

import (
	"net"
	"net/netip"
	"sync/atomic"
)

// Datagrams is a Link over a UDP socket of its own. A client behind NAT sends from another address than its SDP says, so
// what is sent goes to where the first message came from that named our conference and user; from then on that host alone
// is heard, on whatever port. Before, it goes to the address of the SDP.
type Datagrams struct {
	conn    *net.UDPConn
	to      atomic.Pointer[netip.AddrPort]
	latched atomic.Bool
	from    netip.AddrPort // of what was read last; Confirm comes before the next Read
	foreign atomic.Uint64
	buf     [HeaderLen + 4 + MaxPayload]byte
}

// NewDatagrams takes a socket; its owner is the Datagrams. remote is the client's address by its SDP, and may be invalid.
func NewDatagrams(conn *net.UDPConn, remote netip.AddrPort) *Datagrams {
	d := &Datagrams{conn: conn}
	d.to.Store(&remote)
	return d
}

// Read gives the next datagram that may be the client's.
func (d *Datagrams) Read() ([]byte, error) {
	for {
		n, from, err := d.conn.ReadFromUDPAddrPort(d.buf[:])
		if err != nil {
			return nil, err
		}
		from = netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
		if d.latched.Load() && from.Addr() != d.to.Load().Addr() {
			d.foreign.Add(1)
			continue
		}
		d.from = from
		return d.buf[:n], nil
	}
}

// Write sends one, or drops it while it is not known where to.
func (d *Datagrams) Write(b []byte) error {
	to := *d.to.Load()
	if !to.IsValid() || to.Port() == 0 {
		return nil
	}
	_, err := d.conn.WriteToUDPAddrPort(b, to)
	return err
}

// Confirm makes the sender of the last datagram the client.
func (d *Datagrams) Confirm() {
	if d.latched.Load() && *d.to.Load() == d.from {
		return
	}
	to := d.from
	d.to.Store(&to)
	d.latched.Store(true)
}

// Expect begins anew with a client at another address, after a re-INVITE that moved it. It may be called from any goroutine.
func (d *Datagrams) Expect(remote netip.AddrPort) {
	d.latched.Store(false)
	d.to.Store(&remote)
}

// Known tells whether the last datagram came from the client.
func (d *Datagrams) Known() bool { return d.latched.Load() && *d.to.Load() == d.from }

// Foreign counts datagrams of others that were not looked at.
func (d *Datagrams) Foreign() uint64 { return d.foreign.Load() }

// Reliable is false.
func (d *Datagrams) Reliable() bool { return false }

// Close closes the socket.
func (d *Datagrams) Close() error { return d.conn.Close() }
