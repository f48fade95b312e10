package sip

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	gosip "github.com/emiago/sipgo/sip"

	"legroom/internal/ratelog"
	"legroom/internal/run"
	"legroom/sip/rtpsession"
)

// Handler is what a Server gives its calls to.
type Handler interface {
	// Call handles one incoming call, on a goroutine of its own that the Server owns. ctx ends with the dialog. When Call
	// returns the dialog is ended, by a final answer or BYE, if it still lives.
	Call(ctx context.Context, d *Dialog)
}

// toldRate and toldBurst bound the log lines of refused calls; more are counted.
const (
	toldRate  = 20
	toldBurst = 100
)

// Server owns the SIP sockets and every dialog on them.
type Server struct {
	cfg     Config
	log     *slog.Logger
	noise   *ratelog.Log
	handler Handler
	sockets []socket
	access  *access
	told    *limiter
	tags    tagger
	ports   *rtpsession.Ports
	dtls    *rtpsession.Certificate
	tpl     *gosip.TransportLayer
	txl     *gosip.TransactionLayer
	dialogs dialogs
	work    work
	// closing makes connections that sipgo would still open fail.
	closing atomic.Bool
}

// socket is one that is listened on.
type socket struct {
	network string
	udp     *datagrams
	stream  *streams
}

func (s socket) addr() netip.AddrPort {
	if s.udp != nil {
		return addrOf(s.udp.LocalAddr().String())
	}
	return addrOf(s.stream.Addr().String())
}

func (s socket) close() error {
	if s.udp != nil {
		return s.udp.Close()
	}
	return s.stream.Close()
}

// New opens the sockets, so that a port that is taken is a clear error at once. Run serves them; without Run, Close must
// be called. h may be nil for a Server that only places calls: then every call is refused with 480.
// Errors: faults of Config.Validate, *ListenError, *CertificateError.
func New(cfg Config, h Handler) (*Server, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	settle()
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{cfg: cfg, log: cfg.Log, noise: ratelog.New(cfg.Log, time.Second), handler: h, ports: rtpsession.NewPorts(cfg.RTP)}
	_, _ = rand.Read(s.tags[:])
	limit := newLimiter(cfg.Limits.RatePerSource, cfg.Limits.Burst)
	s.access = newAccess(cfg.Access, limit)
	s.told = newLimiter(toldRate, toldBurst)
	s.dialogs.init()
	var err error
	if s.dtls, err = rtpsession.NewCertificate(); err != nil {
		return nil, fmt.Errorf("sip: dtls certificate: %w", err)
	}
	dialTLS, err := clientTLS(cfg)
	if err != nil {
		return nil, err
	}
	g := &gate{
		deny: cfg.Access.Deny, allow: cfg.Access.Allow, limit: limit, noise: s.noise, server: cfg.UserAgent, parser: gosip.NewParser(),
		timeout: cfg.TLS.HandshakeTimeout, max: int64(cfg.Limits.Connections),
	}
	if err := s.listen(g); err != nil {
		return nil, errors.Join(err, s.closeSockets())
	}
	s.layers(dialTLS)
	s.work.ready = make(chan struct{})
	return s, nil
}

// listen opens every configured socket.
func (s *Server) listen(g *gate) error {
	var serve *tls.Config
	for _, l := range s.cfg.Listen {
		if l.Network == "tls" && serve == nil {
			var err error
			if serve, err = serverTLS(s.cfg, time.Now()); err != nil {
				return err
			}
		}
		sock, err := open(l, g, serve)
		if err != nil {
			return &ListenError{Network: l.Network, Address: l.Address, Err: err}
		}
		s.sockets = append(s.sockets, sock)
	}
	return nil
}

func open(l ListenConfig, g *gate, serve *tls.Config) (socket, error) {
	if l.Network == "udp" {
		addr, err := net.ResolveUDPAddr("udp", l.Address)
		if err != nil {
			return socket{}, err
		}
		c, err := net.ListenUDP("udp", addr)
		if err != nil {
			return socket{}, err
		}
		// A burst of INVITEs of 4 kB each must fit between two reads.
		_ = c.SetReadBuffer(4 << 20)
		return socket{network: l.Network, udp: newDatagrams(c, g)}, nil
	}
	c, err := net.Listen("tcp", l.Address)
	if err != nil {
		return socket{}, err
	}
	out := &streams{Listener: c, gate: g}
	if l.Network == "tls" {
		out.tls = serve
	}
	return socket{network: l.Network, stream: out}, nil
}

