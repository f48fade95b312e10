package rooms

import (
	"sync"

	"legroom/audio/mix"
	"legroom/media"
	"legroom/transcode"
)

// ear is what one leg hears of a mix. As long as it hears what everybody hears it gets the packets of the broadcast;
// while it speaks, or is whispered to, it has an encode of its own. It is handed from one to the other between two
// packets, with an encoder that knows the last 100 ms, so nobody can hear where.
type ear struct {
	mixdown   *mixdown
	broadcast *broadcast
	port      *mix.Port
	sink      media.Sink[*media.Packet]
	encode    *transcode.Encode
	once      sync.Once

	// Of the goroutine that steps the mixer:
	own    bool // it is fed by its own encode
	served bool // and was in this tick
}

var _ media.Sink[*media.PCM] = (*ear)(nil)

// Write takes a tick of what this leg alone hears.
func (e *ear) Write(p *media.PCM) error {
	if !e.own {
		e.encode.Adopt(e.broadcast.encode)
		e.own = true
	}
	e.served = true
	return e.encode.Write(p)
}

// follow comes in every tick, with what everybody hears: an ear without a sound of its own goes back to sharing when
// its packet is complete.
func (e *ear) follow(p *media.PCM) {
	switch {
	case !e.own:
	case e.served:
		e.served = false
	case e.encode.Boundary():
		e.own = false
	default:
		_ = e.encode.Write(p) // the sink's trouble is the leg's, who knows it
	}
}

// Close takes the leg off the mix and closes its sink.
func (e *ear) Close() error {
	e.once.Do(func() {
		_ = e.port.Close()
		e.mixdown.leave(e)
		_ = e.sink.Close()
	})
	return nil
}
