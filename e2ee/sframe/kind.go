package sframe

// Kind is what a stream shows, and which base key of its epoch seals it. The number is hashed into the sender tag, the
// name goes into key derivation.
type Kind uint8

// Kinds of streams. The zero value is no kind and is refused.
const (
	Audio       Kind = 1
	Video       Kind = 2
	Screen      Kind = 3
	ScreenAudio Kind = 4
)

// String gives the name that key derivation uses, "unknown" for no kind.
func (k Kind) String() string {
	switch k {
	case Audio:
		return "audio"
	case Video:
		return "video"
	case Screen:
		return "screen"
	case ScreenAudio:
		return "screen-audio"
	default:
		return "unknown"
	}
}

// sound tells kinds that carry sound from those that carry pictures.
func (k Kind) sound() bool { return k == Audio || k == ScreenAudio }

func (k Kind) valid() bool { return k >= Audio && k <= ScreenAudio }
