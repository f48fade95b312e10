package api

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
	"golang.org/x/time/rate"

	"legroom/e2ee"
	"legroom/gateway/meeting"
	"legroom/internal/logkey"
	"legroom/internal/run"
	"legroom/peer"
	"legroom/rooms"
)

// Messages a second that a client may send for long, and at once; more are read later.
const (
	messageRate  = 50
	messageBurst = 200
)

// maxStrangers bounds connections that have not said hello yet, from everywhere together.
const maxStrangers = 500

// farewell is how long connections may take to close when the Hub ends.
const farewell = 2 * time.Second

// Door decides who comes in by a link.
type Door interface {
	// Open checks the key of a link to a room for a client at source.
	// Errors: ErrBadLink, ErrThrottled, ErrDraining, rooms.ErrClosing.
	Open(room, key string, source netip.Addr) (Entrance, error)
}

// Entrance is what a link opens.
type Entrance struct {
	// Room it leads to.
	Room *rooms.Room
	// Role it gives.
	Role rooms.Role
	// Phone says how to come in by telephone.
	Phone PhoneAccess
	// GuestKey of the room's guest link.
	GuestKey string
}

// HubConfig is what a Hub needs.
type HubConfig struct {
	// Door to the rooms.
	Door Door
	// Engine that makes the legs.
	Engine *peer.Engine
	// Slots to tell browsers of.
	Slots SlotCounts
	// Origins of other web sites that may connect: "https://portal.example".
	Origins []string
	// Version of the gateway.
	Version string
	// Log of the visits.
	Log *slog.Logger
	// Meetings of encrypted rooms.
	Meetings *meeting.Meetings
	// Identity is the gateway's key, and Owners knows who owns rooms: for browsers to be told.
	Identity *e2ee.Identity
	Owners   meeting.Owners
}

// Hub is all visits of browsers: it takes WebSocket connections and keeps visits whose connection broke.
type Hub struct {
	cfg       HubConfig
	agreement *agreement

	mu     sync.Mutex
	visits map[string]*visit // by resume token
	ctx    context.Context   // that of Run; nil before and after
	drain  bool
	group  sync.WaitGroup
	// running is closed when Run has begun; the listener may be up a moment earlier.
	running chan struct{}
	// strangers are connections that have not said hello.
	strangers atomic.Int32
}

// NewHub makes a Hub. Every field of cfg but Origins must be set.
func NewHub(cfg HubConfig) *Hub {
	return &Hub{cfg: cfg, agreement: newAgreement(), visits: make(map[string]*visit), running: make(chan struct{})}
}

// Run lets visits live until ctx ends; its cause is what users are told. It returns when nothing of them is alive. Call it once.
func (h *Hub) Run(ctx context.Context) error {
	h.mu.Lock()
	h.ctx = ctx
	h.mu.Unlock()
	close(h.running)
	<-ctx.Done()
	h.mu.Lock()
	h.ctx = nil
	h.mu.Unlock()
	h.group.Wait()
	return nil
}

// Drain tells everybody that the service goes down and takes no new visits.
func (h *Hub) Drain() {
	h.mu.Lock()
	h.drain = true
	h.mu.Unlock()
	for _, v := range h.all() {
		v.tell(&Notice{Code: NoticeDraining})
	}
}

func (h *Hub) all() []*visit {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Collect(maps.Values(h.visits))
}

// HostAsks tells the hosts of a room who are there with a browser that one on the telephone wants somebody let in. False:
// there is none.
func (h *Hub) HostAsks(by *rooms.Participant) bool {
	info, _ := find(by.Room().Snapshot(), by.ID())
	told := false
	for _, v := range h.all() {
		if v.who.Room() == by.Room() && v.who.Role() == rooms.Host && v.who.State() == rooms.Joined && v.connection() != nil {
			v.tell(&Notice{Code: NoticeHostAsked, Participant: by.ID(), Name: info.Name})
			told = true
		}
	}
	return told
}

// Visits is how many there are.
func (h *Hub) Visits() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.visits)
}

// enter counts one more goroutine of the Hub in; false when it does not run.
func (h *Hub) enter() (context.Context, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ctx == nil || h.ctx.Err() != nil {
		return nil, false
	}
	h.group.Add(1)
	return h.ctx, true
}

