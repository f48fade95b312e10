package sip

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"net/netip"
	"syscall"
	"time"

	gosip "github.com/emiago/sipgo/sip"
)

const (
	// writeTimeout bounds a write to a connection whose other side does not read.
	writeTimeout = 5 * time.Second
	// dialTimeout bounds opening a connection.
	dialTimeout = 10 * time.Second
)

// layers builds sipgo's transport and transactions. The order matters: what arrived must see a message before the
// transaction layer hands it to a goroutine.
func (s *Server) layers(dial *tls.Config) {
	quietLog := slog.New(quiet{s.noise})
	s.tpl = gosip.NewTransportLayer(net.DefaultResolver, gosip.NewParser(), dial,
		gosip.WithTransportLayerLogger(quietLog),
		gosip.WithTransportLayerTransports(gosip.TransportsConfig{
			TCP: &gosip.TransportTCP{WriteTimeout: writeTimeout, DialerCreate: s.dialer},
			TLS: &gosip.TransportTLS{TransportTCP: &gosip.TransportTCP{WriteTimeout: writeTimeout, DialerCreate: s.dialer}},
		}))
	s.tpl.OnMessage(s.arrived)
	s.txl = gosip.NewTransactionLayer(s.tpl, gosip.WithTransactionLayerLogger(quietLog),
		gosip.WithTransactionLayerUnhandledResponseHandler(func(*gosip.Response) {}))
	s.txl.OnRequest(s.handle)
	for _, sock := range s.sockets {
		if sock.udp != nil {
			s.file(sock.udp)
		}
	}
}

// dialer for connections that we open; none once the Server closes.
func (s *Server) dialer(local net.Addr) net.Dialer {
	return net.Dialer{
		Timeout: dialTimeout, LocalAddr: local,
		ControlContext: func(context.Context, string, string, syscall.RawConn) error {
			if s.closing.Load() {
				return net.ErrClosed
			}
			return nil
		},
	}
}

// file makes sipgo find a UDP socket by its own address, before its reader has filed it, and by the sources of the last
// generation of that reader. For an address it does not find it opens a socket of its own, which nobody would close.
func (s *Server) file(sock *datagrams) {
	pool := s.tpl.Pool("udp")
	addr := sock.LocalAddr().String()
	conn := &gosip.UDPConnection{PacketConn: sock, PacketAddr: addr, Listener: true}
	pool.Add(addr, conn)
	var filed map[netip.AddrPort]struct{}
	sock.retire = func(sources map[netip.AddrPort]struct{}) {
		pool.Add(addr, conn)
		for src := range sources {
			pool.Add(src.String(), conn)
		}
		for src := range filed {
			if _, again := sources[src]; !again {
				pool.Delete(src.String())
			}
		}
		filed = sources
	}
}

// closeLayers ends transactions and connections after the sockets are closed. The pool of UDP sockets stays as it is: a
// message that is still being worked on finds a closed one in it rather than opening another.
func (s *Server) closeLayers() {
	s.txl.Close()
	_ = s.tpl.Pool("tcp").Clear()
	_ = s.tpl.Pool("tls").Clear()
}
