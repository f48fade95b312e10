package tap

import (
	"slices"

	"legroom/media"
)

// Recent are the packets that came last. What came before is no second use of a counter: networks repeat packets. The zero
// value is ready; one goroutine at a time may use it.
type Recent struct {
	seen [256]uint32
	next uint8
}

// Again notes a packet of a layer, and tells whether it was here before.
func (r *Recent) Again(p *media.Packet) bool {
	key := 1<<31 | uint32(p.Layer)<<16 | uint32(p.SequenceNumber)
	if slices.Contains(r.seen[:], key) {
		return true
	}
	r.seen[r.next] = key
	r.next++
	return false
}
