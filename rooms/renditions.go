package rooms

import (
	"fmt"
	"sync"

	"legroom/media"
	"legroom/transcode"
)

// renditions are a ClearTrack in other codecs, for legs that get tracks.
type renditions struct {
	clear *ClearTrack
	voice *voice

	mu   sync.Mutex
	made map[media.Codec]*rendition
}

func newRenditions(c *ClearTrack, v *voice) *renditions {
	return &renditions{clear: c, voice: v, made: make(map[media.Codec]*rendition)}
}

// codecFor is that of the Track where it is accepted, else the first one that can be made.
func (c *renditions) codecFor(accepts []media.Codec) (media.Codec, bool) {
	_, codec, err := transcode.Choose(c.clear.info.Codec, accepts)
	return codec, err == nil
}

// carry gives the Track in another codec: itself when it is in that codec, else one derived Track that all who ask
// share; it ends when the last of them has called release. Errors: transcode.ErrNoPlan.
func (c *renditions) carry(codec media.Codec) (track *Track, release func(), err error) {
	if c.clear.info.Codec.Same(codec) {
		return c.clear.Track, func() {}, nil
	}
	c.mu.Lock()
	r := c.made[codec]
	if r != nil {
		r.users++
		c.mu.Unlock()
		return r.track, sync.OnceFunc(func() { c.giveBack(r) }), nil
	}
	c.mu.Unlock()
	return c.derive(codec)
}

// derive makes the rendition, without the lock, since making one takes time: should two come at once, the second finds
// the first one's and drops its own.
func (c *renditions) derive(codec media.Codec) (*Track, func(), error) {
	r, err := newRendition(c.clear.info, codec, c.voice)
	if err != nil {
		return nil, nil, fmt.Errorf("rooms: rendition of track %s in %v: %w", c.clear.info.ID, codec, err)
	}
	c.mu.Lock()
	if first := c.made[codec]; first != nil {
		first.users++
		c.mu.Unlock()
		_ = r.Close()
		return first.track, sync.OnceFunc(func() { c.giveBack(first) }), nil
	}
	c.made[codec], r.users = r, 1
	c.mu.Unlock()
	if r.release, err = c.clear.Decoded(r); err != nil {
		c.giveBack(r)
		return nil, nil, err
	}
	return r.track, sync.OnceFunc(func() { c.giveBack(r) }), nil
}

func (c *renditions) giveBack(r *rendition) {
	c.mu.Lock()
	r.users--
	last := r.users == 0
	if last {
		delete(c.made, r.track.info.Codec)
	}
	c.mu.Unlock()
	if !last {
		return
	}
	if r.release != nil {
		r.release()
	}
	_ = r.Close()
}
