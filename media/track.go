package media

// TrackInfo describes a Track to whoever is to carry it.
type TrackInfo struct {
	// ID is unique in the process.
	ID string
	// Participant that publishes it: rooms.Participant.ID; empty for a Mix.
	Participant string
	// Source of it; gives the Kind.
	Source Source
	// Codec it is in.
	Codec Codec
	// Layers is the number of simulcast layers, at least 1; Packet.Layer counts from 0, the smallest.
	Layers int
	// RequestKeyframe asks the origin for a key frame of a layer. It never blocks, may be called often and from any
	// goroutine: requests are merged at the Track. Nil for audio.
	RequestKeyframe func(layer uint8)
}

// Kind of the Track.
func (t TrackInfo) Kind() Kind { return t.Source.Kind() }

// Publisher is what a leg is given to bring its streams into a room.
type Publisher interface {
	// Publish opens a Track. The leg writes its packets to the Sink and closes it when the stream ends.
	Publish(TrackInfo) (Sink[*Packet], error)
}
