package rooms

import (
	"crypto/rand"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"legroom/audio/mix"
	"legroom/internal/logkey"
	"legroom/media"
	"legroom/transcode"
)

// maxName bounds the name of a participant, characters.
const maxName = 64

// Participant is a leg's seat in a room, and the Publisher that the leg is given. All fields below the first block are
// guarded by the lock of the room.
type Participant struct {
	id       string
	room     *Room
	request  JoinRequest
	log      *slog.Logger
	done     chan struct{}
	plan     atomic.Pointer[transcode.Plan] // of the picture it sees
	silenced atomic.Bool                    // follows badge.Muted, for packets on their way
	seating  sync.Mutex                     // held while the leg is sent the mix, before the lock of the room

	admitted chan struct{}
	state    State
	returned bool // it was in the room, and waits again
	badge    Info // what people see of it
	cause    error
	seats    seats
}

// seats is what a participant holds in its room.
type seats struct {
	ear          *ear           // of a leg that hears the mix
	feeds        []*feed        // of a leg that gets tracks
	publications []*publication // what it publishes
	wants        []Want         // nil: the room chooses
}

var _ media.Publisher = (*Participant)(nil)

func newParticipant(r *Room, req JoinRequest) *Participant {
	id := strings.ToLower(rand.Text()[:12])
	return &Participant{
		id: id, room: r, request: req,
		log:      r.log.With(logkey.Participant, id, logkey.Kind, req.Kind.String(), logkey.Role, req.Role.String()),
		admitted: make(chan struct{}), done: make(chan struct{}),
		badge: Info{
			ID: id, Name: shorten(req.Name), Kind: req.Kind, Role: req.Role, Security: req.Security,
		},
	}
}

// ID is unique in the process, and cannot be guessed.
func (p *Participant) ID() string { return p.id }

// Room the participant is in.
func (p *Participant) Room() *Room { return p.room }

// Role it has now.
func (p *Participant) Role() Role {
	p.room.mu.Lock()
	defer p.room.mu.Unlock()
	return p.badge.Role
}

// State it is in now.
func (p *Participant) State() State {
	p.room.mu.Lock()
	defer p.room.mu.Unlock()
	return p.state
}

// Admitted is closed when the participant has joined and, if it is to hear the mix, hears it; never when it is sent away before.
// After PutBack it is another channel.
func (p *Participant) Admitted() <-chan struct{} {
	p.room.mu.Lock()
	defer p.room.mu.Unlock()
	return p.admitted
}

// open closes Admitted.
func (p *Participant) open() {
	p.room.mu.Lock()
	defer p.room.mu.Unlock()
	close(p.admitted)
}

// Done is closed when the participant has left. Nothing of the room reaches the leg any more, and nothing of the leg the
// room; the leg itself lives on, so that its owner can say why.
func (p *Participant) Done() <-chan struct{} { return p.done }

// Cause is why it left: ErrRemoved, ErrDenied, ErrRoomClosed, or what was given to Leave; nil before.
func (p *Participant) Cause() error {
	p.room.mu.Lock()
	defer p.room.mu.Unlock()
	return p.cause
}

// Leave ends the participation. The first cause counts, nil is taken for ErrLeft. It must not be called from a Sink that
// the leg gave to the room.
func (p *Participant) Leave(cause error) {
	if cause == nil {
		cause = ErrLeft
	}
	for _, end := range p.room.leave(p, cause) {
		end()
	}
}

// Whisper mixes src into what this leg hears, and no other. Errors: ErrWaiting, ErrLeft, ErrNoMix for a leg that gets
// tracks.
func (p *Participant) Whisper(src mix.Source) (*mix.Whisper, error) {
	p.room.mu.Lock()
	defer p.room.mu.Unlock()
	if err := p.present(); err != nil {
		return nil, err
	}
	if p.seats.ear == nil {
		return nil, ErrNoMix
	}
	return p.seats.ear.port.Whisper(src), nil
}

// SetMuted mutes or unmutes the participant itself: while muted, nothing from its microphone is passed on to anybody.
// Who was muted by a host may unmute itself.
func (p *Participant) SetMuted(on bool) {
	p.change(func() { p.mute(on, false) })
}

// SetHand raises or lowers the hand.
func (p *Participant) SetHand(on bool) {
	p.change(func() {
		if p.badge.Hand != on {
			p.badge.Hand, p.badge.HandSince = on, time.Time{}
		}
		if on && p.badge.HandSince.IsZero() {
			p.badge.HandSince = time.Now()
		}
	})
}

// Rename changes the name shown to people; it is cut to 64 characters.
func (p *Participant) Rename(name string) {
	p.change(func() { p.badge.Name = shorten(name) })
}

// change does something to the badge of a participant who is still there.
func (p *Participant) change(do func()) {
	p.room.mu.Lock()
	defer p.room.mu.Unlock()
	if p.state != Left {
		do()
		p.room.changed()
	}
}

// mute is called locked.
func (p *Participant) mute(on, byHost bool) {
	p.badge.Muted, p.badge.MutedByHost = on, on && byHost
	p.silenced.Store(on)
}

// present tells why a participant who is not in the room may not do what those in it may. Called locked.
func (p *Participant) present() error {
	switch p.state {
	case Waiting:
		return ErrWaiting
	case Left:
		return ErrLeft
	default:
		return nil
	}
}

// enterRoom is called locked.
func (p *Participant) enterRoom() {
	p.state, p.badge.Joined = Joined, time.Now()
	p.log.Info("participant joined")
}

// leaveRoom is called locked.
func (p *Participant) leaveRoom(cause error) (closing []func()) {
	p.state, p.returned, p.cause = Left, false, cause
	close(p.done)
	s := p.seats
	p.seats = seats{}
	for _, pub := range s.publications {
		pub.withdraw()
		closing = append(closing, pub.end)
	}
	for _, f := range s.feeds {
		closing = append(closing, f.close)
	}
	if s.ear != nil {
		closing = append(closing, func() { _ = s.ear.Close() })
	}
	return closing
}

// describe is called locked.
func (p *Participant) describe() Info {
	info := p.badge
	info.State = p.state
	for _, pub := range p.seats.publications {
		info.Sources = append(info.Sources, pub.track.info.Source)
	}
	return info
}

func shorten(name string) string {
	runes := []rune(strings.TrimSpace(name))
	return string(runes[:min(len(runes), maxName)])
}

// Reframe shows the picture anew to a leg whose codec, or what it takes of pictures, has changed. It does not wait.
func (p *Participant) Reframe() { p.room.dirty.Store(true) }

// PicturePlan is how the picture that it sees is carried to it; the zero Plan, which is to forward, for who sees none too.
func (p *Participant) PicturePlan() (plan transcode.Plan, sees bool) {
	if plan := p.plan.Load(); plan != nil {
		return *plan, true
	}
	return transcode.Plan{}, false
}
