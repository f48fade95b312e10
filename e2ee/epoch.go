package e2ee

import (
	"time"

	"legroom/e2ee/sframe"
)

// maxStreams bounds how many streams of one kind an epoch remembers. Only members can fill it.
const maxStreams = 2048

// epoch holds what a bundle brought. Its owner locks.
type epoch struct {
	number     uint64
	transcript Hash
	// keys to open and to seal with, by kind; those of other kinds stay zero and are never used.
	open, seal [len(kinds) + 1]baseKey
	openers    map[streamID]*sframe.Opener
	sealers    map[legID]*sframe.Sealer
	// replaced erases it some time after the next epoch came; nil in the newest.
	replaced *time.Timer
}

// streamID names a browser's stream in an epoch, legID one of our own.
type (
	streamID struct {
		kind sframe.Kind
		id   sframe.KeyID
	}
	legID struct {
		kind sframe.Kind
		leg  uint16
	}
)

func newEpoch(b *bundle, transcript Hash) *epoch {
	e := &epoch{
		number: b.Epoch, transcript: transcript,
		openers: make(map[streamID]*sframe.Opener), sealers: make(map[legID]*sframe.Sealer),
	}
	for _, k := range kinds {
		e.open[k], e.seal[k] = b.K[k.String()], b.G[k.String()]
	}
	return e
}

// erase overwrites the keys and lets go what was derived from them.
func (e *epoch) erase() {
	if e.replaced != nil {
		e.replaced.Stop()
	}
	clear(e.open[:])
	clear(e.seal[:])
	clear(e.openers)
	clear(e.sealers)
}

// newOpener derives the key of a browser's stream, which the epoch does not keep yet: anybody can make up key ids, and
// only a frame that opens shows that there is such a stream.
func (e *epoch) newOpener(s streamID) (*sframe.Opener, error) {
	return sframe.NewOpener(sframe.StreamConfig{
		BaseKey: e.open[s.kind][:], Kind: s.kind, KeyID: s.id,
		// While this grant has the kind in its scope, every browser tags it; the key of the tags is for members only.
		Tag: sframe.SkipTag,
	})
}

// sealer of a leg's stream: one, whoever asks, since it holds the counter.
func (e *epoch) sealer(n uint32, l legID) (*sframe.Sealer, error) {
	if known := e.sealers[l]; known != nil {
		return known, nil
	}
	id, err := sframe.GranteeKeyID(n, int(l.leg), e.number)
	if err != nil {
		return nil, err
	}
	made, err := sframe.NewSealer(sframe.StreamConfig{BaseKey: e.seal[l.kind][:], Kind: l.kind, KeyID: id})
	if err != nil {
		return nil, err
	}
	e.sealers[l] = made
	return made, nil
}