// ServeHTTP takes one WebSocket connection and serves it to its end.
func (h *Hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	select {
	case <-h.running:
	case <-r.Context().Done():
		return
	}
	life, ok := h.enter()
	if !ok {
		http.Error(w, "going down", http.StatusServiceUnavailable)
		return
	}
	defer h.group.Done()
	if h.strangers.Add(1) > maxStrangers {
		h.strangers.Add(-1)
		http.Error(w, "too many connections", http.StatusServiceUnavailable)
		return
	}
	known := sync.OnceFunc(func() { h.strangers.Add(-1) })
	defer known()
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{Subprotocol}, OriginPatterns: h.cfg.Origins})
	if err != nil {
		return // Accept has answered
	}
	defer func() { _ = conn.CloseNow() }()
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(r.Context()))
	defer cancel(nil)
	// What ends the Hub ends its visits first; they say bye, and the connection gets the time to carry it.
	defer context.AfterFunc(life, func() { time.AfterFunc(farewell, func() { cancel(ErrDraining) }) })()
	s := newSocket(conn, cancel)
	g, ctx := run.NewGroup(ctx)
	g.Go("socket write", s.write)
	if conn.Subprotocol() != Subprotocol {
		s.bye(ErrBadHello)
	} else {
		h.serve(ctx, s, sourceOfRequest(r), known)
	}
	_ = g.Wait() // however a connection ended: its visit knows
}

// serve reads a connection from hello to end; known is told that it is no stranger any more.
func (h *Hub) serve(ctx context.Context, s *socket, source netip.Addr, known func()) {
	v, err := h.hello(ctx, s, source)
	known()
	if err != nil {
		s.bye(err)
		drainReads(ctx, s)
		return
	}
	limit := rate.NewLimiter(messageRate, messageBurst)
	for faults := 0; ; {
		if limit.Wait(ctx) != nil {
			break
		}
		m, err := s.read(ctx)
		var bad *MessageError
		faulty := errors.As(err, &bad)
		switch {
		case faulty:
			v.refuse(s, bad.Re, bad)
		case err != nil:
			v.detach(s)
			s.cancel(err)
			return
		default:
			faulty = v.handle(ctx, s, m)
		}
		if !faulty {
			continue
		}
		if faults++; faults == MaxFaults {
			v.who.Leave(ErrFaulty)
		}
	}
	v.detach(s)
}

// drainReads keeps reading so that the close handshake behind a bye can finish.
func drainReads(ctx context.Context, s *socket) {
	for {
		if _, _, err := s.conn.Read(ctx); err != nil {
			return
		}
	}
}

// hello takes the first message and finds or makes the visit.
func (h *Hub) hello(ctx context.Context, s *socket, source netip.Addr) (*visit, error) {
	wait, cancel := context.WithTimeout(ctx, helloTimeout)
	defer cancel()
	m, err := s.read(wait)
	if err != nil {
		return nil, errors.Join(ErrBadHello, err)
	}
	hello, ok := m.(*Hello)
	if !ok || hello.Protocol != ProtocolVersion {
		return nil, ErrBadHello
	}
	if v := h.resumed(hello); v != nil && v.attach(ctx, s, hello) {
		return v, nil
	}
	h.mu.Lock()
	draining := h.drain
	h.mu.Unlock()
	if draining {
		return nil, ErrDraining
	}
	v, err := h.visit(hello, source)
	if err != nil {
		h.cfg.Log.Info("visit refused", logkey.Reason, string(ByeOf(err)), logkey.Source, source.String())
		return nil, err
	}
	if !v.attach(ctx, s, hello) {
		return nil, v.cause()
	}
	return v, nil
}

// resumed finds the visit of a token, which is good once and only for the room it was given in.
func (h *Hub) resumed(hello *Hello) *visit {
	if hello.Resume == "" {
		return nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	v := h.visits[hello.Resume]
	if v == nil || v.who.Room().Number() != hello.Room {
		return nil
	}
	return v
}

// visit joins the room and starts the visit.
func (h *Hub) visit(hello *Hello, source netip.Addr) (*visit, error) {
	entrance, err := h.cfg.Door.Open(hello.Room, hello.Key, source)
	if err != nil {
		return nil, err
	}
	life, ok := h.enter()
	if !ok {
		return nil, ErrDraining
	}
	v, err := newVisit(h, entrance, hello, source)
	if err != nil {
		h.group.Done()
		return nil, err
	}
	go func() { // owned by the Hub: it ends with the visit, and Run waits for it
		defer h.group.Done()
		v.run(life)
	}()
	return v, nil
}

// retoken gives a visit a new resume token in place of the old one, which may be empty.
func (h *Hub) retoken(v *visit, old string) string {
	token := rand.Text()
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.visits, old)
	h.visits[token] = v
	return token
}

func (h *Hub) forget(token string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.visits, token)
}

func sourceOfRequest(r *http.Request) netip.Addr {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return at.Addr().Unmap()
}
