package hwaccel

import (
	"errors"
	"testing"

	"legroom/media"
)

// lender is a raw Device with room for so many encoders of 64x36 at 30 pictures a second.
func lender(encoders, breaks int) *raw {
	c := claims("raw")
	c.Encode[0].Speed, c.Decode[0].Speed = 64*36*30*10, 64*36*30*10
	return &raw{claims: c, breaks: breaks, budget: NewBudget(Capacity{Load: Load{Encoders: encoders}})}
}

func rawEncoding() EncoderConfig {
	return EncoderConfig{Codec: media.Codec{Name: "raw"}, Width: 64, Height: 36, FrameRate: 30, Bitrate: 1000}
}

func TestFallbackTakesTheFirstWithRoomAndGivesItBack(t *testing.T) {
	first, second := lender(1, 0), lender(1, 0)
	f := &Fallback{Devices: []Device{&raw{claims: claims("other")}, first, second}}
	var open []Encoder
	for range 2 {
		e, err := f.OpenEncoder(rawEncoding())
		if err != nil {
			t.Fatal(err)
		}
		open = append(open, e)
	}
	if first.budget.Used().Encoders != 1 || second.budget.Used().Encoders != 1 {
		t.Errorf("used %+v and %+v", first.budget.Used(), second.budget.Used())
	}
	if _, err := f.OpenEncoder(rawEncoding()); !errors.Is(err, ErrBusy) {
		t.Errorf("of full devices: %v", err)
	}
	for _, e := range append(open, open...) {
		_ = e.Close()
	}
	if first.budget.Used() != (Load{}) || second.budget.Used() != (Load{}) {
		t.Errorf("after Close %+v and %+v are used", first.budget.Used(), second.budget.Used())
	}
	if err := open[0].Encode(Pattern(64, 36, 0), nil); !errors.Is(err, ErrClosed) {
		t.Errorf("Encode after Close: %v", err)
	}
}

func TestFallbackMovesAndTakesItsLeaseAlong(t *testing.T) {
	first, second := lender(1, 3), lender(1, 3)
	var moves int
	f := &Fallback{Devices: []Device{first, second}, Moved: func(_, _ Device, why error) {
		moves++
		if !errors.Is(why, errBroken) {
			t.Errorf("moved because of %v", why)
		}
	}}
	e, err := f.OpenEncoder(rawEncoding())
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	var keys []int
	for n := range 6 {
		err := e.Encode(Pattern(64, 36, n), media.SinkFunc[*media.Frame](func(frame *media.Frame) error {
			if frame.Keyframe {
				keys = append(keys, n)
			}
			return nil
		}))
		if err != nil {
			t.Fatalf("picture %d: %v", n, err)
		}
	}
	if moves != 1 || len(keys) != 2 || keys[1] != 3 || first.budget.Used() != (Load{}) || second.budget.Used().Encoders != 1 {
		t.Errorf("%d moves, key frames at %v, used %+v and %+v", moves, keys, first.budget.Used(), second.budget.Used())
	}
	// The second breaks too, and there is no third.
	for range 2 {
		if err := e.Encode(Pattern(64, 36, 6), nil); !errors.Is(err, errBroken) {
			t.Errorf("without a device: %v", err)
		}
	}
	if second.budget.Used() != (Load{}) {
		t.Errorf("a broken device lends %+v", second.budget.Used())
	}
}

func TestFallbackStaysWhereTheDeviceIsNotAtFault(t *testing.T) {
	f := &Fallback{Devices: []Device{lender(1, 0), lender(1, 0)}, Moved: func(_, _ Device, why error) { t.Errorf("moved: %v", why) }}
	e, err := f.OpenEncoder(rawEncoding())
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	full := errors.New("full")
	err = e.Encode(Pattern(64, 36, 0), media.SinkFunc[*media.Frame](func(*media.Frame) error { return full }))
	if !errors.Is(err, full) {
		t.Errorf("an error of the sink: %v", err)
	}
	if err := e.Encode(&media.Picture{}, nil); !errors.Is(err, ErrPicture) {
		t.Errorf("a picture of nothing: %v", err)
	}
}
