package visitor

import (
	"encoding/binary"

	"legroom/e2ee"
	"legroom/e2ee/replay"
	"legroom/e2ee/sframe"
	"legroom/media"
)

// Labels of MLS-Exporter, and what tells the keys of a label apart: the kind of media, and before it the number of a grant.
const (
	labelMedia   = "legroom/1 media"
	labelTag     = "legroom/1 tag"
	labelGrantee = "legroom/1 grantee"
)

// epoch opens the frames of one. It is the sframe.Roster of its epoch.
type epoch struct {
	state   *replay.State
	own     sframe.KeyID
	media   map[sframe.Kind][]byte
	tag     []byte
	granted e2ee.Scope     // kinds that some grantee has the key of
	grants  map[int]*grant // by number modulo 32
	openers openers
}

var _ sframe.Roster = (*epoch)(nil)

func kinds() []sframe.Kind {
	return []sframe.Kind{sframe.Audio, sframe.Video, sframe.Screen, sframe.ScreenAudio}
}

func newEpoch(state *replay.State, s *schedule, leaf uint32) *epoch {
	e := &epoch{
		state: state, media: make(map[sframe.Kind][]byte), tag: s.export(labelTag, nil, sframe.TagKeySize),
		grants: make(map[int]*grant), openers: make(openers),
	}
	e.own, _ = sframe.BrowserKeyID(0, int(leaf), state.Epoch) // a tree has at most 256 leaves
	for _, k := range kinds() {
		e.media[k] = s.export(labelMedia, []byte{byte(k)}, sframe.BaseKeySize)
	}
	for i := range state.Policy.Grants {
		e.grant(&state.Policy.Grants[i], s)
	}
	return e
}

func (e *epoch) grant(entry *e2ee.GrantEntry, s *schedule) {
	request, err := e2ee.DecodeRequest(entry.Request)
	if err != nil {
		return // replay has read it
	}
	g := &grant{n: entry.N, legs: request.Legs, speak: entry.Speak, media: make(map[sframe.Kind][]byte)}
	for _, k := range kinds() {
		context := append(binary.BigEndian.AppendUint32(nil, entry.N), byte(k))
		g.media[k] = s.export(labelGrantee, context, sframe.BaseKeySize)
	}
	e.granted |= entry.Scope
	e.grants[int(entry.N%(sframe.MaxTrack+1))] = g
}

// MaySend tells whether a key id is somebody's who may send media of that kind.
func (e *epoch) MaySend(kind sframe.Kind, id sframe.KeyID) bool {
	if !id.Grantee() {
		return e.state.Leaf(uint32(id.Leaf())) != nil
	}
	g := e.grants[id.Grant()]
	if g == nil || !g.speak.Has(kind) {
		return false
	}
	for _, l := range g.legs {
		if int(l.No) == id.Leg() {
			return true
		}
	}
	return false
}

func (e *epoch) open(dst []byte, codec media.CodecName, kind sframe.Kind, id sframe.KeyID, frame []byte) ([]byte, error) {
	if err := sframe.Admit(kind, id, e.own, e); err != nil {
		return dst, err
	}
	return e.openers.open(dst, codec, frame, e.config(kind, id))
}

// config of a stream. Browsers tag frames of a kind while a grantee has its key.
func (e *epoch) config(kind sframe.Kind, id sframe.KeyID) sframe.StreamConfig {
	c := sframe.StreamConfig{BaseKey: e.media[kind], Kind: kind, KeyID: id}
	switch {
	case id.Grantee():
		c.BaseKey = e.grants[id.Grant()].media[kind]
	case e.granted.Has(kind):
		c.Tag, c.TagKey = sframe.CheckTag, e.tag
	}
	return c
}
