package rooms

import (
	"fmt"
	"sync"

	"legroom/media"
	"legroom/transcode"
)

// ClearTrack is a Track that the gateway may decode, because its publisher's media reaches it in clear. Mixers and
// renditions take ClearTracks and nothing else: media that was not given in clear reaches no decoder.
type ClearTrack struct {
	*Track
	voice *voice

	mu         sync.Mutex
	decoding   *decoding // while somebody hears
	hearers    int
	renditions map[media.Codec]*rendition
}

func newClearTrack(info media.TrackInfo, v *voice) *ClearTrack {
	return &ClearTrack{Track: newTrack(info), voice: v, renditions: make(map[media.Codec]*rendition)}
}

// Decoded hands the sound of the Track to sink until release is called. However many hear it, it is decoded once, and
// not at all when nobody does. sink is closed when the Track ends. Errors: transcode.ErrNoPlan.
func (c *ClearTrack) Decoded(sink media.Sink[*media.PCM]) (release func(), err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.decoding == nil {
		if c.decoding, err = newDecoding(c.Track); err != nil {
			return nil, fmt.Errorf("rooms: decode track %s: %w", c.info.ID, err)
		}
	}
	c.hearers++
	remove := c.decoding.fan.Add(sink)
	return sync.OnceFunc(func() {
		remove()
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.hearers--; c.hearers == 0 {
			c.decoding.stop()
			c.decoding = nil
		}
	}), nil
}

// Rendition gives the Track in another codec: itself when it is in that codec, else one derived Track that all who ask
// share; it ends when the last of them has called release. Errors: transcode.ErrNoPlan.
func (c *ClearTrack) Rendition(codec media.Codec) (track *Track, release func(), err error) {
	if c.info.Codec.Same(codec) {
		return c.Track, func() {}, nil
	}
	c.mu.Lock()
	r := c.renditions[codec]
	if r != nil {
		r.users++
		c.mu.Unlock()
		return r.track, sync.OnceFunc(func() { c.giveBack(r) }), nil
	}
	c.mu.Unlock()
	return c.derive(codec)
}

// derive makes the rendition. It is not under the lock that Decoded takes: should two come at once, the second finds
// the first one's and drops its own.
func (c *ClearTrack) derive(codec media.Codec) (*Track, func(), error) {
	r, err := newRendition(c.info, codec, c.voice)
	if err != nil {
		return nil, nil, fmt.Errorf("rooms: rendition of track %s in %v: %w", c.info.ID, codec, err)
	}
	c.mu.Lock()
	if first := c.renditions[codec]; first != nil {
		first.users++
		c.mu.Unlock()
		_ = r.Close()
		return first.track, sync.OnceFunc(func() { c.giveBack(first) }), nil
	}
	c.renditions[codec], r.users = r, 1
	c.mu.Unlock()
	if r.release, err = c.Decoded(r); err != nil {
		c.giveBack(r)
		return nil, nil, err
	}
	return r.track, sync.OnceFunc(func() { c.giveBack(r) }), nil
}

func (c *ClearTrack) giveBack(r *rendition) {
	c.mu.Lock()
	r.users--
	last := r.users == 0
	if last {
		delete(c.renditions, r.track.info.Codec)
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

// Plan says how the Track is carried to a leg that accepts those codecs.
func (c *ClearTrack) Plan(accepts []media.Codec) (transcode.Plan, media.Codec, error) {
	return transcode.Choose(c.info.Codec, accepts)
}
