package gateway

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"time"
)

// ListenError tells why a socket could not be opened.
type ListenError struct {
	// Setting that names it: "web.listen".
	Setting string
	// Network is "tcp", "udp" or "tls".
	Network string
	// Address as it was configured.
	Address string
	// Err from the operating system.
	Err error
}

// Error names the socket and the trouble.
func (e *ListenError) Error() string {
	return fmt.Sprintf("gateway: listen on %s %s (%s): %v", e.Network, e.Address, e.Setting, e.Err)
}

// Unwrap gives the error of the operating system.
func (e *ListenError) Unwrap() error { return e.Err }

// server is one HTTP listener.
type server struct {
	http     *http.Server
	listener net.Listener
}

// newServer opens the socket that a setting names; certificate is nil for plain HTTP.
func newServer(setting, address string, h http.Handler, certificate *tls.Certificate, log *slog.Logger) (*server, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, &ListenError{Setting: setting, Network: "tcp", Address: address, Err: err}
	}
	s := &server{listener: l, http: &http.Server{
		Handler: h, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug), // scanners and broken handshakes are no news
	}}
	if certificate != nil {
		s.http.TLSConfig = &tls.Config{Certificates: []tls.Certificate{*certificate}, MinVersion: tls.VersionTLS12}
	}
	return s, nil
}

// run serves until ctx ends. Connections that were taken over by a WebSocket are their own.
func (s *server) run(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() {
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
		defer cancel()
		if s.http.Shutdown(ending) != nil {
			_ = s.http.Close()
		}
	})
	defer stop()
	var err error
	if s.http.TLSConfig != nil {
		err = s.http.ServeTLS(s.listener, "", "")
	} else {
		err = s.http.Serve(s.listener)
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("gateway: serve http: %w", err)
}

func (s *server) close() { _ = s.listener.Close() }

// addr it is bound to.
func (s *server) addr() netip.AddrPort {
	if a, ok := s.listener.Addr().(*net.TCPAddr); ok {
		return a.AddrPort()
	}
	return netip.AddrPort{}
}
