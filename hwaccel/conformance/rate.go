package conformance

import (
	"slices"
	"testing"

	"legroom/hwaccel"
	"legroom/media"
)

// second is so many pictures.
const second = 30

// film encodes what a camera sees and keeps the frames.
func film(t *testing.T, e hwaccel.Encoder, c *Camera, pictures int) []*media.Frame {
	t.Helper()
	var frames []*media.Frame
	keep := media.SinkFunc[*media.Frame](func(f *media.Frame) error {
		kept := *f
		kept.Data = slices.Clone(f.Data)
		frames = append(frames, &kept)
		return nil
	})
	for range pictures {
		if err := e.Encode(c.Look(), keep); err != nil {
			t.Fatal(err)
		}
	}
	return frames
}

// keys are the numbers of the key frames.
func keys(frames []*media.Frame) []int {
	var all []int
	for n, f := range frames {
		if f.Keyframe {
			all = append(all, n)
		}
	}
	return all
}

// sceneCut shows one scene after another, of which none asks for a key frame.
func sceneCut(t *testing.T, s suite) {
	z := sizes[1]
	e := s.encoder(t, s.device, s.encoderConfig(z))
	var frames []*media.Frame
	for scene := range uint64(4) {
		frames = append(frames, film(t, e, NewCamera(z.width, z.height, scene), 15)...)
	}
	if got := keys(frames); !slices.Equal(got, []int{0}) {
		t.Errorf("key frames at %v, want only the first", got)
	}
}

func keyInterval(t *testing.T, s suite) {
	c := s.encoderConfig(sizes[0])
	c.KeyInterval = 8
	e := s.encoder(t, s.device, c)
	frames := stream(t, e, sizes[0], 0, 20)
	if got := keys(frames); !slices.Equal(got, []int{0, 8, 16}) {
		t.Errorf("key frames at %v, want one in 8", got)
	}
}

// smoothRate goes down to a quarter and up again in the middle of a stream.
func smoothRate(t *testing.T, s suite) {
	z := sizes[1]
	const high, low = 1_200_000, 300_000
	c := s.encoderConfig(z)
	c.Bitrate = high
	e, camera := s.encoder(t, s.device, c), NewCamera(z.width, z.height, 1)
	// A cheap sensor: with less noise OpenH264 takes the background for one that stands still, and needs no more bits.
	camera.Noise = 8
	var all []*media.Frame
	for n, rate := range []int{high, low, high} {
		if n > 0 {
			if err := e.SetBitrate(rate); err != nil {
				t.Fatal(err)
			}
		}
		// It may take a second to settle.
		all = append(all, film(t, e, camera, second)...)
		settled := film(t, e, camera, 3*second)
		all = append(all, settled...)
		got := volume(settled) / 3
		t.Logf("%d bit/s, asked for %d (%+d %%)", got, rate, got*100/rate-100)
		if got < rate*3/4 || got > rate*5/4 {
			t.Errorf("%d bit/s a second after it was asked for %d", got, rate)
		}
	}
	if got := keys(all); !slices.Equal(got, []int{0}) {
		t.Errorf("key frames at %v, want only the first", got)
	}
	if seen := len(decodeAll(t, s.decoder(t, s.reference), all)); seen != len(all) {
		t.Errorf("%d pictures of %d came back", seen, len(all))
	}
}

// decodeAll gives the timestamps of the pictures that come back.
func decodeAll(t *testing.T, dec hwaccel.Decoder, frames []*media.Frame) []uint32 {
	t.Helper()
	var seen []uint32
	look := media.SinkFunc[*media.Picture](func(p *media.Picture) error {
		seen = append(seen, p.Timestamp)
		return nil
	})
	for _, f := range frames {
		if err := dec.Decode(f, look); err != nil {
			t.Fatal(err)
		}
	}
	return seen
}
