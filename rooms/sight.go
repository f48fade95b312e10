package rooms

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"legroom/media"
	"legroom/transcode"
)

// maxPictureWidth and maxPictureHeight bound what is decoded, pixels: a stream that claims more is not.
const (
	maxPictureWidth  = 1920
	maxPictureHeight = 1088 // H.264 counts in blocks of 16
)

// sight is the one decode of the pictures of a ClearTrack, on a goroutine of its own.
type sight struct {
	track   *Track
	packets cleartext
	studio  *studio
	layers  *simulcast
	decode  atomic.Pointer[transcode.DecodeVideo] // nil until it is open
	fan     media.Fan[*media.Picture]
	play    func(*media.Packet) error
	remove  func()
	cancel  func()
}

var _ media.Sink[*media.Packet] = (*sight)(nil)

// newSight begins to decode. Errors: errNoStudio.
func newSight(c *ClearTrack) (*sight, error) {
	s := &sight{track: c.Track, packets: c.packets, studio: c.studio, layers: newSimulcast(c.Track.Info())}
	s.play = func(p *media.Packet) error {
		if d := s.decode.Load(); d != nil {
			return d.Write(p)
		}
		return nil
	}
	var err error
	if s.cancel, err = c.studio.begin("decode pictures", s.run); err != nil {
		return nil, err
	}
	s.remove = c.Subscribe(s)
	return s, nil
}

// run opens the decoder, which may take longer than a tick of the room, and decodes. While no Device has room for it nobody
// sees anything.
func (s *sight) run(ctx context.Context) error {
	var d *transcode.DecodeVideo
	err := s.studio.whenFree(ctx, "decode pictures", func() (err error) {
		d, err = s.open()
		return err
	})
	if err != nil {
		return err
	}
	s.decode.Store(d)
	return d.Run(ctx)
}

func (s *sight) open() (*transcode.DecodeVideo, error) {
	devices := s.studio.engines()
	if devices == nil {
		return nil, errNoStudio
	}
	return transcode.NewDecodeVideo(transcode.DecodeVideoConfig{
		Codec: s.track.info.Codec, Devices: devices, MaxWidth: maxPictureWidth, MaxHeight: maxPictureHeight,
		InMemory: true, RequestKeyframe: s.layers.ask,
	}, media.SinkFunc[*media.Picture](s.fan.Write))
}

// Write takes a packet of the Track.
func (s *sight) Write(p *media.Packet) error {
	if p = s.layers.choose(p); p == nil {
		return nil
	}
	return s.packets.each(p, s.play)
}

// Close ends the pictures: the Track is over.
func (s *sight) Close() error { return s.fan.Close() }

// stop ends the decode; nobody looks any more.
func (s *sight) stop() {
	s.remove()
	s.cancel()
}

// Pictures hands the decoded pictures of the Track to sink until release is called. However many look, it is decoded once,
// and not at all when nobody does. sink is written by the goroutine that decodes, and closed when the Track ends.
// Errors: that there is no video device.
func (c *ClearTrack) Pictures(sink media.Sink[*media.Picture]) (release func(), err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.sight == nil {
		if c.sight, err = newSight(c); err != nil {
			c.sight = nil
			return nil, fmt.Errorf("rooms: decode track %s: %w", c.info.ID, err)
		}
	}
	c.lookers++
	remove := c.sight.fan.Add(sink)
	return sync.OnceFunc(func() {
		remove()
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.lookers--; c.lookers == 0 {
			c.sight.stop()
			c.sight = nil
		}
	}), nil
}
