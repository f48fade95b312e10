package api

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"net/netip"
	"sync"
	"time"

	"legroom/internal/logkey"
	"legroom/internal/run"
	"legroom/media"
	"legroom/peer"
	"legroom/rooms"
)

// visit is one browser in a room. It lives longer than its connection: a broken one may be taken up again for a while.
// One goroutine, run, tells the client what happens; the reader of the connection carries out what the client asks for.
type visit struct {
	hub      *Hub
	leg      *peer.Leg
	who      *rooms.Participant
	entrance Entrance
	log      *slog.Logger
	start    time.Time
	place

	take  chan handover
	lost  chan *socket
	slots chan struct{}
	over  chan struct{}

	token string // used by run alone

	mu     sync.Mutex
	socket *socket // nil while the connection is broken
	wants  []rooms.Want
}

// handover is a connection that takes the visit up.
type handover struct {
	socket *socket
	done   chan struct{}
}

func newVisit(h *Hub, e Entrance, hello *Hello, source netip.Addr) (*visit, error) {
	v := &visit{
		hub: h, entrance: e, start: time.Now(), take: make(chan handover), lost: make(chan *socket),
		slots: make(chan struct{}, 1), over: make(chan struct{}),
	}
	id := rand.Text()[:8]
	v.log = h.cfg.Log.With(logkey.Leg, id, logkey.Room, e.Room.Number())
	encrypted := e.Room.Policy().Mode.Encrypted()
	cfg := peer.LegConfig{ID: id, Log: v.log, OnSlots: func([]peer.Slot) { v.signalSlots() }}
	if encrypted {
		number := e.Room.Number()
		cfg.Encrypted, cfg.Guard, cfg.HideLevels = true, v.own, e.Room.Policy().HideLevels
		cfg.AgreeVideo = func(offered []media.CodecName) media.CodecName { return h.agreement.codec(number, offered) }
	}
	leg, err := h.cfg.Engine.NewLeg(cfg)
	if err != nil {
		return nil, err
	}
	v.leg = leg
	v.who, err = e.Room.Join(rooms.JoinRequest{
		Leg: leg, Kind: rooms.Browser, Name: hello.Name, Role: e.Role, Security: rooms.HopDTLS,
		Identity: identity(source), Clear: !encrypted,
	})
	if err != nil {
		_ = leg.Close(err)
		return nil, err
	}
	v.seated()
	if hello.Muted {
		v.who.SetMuted(true)
	}
	v.log = v.log.With(logkey.Participant, v.who.ID())
	v.log.Info("browser joins", logkey.Role, e.Role.String(), logkey.Source, source.String())
	return v, nil
}

// identity tells the same person again as well as can be without an account: a ban is for an address. A host's link still
// opens, so colleagues behind the same address can be let in again by it.
func identity(source netip.Addr) string {
	sum := sha256.Sum256([]byte("browser " + source.String()))
	return hex.EncodeToString(sum[:8])
}

func (v *visit) signalSlots() {
	select {
	case v.slots <- struct{}{}:
	default:
	}
}

// attach gives the visit a connection; false when it is over. The welcome is queued when it returns.
func (v *visit) attach(ctx context.Context, s *socket, hello *Hello) bool {
	h := handover{socket: s, done: make(chan struct{})}
	select {
	case v.take <- h:
		<-h.done
		if hello.Resume != "" {
			v.takeUpMute(hello.Muted)
		}
		return true
	case <-v.over:
		return false
	case <-ctx.Done():
		return false
	}
}

// takeUpMute brings the microphone to what the client says after a break, except that a host's muting in between stands.
func (v *visit) takeUpMute(muted bool) {
	info, ok := find(v.who.Room().Snapshot(), v.who.ID())
	if ok && info.Muted != muted && !info.MutedByHost {
		v.who.SetMuted(muted)
	}
}

// detach tells that a connection broke; one that was replaced meanwhile is no loss.
func (v *visit) detach(s *socket) {
	select {
	case v.lost <- s:
	case <-v.over:
	}
}

// tell sends a message to the client, if it is there.
func (v *visit) tell(m ServerMessage) {
	if s := v.connection(); s != nil {
		s.send(m)
	}
}

func (v *visit) connection() *socket {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.socket
}

func (v *visit) connect(s *socket) (old *socket) {
	v.mu.Lock()
	defer v.mu.Unlock()
	old, v.socket = v.socket, s
	return old
}

// cause is why the visit ended.
func (v *visit) cause() error {
	if err := v.who.Cause(); err != nil {
		return err
	}
	return ErrLeft
}

