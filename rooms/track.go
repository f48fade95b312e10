package rooms

import (
	"sync/atomic"
	"time"

	"legroom/media"
)

// Track is a published stream: whatever is written to it goes to all its subscribers, untouched. There is no way to
// decode it; what may be decoded is a ClearTrack.
type Track struct {
	info      media.TrackInfo
	fan       media.Fan[*media.Packet]
	meter     meter
	recent    *recent    // audio only
	keyframes *keyframes // video only
}

var _ media.Sink[*media.Packet] = (*Track)(nil)

// newTrack makes a Track of that description; key-frame requests of its subscribers are merged before they reach
// info.RequestKeyframe.
func newTrack(info media.TrackInfo) *Track {
	t := &Track{info: info}
	t.meter.clear()
	switch info.Kind() {
	case media.Audio:
		t.recent = &recent{}
	case media.Video:
		t.keyframes = newKeyframes(info.RequestKeyframe)
		t.info.RequestKeyframe = func(layer uint8) { t.keyframes.request(layer, time.Now()) }
	}
	return t
}

// Info describes the Track; its RequestKeyframe may be called by any subscriber, as often as it likes.
func (t *Track) Info() media.TrackInfo { return t.info }

// Subscribe hands every packet from now on to sink until remove is called or the Track ends, which closes sink.
func (t *Track) Subscribe(sink media.Sink[*media.Packet]) (remove func()) { return t.fan.Add(sink) }

// Write hands a packet to all subscribers. Errors: media.ErrClosed.
func (t *Track) Write(p *media.Packet) error {
	if t.recent == nil {
		return t.fan.Write(p)
	}
	if p.Level != media.NoLevel {
		t.meter.note(p.Level)
	}
	err := t.fan.Write(p)
	t.recent.keep(p)
	return err
}

// Close ends the Track and closes its subscribers.
func (t *Track) Close() error { return t.fan.Close() }

// meter carries loudness from the goroutine that hears to the one that looks.
type meter struct{ latest atomic.Uint32 }

// note keeps the loudest level since the last take.
func (m *meter) note(l media.Level) {
	if uint32(l) < m.latest.Load() {
		m.latest.Store(uint32(l))
	}
}

// take gives that level, media.NoLevel when nothing came.
func (m *meter) take() media.Level { return media.Level(m.latest.Swap(uint32(media.NoLevel))) }

func (m *meter) clear() { m.latest.Store(uint32(media.NoLevel)) }
