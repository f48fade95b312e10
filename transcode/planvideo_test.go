package transcode_test

import (
	"errors"
	"testing"
	"time"

	"legroom/hwaccel"
	"legroom/media"
	"legroom/media/payload"
	"legroom/transcode"
)

// paper is a Device that only says what it can do.
type paper struct {
	hwaccel.Device
	name string
	able hwaccel.Capabilities
}

func (p paper) Name() string                       { return p.name }
func (p paper) Capabilities() hwaccel.Capabilities { return p.able }

// able lists codecs with the speed of so many pictures of 1280x720 a second.
func able(speed int64, codecs ...media.CodecName) (all []hwaccel.Capability) {
	for _, name := range codecs {
		all = append(all, hwaccel.Capability{
			Codec: name, MaxWidth: 1920, MaxHeight: 1088, Speed: speed * 1280 * 720, LimitsNAL: name == media.H264,
		})
	}
	return all
}

func TestPlanVideo(t *testing.T) {
	software := paper{name: "software", able: hwaccel.Capabilities{
		Decode: able(1000, media.H264, media.VP8, media.VP9), Encode: able(200, media.H264, media.VP8), Scale: able(2000, ""),
	}}
	card := paper{name: "vaapi:renderD128", able: hwaccel.Capabilities{
		Decode: able(5000, media.H264), Encode: able(2000, media.H264), Scale: able(5000, ""),
	}}
	card.able.Encode[0].LimitsNAL = false
	unmeasured := paper{name: "unmeasured", able: hwaccel.Capabilities{Decode: able(0, media.H264), Encode: able(0, media.VP8)}}
	eyes := paper{name: "nvidia:0", able: hwaccel.Capabilities{Decode: able(5000, media.H264, media.VP8)}}
	hd := func(c media.Codec) payload.Stream {
		return payload.Stream{Codec: c, Width: 1280, Height: 720, FrameRate: 30}
	}
	small, large := media.PictureLimits{Width: 640, Height: 360}, media.PictureLimits{Width: 1920, Height: 1080}
	low := h264(1)
	low.Fmtp = "profile-level-id=42e00d;packetization-mode=1" // level 1.3: 396 blocks
	cpu, both := []hwaccel.Device{software}, []hwaccel.Device{card, software}
	for name, c := range map[string]struct {
		from    payload.Stream
		to      media.Codec
		want    media.PictureLimits
		devices []hwaccel.Device
		plan    string
		cost    time.Duration
		err     error
	}{
		"it fits": {hd(h264(1)), h264(1), large, cpu, "forward", 0, nil},
		"smaller": {
			hd(h264(1)), vp8(), small, cpu,
			"decode H264 1280x720 (software) > scale 640x360 (software) > encode VP8 640x360 (software)", 82500 * time.Microsecond, nil,
		},
		"on the card":     {hd(h264(1)), h264(1), small, both, "decode H264 1280x720 (vaapi:renderD128) > scale 640x360 (vaapi:renderD128) > encode H264 640x360 (vaapi:renderD128)", 15750 * time.Microsecond, nil},
		"partly":          {hd(h264(1)), vp8(), large, both, "decode H264 1280x720 (vaapi:renderD128) > encode VP8 1280x720 (software)", 156 * time.Millisecond, nil},
		"mode 0":          {hd(h264(1)), h264(0), large, both, "decode H264 1280x720 (vaapi:renderD128) > encode H264 1280x720 (software)", 156 * time.Millisecond, nil},
		"a card of eyes":  {hd(vp8()), h264(1), small, []hwaccel.Device{eyes, software}, "decode VP8 1280x720 (nvidia:0) > scale 640x360 (software) > encode H264 640x360 (software)", 58500 * time.Microsecond, nil},
		"another shape":   {hd(h264(1)), vp8(), media.PictureLimits{Width: 640, Height: 480}, cpu, "decode H264 1280x720 (software) > scale 640x360 (software) > encode VP8 640x360 (software)", 82500 * time.Microsecond, nil},
		"upright":         {payload.Stream{Codec: vp8(), Width: 720, Height: 1280}, h264(1), media.PictureLimits{Width: 1280, Height: 720}, cpu, "", 0, transcode.ErrNoPlan},
		"by the level":    {hd(vp8()), low, media.PictureLimits{}, cpu, "decode VP8 1280x720 (software) > scale 424x238 (software) > encode H264 424x238 (software)", 61424 * time.Microsecond, nil},
		"fewer a second":  {hd(h264(1)), vp8(), media.PictureLimits{Width: 1280, Height: 720, FrameRate: 15}, cpu, "decode H264 1280x720 (software) > encode VP8 1280x720 (software)", 90 * time.Millisecond, nil},
		"of unknown size": {payload.Stream{Codec: h264(1)}, vp8(), small, cpu, "decode H264 640x360 (software) > encode VP8 640x360 (software)", 45 * time.Millisecond, nil},
		"of no size":      {payload.Stream{Codec: h264(1)}, vp8(), media.PictureLimits{}, cpu, "", 0, transcode.ErrNoPlan},
		"not measured":    {hd(h264(1)), vp8(), large, []hwaccel.Device{unmeasured, software}, "decode H264 1280x720 (software) > encode VP8 1280x720 (software)", 180 * time.Millisecond, nil},
		"no encoder":      {hd(h264(1)), media.Codec{Name: media.VP9, ClockRate: 90000}, large, cpu, "", 0, transcode.ErrNoPlan},
		"too large":       {payload.Stream{Codec: h264(1), Width: 3840, Height: 2160}, vp8(), small, cpu, "", 0, hwaccel.ErrUnsupported},
		"no device":       {hd(h264(1)), vp8(), large, nil, "", 0, transcode.ErrNoPlan},
	} {
		t.Run(name, func(t *testing.T) {
			plan, err := transcode.PlanVideo(c.from, c.to, c.want, c.devices)
			if !errors.Is(err, c.err) || err != nil && !errors.Is(err, payload.ErrUnfit) {
				t.Fatalf("error %v, want %v and why it is not forwarded", err, c.err)
			}
			if err == nil && plan.String() != c.plan {
				t.Errorf("%v, want %v", plan, c.plan)
			}
			if off := plan.Cost() - c.cost; off < -time.Microsecond || off > time.Microsecond {
				t.Errorf("costs %v, want %v", plan.Cost(), c.cost)
			}
			if again, _ := transcode.PlanVideo(c.from, c.to, c.want, c.devices); again != plan {
				t.Error("the same question has another answer")
			}
			for _, s := range plan.Steps() {
				if s.Width == 0 || s.Height == 0 || s.Device == "" || s.Cost <= 0 {
					t.Errorf("step %+v", s)
				}
			}
		})
	}
}
