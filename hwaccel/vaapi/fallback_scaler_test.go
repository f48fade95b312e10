package vaapi

import (
	"errors"
	"testing"

	"legroom/hwaccel"
	"legroom/hwaccel/vaapitest"
	"legroom/media"
)

// TestScalerFollowsThePictures: on the card while they come from there, in memory when they do, whoever makes them.
func TestScalerFollowsThePictures(t *testing.T) {
	for name, inMemory := range map[string]bool{"left where they are": false, "into memory": true} {
		t.Run(name, func(t *testing.T) {
			devices, control, _ := twoDevices(t)
			card, processor := devices.Devices[0], devices.Devices[1]
			s, err := devices.OpenScaler(hwaccel.ScalerConfig{Width: 160, Height: 90, InMemory: inMemory}, smallWidth, smallHeight, 5)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			came, onCard := 0, 0
			look := media.SinkFunc[*media.Picture](func(p *media.Picture) error {
				came++
				if p.Surface != nil {
					onCard++
				}
				if p.Width != 160 || p.Height != 90 {
					t.Errorf("picture of %dx%d", p.Width, p.Height)
				}
				return nil
			})
			// Three in memory, three of the card's decoder, three in memory.
			inPlace := func() {
				for n := range 3 {
					if err := s.Scale(hwaccel.Pattern(smallWidth, smallHeight, n), look); err != nil {
						t.Fatal(err)
					}
				}
			}
			inPlace()
			d, err := card.OpenDecoder(hwaccel.DecoderConfig{Codec: h264(), MaxWidth: smallWidth, MaxHeight: smallHeight})
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			var kept hwaccel.Kept
			defer kept.Release()
			scale := media.SinkFunc[*media.Picture](func(p *media.Picture) error {
				return errors.Join(kept.Put(p), s.Scale(p, look))
			})
			for _, f := range withKeyframes(t, processor, 3, 30) {
				if err := d.Decode(f, scale); err != nil {
					t.Fatal(err)
				}
			}
			inPlace()
			// The last picture of the card, kept while the decoder went on.
			if err := s.Scale(kept.Picture(), look); err != nil {
				t.Error(err)
			}
			if want := map[bool]int{false: 4, true: 0}[inMemory]; came != 10 || onCard != want {
				t.Errorf("%d pictures came, %d on the card, want 10 and %d", came, onCard, want)
			}
			control.Set(vaapitest.Hang)
			if err := s.Scale(kept.Picture(), look); !errors.Is(err, hwaccel.ErrLost) {
				t.Errorf("a picture of a card that hangs: %v", err)
			}
			inPlace()
			control.Set(vaapitest.None)
			full := errors.New("full")
			if err := s.Scale(hwaccel.Pattern(64, 36, 0), media.SinkFunc[*media.Picture](func(*media.Picture) error { return full })); !errors.Is(err, full) {
				t.Errorf("an error of the sink: %v", err)
			}
			if err := s.Scale(&media.Picture{Width: 4, Height: 4}, look); !errors.Is(err, hwaccel.ErrPicture) {
				t.Errorf("a picture of nothing: %v", err)
			}
			_ = s.Close()
			if err := s.Scale(hwaccel.Pattern(64, 36, 0), look); !errors.Is(err, hwaccel.ErrClosed) {
				t.Errorf("after Close: %v", err)
			}
		})
	}
}
