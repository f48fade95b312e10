// Package rooms gives legs a room: it decides who is in, who hears and sees whom, and carries every stream there with
// as few conversions as possible. It knows legs by their interface only, no network and no signalling.
package rooms

import (
	"context"
	"sync"
)

// Registry is all rooms of the process.
type Registry struct {
	cfg   Config
	mu    sync.Mutex
	rooms map[string]*Room
}

// New makes a Registry. Clock, Log and Policy of cfg must be set.
func New(cfg Config) *Registry { return &Registry{cfg: cfg, rooms: make(map[string]*Room)} }

// Run serves until ctx ends, then closes every room with ErrClosing.
func (g *Registry) Run(ctx context.Context) error { <-ctx.Done(); return context.Cause(ctx) }

// Room of that number, made from its policy when it is not there. Errors: ErrNoRoom, ErrClosing.
func (g *Registry) Room(number string) (*Room, error) { return nil, ErrNoRoom }

// Rooms lists the rooms by number.
func (g *Registry) Rooms() []*Room { return nil }

// NewBooth gives leg a place of its own.
func (g *Registry) NewBooth(leg Leg) (*Booth, error) { return nil, ErrNoCodec }
