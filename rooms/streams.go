package rooms

import (
	"sync"

	"legroom/media"
)

// Stream is one thing that is published in a Room, in the form in which the room forwards it: for whoever looks at what
// leaves the gateway. It gives nothing that a leg of the room is not sent.
type Stream struct {
	// By is who publishes it.
	By Info
	// Source it shows or lets hear, and Codec it is forwarded in.
	Source media.Source
	Codec  media.Codec
	// InClear tells that it reaches the gateway in clear, as that of a telephone does.
	InClear bool
	// Opened tells that a grant lets the gateway open it.
	Opened bool

	offer    offer
	keyframe func(layer uint8)
}

// Streams lists what is published and can be forwarded to somebody, in the order of the participants.
func (r *Room) Streams() []Stream {
	r.mu.Lock()
	defer r.mu.Unlock()
	var list []Stream
	for _, p := range r.joined() {
		for _, u := range p.seats.publications {
			if codec, ok := r.forwardedIn(u); ok {
				by, inClear := p.describe(), u.clear != nil && u.seal == nil
				list = append(list, Stream{
					By: by, Source: u.track.info.Source, Codec: codec, InClear: inClear, Opened: u.seal != nil,
					offer: u.offer, keyframe: u.track.info.RequestKeyframe,
				})
			}
		}
	}
	return list
}

// forwardedIn is the codec in which the first leg that gets tracks is sent a publication; what is passed on as it comes
// needs no such leg. Called locked.
func (r *Room) forwardedIn(u *publication) (media.Codec, bool) {
	if f, ok := u.offer.(forwarded); ok {
		return f.track.info.Codec, true
	}
	kind := u.track.info.Kind()
	for _, p := range r.joined() {
		if p != u.owner && p.request.Leg.Capacity(kind) > 1 {
			if codec, ok := u.offer.codecFor(p.request.Leg.Accepts(kind)); ok {
				return codec, true
			}
		}
	}
	return media.Codec{}, false
}

// Forward hands every packet from now on to sink, as legs are sent it, until stop is called; it may be called twice. sink
// is closed when the stream ends. Errors: transcode.ErrNoPlan.
func (s Stream) Forward(sink media.Sink[*media.Packet]) (stop func(), err error) {
	track, release, err := s.offer.carry(s.Codec)
	if err != nil {
		return nil, err
	}
	remove := track.Subscribe(sink)
	return sync.OnceFunc(func() {
		remove()
		release()
	}), nil
}

// RequestKeyframe asks its origin for one; of sound nothing is asked.
func (s Stream) RequestKeyframe() {
	if s.keyframe != nil {
		s.keyframe(0)
	}
}
