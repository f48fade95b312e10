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
	offer offer        // to legs that get tracks
	voice *sealedVoice // the same, of a leg of the gateway in an encrypted room; else nil
	gauge *gauge       // of pictures in clear, else nil
	once  sync.Once

	// Guarded by the lock of the room:
	clear  *ClearTrack // the Track where it may be decoded, else nil
	seal   *unsealing  // of a clear that a grant opens
	talker mix.Talker
	heard  media.Level // last level told
	age    int         // ticks since then
	seated bool        // of audio: it is one of the tracks that browsers get
	spoke  uint64      // tick in which it was last active
	plug   plug        // into the mixer
	ended  bool
}

// plug is a sound on its way into the mixer; the zero value is none.
type plug struct {
	clear   *ClearTrack
	release func()
	port    *mix.Port
	own     bool // the port is its own: its owner has no ear
}

var _ media.Sink[*media.Packet] = (*publication)(nil)

// Publish opens a Track of this participant. The leg writes packets to the Sink and closes it when the stream ends; ID,
// Participant and Layers of info are filled in where they are missing.
// Errors: ErrWaiting before admission, ErrLeft, ErrDuplicate, ErrNoCodec for sound in a codec that is not known,
// ErrEncrypted for pictures that would come in clear into an encrypted room.
func (p *Participant) Publish(info media.TrackInfo) (media.Sink[*media.Packet], error) {
	info.Participant, info.Layers = p.id, max(info.Layers, 1)
	if info.ID == "" {
		info.ID = p.id + "/" + info.Source.String()
	}
	if info.Kind() == media.KindUnknown || (info.Kind() == media.Audio && !transcode.CanEncode(info.Codec)) {
		return nil, fmt.Errorf("rooms: publish %v in %v: %w", info.Source, info.Codec, ErrNoCodec)
	}
	pub, err := p.publication(info)
	if err != nil {
		return nil, err
	}
	p.room.mu.Lock()
	defer p.room.mu.Unlock()
	if err := p.present(); err != nil && !p.returned {
		return nil, err
	}
	if slices.ContainsFunc(p.seats.publications, func(o *publication) bool { return o.track.info.Source == info.Source }) {
		return nil, ErrDuplicate
	}
	p.seats.publications = append(p.seats.publications, pub)
	if !p.returned {
		pub.rekey(&p.room.grants)
		p.room.stage.add(pub)
	}
	p.room.dirty.Store(true)
	p.room.changed()
	p.log.Info("track published", logkey.Track, info.ID, logkey.Codec, info.Codec.String())
	return pub, nil
}

// publication decides what may become of a Track, by who publishes it.
func (p *Participant) publication(info media.TrackInfo) (*publication, error) {
	u := &publication{owner: p, heard: audio.Silence}
	by, inClear := p.inClear()
	encrypted, sound := p.room.policy.Mode.Encrypted(), info.Kind() == media.Audio
	switch {
	case inClear && encrypted && !sound:
		return nil, fmt.Errorf("rooms: publish %v: %w", info.Source, ErrEncrypted)
	case inClear:
		u.clear = publishedTrack(by, info)
		u.track = u.clear.Track
	default:
		u.track = newTrack(info)
	}
	switch voice := p.room.registry.voice; {
	case u.clear == nil:
		u.offer = forwarded{u.track}
	case !sound:
		u.gauge = newGauge(info, func() { p.room.dirty.Store(true) })
		u.offer = newVideoRenditions(u.clear)
	case encrypted:
		u.voice = newSealedVoice(u.clear, voice)
		u.offer = u.voice
	default:
		u.offer = newRenditions(u.clear, voice)
	}
	return u, nil
}

// rekey brings the Track to what is granted now. Called locked.
func (u *publication) rekey(g *grants) {
	kind, ok := kindOf(u.track.info.Source)
	if !ok || !u.owner.room.policy.Mode.Encrypted() {
		return
	}
	if u.voice != nil {
		if s, sure := g.sealer(kind, u.owner.badge.Sender); sure {
			u.voice.follow(s)
		}
		return
	}
	o := g.opener(kind)
	switch {
	case u.seal != nil:
		u.seal.follow(o)
		if o == nil {
			u.clear, u.seal = nil, nil
		}
	case o != nil:
		u.seal = newUnsealing(o, u.track.info.Codec.Name)
		u.clear = openedTrack(u.track, u.seal)
	}
}

// Write passes a packet to the room, unless its owner is muted. Errors: media.ErrClosed.
func (u *publication) Write(p *media.Packet) error {
	if u.track.info.Source == media.Microphone && u.owner.silenced.Load() {
		return nil
	}
	if u.gauge != nil {
		u.gauge.look(p)
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
		u.withdraw()
		r.dirty.Store(true)
		r.changed()
	}
	r.mu.Unlock()
	u.end()
	return nil
}

// withdraw takes it off the stage, from where it would hear of grants. Called locked.
func (u *publication) withdraw() {
	u.owner.room.stage.remove(u)
	u.rekey(&grants{})
}

// end stops everything that hangs on the Track. Called without a lock.
func (u *publication) end() {
	u.once.Do(func() {
		_ = u.track.Close()
		u.owner.room.mu.Lock()
		u.ended = true
		u.owner.room.mu.Unlock()
		u.unplug(cutOff)
	})
}

// plugIn leads the sound of the Track to a port. Errors: those of Decoded.
func (u *publication) plugIn(clear *ClearTrack, port *mix.Port, own bool) error {
	// The port outlives the Track: a phone that stops speaking goes on hearing.
	release, err := clear.Decoded(media.SinkFunc[*media.PCM](port.Write))
	if err != nil {
		return err
	}
	r := u.owner.room
	r.mu.Lock()
	u.plug = plug{clear: clear, release: release, port: port, own: own}
	ended := u.ended
	r.mu.Unlock()
	if ended { // while it was plugged in
		u.unplug(cutOff)
	}
	return nil
}

// unplug takes the Track off the mixer; a port of its own goes by leave.
func (u *publication) unplug(leave func(*mix.Port)) {
	r := u.owner.room
	r.mu.Lock()
	p := u.plug
	u.plug = plug{}
	r.mu.Unlock()
	if p.release != nil {
		p.release()
	}
	if p.own {
		leave(p.port)
	}
}

// cutOff closes a port whose room may not be stepped any more.
func cutOff(p *mix.Port) { _ = p.Close() }

// plugged tells whether the mixer hears the Track. Called locked.
func (u *publication) plugged() bool { return u.plug.release != nil }

// audioTrack tells sound from pictures.
func (u *publication) audioTrack() bool { return u.track.info.Kind() == media.Audio }
