// Package rooms gives legs a room: it decides who is in, who hears and sees whom, and carries every stream there with
// as few conversions as possible. It knows legs by their interface only, no network and no signalling.
//
// A Registry has Rooms, a Room has Participants, a Participant publishes Tracks. Phones hear the mix of their Room
// (mixdown, broadcast, ear), browsers get Tracks (feed). A Booth is the place of a phone that is in no room yet.
//
// In an encrypted room a browser's Track is sealed. It becomes a ClearTrack, which can be decoded, only as far as a grant
// opens it (grants, unsealing); browsers get of a phone what is sealed for them, or nothing (sealedVoice).
package rooms

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"sync"

	"legroom/internal/logkey"
)

// Registry is all rooms of the process.
type Registry struct {
	cfg    Config
	voice  *voice
	studio *studio

	mu      sync.Mutex // before the lock of any Room
	rooms   map[string]*Room
	closing bool
}

// New makes a Registry. Clock, Log and Policy of cfg must be set.
func New(cfg Config) *Registry {
	return &Registry{cfg: cfg, voice: newVoice(cfg), studio: &studio{log: cfg.Log}, rooms: make(map[string]*Room)}
}

// Run serves until ctx ends, then closes every room with ErrRoomClosed and lets nobody in any more. It makes what phones
// hear while nobody speaks; who comes before that is done hears exact silence in its place.
// Its error is context.Cause of ctx.
func (g *Registry) Run(ctx context.Context) error {
	if err := g.voice.prepare(ctx); err != nil {
		g.cfg.Log.Warn("comfort noise cannot be made", logkey.Err, err) // phones hear silence in its place
		<-ctx.Done()
	}
	g.mu.Lock()
	g.closing = true
	g.mu.Unlock()
	for _, r := range g.Rooms() {
		r.Close(ErrRoomClosed)
	}
	return context.Cause(ctx)
}

// Room of that number, made from its policy when it is not there. A room on demand is listed from its first
// participant to its last; to ask for one and not to join leaves nothing behind. Errors: ErrNoRoom, ErrClosing.
func (g *Registry) Room(number string) (*Room, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closing {
		return nil, ErrClosing
	}
	if r := g.rooms[number]; r != nil {
		return r, nil
	}
	policy, ok := g.cfg.Policy(number)
	if !ok {
		return nil, ErrNoRoom
	}
	r := newRoom(g, policy)
	if !policy.OnDemand {
		g.rooms[number] = r
	}
	return r, nil
}

// Rooms lists the rooms by number.
func (g *Registry) Rooms() []*Room {
	g.mu.Lock()
	defer g.mu.Unlock()
	list := make([]*Room, 0, len(g.rooms))
	for _, r := range g.rooms {
		list = append(list, r)
	}
	slices.SortFunc(list, func(a, b *Room) int { return cmp.Compare(a.Number(), b.Number()) })
	return list
}

// current is the room that a join to r goes to: r, unless another of its number came up since r was asked for. Called
// locked.
func (g *Registry) current(r *Room) (*Room, error) {
	if g.closing {
		return nil, ErrClosing
	}
	if other := g.rooms[r.policy.Number]; other != nil {
		return other, nil
	}
	g.rooms[r.policy.Number] = r
	return r, nil
}

// emptied forgets a room on demand that nobody is in. Called locked.
func (g *Registry) emptied(r *Room) {
	if r.policy.OnDemand && g.rooms[r.policy.Number] == r {
		delete(g.rooms, r.policy.Number)
		r.log.Info("room is gone")
	}
}

// roomLog is the log of a room.
func (g *Registry) roomLog(number string) *slog.Logger { return g.cfg.Log.With(logkey.Room, number) }
