package rooms

import (
	"fmt"
	"sync"

	"legroom/audio/mix"
	"legroom/media"
	"legroom/media/jitter"
	"legroom/transcode"
)

// mixdown is the sound that a room, or a booth, makes for legs that take one stream: a Mixer, and for each codec and
// packet time one broadcast that all silent listeners share.
type mixdown struct {
	name  string
	voice *voice
	mixer *mix.Mixer

	mu         sync.Mutex
	broadcasts map[media.Codec]*broadcast
}

func newMixdown(name string, v *voice, audible int) *mixdown {
	return &mixdown{
		name: name, voice: v, mixer: mix.New(mix.Config{MaxAudible: audible}),
		broadcasts: make(map[media.Codec]*broadcast),
	}
}

// sendTries is how often a leg is asked to take the mix when its codec changes at that very moment.
const sendTries = 3

// seat opens the mix to a leg. Errors: ErrNoCodec, and those of Leg.Send.
func (m *mixdown) seat(leg Leg) (*ear, error) {
	sink, codec, err := m.send(leg)
	if err != nil {
		return nil, err
	}
	e := &ear{mixdown: m, sink: sink}
	m.mu.Lock()
	defer m.mu.Unlock()
	b := m.broadcasts[codec]
	if b == nil {
		if b, err = newBroadcast(m, codec); err != nil {
			_ = sink.Close()
			return nil, err
		}
		m.broadcasts[codec] = b
	}
	e.broadcast = b
	if e.encode, err = b.stage(OwnMix, e.sink); err != nil {
		_ = sink.Close()
		return nil, err
	}
	b.add(e)
	e.port = m.mixer.Open(mix.PortConfig{Playout: playout, Output: e, Rate: codec.SampleRate()})
	return e, nil
}

// send opens the leg's sink in the best codec that it accepts.
func (m *mixdown) send(leg Leg) (media.Sink[*media.Packet], media.Codec, error) {
	codec, err := mixCodec(leg)
	if err != nil {
		return nil, codec, err
	}
	for range sendTries {
		var sink media.Sink[*media.Packet]
		sink, err = leg.Send(media.TrackInfo{ID: m.name + "/mix", Source: media.Mix, Codec: codec, Layers: 1})
		if err == nil {
			return sink, codec, nil
		}
		next, gone := mixCodec(leg)
		if gone != nil || next == codec { // refused, and not because it changed
			break
		}
		codec = next
	}
	return nil, codec, fmt.Errorf("rooms: send mix in %v: %w", codec, err)
}

// input opens a place that only speaks.
func (m *mixdown) input() *mix.Port { return m.mixer.Open(mix.PortConfig{Playout: playout}) }

// leave takes an ear off, and its broadcast with the last one.
func (m *mixdown) leave(e *ear) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if e.broadcast.remove(e) {
		e.broadcast.stop()
		delete(m.broadcasts, e.broadcast.codec)
	}
}

// mixCodec is the best codec of the leg that a mix can be made in.
func mixCodec(leg Leg) (media.Codec, error) {
	for _, c := range leg.Accepts(media.Audio) {
		if transcode.CanEncode(c) {
			c.PacketTime = transcode.PacketTime(c)
			return c, nil
		}
	}
	return media.Codec{}, ErrNoCodec
}

func playout(rate int) mix.Playout { return jitter.NewPlayout(jitter.DefaultPlayoutConfig(rate)) }
