package gateway

import (
	"legroom/rooms"
)

// Plea and Gathering are what callers need of the meeting of an encrypted room.
type (
	Plea      = plea
	Gathering = gathering
)

// GatherIn has callers of encrypted rooms find their meeting there. Before Run.
func (g *Gateway) GatherIn(f func(*rooms.Room) Gathering) { g.reception.cfg.Gather = f }
