package peer

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/interceptor/pkg/report"
	"github.com/pion/interceptor/pkg/twcc"
	"github.com/pion/webrtc/v4"

	"legroom/media"
)

// receiveMTU is the largest packet read, bytes.
const receiveMTU = 1500

// Engine is what all browser legs of the process share.
type Engine struct {
	cfg     Config
	log     *slog.Logger
	sockets *sockets
	relay   *relay // nil without an embedded TURN server
	ready   chan struct{}
	done    chan struct{}
	kept    keptOut

	mu      sync.Mutex
	api     *webrtc.API // set before ready is closed
	legs    map[*Leg]struct{}
	origins map[string]*origin
	running bool
	closed  bool
}

// keptOut counts packets of sound that guards did not let through, of all legs ever.
type keptOut struct{ dropped, alarmed atomic.Uint64 }

// KeptOut is how many packets of sound guards have not let through since the Engine was made: by Drop and by Alarm.
func (e *Engine) KeptOut() (dropped, alarmed uint64) {
	return e.kept.dropped.Load(), e.kept.alarmed.Load()
}

// New opens the sockets, so that a port that is taken is found here. Nothing is read before Run; an Engine that is not
// run is given up by Close.
func New(cfg Config) (*Engine, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	e := &Engine{
		cfg: cfg, log: cfg.Log, ready: make(chan struct{}), done: make(chan struct{}),
		legs: map[*Leg]struct{}{}, origins: map[string]*origin{},
	}
	if e.log == nil {
		e.log = slog.New(slog.DiscardHandler)
	}
	var err error
	if e.sockets, err = openSockets(cfg); err != nil {
		return nil, err
	}
	if cfg.TURN.Enabled() {
		if e.relay, err = openRelay(cfg, e.sockets); err != nil {
			return nil, errors.Join(err, e.sockets.close())
		}
	}
	return e, nil
}

// Run serves until ctx ends, then closes every Leg and every socket. It returns when nothing of the Engine is alive.
// Errors: ErrRunning, ErrClosed.
func (e *Engine) Run(ctx context.Context) error {
	e.mu.Lock()
	if e.running || e.closed {
		defer e.mu.Unlock()
		if e.closed {
			return ErrClosed
		}
		return ErrRunning
	}
	e.running = true
	e.mu.Unlock()
	err := e.start()
	if err == nil {
		close(e.ready)
		<-ctx.Done()
	}
	return errors.Join(err, e.stop(ErrClosed))
}

// Close gives up an Engine that has not been run. One that runs ends with the context of its Run.
func (e *Engine) Close() error {
	e.mu.Lock()
	running := e.running
	e.mu.Unlock()
	if running {
		return nil
	}
	return e.stop(ErrClosed)
}

func (e *Engine) start() error {
	m, err := newMediaEngine()
	if err != nil {
		return fmt.Errorf("peer: register codecs: %w", err)
	}
	registry := &interceptor.Registry{}
	receiver, err := report.NewReceiverInterceptor()
	if err != nil {
		return fmt.Errorf("peer: receiver reports: %w", err)
	}
	// Feedback about what browsers send: their own congestion control adapts to it.
	feedback, err := twcc.NewSenderInterceptor(twcc.SendInterval(50 * time.Millisecond))
	if err != nil {
		return fmt.Errorf("peer: transport-wide feedback: %w", err)
	}
	registry.Add(receiver)
	registry.Add(feedback)
	settings, err := e.settings()
	if err != nil {
		return err
	}
	if e.relay != nil {
		if err := e.relay.start(e.log); err != nil {
			return err
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.api = webrtc.NewAPI(webrtc.WithMediaEngine(m), webrtc.WithInterceptorRegistry(registry), webrtc.WithSettingEngine(settings))
	return nil
}

// stop closes legs first: their last packets still find a socket.
func (e *Engine) stop(cause error) error {
	e.mu.Lock()
	if e.closed {
		e.mu.Unlock()
		return nil
	}
	e.closed = true
	legs := make([]*Leg, 0, len(e.legs))
	for l := range e.legs {
		legs = append(legs, l)
	}
	e.mu.Unlock()
	close(e.done)
	for _, l := range legs {
		_ = l.Close(cause)
	}
	for _, l := range legs {
		l.wg.Wait()
	}
	var err error
	if e.relay != nil {
		err = e.relay.close()
	}
	return errors.Join(err, e.sockets.close())
}

// LegConfig is what one Leg needs.
type LegConfig struct {
	// ID of the Leg, unique in the process.
	ID string
	// Log of the Leg; nil takes that of the Engine.
	Log *slog.Logger
	// OnSlots is told, from one goroutine at a time and with changes merged, what every slot carries. It must not block
	// for long. May be nil.
	OnSlots func([]Slot)
	// OnState is told each change of the connection's state, in order. It must not block for long. May be nil.
	OnState func(State)
	// Guard looks at the payload of each packet of sound that comes from the browser, before anybody in the room gets
	// it. It is called from any goroutine and must not keep the payload, wait or allocate. Nil lets everything through. In an encrypted room it holds the sender that a frame names against who is at this Leg:
	// all members have the key, so one of them could else speak as another.
	Guard func(payload []byte) Verdict
	// Encrypted tells that the room's browsers seal what they send end to end. Then only codecs that have a sealed form
	// are negotiated, and of header extensions, which stand outside the sealing, only those of a fixed list.
	Encrypted bool
	// HideLevels leaves out the loudness of sound (RFC 6464) as well, in both directions: it stands outside the sealing.
	HideLevels bool
	// VideoCodec is the one video codec of the room; empty for any that the gateway passes on.
	VideoCodec media.CodecName
	// AgreeVideo, where it is set, is asked for VideoCodec at each offer with video, with what all its lines of video have.
	// An offer without the codec that it gives is refused. It is called from any goroutine and must not wait.
	AgreeVideo func(offered []media.CodecName) media.CodecName
}

// NewLeg makes a Leg, which does nothing until its first Offer. Whoever makes it runs or closes it.
// Errors: ErrClosed.
func (e *Engine) NewLeg(cfg LegConfig) (*Leg, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return nil, ErrClosed
	}
	l := newLeg(e, cfg)
	e.legs[l] = struct{}{}
	return l, nil
}

// left forgets a Leg that has ended.
func (e *Engine) left(l *Leg) {
	e.mu.Lock()
	delete(e.legs, l)
	e.mu.Unlock()
}

// connection makes a PeerConnection, once the Engine runs.
func (e *Engine) connection(ctx context.Context) (*webrtc.PeerConnection, error) {
	select {
	case <-e.ready:
	case <-e.done:
		return nil, ErrClosed
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	return e.api.NewPeerConnection(webrtc.Configuration{BundlePolicy: webrtc.BundlePolicyMaxBundle})
}

// origin gives what the viewers of a Track share, and counts one more.
func (e *Engine) origin(track media.TrackInfo) *origin {
	e.mu.Lock()
	defer e.mu.Unlock()
	o := e.origins[track.ID]
	if o == nil {
		o = &origin{vp8: track.Codec.Name == media.VP8}
		e.origins[track.ID] = o
	}
	o.refs++
	return o
}

// release counts one viewer less; the last one takes the kept packets along.
func (e *Engine) release(id string, o *origin) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if o.refs--; o.refs == 0 && e.origins[id] == o {
		delete(e.origins, id)
	}
}

func newSSRC() uint32 {
	var b [4]byte
	// crypto/rand.Read never fails (since Go 1.24 it ends the process instead).
	_, _ = rand.Read(b[:])
	return binary.BigEndian.Uint32(b[:])
}
