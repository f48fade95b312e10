package rooms

import (
	"sync/atomic"

	"legroom/media"
)

// Use is what packets of sound are encoded for.
type Use uint8

// Uses of an encode.
const (
	// SharedMix is one for all who hear a mix and say nothing.
	SharedMix Use = iota
	// OwnMix is for one leg: it speaks, or is whispered to.
	OwnMix
	// OfTrack is one voice in another codec, for all who get tracks.
	OfTrack
)

const uses = 3

// String gives the name of the use.
func (u Use) String() string { return name(int(u), "shared", "own", "track") }

// EncodeCount is how many packets were encoded: what was forwarded, and quiet that is made once, is not among them.
type EncodeCount struct {
	Codec   media.CodecName
	Use     Use
	Packets uint64
}

// encodes counts them for the whole process.
type encodes struct {
	pcmu, pcma, g722, opus [uses]atomic.Uint64
}

// of gives the counter for a codec that the gateway can encode.
func (e *encodes) of(codec media.CodecName, use Use) *atomic.Uint64 {
	switch codec {
	case media.PCMU:
		return &e.pcmu[use]
	case media.PCMA:
		return &e.pcma[use]
	case media.G722:
		return &e.g722[use]
	default:
		return &e.opus[use]
	}
}

// Encodes counts since the start, one for each codec and use.
func (g *Registry) Encodes() []EncodeCount {
	var list []EncodeCount
	for _, codec := range []media.CodecName{media.PCMU, media.PCMA, media.G722, media.Opus} {
		for use := range Use(uses) {
			list = append(list, EncodeCount{Codec: codec, Use: use, Packets: g.voice.encodes.of(codec, use).Load()})
		}
	}
	return list
}
