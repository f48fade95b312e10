package transcode_test

import (
	"testing"
	"time"

	"legroom/hwaccel"
	"legroom/hwaccel/software"
	"legroom/hwaccel/vaapi"
	"legroom/hwaccel/vaapitest"
	"legroom/media"
	"legroom/transcode"
)

const (
	cardWidth  = 320
	cardHeight = 180
	// cardRate is low, so that a card has room that was measured on a busy machine.
	cardRate = 5
)

// cardAndProcessor are the card of the test driver and the processor, and a note of who moved.
func cardAndProcessor(t *testing.T, patience time.Duration) (*hwaccel.Fallback, vaapitest.Control, func() []string) {
	t.Helper()
	control := vaapitest.Install(t)
	reference, err := processor()
	if err != nil {
		t.Fatal(err)
	}
	claimed, err := vaapi.Open(vaapi.Config{Node: vaapitest.Node, Driver: vaapitest.Name, Patience: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	found, err := hwaccel.Probe(t.Context(), claimed, reference)
	if err != nil {
		t.Fatal(err)
	}
	_ = claimed.Close()
	card, err := vaapi.Open(vaapi.Config{Node: vaapitest.Node, Driver: vaapitest.Name, Measured: &found, Patience: patience})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = card.Close() })
	moves := make(chan string, 100)
	return &hwaccel.Fallback{
			Devices: []hwaccel.Device{card, reference},
			Moved:   func(from, to hwaccel.Device, _ error) { moves <- from.Name() + " to " + to.Name() },
		}, control, func() (all []string) {
			for len(moves) > 0 {
				all = append(all, <-moves)
			}
			return all
		}
}

// bridge is a stage on the cards between two on the processor: packets of pictures, decoded and encoded again at half
// the size or the same, decoded again and looked at.
type bridge struct {
	begin *transcode.EncodeVideo
	in    *transcode.DecodeVideo
	out   *transcode.EncodeVideo
	shown *gallery
	// between counts what the decoder made.
	between *gallery
	end     *transcode.DecodeVideo
}

func newBridge(t *testing.T, on *hwaccel.Fallback, codec media.Codec, width, height, pictures int) *bridge {
	t.Helper()
	cpu := onProcessor(t)
	b := &bridge{shown: newGallery(t, width, height, pictures), between: newGallery(t, 0, 0, 0)}
	b.shown.came = make(chan struct{}, 1)
	end := decodeVideo(t, transcode.DecodeVideoConfig{Codec: codec, Devices: cpu, MaxWidth: width, MaxHeight: height}, b.shown)
	c := encoding(codec, on, width, height)
	c.FrameRate, c.SourceWidth, c.SourceHeight = cardRate, cardWidth, cardHeight
	b.end = end
	b.out = encodeVideo(t, c, end)
	fan := &media.Fan[*media.Picture]{}
	fan.Add(b.between)
	fan.Add(b.out)
	b.in = decodeVideo(t, transcode.DecodeVideoConfig{
		Codec: codec, Devices: on, MaxWidth: cardWidth, MaxHeight: cardHeight, FrameRate: cardRate,
		RequestKeyframe: func() { b.begin.ForceKeyframe() },
	}, fan)
	c = encoding(codec, cpu, cardWidth, cardHeight)
	c.FrameRate = cardRate
	b.begin = encodeVideo(t, c, b.in)
	for _, r := range []runner{b.begin, b.in, b.out, end} {
		starts(t, r)
	}
	return b
}

// show sends picture n, cardRate a second, and tells whether it came out before long.
func (b *bridge) show(t *testing.T, n int, within time.Duration) bool {
	t.Helper()
	p := hwaccel.Pattern(cardWidth, cardHeight, n*30/cardRate)
	if err := b.begin.Write(p); err != nil {
		t.Fatal(err)
	}
	select {
	case <-b.shown.came:
		return true
	case <-time.After(within):
		return false
	}
}

// long is more than anything takes that comes at all.
const long = time.Minute

