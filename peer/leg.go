package peer

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"

	"legroom/internal/logkey"
	"legroom/internal/ratelog"
	"legroom/media"
	"legroom/peer/bandwidth"
)

// Leg is one browser in a room.
type Leg struct {
	cfg     LegConfig
	engine  *Engine
	log     *slog.Logger
	trouble *ratelog.Log
	ssrc    uint32 // of our receiver reports and requests

	life
	outbound

	offers  chan struct{} // holds a token while an offer is answered
	wake    chan struct{} // something for the loop to do before its next tick
	up      atomic.Pointer[media.Publisher]
	traffic traffic
	codec   atomic.Pointer[media.CodecName] // as AgreeVideo said last; nil before
	told    told

	mu   sync.Mutex
	conn conn
}

// life is when and why a Leg ends.
type life struct {
	ctx     context.Context // ends when the Leg does; its cause is why
	cancel  context.CancelCauseFunc
	wg      sync.WaitGroup // the loop, which ends last
	readers sync.WaitGroup // of streams and of feedback
}

// outbound is the way to the browser.
type outbound struct {
	path  path
	down  *bandwidth.Estimator
	share share
}

// conn is the connection and what hangs on it; under Leg.mu.
type conn struct {
	pc      *webrtc.PeerConnection
	slots   []*DownTrack // in the order of the m-lines
	uplinks map[string]*uplink
	feeds   map[*feed]struct{}
	views   map[viewKey]View
	viewed  bool // View has been called
	closed  bool
	running bool
	tracks  int // published so far

	candidates candidates
}

type viewKey struct {
	participant string
	source      media.Source
}

// traffic counts what flows.
type traffic struct {
	mu   sync.Mutex
	up   rateMeter
	loss float64 // as the browser reports it, 0..1

	refused atomic.Uint64 // packets of sound that LegConfig.Guard did not let through
}

func newLeg(e *Engine, cfg LegConfig) *Leg {
	log := cfg.Log
	if log == nil {
		log = e.log
	}
	log = log.With(logkey.Leg, cfg.ID)
	l := &Leg{
		cfg: cfg, engine: e, log: log, trouble: ratelog.New(log, time.Second), ssrc: newSSRC(),
		offers: make(chan struct{}, 1), wake: make(chan struct{}, 1),
		conn: conn{uplinks: map[string]*uplink{}, feeds: map[*feed]struct{}{}},
	}
	l.ctx, l.cancel = context.WithCancelCause(context.Background())
	l.down = bandwidth.New(bandwidth.Config{Start: e.cfg.StartBitrate, Min: 50_000, Max: e.cfg.MaxBitrate})
	l.path.estimate = l.down
	return l
}

// ID of the Leg.
func (l *Leg) ID() string { return l.cfg.ID }

// Security of the hop: always DTLS.
func (l *Leg) Security() Security { return DTLS }

// Done is closed when the Leg is.
func (l *Leg) Done() <-chan struct{} { return l.ctx.Done() }

// Cause is why the Leg was closed; nil while it lives.
func (l *Leg) Cause() error { return context.Cause(l.ctx) }

// Run publishes what the browser sends until ctx ends or the Leg is closed; it closes the Leg and returns when nothing
// of it is alive. The result is the cause of the end, nil when it was the end of ctx. Offers may come before Run: what
// the browser sends until then is dropped. to must admit tracks from the first call on.
// Errors: ErrRunning, ErrClosed, ErrTimeout, or the cause given to Close.
func (l *Leg) Run(ctx context.Context, to media.Publisher) error {
	l.mu.Lock()
	if l.conn.running {
		l.mu.Unlock()
		return ErrRunning
	}
	l.conn.running = true
	l.mu.Unlock()
	l.up.Store(&to)
	select {
	case <-ctx.Done():
		_ = l.Close(context.Cause(ctx))
		l.wg.Wait()
		return nil
	case <-l.ctx.Done():
		l.wg.Wait()
		return l.Cause()
	}
}

// Close ends the Leg; the first cause counts, nil means ErrClosed. It does not wait for the Leg's goroutines, Run does.
func (l *Leg) Close(cause error) error {
	if cause == nil {
		cause = ErrClosed
	}
	l.mu.Lock()
	if l.conn.closed {
		l.mu.Unlock()
		return nil
	}
	l.conn.closed = true
	pc := l.conn.pc
	feeds := make([]*feed, 0, len(l.conn.feeds))
	for f := range l.conn.feeds {
		feeds = append(feeds, f)
	}
	l.mu.Unlock()
	l.path.open.Store(false)
	l.cancel(cause)
	for _, f := range feeds {
		_ = f.Close()
	}
	for _, u := range l.sources() {
		u.carry(media.SourceUnknown, nil)
	}
	if pc == nil {
		// There is no loop to tell of it.
		l.setState(StateClosed)
		l.tell()
		l.engine.left(l)
		return nil
	}
	l.summary(cause)
	return nil
}

// enter lets a reader into the Leg; false when it is closed. Who enters calls readers.Done.
func (l *Leg) enter() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conn.closed {
		return false
	}
	l.readers.Add(1)
	return true
}

// publisher is where tracks go; nil before Run.
func (l *Leg) publisher() media.Publisher {
	if p := l.up.Load(); p != nil {
		return *p
	}
	return nil
}

// kick wakes the loop.
func (l *Leg) kick() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// rtcp sends feedback. It does not wait, and what cannot be sent is not missed: feedback comes again.
func (l *Leg) rtcp(packets ...rtcp.Packet) {
	l.mu.Lock()
	pc := l.conn.pc
	l.mu.Unlock()
	if pc == nil || !l.path.open.Load() {
		return
	}
	if err := pc.WriteRTCP(packets); err != nil {
		l.path.lossy.Add(1)
	}
}

// received counts what came from the browser.
func (l *Leg) received(bytes int) {
	l.traffic.mu.Lock()
	l.traffic.up.add(time.Now(), bytes)
	l.traffic.mu.Unlock()
}

// slots snapshots the slots.
func (l *Leg) slots() []*DownTrack {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.conn.slots)
}
