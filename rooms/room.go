package rooms

import (
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"

	"legroom/internal/logkey"
	"legroom/media"
	"legroom/transcode"
)

// Room is where legs meet. All its state is behind one lock, which is never held while a leg is called or a packet is
// written; what has to be done to legs is found under the lock and done outside it, by the clock (see step.go).
//
// When the last host leaves, the room stays as it is: those who joined go on, those who wait go on waiting until a host
// comes, and can see in the Snapshot that there is none. When the last participant of all leaves, what hosts decided
// (lock and bans) is forgotten, and a room on demand is gone.
type Room struct {
	registry *Registry
	policy   Policy
	log      *slog.Logger
	mixdown  *mixdown
	stepping atomic.Bool
	dirty    atomic.Bool // who gets what has to be decided anew

	mu       sync.Mutex
	members  []*Participant // waiting and joined, in the order they came
	banned   map[string]bool
	locked   bool
	bulletin bulletin
	stage    stage
	grants   grants
	gallery  *gallery // while somebody sees what is made here
	unclock  func()   // takes the room off the clock; nil while nobody joined
}

// newRoom makes a Room that nobody is in.
func newRoom(g *Registry, policy Policy) *Room {
	if policy.Mode.Encrypted() && policy.Capacity == 0 {
		policy.Capacity = maxEncrypted
	}
	r := &Room{
		registry: g, policy: policy, log: g.roomLog(policy.Number),
		mixdown: newMixdown(policy.Number, g.voice, g.cfg.MaxAudible),
		stage:   newStage(g.cfg.AudioTracks, policy.HideLevels),
	}
	r.reset()
	return r
}

// Number of the room.
func (r *Room) Number() string { return r.policy.Number }

// Policy the room was made with.
func (r *Room) Policy() Policy { return r.policy }

// JoinRequest says who wants in.
type JoinRequest struct {
	// Leg that joins. It stays its owner's: see Leg.Close.
	Leg Leg
	// Kind of the leg, for people.
	Kind LegKind
	// Name shown to people, at most 64 characters; numbers are masked already.
	Name string
	// Role it comes with.
	Role Role
	// Security of the leg's own hop.
	Security Security
	// Identity tells the same person again, for bans; opaque, empty for unknown.
	Identity string
	// Clear tells that the leg's media reaches the gateway in clear. What comes from a leg without it is forwarded, and
	// decoded only as far as a grant opens it. A browser in an encrypted room is without it, whatever stands here.
	Clear bool
}

// Join seats a leg: Waiting where there is a lobby and the leg is a guest's, and in an encrypted room always, hosts too;
// else Joined. A leg that takes one stream of
// sound is sent the mix of the room before Join returns.
// Errors: ErrFull, ErrLocked (guests), ErrBanned, ErrClosing, ErrNoCodec, and those of Leg.Send.
func (r *Room) Join(req JoinRequest) (*Participant, error) {
	if err := fits(req.Leg); err != nil {
		return nil, err
	}
	g := r.registry
	g.mu.Lock()
	room, err := g.current(r)
	if err != nil {
		g.mu.Unlock()
		return nil, err
	}
	p, err := room.enter(req)
	if err != nil && len(room.members) == 0 {
		g.emptied(room)
	}
	g.mu.Unlock()
	if err != nil {
		return nil, err
	}
	if room.waits(req.Role) {
		return p, nil // who admits it seats it, and may be doing so already
	}
	if err := p.seat(); err != nil {
		return nil, err
	}
	return p, nil
}

// fits tells whether there is anything that can be sent to a leg that hears.
func fits(leg Leg) error {
	if leg.Capacity(media.Audio) == 0 {
		return nil
	}
	for _, c := range leg.Accepts(media.Audio) {
		if transcode.CanEncode(c) {
			return nil
		}
	}
	return ErrNoCodec
}

// enter checks the rules and makes the participant. Called with the registry locked.
func (r *Room) enter(req JoinRequest) (*Participant, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case req.Identity != "" && r.banned[req.Identity]:
		return nil, ErrBanned
	case r.locked && req.Role != Host:
		return nil, ErrLocked
	case !r.hasSeat(req.Role):
		return nil, ErrFull
	}
	p := newParticipant(r, req)
	r.members = append(r.members, p)
	if r.waits(req.Role) {
		p.log.Info("participant waits")
	} else {
		r.admit(p)
	}
	r.changed()
	return p, nil
}

// waits tells whether who comes in that role has to be admitted first.
func (r *Room) waits(role Role) bool {
	return r.policy.Mode.Encrypted() || r.policy.Lobby && role != Host
}

// hasSeat: those who wait take a seat too, so that admission cannot fail; but a crowd of them keeps no host out.
// Called locked.
func (r *Room) hasSeat(role Role) bool {
	if r.policy.Capacity == 0 {
		return true
	}
	taken := len(r.members)
	if role == Host {
		taken = len(r.joined())
	}
	return taken < r.policy.Capacity
}

// admit makes a participant one of the room. Called locked; the caller then calls seat.
func (r *Room) admit(p *Participant) {
	p.enterRoom()
	p.takeUp()
	r.dirty.Store(true)
	if r.unclock == nil {
		r.unclock = r.registry.cfg.Clock.AddSkipping(r.step, r.skip)
	}
}

// joined lists who has joined. Called locked.
func (r *Room) joined() []*Participant {
	var list []*Participant
	for _, p := range r.members {
		if p.state == Joined {
			list = append(list, p)
		}
	}
	return list
}

// find a participant. Called locked.
func (r *Room) find(id string, state State) (*Participant, error) {
	for _, p := range r.members {
		if p.id == id && p.state == state {
			return p, nil
		}
	}
	return nil, ErrNoParticipant
}

// leave takes a participant out and answers what is to be closed behind it, outside the lock.
func (r *Room) leave(p *Participant, cause error) (closing []func()) {
	g := r.registry
	g.mu.Lock()
	defer g.mu.Unlock()
	r.mu.Lock()
	defer r.mu.Unlock()
	i := slices.Index(r.members, p)
	if i < 0 {
		return nil
	}
	r.members = slices.Delete(slices.Clone(r.members), i, i+1)
	closing = append(p.leaveRoom(cause), r.idle()...)
	if len(r.members) == 0 {
		r.reset()
		g.emptied(r)
	}
	r.dirty.Store(true)
	r.changed()
	p.log.Info("participant left", logkey.Reason, cause)
	return closing
}

// idle answers what is to be closed when nobody is in the room any more. Called locked.
func (r *Room) idle() (closing []func()) {
	if len(r.joined()) > 0 || r.unclock == nil {
		return nil
	}
	closing = append(closing, r.unclock)
	r.unclock = nil
	if r.gallery != nil {
		closing = append(closing, r.gallery.stop)
		r.gallery = nil
	}
	return closing
}

// reset forgets what hosts decided and granted. Called locked, or before anybody knows the room.
func (r *Room) reset() {
	r.banned = make(map[string]bool)
	r.locked = r.policy.Locked
	r.grants = grants{}
}

// Close ends the room: everybody leaves with cause.
func (r *Room) Close(cause error) {
	r.mu.Lock()
	members := slices.Clone(r.members)
	r.mu.Unlock()
	for _, p := range members {
		p.Leave(cause)
	}
}
