package rooms

import (
	"errors"
	"slices"
	"sync/atomic"

	"legroom/media"
	"legroom/transcode"
)

// broadcast is the one encode of the whole mix that all ears of one codec and packet time share while they are silent.
type broadcast struct {
	codec   media.Codec
	mixdown *mixdown
	encode  *transcode.Encode
	ears    atomic.Pointer[[]*ear]
	off     func() // takes it off the mixer
}

func newBroadcast(m *mixdown, codec media.Codec) (*broadcast, error) {
	b := &broadcast{codec: codec, mixdown: m}
	b.ears.Store(&[]*ear{})
	var err error
	if b.encode, err = b.stage(SharedMix, media.SinkFunc[*media.Packet](b.send)); err != nil {
		return nil, err
	}
	b.off = m.mixer.Share(codec.SampleRate(), b)
	return b, nil
}

// stage makes an encode of this codec; all of them are in step.
func (b *broadcast) stage(use Use, out media.Sink[*media.Packet]) (*transcode.Encode, error) {
	v := b.mixdown.voice
	quiet, err := v.quiet(b.codec)
	if err != nil {
		return nil, err
	}
	return transcode.NewEncode(transcode.EncodeConfig{
		Codec: b.codec, Opus: v.opus, Quiet: quiet, Encodes: v.encodes.of(b.codec.Name, use),
	}, out)
}

// Write takes a tick of the whole mix, after the ears that have a sound of their own got that.
func (b *broadcast) Write(p *media.PCM) error {
	sharing := false
	for _, e := range *b.ears.Load() {
		e.follow(p)
		sharing = sharing || !e.own
	}
	b.encode.Pause(!sharing)
	return b.encode.Write(p)
}

// Close does nothing: the broadcast ends with its last ear.
func (b *broadcast) Close() error { return nil }

// send hands a packet to all who share it.
func (b *broadcast) send(p *media.Packet) error {
	var errs error
	for _, e := range *b.ears.Load() {
		if e.own {
			continue
		}
		if err := e.sink.Write(p); err != nil && !errors.Is(err, media.ErrClosed) {
			errs = err
		}
	}
	return errs
}

func (b *broadcast) add(e *ear) {
	next := append(slices.Clone(*b.ears.Load()), e)
	b.ears.Store(&next)
}

// remove takes an ear off and tells whether it was the last.
func (b *broadcast) remove(e *ear) bool {
	list := slices.Clone(*b.ears.Load())
	if i := slices.Index(list, e); i >= 0 {
		list = slices.Delete(list, i, i+1)
		b.ears.Store(&list)
	}
	return len(list) == 0
}

func (b *broadcast) stop() { b.off() }
