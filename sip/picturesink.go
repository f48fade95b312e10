package sip

import (
	"errors"
	"sync/atomic"
	"time"

	"legroom/media"
)

const (
	// reaskAfter is when a key frame that has not come is asked for again.
	reaskAfter = time.Second
	// layerSilence is how long a layer must be silent before another takes its place.
	layerSilence = 300 * time.Millisecond
)

// pictureSink is what a room writes the pictures for a leg to. It begins with a key frame, so that the other side keeps the
// old picture until it can show the new one, and leaves out what the other side cannot read.
type pictureSink struct {
	pictures *pictures
	codec    *media.Codec // by identity: another one is agreed when it differs
	mode     int          // packetization-mode
	dst      media.Sink[*media.Packet]
	request  func(layer uint8)
	layer    atomic.Uint32
	open     atomic.Bool // a key frame has come

	// of the goroutine that writes
	asked, last time.Time
}

// Write sends one packet. Errors: media.ErrClosed when another Send, or a re-offer, has taken its place.
func (s *pictureSink) Write(p *media.Packet) error {
	v := s.pictures
	if v.codec.Load() != s.codec {
		return media.ErrClosed
	}
	if !s.admits(p) {
		v.early.Add(1)
		return nil
	}
	if s.codec.Name == media.H264 && !carriable(p.Payload, s.mode) {
		v.unfit.Add(1)
		return nil
	}
	err := s.dst.Write(p)
	if err != nil && !errors.Is(err, media.ErrClosed) {
		v.unfit.Add(1)
		return nil
	}
	return err
}

// admits tells whether a packet is of the picture that is shown: from a key frame on, and of one simulcast layer.
func (s *pictureSink) admits(p *media.Packet) bool {
	if s.open.Load() && uint32(p.Layer) == s.layer.Load() {
		s.last = p.Arrived
		return true
	}
	if s.open.Load() && p.Arrived.Sub(s.last) < layerSilence {
		return false
	}
	if beginsPicture(*s.codec, p) {
		s.layer.Store(uint32(p.Layer))
		s.last = p.Arrived
		s.open.Store(true)
		return true
	}
	if now := time.Now(); now.Sub(s.asked) > reaskAfter {
		s.asked = now
		s.ask(p.Layer)
	}
	return false
}

// ask asks the source for a key frame of a layer.
func (s *pictureSink) ask(layer uint8) {
	if s.request != nil {
		s.request(layer)
	}
}

// again begins anew with the next key frame, which it asks for.
func (s *pictureSink) again() {
	s.open.Store(false)
	s.ask(uint8(s.layer.Load()))
}

// Close ends the stream.
func (s *pictureSink) Close() error {
	s.pictures.feed.CompareAndSwap(s, nil)
	return s.dst.Close()
}
