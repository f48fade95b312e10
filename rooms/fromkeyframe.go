package rooms

import (
	"errors"
	"sync/atomic"

	"legroom/media"
)

// fromKeyframe leads a track of pictures to a leg that takes one picture, from a key frame on: until that comes the leg goes
// on showing what it has.
type fromKeyframe struct {
	sink   media.Sink[*media.Packet]
	layers *simulcast
	ended  atomic.Bool
}

var _ media.Sink[*media.Packet] = (*fromKeyframe)(nil)

// Write takes a packet of the Track.
func (k *fromKeyframe) Write(p *media.Packet) error {
	p = k.layers.choose(p)
	if p == nil {
		return nil
	}
	err := k.sink.Write(p)
	if errors.Is(err, media.ErrClosed) {
		k.ended.Store(true)
	}
	return err
}

// Close ends the stream: the Track is over.
func (k *fromKeyframe) Close() error {
	k.ended.Store(true)
	return k.sink.Close()
}
