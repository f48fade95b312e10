// Package transcode turns a stream of one codec into another. A Plan says what has to be done, as a value that can be
// printed and compared; the stages Decode and Encode do it for sound, DecodeVideo and EncodeVideo for pictures. Stages are
// Sinks at one end and write to a Sink at the other: those of sound in the goroutine of whoever writes, those of pictures,
// which take long, in one of their own that their owner starts (Run).
package transcode

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"legroom/media"
)

// ErrNoPlan says that there is no way from one codec to the other.
var ErrNoPlan = errors.New("transcode: no way between the codecs")

// maxSteps is the longest Plan: decode, scale, encode.
const maxSteps = 3

// Plan is what has to be done to carry a stream to a leg: conversions in order. The zero Plan is none, packets are
// forwarded as they are. Plans are comparable.
type Plan struct {
	steps [maxSteps]Step
	n     int
}

// Step is one conversion of a Plan.
type Step struct {
	// Op is what is done.
	Op Op
	// Codec that is read (Decode) or made (Encode).
	Codec media.Codec
	// Width and Height of the pictures that are read (Decode) or made (Scale, Encode), pixels; 0 for sound.
	Width, Height int
	// Device that does it: "cpu" for sound, a hwaccel Device's name for pictures.
	Device string
	// Cost of one second of the stream on that device, measured on a plain core.
	Cost time.Duration
}

// Op is what a Step does.
type Op uint8

// Conversions. Scale and Compose are of pictures only.
const (
	OpUnknown Op = iota
	OpDecode
	OpScale
	OpEncode
	// OpCompose makes one picture of several, once for all who see it.
	OpCompose
)

// String names the conversion.
func (o Op) String() string {
	switch o {
	case OpDecode:
		return "decode"
	case OpScale:
		return "scale"
	case OpEncode:
		return "encode"
	case OpCompose:
		return "compose"
	default:
		return "unknown"
	}
}

// cpu is the device of all sound.
const cpu = "cpu"

// PlanAudio gives the way of sound from one codec to another. Packet times alone need no conversion: senders choose
// them. Errors: ErrNoPlan.
func PlanAudio(from, to media.Codec) (Plan, error) {
	if from.Same(to) {
		return Plan{}, nil
	}
	if !knows(from) || !knows(to) {
		return Plan{}, fmt.Errorf("transcode: plan %v to %v: %w", from, to, ErrNoPlan)
	}
	return Plan{}.then(sound(OpDecode, from)).then(sound(OpEncode, to)), nil
}

// Choose gives the way to the codec of accepts, best first, that a stream is carried in: as it is when that is
// accepted at all, else in the first that can be made. Errors: ErrNoPlan.
func Choose(from media.Codec, accepts []media.Codec) (Plan, media.Codec, error) {
	for _, to := range accepts {
		if from.Same(to) {
			return Plan{}, to, nil
		}
	}
	for _, to := range accepts {
		if plan, err := PlanAudio(from, to); err == nil {
			return plan, to, nil
		}
	}
	return Plan{}, media.Codec{}, fmt.Errorf("transcode: plan from %v: %w", from, ErrNoPlan)
}

// CanEncode tells whether sound can be brought into the codec.
func CanEncode(c media.Codec) bool { return knows(c) }

// Forward tells that nothing has to be done.
func (p Plan) Forward() bool { return p.n == 0 }

// Steps in order. Owner: the caller's.
func (p Plan) Steps() []Step { return append([]Step(nil), p.steps[:p.n]...) }

// Cost of a second of the stream, all steps together.
func (p Plan) Cost() time.Duration {
	var sum time.Duration
	for _, s := range p.steps[:p.n] {
		sum += s.Cost
	}
	return sum
}

// String tells the steps and where they are done: "decode PCMU/8000 (cpu) > encode opus/48000/2 20ms (cpu)".
func (p Plan) String() string {
	if p.Forward() {
		return "forward"
	}
	words := make([]string, 0, p.n)
	for _, s := range p.steps[:p.n] {
		words = append(words, s.String())
	}
	return strings.Join(words, " > ")
}

// String tells what is done, of what and where: "encode VP8 640x360 (software)".
func (s Step) String() string {
	if s.Width == 0 {
		return fmt.Sprintf("%v %v (%s)", s.Op, s.Codec, s.Device)
	}
	if s.Op == OpScale || s.Op == OpCompose {
		return fmt.Sprintf("%v %dx%d (%s)", s.Op, s.Width, s.Height, s.Device)
	}
	return fmt.Sprintf("%v %s %dx%d (%s)", s.Op, s.Codec.Name, s.Width, s.Height, s.Device)
}

func (p Plan) then(s Step) Plan {
	p.steps[p.n] = s
	p.n++
	return p
}

func sound(op Op, c media.Codec) Step {
	return Step{Op: op, Codec: c, Device: cpu, Cost: audioCost(op, c)}
}

// audioCost is the floor measured for a second of sound: 50 frames of 20 ms, Opus at complexity 5.
func audioCost(op Op, c media.Codec) time.Duration {
	frame := 3 * time.Microsecond
	switch {
	case c.Name == media.Opus && op == OpEncode:
		frame = 190 * time.Microsecond
	case c.Name == media.Opus:
		frame = 37 * time.Microsecond
	case c.Name == media.G722:
		frame = 15 * time.Microsecond
	}
	return 50 * frame
}
