package bfcp

import (
	"context"
	"net"
	"net/netip"
)

// Accept waits for the client's TCP connection, where the SDP made us the passive side (RFC 4145). Connections from other
// hosts are closed; an invalid host lets any in. The listener is closed in any case: there is one connection a call.
// Errors: those of the listener, and the cause of ctx.
func Accept(ctx context.Context, l net.Listener, host netip.Addr) (net.Conn, error) {
	defer l.Close()
	stop := context.AfterFunc(ctx, func() { _ = l.Close() })
	defer stop()
	for {
		conn, err := l.Accept()
		if err != nil {
			if ctx.Err() != nil {
				return nil, context.Cause(ctx)
			}
			return nil, err
		}
		from, err := netip.ParseAddrPort(conn.RemoteAddr().String())
		if err == nil && (!host.IsValid() || from.Addr().Unmap() == host.Unmap()) {
			return conn, nil
		}
		_ = conn.Close()
	}
}
