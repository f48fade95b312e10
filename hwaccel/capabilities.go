package hwaccel

import (
	"fmt"
	"math"

	"legroom/media"
)

// Operation is one kind of work of a Device.
type Operation uint8

// Operations.
const (
	Decode Operation = iota + 1
	Encode
	Scale
)

// String gives the word used in logs and errors.
func (o Operation) String() string {
	switch o {
	case Decode:
		return "decode"
	case Encode:
		return "encode"
	case Scale:
		return "scale"
	default:
		return "unknown"
	}
}

// MarshalText gives the word of String, for JSON.
func (o Operation) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// UnmarshalText reads that word. Errors: ErrUnsupported for another.
func (o *Operation) UnmarshalText(text []byte) error {
	for _, each := range operations() {
		if each.String() == string(text) {
			*o = each
			return nil
		}
	}
	return fmt.Errorf("hwaccel: operation %q: %w", text, ErrUnsupported)
}

// operations in the order in which they are told.
func operations() []Operation { return []Operation{Decode, Encode, Scale} }

// Capability is one thing a Device can do.
type Capability struct {
	// Codec it is about; empty for Scale.
	Codec media.CodecName `json:"codec,omitempty"`
	// MaxWidth and MaxHeight of a picture, pixels.
	MaxWidth  int `json:"maxWidth"`
	MaxHeight int `json:"maxHeight"`
	// Speed of one engine, pixels a second, as measured by Probe; 0 means not measured.
	Speed int64 `json:"speed"`
	// LimitsNAL tells that an H.264 encoder keeps to EncoderConfig.MaxNAL, which a receiver in packetization mode 0 needs
	// (RFC 6184 section 6.2).
	LimitsNAL bool `json:"limitsNAL,omitempty"`
	// SmoothRate tells that an encoder changes its bitrate without a key frame.
	SmoothRate bool `json:"smoothRate,omitempty"`
}

// Capabilities of a Device. Decode and Encode are separate facts: there are cards that have only one of the two.
// The zero value can do nothing. It is stored as JSON between runs of the program.
type Capabilities struct {
	// Decode, Encode and Scale list what works; at most one Scale.
	Decode []Capability `json:"decode"`
	Encode []Capability `json:"encode"`
	Scale  []Capability `json:"scale"`
	// Capacity that Acquire lends out.
	Capacity Capacity `json:"capacity"`
}

// Of lists what the Device can do of an Operation. Owner: the Capabilities.
func (c Capabilities) Of(op Operation) []Capability {
	switch op {
	case Decode:
		return c.Decode
	case Encode:
		return c.Encode
	case Scale:
		return c.Scale
	default:
		return nil
	}
}

// Find gives the Capability for an Operation in a codec (empty for Scale) at a picture size.
// Errors: ErrUnsupported, with what was asked.
func (c Capabilities) Find(op Operation, codec media.CodecName, width, height int) (Capability, error) {
	for _, each := range c.Of(op) {
		if each.Codec != codec {
			continue
		}
		if width > each.MaxWidth || height > each.MaxHeight {
			return Capability{}, fmt.Errorf("hwaccel: %s %s at %dx%d (at most %dx%d): %w",
				op, codec, width, height, each.MaxWidth, each.MaxHeight, ErrUnsupported)
		}
		return each, nil
	}
	return Capability{}, fmt.Errorf("hwaccel: %s %s: %w", op, codec, ErrUnsupported)
}

// Job is continuous work: so many pictures a second of a size.
type Job struct {
	Operation Operation
	// Codec that is decoded or encoded; empty for Scale.
	Codec media.CodecName
	// Width and Height in pixels; for Scale of the larger of source and target.
	Width, Height int
	// FrameRate in pictures a second.
	FrameRate int
}

// Load is what jobs take of the Device, from the measured speeds.
// Errors: ErrUnsupported for a job that the Device cannot do or whose speed nobody measured.
func (c Capabilities) Load(jobs ...Job) (Load, error) {
	var sum Load
	for _, j := range jobs {
		able, err := c.Find(j.Operation, j.Codec, j.Width, j.Height)
		if err != nil {
			return Load{}, err
		}
		if able.Speed <= 0 {
			return Load{}, fmt.Errorf("hwaccel: %s %s was not measured: %w", j.Operation, j.Codec, ErrUnsupported)
		}
		pixels := int64(j.Width) * int64(j.Height) * int64(j.FrameRate)
		sum = sum.plus(loadOf(j.Operation, int((pixels*1000+able.Speed-1)/able.Speed)))
	}
	return sum, nil
}

// Streams is how many jobs of one kind the Device carries at a time, if it does nothing else; 0 for one that it cannot do.
func (c Capabilities) Streams(j Job) int {
	load, err := c.Load(j)
	if err != nil {
		return 0
	}
	most := math.MaxInt
	limit := func(capacity, each int) {
		if capacity > 0 && each > 0 {
			most = min(most, capacity/each)
		}
	}
	limit(c.Capacity.Decode, load.Decode)
	limit(c.Capacity.Encode, load.Encode)
	limit(c.Capacity.Scale, load.Scale)
	limit(c.Capacity.Encoders, load.Encoders)
	limit(c.Capacity.Total, load.Decode+load.Encode+load.Scale)
	return most
}

func loadOf(op Operation, permille int) Load {
	switch op {
	case Decode:
		return Load{Decode: permille}
	case Encode:
		return Load{Encode: permille, Encoders: 1}
	default:
		return Load{Scale: permille}
	}
}
