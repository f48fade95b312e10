package gateway

import (
	"legroom/rooms"
	"legroom/sip"
)

// seat is a phone's leg as a room sees it. A room closes a leg that it cannot seat; the caller is to hear why first, so here
// that does nothing: the participant's end tells the caller's own goroutine, which hangs up behind the last word.
type seat struct{ *sip.Leg }

// Close leaves the call up. The room's cause is that of the participant.
func (seat) Close(error) error { return nil }

var (
	_ rooms.Leg = seat{}
	_ rooms.Leg = (*sip.Leg)(nil)
)