// run lives as long as the visit does. life is that of the Hub.
func (v *visit) run(life context.Context) {
	g, _ := run.NewGroup(context.WithoutCancel(life))
	t := newTeller(v)
	defer t.stop()
	for !t.step(life, g) {
	}
	cause := v.cause()
	close(v.over)
	v.hub.forget(v.token)
	v.goneFromMeeting()
	if s := v.connect(nil); s != nil {
		s.bye(cause)
	}
	_ = v.leg.Close(cause)
	g.Cancel(cause)
	if err := g.Wait(); err != nil && ByeOf(err) == ByeInternal {
		v.log.Warn("browser media ended", logkey.Err, err)
	}
	v.log.Info("browser left", logkey.Reason, string(ByeOf(cause)), logkey.DurationMS, time.Since(v.start).Milliseconds())
}

// media runs the leg once the participant has joined.
func (v *visit) media(ctx context.Context) error {
	err := v.leg.Run(ctx, v.who)
	if err == nil || errors.Is(err, context.Canceled) {
		return nil
	}
	v.who.Leave(err)
	return nil
}

// handle does what a message asks for and answers it. It answers true when the message was faulty.
func (v *visit) handle(ctx context.Context, s *socket, m ClientMessage) (faulty bool) {
	if err := v.obey(ctx, s, m); err != nil {
		v.refuse(s, m.reply(), err)
		var bad *MessageError
		return errors.As(err, &bad)
	}
	if re := m.reply(); re != nil {
		s.send(&OK{Re: *re})
	}
	return false
}

func (v *visit) refuse(s *socket, re *int64, err error) {
	code, words := errorOf(err)
	if code == ErrorInternal {
		v.log.Warn("message not obeyed", logkey.Err, err)
	}
	s.send(&ErrorReply{Re: re, Code: code, Message: words})
}

// obey maps each message to the participant or to its leg.
func (v *visit) obey(ctx context.Context, s *socket, m ClientMessage) error {
	switch m := m.(type) {
	case *Offer:
		return v.offer(ctx, s, m)
	case *ClientCandidate:
		return v.joined(func() error { return v.leg.Candidate(m.Candidate, m.MID) })
	case *View:
		v.view(m)
	case *Mute:
		v.who.SetMuted(m.Muted)
	case *Hand:
		v.who.SetHand(m.Raised)
	case *Rename:
		v.who.Rename(m.Name)
	case *Admit:
		return v.who.Admit(m.Participant)
	case *Deny:
		return v.who.Deny(m.Participant)
	case *MuteOther:
		return v.who.MuteOther(m.Participant)
	case *MuteAll:
		return v.who.MuteAll()
	case *Lock:
		return v.who.Lock(m.Locked)
	case *Remove:
		return v.who.Remove(m.Participant, m.Ban)
	case *PassHost:
		return v.who.PassHost(m.Participant)
	case *ClientMeeting:
		return v.tellMeeting(s, m)
	case *Leave:
		v.who.Leave(ErrLeft)
	default:
		return &MessageError{Type: m.messageType(), Msg: "comes only once"} // a second hello
	}
	return nil
}

// joined refuses media before a host has let the participant in: whoever waits has no connection that sound could come
// through.
func (v *visit) joined(f func() error) error {
	if v.who.State() != rooms.Joined {
		return rooms.ErrWaiting
	}
	return f()
}

func (v *visit) offer(ctx context.Context, s *socket, m *Offer) error {
	return v.joined(func() error {
		offer := peer.Offer{SDP: m.SDP, Tracks: make([]peer.OfferTrack, len(m.Tracks))}
		for i, t := range m.Tracks {
			offer.Tracks[i] = peer.OfferTrack{MID: t.MID, Source: mediaSource(t.Source)}
		}
		answer, err := v.leg.Offer(ctx, offer)
		if err != nil {
			return err
		}
		s.send(&Answer{ID: m.ID, SDP: answer})
		v.want(nil, false) // there may be slots now that were not there before
		v.signalSlots()
		return nil
	})
}

func (v *visit) view(m *View) {
	views := make([]peer.View, len(m.Items))
	wants := make([]rooms.Want, len(m.Items))
	for i, item := range m.Items {
		source := mediaSource(item.Source)
		views[i] = peer.View{Participant: item.Participant, Source: source, Width: item.Width, Height: item.Height}
		wants[i] = rooms.Want{Participant: item.Participant, Source: source}
	}
	v.leg.View(views)
	v.want(wants, true)
}

// want tells the room which videos to send; without replace the ones that were told last, because slots changed.
func (v *visit) want(wants []rooms.Want, replace bool) {
	v.mu.Lock()
	if replace {
		v.wants = wants
	}
	wants = v.wants
	v.mu.Unlock()
	v.who.View(wants)
}

func slotsOf(slots []peer.Slot) *Slots {
	out := &Slots{Items: make([]SlotItem, len(slots))}
	for i, s := range slots {
		out.Items[i] = SlotItem{MID: s.MID, Participant: s.Participant}
		if s.Participant != "" {
			out.Items[i].Source = sourceOf(s.Source)
		}
	}
	return out
}

var (
	_ media.Publisher = (*rooms.Participant)(nil)
	_ rooms.Leg       = (*peer.Leg)(nil)
)
