package transcode

import (
	"errors"
	"fmt"
	"math"
	"time"

	"legroom/hwaccel"
	"legroom/media"
	"legroom/media/payload"
)

// usualRate is what is reckoned with where nobody says how many pictures a second there are.
const usualRate = 30

// PlanVideo gives the way of pictures from a stream to a receiver: none when it may be forwarded as it is (see
// payload.CanForward; where packetization or MTU differ payload.H264Refit does it), else decode, scale where the receiver
// takes no such size, and encode, on the first of the Devices, in their order, that can. Scaling is done where the
// pictures are decoded. A Plan reserves nothing and is the same for the same question: whether a Device has room is found
// when a stage is opened.
// Errors: ErrNoPlan, joined with payload.ErrUnfit and what the Devices say.
func PlanVideo(from payload.Stream, to media.Codec, want media.PictureLimits, devices []hwaccel.Device) (Plan, error) {
	unfit := payload.CanForward(from, to, want)
	if unfit == nil {
		return Plan{}, nil
	}
	width, height := TargetSize(from.Width, from.Height, to, want)
	if width == 0 {
		return Plan{}, fmt.Errorf("transcode: plan %s to %s: no size is known: %w: %w", from.Codec.Name, to.Name, ErrNoPlan, unfit)
	}
	p := planner{devices: devices, rate: rateOf(from, want)}
	read := hwaccel.Job{Operation: hwaccel.Decode, Codec: from.Codec.Name, Width: from.Width, Height: from.Height}
	if read.Width == 0 {
		read.Width, read.Height = width, height
	}
	made := hwaccel.Job{Operation: hwaccel.Encode, Codec: to.Name, Width: width, Height: height}
	p.add(Step{Op: OpDecode, Codec: from.Codec}, read, devices, false)
	if read.Width != width || read.Height != height {
		scaled := Step{Op: OpScale, Width: width, Height: height}
		larger := hwaccel.Job{Operation: hwaccel.Scale, Width: max(width, read.Width), Height: max(height, read.Height)}
		p.add(scaled, larger, p.near(), false)
	}
	p.add(Step{Op: OpEncode, Codec: to}, made, devices, sliced(to, want))
	if p.err != nil {
		return Plan{}, fmt.Errorf("transcode: plan %s to %s: %w: %w", from.Codec.Name, to.Name, ErrNoPlan, errors.Join(unfit, p.err))
	}
	return p.plan, nil
}

// PlanComposed gives the way of a picture that is composed, which the last of the Devices does, to a receiver of that size:
// what it is made of is decoded once for all. Errors: ErrNoPlan, joined with what the Devices say.
func PlanComposed(width, height int, to media.Codec, want media.PictureLimits, devices []hwaccel.Device) (Plan, error) {
	p := planner{devices: devices, rate: rateOf(payload.Stream{}, want)}
	size := hwaccel.Job{Operation: hwaccel.Scale, Width: width, Height: height}
	p.add(Step{Op: OpCompose, Width: width, Height: height}, size, devices[max(len(devices)-1, 0):], false)
	size.Operation, size.Codec = hwaccel.Encode, to.Name
	p.add(Step{Op: OpEncode, Codec: to}, size, devices, sliced(to, want))
	if p.err != nil {
		return Plan{}, fmt.Errorf("transcode: plan a picture to %s: %w: %w", to.Name, ErrNoPlan, p.err)
	}
	return p.plan, nil
}

// planner adds steps to a Plan, each on the first Device that can.
type planner struct {
	devices []hwaccel.Device
	rate    int
	plan    Plan
	err     error
	// decodes is where pictures are decoded.
	decodes hwaccel.Device
}

// add adds a step on the first of the Devices. Its size is the job's, if it has none.
func (p *planner) add(s Step, j hwaccel.Job, on []hwaccel.Device, limitsNAL bool) {
	j.FrameRate = p.rate
	if s.Width == 0 {
		s.Width, s.Height = j.Width, j.Height
	}
	var all []error
	for _, d := range on {
		able, err := d.Capabilities().Find(j.Operation, j.Codec, j.Width, j.Height)
		if err == nil {
			_, err = d.Capabilities().Load(j)
		}
		if err == nil && limitsNAL && !able.LimitsNAL {
			err = fmt.Errorf("transcode: encode %s in slices that fit packets: %w", j.Codec, hwaccel.ErrUnsupported)
		}
		if err != nil {
			all = append(all, fmt.Errorf("%s: %w", d.Name(), err))
			continue
		}
		if s.Op == OpDecode {
			p.decodes = d
		}
		pixels := float64(j.Width) * float64(j.Height) * float64(j.FrameRate)
		s.Device, s.Cost = d.Name(), time.Duration(pixels/float64(able.Speed)*float64(time.Second))
		p.plan = p.plan.then(s)
		return
	}
	p.err = errors.Join(p.err, errors.Join(all...))
	if len(all) == 0 {
		p.err = errors.Join(p.err, fmt.Errorf("transcode: no device: %w", hwaccel.ErrUnsupported))
	}
}

// near are the Devices for scaling: where pictures are decoded, else the processor, which is the last.
func (p *planner) near() []hwaccel.Device {
	if p.decodes == nil {
		return p.devices
	}
	return []hwaccel.Device{p.decodes, p.devices[len(p.devices)-1]}
}

// sliced tells whether the encoder has to bound its NAL units.
func sliced(to media.Codec, want media.PictureLimits) bool {
	if to.Name != media.H264 {
		return false
	}
	p, err := payload.ParseH264Params(to.Fmtp)
	return want.NAL > 0 || err == nil && p.Mode == 0
}

func rateOf(from payload.Stream, want media.PictureLimits) int {
	rate := from.FrameRate
	if rate <= 0 {
		rate = usualRate
	}
	if want.FrameRate > 0 {
		rate = min(rate, want.FrameRate)
	}
	return rate
}

// TargetSize is the size that pictures are brought to for a receiver: as they are if it takes them, else the largest of
// the same shape that it takes, in even numbers. Without a limit of the size the level of its H.264 is one. Pictures of
// size 0 are not known yet and get the largest; 0 when that is not known either.
// Source: of levels ITU-T H.264 table A-1.
func TargetSize(width, height int, to media.Codec, want media.PictureLimits) (int, int) {
	if width <= 0 || height <= 0 {
		return want.Width &^ 1, want.Height &^ 1
	}
	scale := 1.0
	if want.Width > 0 {
		scale = min(scale, float64(want.Width)/float64(width))
	}
	if want.Height > 0 {
		scale = min(scale, float64(want.Height)/float64(height))
	}
	if p, err := payload.ParseH264Params(to.Fmtp); to.Name == media.H264 && err == nil && (want.Width == 0 || want.Height == 0) {
		blocks := float64(p.Profile.Limits().MaxFS)
		scale = min(scale, math.Sqrt(blocks*256/(float64((width+15)/16*16)*float64((height+15)/16*16))))
	}
	return even(width, scale), even(height, scale)
}

func even(n int, scale float64) int { return max(int(float64(n)*scale+0.5)&^1, 2) }
