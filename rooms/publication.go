package rooms

import (
	"fmt"
	"slices"
	"sync"

	"legroom/audio"
	"legroom/audio/mix"
	"legroom/internal/logkey"
	"legroom/media"
	"legroom/transcode"
)

// publication is a Track in its room: the Sink its leg writes to, and what the room has to do with it.
type publication struct {
	owner *Participant
	track *Track
	clear *ClearTrack // the same Track where it may be decoded, else nil
	once  sync.Once

	// Guarded by the lock of the room:
	talker  mix.Talker
	heard   media.Level // last level told
	age     int         // ticks since then
	seated  bool        // of audio: it is one of the tracks that browsers get
	spoke   uint64      // tick in which it was last active
	release func()      // takes it off the mixer; nil when nobody hears it there
	port    *mix.Port   // it is plugged into
	own     bool        // the port is its own: its owner has no ear
	ended   bool
}

var _ media.Sink[*media.Packet] = (*publication)(nil)

// Publish opens a Track of this participant. The leg writes packets to the Sink and closes it when the stream ends; ID,
// Participant and Layers of info are filled in where they are missing.
// Errors: ErrWaiting before admission, ErrLeft, ErrDuplicate, ErrNoCodec for sound in a codec that is not known.
func (p *Participant) Publish(info media.TrackInfo) (media.Sink[*media.Packet], error) {
	info.Participant, info.Layers = p.id, max(info.Layers, 1)
	if info.ID == "" {
		info.ID = p.id + "/" + info.Source.String()
	}
	if info.Kind() == media.KindUnknown || (info.Kind() == media.Audio && !transcode.CanEncode(info.Codec)) {
		return nil, fmt.Errorf("rooms: publish %v in %v: %w", info.Source, info.Codec, ErrNoCodec)
	}
	pub := &publication{owner: p, heard: audio.Silence}
	if p.request.Clear && info.Kind() == media.Audio {
		pub.clear = newClearTrack(info, p.room.registry.voice)
		pub.track = pub.clear.Track
	} else {
		pub.track = newTrack(info)
	}
	p.room.mu.Lock()
	defer p.room.mu.Unlock()
	if err := p.present(); err != nil {
		return nil, err
	}
	if slices.ContainsFunc(p.seats.publications, func(o *publication) bool { return o.track.info.Source == info.Source }) {
		return nil, ErrDuplicate
	}
	p.seats.publications = append(p.seats.publications, pub)
	p.room.stage.add(pub)
	p.room.dirty.Store(true)
	p.room.changed()
	p.log.Info("track published", logkey.Track, info.ID, logkey.Codec, info.Codec.String())
	return pub, nil
}

// Write passes a packet to the room, unless its owner is muted. Errors: media.ErrClosed.
func (u *publication) Write(p *media.Packet) error {
	if u.track.info.Source == media.Microphone && u.owner.silenced.Load() {
		return nil
	}
	return u.track.Write(p)
}

// Close takes the Track out of the room.
func (u *publication) Close() error {
	r := u.owner.room
	r.mu.Lock()
	list := u.owner.seats.publications
	if i := slices.Index(list, u); i >= 0 {
		u.owner.seats.publications = slices.Delete(slices.Clone(list), i, i+1)
		r.stage.remove(u)
		r.dirty.Store(true)
		r.changed()
	}
	r.mu.Unlock()
	u.end()
	return nil
}

// end stops everything that hangs on the Track. Called without a lock.
func (u *publication) end() {
	u.once.Do(func() {
		_ = u.track.Close()
		u.owner.room.mu.Lock()
		u.ended = true
		u.owner.room.mu.Unlock()
		u.unplug()
	})
}

// plug leads the sound of the Track to port. Errors: those of Decoded.
func (u *publication) plug(port *mix.Port, own bool) error {
	// The port outlives the Track: a phone that stops speaking goes on hearing.
	release, err := u.clear.Decoded(media.SinkFunc[*media.PCM](port.Write))
	if err != nil {
		return err
	}
	r := u.owner.room
	r.mu.Lock()
	u.release, u.port, u.own = release, port, own
	ended := u.ended
	r.mu.Unlock()
	if ended { // while it was plugged in
		u.unplug()
	}
	return nil
}

// unplug takes the Track off the mixer.
func (u *publication) unplug() {
	r := u.owner.room
	r.mu.Lock()
	release, port, own := u.release, u.port, u.own
	u.release, u.port, u.own = nil, nil, false
	r.mu.Unlock()
	if release != nil {
		release()
	}
	if own {
		_ = port.Close()
	}
}

// plugged tells whether the mixer hears the Track. Called locked.
func (u *publication) plugged() bool { return u.release != nil }

// audioTrack tells sound from pictures.
func (u *publication) audioTrack() bool { return u.track.info.Kind() == media.Audio }