// Run serves until ctx ends: then no new calls are taken, calls that are up are left to their handlers to end for
// Config.Timers.Drain, and the sockets close when the last one has ended. Errors: those of a socket that failed.
func (s *Server) Run(ctx context.Context) error {
	sockets, failed := run.NewGroup(context.WithoutCancel(ctx))
	s.work.begin(failed)
	for _, sock := range s.sockets {
		sockets.Go("sip "+sock.network, func(context.Context) error { return s.serve(sock) })
	}
	select {
	case <-ctx.Done():
	case <-failed.Done():
	}
	s.Drain()
	select {
	case <-s.dialogs.empty():
	case <-failed.Done():
	case <-time.After(s.cfg.Timers.Drain):
	}
	for _, d := range s.dialogs.all() {
		_ = d.Hangup(ErrDraining)
	}
	// T2: whoever has not answered our BYE by then will find out.
	s.work.end(8 * s.cfg.Timers.T1)
	s.closing.Store(true)
	_ = s.closeSockets()
	err := sockets.Wait()
	s.closeLayers()
	s.noise.Flush()
	return err
}

// serve one socket until it is closed.
func (s *Server) serve(sock socket) error {
	switch {
	case sock.udp != nil:
		// sipgo's reader ends to be renewed, see renewAfter.
		for !sock.udp.closed.Load() {
			if err := s.tpl.ServeUDP(sock.udp); err != nil {
				return fmt.Errorf("sip: serve udp: %w", err)
			}
		}
		return nil
	case sock.stream.tls != nil:
		return ended("tls", s.tpl.ServeTLS(sock.stream))
	default:
		return ended("tcp", s.tpl.ServeTCP(sock.stream))
	}
}

func ended(network string, err error) error {
	if err == nil || errors.Is(err, net.ErrClosed) {
		return nil
	}
	return fmt.Errorf("sip: serve %s: %w", network, err)
}

func (s *Server) closeSockets() error {
	var errs []error
	for _, sock := range s.sockets {
		if err := sock.close(); err != nil && !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// Close closes the sockets of a Server that was never run.
func (s *Server) Close() error { return s.closeSockets() }

// Drain refuses new calls from now on with 503 and Retry-After; calls that are up go on. It may be called more than once.
func (s *Server) Drain() { s.dialogs.drain() }

// Dialogs is the number of calls now.
func (s *Server) Dialogs() int { return s.dialogs.live() }

// Addr is the address the first socket for a network ("udp", "tcp", "tls") is bound to; the zero value when there is none.
func (s *Server) Addr(network string) netip.AddrPort {
	for _, sock := range s.sockets {
		if sock.network == network {
			return sock.addr()
		}
	}
	return netip.AddrPort{}
}

// work owns the goroutines that act for a Server beside its sockets: handlers, BYEs, refreshes.
type work struct {
	// ready is closed when the work begins.
	ready  chan struct{}
	mu     sync.Mutex
	open   bool
	wg     sync.WaitGroup
	ctx    context.Context
	cancel context.CancelFunc
}

func (w *work) begin(ctx context.Context) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ctx, w.cancel = context.WithCancel(ctx)
	w.open = true
	close(w.ready)
}

// start runs f unless the work is over; it tells whether it did.
func (w *work) start(f func(ctx context.Context)) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.open {
		return false
	}
	ctx := w.ctx
	w.wg.Go(func() { f(ctx) })
	return true
}

// end waits for what runs; after patience it is cancelled.
func (w *work) end(patience time.Duration) {
	w.mu.Lock()
	w.open = false
	w.mu.Unlock()
	late := time.AfterFunc(patience, w.cancel)
	w.wg.Wait()
	late.Stop()
	w.cancel()
}

// Held is the number of dialogs in memory: calls that are up and those whose BYE is still under way.
func (s *Server) Held() int { return len(s.dialogs.all()) }
