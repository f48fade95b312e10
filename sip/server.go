package sip

import (
	"context"
	"net/netip"
)

// Handler is what a Server gives its calls to.
type Handler interface {
	// Call handles one incoming call, on a goroutine of its own that the Server owns. ctx ends with the dialog. When Call
	// returns the dialog is ended, by a final answer or BYE, if it still lives.
	Call(ctx context.Context, d *Dialog)
}

// Server owns the SIP sockets and every dialog on them.
type Server struct{}

// New opens the sockets, so that a port that is taken is a clear error at once. Run serves them.
// Errors: faults of Config.Validate, *ListenError, *CertificateError.
func New(cfg Config, h Handler) (*Server, error) { return nil, ErrInternal }

// Run serves until ctx ends: then no new calls are taken, sockets close when the last dialog has ended or been ended.
func (s *Server) Run(ctx context.Context) error { return ErrInternal }

// Drain refuses new calls from now on with 503 and Retry-After; calls that are up go on. It may be called more than once.
func (s *Server) Drain() {}

// Dialogs is the number of calls now.
func (s *Server) Dialogs() int { return 0 }

// Addr is the address the socket for a network ("udp", "tcp", "tls") is bound to; the zero value when there is none.
func (s *Server) Addr(network string) netip.AddrPort { return netip.AddrPort{} }
