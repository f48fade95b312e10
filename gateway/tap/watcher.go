package tap

import (
	"slices"
	"sync"

	"legroom/e2ee/sframe"
	"legroom/gateway/api"
	"legroom/media"
	"legroom/rooms"
)

// What is kept of one stream.
const (
	maxHeads   = 1000
	maxSamples = 8
	// maxSample is the size of a payload that is kept whole, bytes.
	maxSample = 64 << 10
	// enough payloads, all sealed, for any byte of them to be passed on. A packet of plain Opus may look like a sealed one
	// by chance, so many in a row with counters that rise do not.
	enough = 8
)

// watcher is a Sink that notes what one stream consists of.
type watcher struct {
	about rooms.Stream
	kind  sframe.Kind
	stop  func()

	mu       sync.Mutex
	pictures map[uint8]*picture // by simulcast layer; nil for sound
	told     api.TapStream
	layers   []uint8           // of told.Heads
	counters map[series]uint64 // the last one
	falling  bool              // a counter was used twice, or fell back too far
	recent   recent
}

// recent are the packets that came last. What came before is no second use of a counter: networks repeat packets.
type recent struct {
	seen [256]uint32
	next uint8
}

// again notes a packet of a layer, and tells whether it was here before.
func (r *recent) again(p *media.Packet) bool {
	key := 1<<31 | uint32(p.Layer)<<16 | uint32(p.SequenceNumber)
	if slices.Contains(r.seen[:], key) {
		return true
	}
	r.seen[r.next] = key
	r.next++
	return false
}

// series is what counters count up in: one key id, and of it one layer, since layers overtake each other.
type series struct {
	id    sframe.KeyID
	layer uint8
}

var _ media.Sink[*media.Packet] = (*watcher)(nil)

func newWatcher(s rooms.Stream) *watcher {
	w := &watcher{about: s, kind: kindOf(s.Source), stop: func() {}, counters: make(map[series]uint64)}
	if s.Codec.Name == media.VP8 {
		w.pictures = make(map[uint8]*picture)
	}
	w.told = api.TapStream{
		Participant: s.By.ID, Kind: s.By.Kind.String(), Source: s.Source.String(), Codec: string(s.Codec.Name),
		InClear: s.InClear, Opened: s.Opened, Sender: senderOf(s.By.Sender), Heads: []api.TapHead{}, Samples: [][]byte{},
	}
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
	if w.recent.again(p) {
		return nil
	}
	w.told.Packets++
	switch {
	case len(p.Payload) == 0: // padding
	case w.about.Codec.Name == media.Opus:
		w.payload(p.Payload, 0)
	case w.pictures == nil:
		w.told.Unread++
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
			w.told.Unread++
			return
		}
		at = &picture{}
		w.pictures[p.Layer] = at
	}
	whole, lost := at.add(p)
	w.told.Unread += lost
	if whole != nil {
		w.payload(whole, p.Layer)
	}
}

// payload notes a whole one.
func (w *watcher) payload(b []byte, layer uint8) {
	w.told.Payloads++
	w.told.Bytes += uint64(len(b))
	h, err := Header(w.about.Codec.Name, w.kind, b)
	if err != nil {
		return
	}
	id := sframe.KeyID(h.KeyID)
	if !w.own(id) {
		return
	}
	w.told.Sealed++
	w.count(series{id, layer}, h.Counter)
	if len(w.told.Heads) < maxHeads {
		w.told.Heads = append(w.told.Heads, headOf(b, id, h.Counter))
		w.layers = append(w.layers, layer)
	}
	if len(b) <= maxSample && w.sample(b) {
		w.told.Samples = append(w.told.Samples, slices.Clone(b))
	}
}

// sample tells whether a payload is kept whole. Of pictures the first is one that a decoder can begin with.
func (w *watcher) sample(b []byte) bool {
	n := len(w.told.Samples)
	return n < maxSamples && (n > 0 || w.pictures == nil || b[0]&1 == 0)
}

// own tells whether a key id is that of who publishes the stream.
func (w *watcher) own(id sframe.KeyID) bool {
	s := w.about.By.Sender
	switch {
	case s == nil:
		return false
	case s.Grant == 0:
		return !id.Grantee() && id.Leaf() == int(s.Leaf)
	default:
		return id.Grantee() && id.Grant() == int(s.Grant%(sframe.MaxTrack+1)) && id.Leg() == int(s.Line)
	}
}

// count holds that counters rise. Packets overtake each other a little on their way.
func (w *watcher) count(s series, counter uint64) {
	last, known := w.counters[s]
	if known && (counter == last || counter+reordered < last) {
		w.falling = true
	}
	if !known || counter > last {
		w.counters[s] = counter
	}
}

// reordered is how far behind the last counter one may be.
const reordered = 16

// stream is what was noted. No byte of a payload is in it unless all payloads were sealed.
func (w *watcher) stream() api.TapStream {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := w.told
	if out.Sealed != out.Payloads || out.Payloads < enough || w.falling || !w.rising() {
		out.Heads, out.Samples = []api.TapHead{}, [][]byte{}
	}
	return out
}

// rising tells whether nearly every counter is above the one before it in its layer, as those of a sender are and bytes of
// plain sound are not. Layers share one counter and overtake each other.
func (w *watcher) rising() bool {
	before := map[uint8]api.TapHead{}
	ups, pairs := 0, 0
	for i, h := range w.told.Heads {
		if b, known := before[w.layers[i]]; known {
			pairs++
			if h.Counter > b.Counter || h.Epoch != b.Epoch {
				ups++
			}
		}
		before[w.layers[i]] = h
	}
	return 10*ups >= 9*pairs
}

// headOf is what stands in clear with a payload, and some of what does not.
func headOf(b []byte, id sframe.KeyID, counter uint64) api.TapHead {
	const most = 24
	h := api.TapHead{
		Size: len(b), First: slices.Clone(b[:min(most, len(b))]), Last: slices.Clone(b[max(0, len(b)-most):]),
		Epoch: id.Epoch(), Counter: counter,
	}
	if id.Grantee() {
		grant, line := uint32(id.Grant()), uint16(id.Leg())
		h.Sender = api.TapSender{Grant: &grant, Line: &line}
		return h
	}
	leaf := uint32(id.Leaf())
	h.Sender = api.TapSender{Leaf: &leaf}
	return h
}
