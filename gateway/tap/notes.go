package tap

import (
	"slices"

	"legroom/e2ee/sframe"
	"legroom/gateway/api"
	"legroom/media"
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

// Notes are what one stream consists of, as far as that shows without any key. One goroutine at a time may use them.
type Notes struct {
	kind     sframe.Kind
	told     api.TapStream
	layers   []uint8           // of told.Heads
	counters map[series]uint64 // the last one
	falling  bool              // a counter was used twice, or fell back too far
}

// NewNotes begins the notes of a stream: about says whose it is, in which codec, and under whose name it is to be sealed.
func NewNotes(kind sframe.Kind, about api.TapStream) *Notes {
	about.Heads, about.Samples = []api.TapHead{}, [][]byte{}
	return &Notes{kind: kind, told: about, counters: make(map[series]uint64)}
}

// series is what counters count up in: one key id, and of it one layer, since layers overtake each other.
type series struct {
	id    sframe.KeyID
	layer uint8
}

// Packets notes how many came.
func (n *Notes) Packets(count uint64) { n.told.Packets += count }

// Unread notes packets that could not be put together, or are of a codec that cannot be read here.
func (n *Notes) Unread(count uint64) { n.told.Unread += count }

// Payload notes a whole one, of a simulcast layer. Owner: b is lent.
func (n *Notes) Payload(b []byte, layer uint8) {
	n.told.Payloads++
	n.told.Bytes += uint64(len(b))
	h, err := Header(media.CodecName(n.told.Codec), n.kind, b)
	if err != nil {
		return
	}
	id := sframe.KeyID(h.KeyID)
	if !n.own(id) {
		return
	}
	n.told.Sealed++
	n.count(series{id, layer}, h.Counter)
	if len(n.told.Heads) < maxHeads {
		n.told.Heads = append(n.told.Heads, headOf(b, id, h.Counter))
		n.layers = append(n.layers, layer)
	}
	if len(b) <= maxSample && n.sample(b) {
		n.told.Samples = append(n.told.Samples, slices.Clone(b))
	}
}

// sample tells whether a payload is kept whole. Of pictures the first is one that a decoder can begin with.
func (n *Notes) sample(b []byte) bool {
	have := len(n.told.Samples)
	return have < maxSamples && (have > 0 || media.CodecName(n.told.Codec) != media.VP8 || b[0]&1 == 0)
}

// own tells whether a key id is that of who publishes the stream.
func (n *Notes) own(id sframe.KeyID) bool {
	switch s := n.told.Sender; {
	case s == nil:
		return false
	case s.Leaf != nil:
		return !id.Grantee() && id.Leaf() == int(*s.Leaf)
	case s.Grant == nil || s.Line == nil:
		return false
	default:
		return id.Grantee() && id.Grant() == int(*s.Grant%(sframe.MaxTrack+1)) && id.Leg() == int(*s.Line)
	}
}

// count holds that counters rise. Packets overtake each other a little on their way.
func (n *Notes) count(s series, counter uint64) {
	last, known := n.counters[s]
	if known && (counter == last || counter+reordered < last) {
		n.falling = true
	}
	if !known || counter > last {
		n.counters[s] = counter
	}
}

// reordered is how far behind the last counter one may be.
const reordered = 16

// Stream is what was noted. No byte of a payload is in it unless all payloads were sealed.
func (n *Notes) Stream() api.TapStream {
	out := n.told
	if out.Sealed != out.Payloads || out.Payloads < enough || n.falling || !n.rising() {
		out.Heads, out.Samples = []api.TapHead{}, [][]byte{}
	}
	return out
}

// rising tells whether nearly every counter is above the one before it in its layer, as those of a sender are and bytes of
// plain sound are not. Layers share one counter and overtake each other.
func (n *Notes) rising() bool {
	before := map[uint8]api.TapHead{}
	ups, pairs := 0, 0
	for i, h := range n.told.Heads {
		if b, known := before[n.layers[i]]; known {
			pairs++
			if h.Counter > b.Counter || h.Epoch != b.Epoch {
				ups++
			}
		}
		before[n.layers[i]] = h
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
