package rooms

import (
	"fmt"
	"sync"

	"legroom/media"
)

// ClearTrack is a Track that the gateway may decode. Mixers and renditions take ClearTracks and nothing else, and there
// are two ways to one: its publisher's media reaches the gateway in clear, or a grant opens it. What is neither reaches
// no decoder.
type ClearTrack struct {
	*Track
	packets cleartext
	studio  *studio

	mu       sync.Mutex
	decoding *decoding // while somebody hears
	hearers  int
	sight    *sight // while somebody looks
	lookers  int
}

// publishedTrack is a new Track of a publisher in clear.
func publishedTrack(by clearPublisher, info media.TrackInfo) *ClearTrack {
	return &ClearTrack{Track: newTrack(info), packets: asPublished{by}, studio: by.participant.room.registry.studio}
}

// openedTrack is a Track whose packets are opened before they are decoded.
func openedTrack(t *Track, u *unsealing) *ClearTrack {
	return &ClearTrack{Track: t, packets: u}
}

// Decoded hands the sound of the Track to sink until release is called. However many hear it, it is opened and decoded
// once, and not at all when nobody does. sink is closed when the Track ends. Errors: transcode.ErrNoPlan.
func (c *ClearTrack) Decoded(sink media.Sink[*media.PCM]) (release func(), err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.decoding == nil {
		if c.decoding, err = newDecoding(c); err != nil {
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
