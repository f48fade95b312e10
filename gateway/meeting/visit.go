package meeting

import (
	"sync/atomic"

	"golang.org/x/time/rate"

	"legroom/e2ee/delivery"
	"legroom/e2ee/sframe"
	"legroom/media"
	"legroom/rooms"
)

// nowhere is the leaf of who has none.
const nowhere = -1

// How much a browser may say: it is more than the delivery service lets through.
const (
	talkRate  = 20 // in a second
	talkBurst = 80
	// askRate and askBurst are for what costs much: records that were missed, and new cards in the lobby.
	askRate  = 1
	askBurst = 20
)

// visit is one browser in the room, whatever connection it has at the moment. The lock of the Meeting guards it.
type visit struct {
	person
	id     delivery.Member
	came   rooms.Role // by its link, whatever it is in the group
	member *Member    // nil while the connection is broken
	seated bool
	seat   delivery.Seat
	leaf   atomic.Int64 // of seat, for packets on their way

	talk, ask *rate.Limiter
}

func newVisit(p person) *visit {
	v := &visit{
		person: p, id: delivery.Member(p.ID()), came: p.Role(),
		talk: rate.NewLimiter(talkRate, talkBurst), ask: rate.NewLimiter(askRate, askBurst),
	}
	v.leaf.Store(nowhere)
	return v
}

// sit gives the visit a leaf, and stand takes it away.
func (v *visit) sit(s delivery.Seat) {
	v.seated, v.seat = true, s
	v.leaf.Store(int64(s.Leaf))
}

func (v *visit) stand() {
	v.seated, v.seat = false, delivery.Seat{}
	v.leaf.Store(nowhere)
}

// role is what the server obeys the visit as: on a leaf what the group says, else what its link said.
func (v *visit) role() rooms.Role {
	switch {
	case !v.seated:
		return v.came
	case v.seat.Host:
		return rooms.Host
	default:
		return rooms.Guest
	}
}

// owns tells whether a sealed Opus payload names the leaf of this very browser, and whether that has one.
func (v *visit) owns(payload []byte) (own, seated bool) {
	leaf := v.leaf.Load()
	id, err := sframe.ReadKeyID(media.Opus, sframe.Audio, payload)
	return err == nil && !id.Grantee() && int64(id.Leaf()) == leaf, leaf != nowhere
}
