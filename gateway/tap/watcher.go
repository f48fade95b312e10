package tap

import (
	"sync"

	"legroom/e2ee/sframe"
	"legroom/gateway/api"
	"legroom/media"
	"legroom/rooms"
)

// watcher is a Sink that notes what one stream consists of.
type watcher struct {
	about rooms.Stream
	stop  func()

	mu       sync.Mutex
	pictures map[uint8]*Picture // by simulcast layer; nil for sound
	notes    *Notes
	recent   Recent
}

var _ media.Sink[*media.Packet] = (*watcher)(nil)

func newWatcher(s rooms.Stream) *watcher {
	w := &watcher{about: s, stop: func() {}}
	if s.Codec.Name == media.VP8 {
		w.pictures = make(map[uint8]*Picture)
	}
	w.notes = NewNotes(kindOf(s.Source), api.TapStream{
		Participant: s.By.ID, Kind: s.By.Kind.String(), Source: s.Source.String(), Codec: string(s.Codec.Name),
		InClear: s.InClear, Opened: s.Opened, Sender: senderOf(s.By.Sender),
	})
	return w
}

func kindOf(s media.Source) sframe.Kind {
	switch s {
	case media.Microphone:
		return sframe.Audio
	case media.Camera:
		return sframe.Video
	case media.Screen:
		return sframe.Screen
	case media.ScreenAudio:
		return sframe.ScreenAudio
	default:
		return 0
	}
}

func senderOf(s *rooms.Sender) *api.TapSender {
	switch {
	case s == nil:
		return nil
	case s.Grant == 0:
		return &api.TapSender{Leaf: &s.Leaf}
	default:
		return &api.TapSender{Grant: &s.Grant, Line: &s.Line}
	}
}

// Write notes a packet.
func (w *watcher) Write(p *media.Packet) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.recent.Again(p) {
		return nil
	}
	w.notes.Packets(1)
	switch {
	case len(p.Payload) == 0: // padding
	case w.about.Codec.Name == media.Opus:
		w.notes.Payload(p.Payload, 0)
	case w.pictures == nil:
		w.notes.Unread(1)
	default:
		w.part(p)
	}
	return nil
}

// Close does nothing: what was noted stays.
func (w *watcher) Close() error { return nil }

// part puts pictures together.
func (w *watcher) part(p *media.Packet) {
	at := w.pictures[p.Layer]
	if at == nil {
		if len(w.pictures) > maxLayers {
			w.notes.Unread(1)
			return
		}
		at = &Picture{}
		w.pictures[p.Layer] = at
	}
	whole, lost := at.Add(p)
	w.notes.Unread(lost)
	if whole != nil {
		w.notes.Payload(whole, p.Layer)
	}
}

// stream is what was noted.
func (w *watcher) stream() api.TapStream {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.notes.Stream()
}
