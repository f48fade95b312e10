package rooms

import "legroom/media"

// openingPackets is how much of the past a listener gets with a sound that begins for it: two packets, so that who is
// given a seat because of a word is heard from its beginning.
const openingPackets = 2

// opening leads a track of sound to a sink, the last packets before it first.
type opening struct {
	media.Sink[*media.Packet]
	track  *Track
	opened bool
}

// newOpening wraps sink where the track has a past, that is, for sound.
func newOpening(t *Track, sink media.Sink[*media.Packet]) media.Sink[*media.Packet] {
	if t.recent == nil {
		return sink
	}
	return &opening{Sink: sink, track: t}
}

// Write comes from the goroutine that writes the track, which owns its past.
func (o *opening) Write(p *media.Packet) error {
	if !o.opened {
		o.opened = true
		o.track.recent.last(openingPackets, func(past *media.Packet) { _ = o.Sink.Write(past) })
	}
	return o.Sink.Write(p)
}
