package vaapi

import (
	"errors"
	"testing"

	"legroom/hwaccel"
	"legroom/hwaccel/software"
	"legroom/hwaccel/vaapitest"
	"legroom/media"
)

// twoDevices are the card of the test driver and the processor, both as measured, and a note of who moved.
func twoDevices(t *testing.T) (*hwaccel.Fallback, vaapitest.Control, *[]string) {
	t.Helper()
	reference := judge(t)
	card, control := claimed(t, impatient)
	found, err := hwaccel.Probe(t.Context(), card, reference)
	if err != nil {
		t.Fatal(err)
	}
	measured, err := Open(Config{Node: vaapitest.Node, Driver: vaapitest.Name, Measured: &found, Patience: impatient})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = measured.Close() })
	// The machine may be busy with other tests: what is asked here is not whether it has room.
	able := reference.Capabilities()
	able.Capacity.Total = 100_000
	config := software.DefaultConfig()
	config.Measured = &able
	processor, err := software.New(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	var moves []string
	return &hwaccel.Fallback{
		Devices: []hwaccel.Device{measured, processor},
		Moved:   func(from, to hwaccel.Device, _ error) { moves = append(moves, from.Name()+" to "+to.Name()) },
	}, control, &moves
}

// small jobs have room on a card however slow this machine is at the moment.
const (
	smallWidth  = 320
	smallHeight = 180
)

func TestEncoderGoesOnWithinOneKeyFrame(t *testing.T) {
	for name, fault := range map[string]vaapitest.Fault{"a driver that fails": vaapitest.Fail, "a driver that hangs": vaapitest.Hang} {
		t.Run(name, func(t *testing.T) {
			devices, control, moves := twoDevices(t)
			e, err := devices.OpenEncoder(hwaccel.EncoderConfig{
				Codec: h264(), Width: smallWidth, Height: smallHeight, FrameRate: 5, Bitrate: 1_000_000,
			})
			if err != nil {
				t.Fatal(err)
			}
			defer e.Close()
			var keys []uint32
			pictures := 0
			note := media.SinkFunc[*media.Frame](func(f *media.Frame) error {
				pictures++
				if f.Keyframe {
					keys = append(keys, f.Timestamp/3000)
				}
				return nil
			})
			for n := range 20 {
				if n == 10 {
					control.Set(fault)
				}
				if err := e.Encode(hwaccel.Pattern(smallWidth, smallHeight, n), note); err != nil {
					t.Fatalf("picture %d: %v", n, err)
				}
			}
			control.Set(vaapitest.None)
			if pictures != 20 || len(keys) != 2 || keys[1] != 10 {
				t.Errorf("%d pictures of 20, key frames at %v", pictures, keys)
			}
			if len(*moves) != 1 || (*moves)[0] != "vaapi:null to software" {
				t.Errorf("moves: %v", *moves)
			}
		})
	}
}

func TestDecoderGoesOnWithTheNextKeyFrame(t *testing.T) {
	for name, c := range map[string]struct {
		fault vaapitest.Fault
		// back is the picture from which on all are there: key frames are pictures 0, 5, 10 and so on.
		back uint32
	}{
		"a driver that hangs": {vaapitest.Hang, 10},
		// The first key frame may be the sender's fault.
		"a driver that fails": {vaapitest.Fail, 15},
	} {
		t.Run(name, func(t *testing.T) {
			devices, control, moves := twoDevices(t)
			frames := withKeyframes(t, devices.Devices[1], 25, 5)
			d, err := devices.OpenDecoder(hwaccel.DecoderConfig{
				Codec: h264(), MaxWidth: smallWidth, MaxHeight: smallHeight, InMemory: true,
			}, 5)
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			seen := make(map[uint32]bool)
			look := media.SinkFunc[*media.Picture](func(p *media.Picture) error {
				n := p.Timestamp / 3000
				seen[n] = true
				if db := hwaccel.PSNR(p, hwaccel.Pattern(smallWidth, smallHeight, int(n))); db < 25 {
					t.Errorf("picture %d is %.1f dB like the original", n, db)
				}
				return nil
			})
			for n, f := range frames {
				if n == 7 {
					control.Set(c.fault)
				}
				if err := d.Decode(f, look); err != nil && !errors.Is(err, hwaccel.ErrBitstream) {
					t.Fatalf("picture %d: %v", n, err)
				}
			}
			control.Set(vaapitest.None)
			for n := range uint32(25) {
				if want := n < 7 || n >= c.back; seen[n] != want {
					t.Errorf("picture %d: seen %v, want %v", n, seen[n], want)
				}
			}
			if len(*moves) != 1 {
				t.Errorf("moves: %v", *moves)
			}
		})
	}
}

func withKeyframes(t *testing.T, d hwaccel.Device, pictures, every int) []*media.Frame {
	t.Helper()
	e, err := d.OpenEncoder(hwaccel.EncoderConfig{
		Codec: h264(), Width: smallWidth, Height: smallHeight, FrameRate: 30, Bitrate: 1_000_000,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	var frames []*media.Frame
	keep := media.SinkFunc[*media.Frame](func(f *media.Frame) error {
		c := *f
		c.Data = append([]byte(nil), f.Data...)
		frames = append(frames, &c)
		return nil
	})
	for n := range pictures {
		if n%every == 0 {
			e.ForceKeyframe()
		}
		if err := e.Encode(hwaccel.Pattern(smallWidth, smallHeight, n), keep); err != nil {
			t.Fatal(err)
		}
	}
	return frames
}