// TestVideoOnACard: pictures are decoded, scaled and encoded without leaving the card.
func TestVideoOnACard(t *testing.T) {
	on, _, moves := cardAndProcessor(t, time.Minute)
	for name, codec := range map[string]media.Codec{"H.264 mode 1": h264(1), "VP8": vp8()} {
		for _, z := range [][2]int{{cardWidth, cardHeight}, {cardWidth / 2, cardHeight / 2}} {
			t.Run(name, func(t *testing.T) {
				const pictures = 12
				b := newBridge(t, on, codec, z[0], z[1], 0)
				for n := range pictures {
					if !b.show(t, n, long) {
						t.Fatalf("picture %d does not come: %+v, %+v, %+v", n, b.in.Stats(), b.out.Stats(), b.end.Stats())
					}
				}
				for n := range pictures {
					if b.shown.seen[n] != uint32(n*30/cardRate) {
						t.Errorf("pictures %v", b.shown.seen)
						break
					}
				}
				if b.between.onCard != pictures || b.shown.sizes[z] != pictures {
					t.Errorf("%d pictures of %d on the card, sizes %v", b.between.onCard, pictures, b.shown.sizes)
				}
				if s := b.out.Stats(); s.Failed+s.Refused > 0 || len(moves()) > 0 {
					t.Errorf("%+v", s)
				}
			})
		}
	}
}

// TestVideoToModeZeroLeavesTheCard: a card that cannot bound its slices decodes, and the processor encodes what it is
// brought.
func TestVideoToModeZeroLeavesTheCard(t *testing.T) {
	on, _, _ := cardAndProcessor(t, time.Minute)
	for _, z := range [][2]int{{cardWidth, cardHeight}, {cardWidth / 2, cardHeight / 2}} {
		b := newBridge(t, on, h264(0), z[0], z[1], 0)
		for n := range 8 {
			if !b.show(t, n, long) {
				t.Fatalf("picture %d does not come: %+v, %+v, %+v", n, b.in.Stats(), b.out.Stats(), b.end.Stats())
			}
		}
		if b.between.onCard != 8 || b.shown.sizes[z] != 8 || b.out.Stats().Failed > 0 {
			t.Errorf("%d on the card, sizes %v, %+v", b.between.onCard, b.shown.sizes, b.out.Stats())
		}
	}
}

// TestVideoGoesOnWithoutItsCard: a card that fails or hangs in the middle of a stream costs the pictures up to the next key
// frame, which is asked for, and the one that is made of the first picture behind it; then all is on the processor.
func TestVideoGoesOnWithoutItsCard(t *testing.T) {
	for name, c := range map[string]struct {
		fault vaapitest.Fault
		// keys are the key frames that the sender makes then: one that fails is needed where the sender might be at fault.
		keys uint64
	}{"that hangs": {vaapitest.Hang, 1}, "that fails": {vaapitest.Fail, 2}} {
		t.Run(name, func(t *testing.T) {
			on, control, moves := cardAndProcessor(t, 2*time.Second)
			b := newBridge(t, on, h264(1), cardWidth/2, cardHeight/2, 0)
			for n := range 8 {
				if !b.show(t, n, long) {
					t.Fatalf("picture %d does not come: %+v, %+v, %+v", n, b.in.Stats(), b.out.Stats(), b.end.Stats())
				}
			}
			keys := b.begin.Stats().Keyframes
			control.Set(c.fault)
			began, missing, n := time.Now(), 0, 8
			// Requests are at most two a second, so pictures go on as they would.
			for ; !b.show(t, n, time.Second/cardRate); n++ {
				if missing++; time.Since(began) > long {
					t.Fatalf("nothing comes any more: %+v, %+v, %+v", b.in.Stats(), b.out.Stats(), b.end.Stats())
				}
			}
			t.Logf("%d pictures in %v did not come, %+v", missing, time.Since(began).Round(time.Millisecond), b.in.Stats())
			for range 8 {
				n++
				if !b.show(t, n, long) {
					t.Fatalf("picture %d does not come: %+v, %+v, %+v", n, b.in.Stats(), b.out.Stats(), b.end.Stats())
				}
			}
			control.Set(vaapitest.None)
			if made := b.begin.Stats().Keyframes - keys; made > c.keys {
				t.Errorf("the sender made %d key frames, want %d", made, c.keys)
			}
			if s := b.out.Stats(); s.Keyframes != 2 {
				t.Errorf("%d key frames went out, want one more than the first", s.Keyframes)
			}
			want := "vaapi:null to " + software.Name
			if all := moves(); len(all) != 2 || all[0] != want || all[1] != want {
				t.Errorf("moves %v, want of decoder and encoder", all)
			}
		})
	}
}
