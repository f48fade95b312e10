package rtpsession

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"legroom/media"
)

// Options of one Session.
type Options struct {
	// Log is where trouble is told. Required.
	Log *slog.Logger
	// Ports hands out ports to all sessions of the process; see NewPorts. Required.
	Ports *Ports
	// Certificate for DTLS; without it Apply refuses DTLS.
	Certificate *Certificate
	// IPv6 binds Config.Address6 instead of Config.Address.
	IPv6 bool
	// Peer is the address signalling comes from, if known: media from there outranks that of strangers at first.
	Peer netip.Addr
	// Video makes it a session of pictures: what is sent keeps the gaps and order of its source, and there is feedback (RFC
	// 4585, RFC 5104). A session of sound costs nothing more for that.
	Video bool
}

// Session is one RTP session with a SIP peer. All methods are safe for use by many goroutines.
type Session struct {
	cfg       Config
	opts      Options
	rtp, rtcp *socket
	path      atomic.Pointer[path]   // what is agreed; nil before the first Apply
	target    atomic.Pointer[target] // where RTP goes
	control   atomic.Pointer[target] // where RTCP goes
	in        inbound
	out       outbound
	hooks     hooks
	drops     [dropReasons]atomic.Uint64
	applyMu   sync.Mutex // one Apply, or end of handshake, at a time
	life      life
	reports   reports
	pictures  *pictures // nil in a session of sound
}

// life is when a Session runs and why it ended.
type life struct {
	ctx     context.Context
	cancel  context.CancelCauseFunc
	applied chan struct{} // capacity 1: something for Run to start
	mu      sync.Mutex
	running bool
	shut    bool
}

// hooks are who is told of what comes in.
type hooks struct {
	sink     atomic.Pointer[media.Sink[*media.Packet]]
	digit    atomic.Pointer[func(rune, time.Duration)]
	inactive atomic.Pointer[func(time.Duration)]
	digits   atomic.Uint64
}

// New binds a pair of ports, RTP on the even one. Nothing runs yet; who does not call Run must call Close.
// Errors: ErrNoPorts, ErrNoAddress.
func New(cfg Config, opts Options) (*Session, error) {
	addr := cfg.Address
	if opts.IPv6 {
		addr = cfg.Address6
	}
	if !addr.IsValid() {
		return nil, ErrNoAddress
	}
	rtp, rtcp, err := opts.Ports.open(addr)
	if err != nil {
		return nil, err
	}
	s := &Session{cfg: cfg, opts: opts, rtp: rtp, rtcp: rtcp}
	s.life.ctx, s.life.cancel = context.WithCancelCause(context.Background())
	s.life.applied = make(chan struct{}, 1)
	s.target.Store(newTarget(netip.AddrPort{}))
	s.control.Store(newTarget(netip.AddrPort{}))
	s.in.born = time.Now()
	s.reports.init()
	if opts.Video {
		s.pictures = &pictures{}
		s.out.pictures = &sentPictures{}
	}
	s.out.restart(8000)
	return s, nil
}

// LocalPort of RTP, for the m= line.
func (s *Session) LocalPort() uint16 { return s.rtp.local().Port() }

// LocalRTCPPort for the case that the peer does not multiplex.
func (s *Session) LocalRTCPPort() uint16 { return s.rtcp.local().Port() }

// LocalAddr is the bound address of RTP; its IP may be unspecified.
func (s *Session) LocalAddr() netip.AddrPort { return s.rtp.local() }

// OnPacket sets where received sound, or pictures, go; nil drops it. The packet is lent until Write returns.
func (s *Session) OnPacket(sink media.Sink[*media.Packet]) {
	if sink == nil {
		s.hooks.sink.Store(nil)
		return
	}
	s.hooks.sink.Store(&sink)
}

// OnDigit sets who is told of a telephone-event, once for each, as soon as its first packet arrives; d is how long it
// has lasted by then. It is called from the receiving goroutine and must not wait.
func (s *Session) OnDigit(f func(digit rune, d time.Duration)) {
	if f == nil {
		s.hooks.digit.Store(nil)
		return
	}
	s.hooks.digit.Store(&f)
}

// OnInactive sets who is told, once a silence, that nothing came for Config.MediaTimeout although the peer should send.
// It is called from Run and must not wait.
func (s *Session) OnInactive(f func(silent time.Duration)) {
	if f == nil {
		s.hooks.inactive.Store(nil)
		return
	}
	s.hooks.inactive.Store(&f)
}

// Close ends Run and every use; cause is what Cause tells after. It may be called more than once.
func (s *Session) Close(cause error) error {
	if cause == nil {
		cause = ErrClosed
	}
	s.life.cancel(fmt.Errorf("rtpsession: close: %w", cause))
	s.life.mu.Lock()
	running := s.life.running
	s.life.mu.Unlock()
	if !running {
		s.shut()
	}
	return nil
}

// Cause is why the session ended; nil while it has not.
func (s *Session) Cause() error { return context.Cause(s.life.ctx) }

// shut closes the sockets; it may be called more than once.
func (s *Session) shut() {
	s.life.mu.Lock()
	defer s.life.mu.Unlock()
	if !s.life.shut {
		s.life.shut = true
		s.rtp.close()
		s.rtcp.close()
	}
}
