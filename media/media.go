// Package media is the vocabulary of everything that carries sound or pictures: what a stream is (Kind, Codec,
// TrackInfo), the four units that flow (Packet, Frame, PCM, Picture) and the one verb by which they flow (Sink).
// It knows no network, no codec and no room.
package media

// Kind tells sound from pictures, and from what moves a camera.
type Kind uint8

// Kinds of media. The zero value is no kind and is refused wherever a Kind is asked for.
const (
	KindUnknown Kind = iota
	Audio
	Video
	// Control is H.224, by which one end moves the camera of the other.
	Control
)

// String gives the SDP media name (RFC 8866 section 5.14).
func (k Kind) String() string {
	switch k {
	case Audio:
		return "audio"
	case Video:
		return "video"
	case Control:
		return "application"
	default:
		return "unknown"
	}
}

// Source tells what a participant publishes; together with the participant it names a Track to people.
type Source uint8

// Sources of a Track.
const (
	SourceUnknown Source = iota
	Microphone
	Camera
	Screen
	ScreenAudio
	// Mix is made by the gateway: what a leg that takes one audio stream hears.
	Mix
)

// String gives the name used in the signalling protocol.
func (s Source) String() string {
	switch s {
	case Microphone:
		return "microphone"
	case Camera:
		return "camera"
	case Screen:
		return "screen"
	case ScreenAudio:
		return "screenAudio"
	case Mix:
		return "mix"
	default:
		return "unknown"
	}
}

// Kind of media that comes from the source.
func (s Source) Kind() Kind {
	switch s {
	case Microphone, ScreenAudio, Mix:
		return Audio
	case Camera, Screen:
		return Video
	default:
		return KindUnknown
	}
}
