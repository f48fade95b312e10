package rooms

import "legroom/media"

// recentPackets is how many packets of sound are remembered: 100 ms of the usual 20.
const recentPackets = 5

// recent keeps the last packets of a stream of sound, so that a decoder or a listener that comes with a word hears its
// first syllable. It belongs to the goroutine that writes the Track.
type recent struct {
	packets [recentPackets]media.Packet
	next    int
	n       int
}

// keep remembers a copy of the packet, without its header extensions.
func (r *recent) keep(p *media.Packet) {
	slot := &r.packets[r.next]
	payload := append(slot.Payload[:0], p.Payload...)
	*slot = *p
	slot.Payload = payload
	slot.Extension, slot.Extensions, slot.CSRC = false, nil, nil
	r.next = (r.next + 1) % recentPackets
	r.n = min(r.n+1, recentPackets)
}

// last calls use for the newest n packets, oldest first.
func (r *recent) last(n int, use func(*media.Packet)) {
	for n = min(n, r.n); n > 0; n-- {
		use(&r.packets[(r.next-n+recentPackets)%recentPackets])
	}
}
