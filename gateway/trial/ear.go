package trial

import (
	"encoding/binary"
	"sync"
	"time"

	"legroom/audio"
	"legroom/media"
	"legroom/transcode"
)

// longest is how much of a call is kept; what comes later is only counted.
const longest = 10 * time.Minute

// audible is the level from which on sound counts as such; comfort noise is quieter.
const audible media.Level = 50

// ear listens to a call: it is the room that a test call's leg publishes to.
type ear struct {
	mu      sync.Mutex
	rate    int
	samples []int16
	first   time.Time // packet
	sound   time.Time // of the first packet that is no silence
	packets uint64
}

// Publish opens the ear for the codec of the call; a second time for another codec of the same call.
func (e *ear) Publish(info media.TrackInfo) (media.Sink[*media.Packet], error) {
	decode, err := transcode.NewDecode(info.Codec, media.SinkFunc[*media.PCM](e.hear))
	if err != nil {
		return nil, err
	}
	return &earSink{ear: e, decode: decode}, nil
}

// hear keeps sound.
func (e *ear) hear(pcm *media.PCM) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.sound.IsZero() && audio.Level(pcm.Samples) <= audible {
		e.sound = time.Now()
	}
	if e.rate != pcm.Rate { // the codec changed: one recording has one rate
		e.rate, e.samples = pcm.Rate, e.samples[:0]
	}
	if len(e.samples) < int(longest.Seconds())*e.rate {
		e.samples = append(e.samples, pcm.Samples...)
	}
	return nil
}

// earSink is one stream into the ear. The end of a call closes it while a packet may be on its way.
type earSink struct {
	ear *ear

	mu     sync.Mutex
	decode *transcode.Decode // nil once closed
}

// Write counts and decodes a packet.
func (s *earSink) Write(p *media.Packet) error {
	s.ear.mu.Lock()
	if s.ear.packets++; s.ear.packets == 1 {
		s.ear.first = time.Now()
	}
	s.ear.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.decode == nil {
		return media.ErrClosed
	}
	return s.decode.Write(p)
}

// Close ends the stream.
func (s *earSink) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.decode == nil {
		return nil
	}
	err := s.decode.Close()
	s.decode = nil
	return err
}

// loudest is the second of the recording with the most energy.
func (e *ear) loudest() []int16 {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.rate == 0 || len(e.samples) <= e.rate {
		return append([]int16{}, e.samples...)
	}
	best, level := 0, audio.Silence
	for at := 0; at+e.rate <= len(e.samples); at += e.rate / 10 {
		if l := audio.Level(e.samples[at : at+e.rate]); l < level {
			best, level = at, l
		}
	}
	return append([]int16{}, e.samples[best:best+e.rate]...)
}

// clearest is the share of one frequency, 0 to 1, in the second of the recording that has most of it and is as loud as
// level at least: a busy machine on either side breaks a tone now and then, and says nothing of the line.
func (e *ear) clearest(hz float64, level media.Level) float64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	best := 0.0
	for at := 0; at+e.rate <= len(e.samples) && e.rate > 0; at += e.rate / 10 {
		second := e.samples[at : at+e.rate]
		if audio.Level(second) <= level {
			best = max(best, share(second, e.rate, hz))
		}
	}
	return best
}

// wave gives the recording as a WAV file: PCM, 16 bit, one channel.
func (e *ear) wave() []byte {
	e.mu.Lock()
	defer e.mu.Unlock()
	size := uint32(2 * len(e.samples))
	out := make([]byte, 0, 44+size)
	out = append(out, "RIFF"...)
	out = binary.LittleEndian.AppendUint32(out, 36+size)
	out = append(out, "WAVEfmt "...)
	out = binary.LittleEndian.AppendUint32(out, 16)
	out = binary.LittleEndian.AppendUint16(out, 1)
	out = binary.LittleEndian.AppendUint16(out, 1)
	out = binary.LittleEndian.AppendUint32(out, uint32(e.rate))
	out = binary.LittleEndian.AppendUint32(out, uint32(2*e.rate))
	out = binary.LittleEndian.AppendUint16(out, 2)
	out = binary.LittleEndian.AppendUint16(out, 16)
	out = append(out, "data"...)
	out = binary.LittleEndian.AppendUint32(out, size)
	for _, s := range e.samples {
		out = binary.LittleEndian.AppendUint16(out, uint16(s))
	}
	return out
}
