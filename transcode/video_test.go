package transcode_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"legroom/hwaccel"
	"legroom/media"
	"legroom/media/payload"
	"legroom/transcode"
)

const frameTime = time.Second / 30

// TestVideoFromEachToEach: pictures through two codecs one behind the other are the right ones, in order, none missing.
func TestVideoFromEachToEach(t *testing.T) {
	on := onProcessor(t)
	for from, a := range videoCodecs() {
		for to, b := range videoCodecs() {
			for _, z := range [][2]int{{640, 360}, {1280, 720}} {
				t.Run(fmt.Sprintf("%s to %s %d", from, to, z[1]), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						const pictures = 8
						g := newGallery(t, z[0], z[1], pictures)
						decodes := transcode.DecodeVideoConfig{Devices: on, MaxWidth: z[0], MaxHeight: z[1], RequestKeyframe: func() {}}
						decodes.Codec = b
						end := decodeVideo(t, decodes, g)
						small := media.SinkFunc[*media.Packet](func(p *media.Packet) error {
							if len(p.Payload) > 1200 {
								t.Errorf("a packet of %d bytes", len(p.Payload))
							}
							return end.Write(p)
						})
						again := encodeVideo(t, encoding(b, on, z[0], z[1]), small)
						decodes.Codec = a
						first := decodeVideo(t, decodes, again)
						begin := encodeVideo(t, encoding(a, on, z[0], z[1]), first)
						for _, r := range []runner{begin, first, again, end} {
							starts(t, r)
						}
						for n := range pictures {
							if err := begin.Write(hwaccel.Pattern(z[0], z[1], n)); err != nil {
								t.Fatal(err)
							}
							synctest.Wait()
							time.Sleep(frameTime)
						}
						g.check(pictures, 28)
						if s := again.Stats(); s.Keyframes != 1 || s.Frames != pictures || s.Refused+s.Failed+s.Capped+s.Replaced > 0 {
							t.Errorf("%+v", s)
						}
						if s := end.Stats(); s.Pictures != pictures || s.Failed+s.Held+s.Broken+s.Dropped+s.Lost > 0 {
							t.Errorf("%+v", s)
						}
					})
				})
			}
		}
	}
}

// TestVideoKeyFramesAreWhole: what begins a stream of H.264 has its parameter sets in the same access unit, and says its
// size; in mode 0 all travels as single units.
func TestVideoKeyFramesAreWhole(t *testing.T) {
	on := onProcessor(t)
	for _, mode := range []int{0, 1} {
		for _, z := range [][2]int{{640, 360}, {1280, 720}, {854, 480}} {
			synctest.Test(t, func(t *testing.T) {
				var out tape
				e := encodeVideo(t, encoding(h264(mode), on, z[0], z[1]), &out)
				starts(t, e)
				_ = e.Write(hwaccel.Pattern(z[0], z[1], 0))
				synctest.Wait()
				_ = e.Close()
				var units []byte
				for i, p := range out.packets {
					kind := p.Payload[0] & 0x1f
					units = append(units, kind)
					if p.Timestamp != out.packets[0].Timestamp || p.Marker != (i == len(out.packets)-1) {
						t.Errorf("packet %d: %v", i, p.Header)
					}
				}
				s, ok := payload.FindSPS(out.packets[0].Payload)
				if !ok || s.Width != z[0] || s.Height != z[1] || s.Profile.Profile != payload.ConstrainedBaseline {
					t.Errorf("SPS %+v, %v", s, ok)
				}
				want := []byte{24, 28}
				if mode == 0 {
					want = []byte{7, 8, 5}
				}
				if units = slices.Compact(units); !slices.Equal(units, want) {
					t.Errorf("mode %d: packets of types %v, want %v", mode, units, want)
				}
			})
		}
	}
}

// network is a way that loses, and mixes up, packets.
type network struct {
	to   media.Sink[*media.Packet]
	rng  *rand.Rand
	loss float64
	// held are packets that others overtake.
	held []*media.Packet
	mix  int
	lost int
}

func (n *network) Write(p *media.Packet) error {
	if n.rng.Float64() < n.loss {
		n.lost++
		return nil
	}
	// The first packets come in order: before them there is nothing to tell by that one is missing.
	if n.mix == 0 || p.Timestamp < 3000 {
		return n.to.Write(p)
	}
	n.held = append(n.held, p.Clone())
	if len(n.held) < n.mix {
		return nil
	}
	n.rng.Shuffle(len(n.held), func(i, j int) { n.held[i], n.held[j] = n.held[j], n.held[i] })
	return n.Close()
}

func (n *network) Close() error {
	for _, p := range n.held {
		_ = n.to.Write(p)
	}
	n.held = n.held[:0]
	return nil
}

// TestVideoOutlivesTheNetwork: what is mixed up comes in order, and what is lost costs pictures until the key frame that is
// asked for, and shows nothing that was not sent.
func TestVideoOutlivesTheNetwork(t *testing.T) {
	on := onProcessor(t)
	for name, codec := range videoCodecs() {
		for kind, net := range map[string]*network{
			"mixed up":   {mix: 6},
			"3 % lost":   {loss: 0.03},
			"both":       {loss: 0.01, mix: 4},
			"30 % lost":  {loss: 0.3},
			"a good way": {},
		} {
			t.Run(name+" "+kind, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					const pictures, width, height = 150, 320, 180
					n := *net
					n.rng = rand.New(rand.NewPCG(7, 7))
					g := newGallery(t, width, height, pictures)
					var e *transcode.EncodeVideo
					requests := make([]time.Time, 0, 100)
					d := decodeVideo(t, transcode.DecodeVideoConfig{
						Codec: codec, Devices: on, MaxWidth: width, MaxHeight: height, Patience: time.Hour,
						RequestKeyframe: func() {
							requests = append(requests, time.Now())
							time.AfterFunc(60*time.Millisecond, e.ForceKeyframe)
						},
					}, g)
					n.to = d
					c := encoding(codec, on, width, height)
					c.Bitrate *= 2 // more packets a frame
					e = encodeVideo(t, c, &n)
					starts(t, e)
					starts(t, d)
					for i := range pictures {
						_ = e.Write(hwaccel.Pattern(width, height, i))
						synctest.Wait()
						time.Sleep(frameTime)
					}
					_ = n.Close()
					time.Sleep(100 * time.Millisecond)
					synctest.Wait()
					for i := 1; i < len(requests); i++ {
						if apart := requests[i].Sub(requests[i-1]); apart < 500*time.Millisecond {
							t.Errorf("requests %v apart", apart)
						}
					}
					least := map[string]int{"mixed up": pictures, "a good way": pictures, "both": 75, "3 % lost": 40, "30 % lost": 0}[kind]
					g.check(least, 28)
					t.Logf("%d pictures of %d, %d packets lost, %d requests, %+v", g.count(), pictures, n.lost, len(requests), d.Stats())
				})
			})
		}
	}
}

// TestVideoPatienceEnds: where nobody sends the key frame that is asked for, damaged pictures come back after a while, and
// requests become rarer.
func TestVideoPatienceEnds(t *testing.T) {
	on := onProcessor(t)
	for name, codec := range videoCodecs() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const width, height = 320, 180
				g := newGallery(t, width, height, 1)
				requests := 0
				d := decodeVideo(t, transcode.DecodeVideoConfig{
					Codec: codec, Devices: on, MaxWidth: width, MaxHeight: height, Window: 2,
					RequestKeyframe: func() { requests++ },
				}, g)
				drop := false
				e := encodeVideo(t, encoding(codec, on, width, height), media.SinkFunc[*media.Packet](func(p *media.Packet) error {
					if drop {
						return nil
					}
					return d.Write(p)
				}))
				starts(t, e)
				starts(t, d)
				for i := range 300 {
					if drop = i == 30; drop {
						requests = 0
					}
					p := hwaccel.Pattern(width, height, 0) // nothing that an encoder would take for another scene
					p.Timestamp = uint32(i) * 3000
					_ = e.Write(p)
					synctest.Wait()
					time.Sleep(frameTime)
				}
				// Picture 30 is lost, which shows at 31, and 31 to 42 are not shown for 400 ms.
				if at := slices.Index(g.seen, 43); at != 30 || g.count() != 300-13 {
					t.Errorf("%d pictures came, picture 43 as number %d", g.count(), at)
				}
				// At 1, 2, 4, 8 s.
				if requests != 4 {
					t.Errorf("%d requests in 9 s", requests)
				}
				if s := d.Stats(); s.Held != 12 || s.Lost == 0 {
					t.Errorf("%+v", s)
				}
			})
		})
	}
}

// TestVideoKeyFramesAreMerged: however many ask there is one in 300 ms, also while the source is still.
func TestVideoKeyFramesAreMerged(t *testing.T) {
	on := onProcessor(t)
	for name, codec := range videoCodecs() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var mu sync.Mutex
				var made []media.Frame
				keep := media.SinkFunc[*media.Frame](func(f *media.Frame) error {
					mu.Lock()
					defer mu.Unlock()
					made = append(made, media.Frame{Timestamp: f.Timestamp, Keyframe: f.Keyframe, Arrived: time.Now()})
					return nil
				})
				var whole media.Sink[*media.Packet] = payload.NewH264Depacketizer(keep)
				if codec.Name == media.VP8 {
					whole = payload.NewVP8Depacketizer(keep)
				}
				e := encodeVideo(t, encoding(codec, on, 320, 180), whole)
				e.ForceKeyframe() // before there is a picture
				starts(t, e)
				all := func() []media.Frame {
					mu.Lock()
					defer mu.Unlock()
					return slices.Clone(made)
				}
				keys := func() (n int) {
					for _, f := range all() {
						if f.Keyframe {
							n++
						}
					}
					return n
				}
				for i := range 60 {
					for range 5 {
						e.ForceKeyframe()
					}
					_ = e.Write(hwaccel.Pattern(320, 180, i))
					synctest.Wait()
					time.Sleep(frameTime)
				}
				// 2 s, each 300 ms: at the pictures 0, 10 (of 30 in a second, the ninth is 0.0 ms too early), and so on.
				if n := keys(); n < 6 || n > 7 {
					t.Errorf("%d key frames in 2 s", n)
				}
				time.Sleep(time.Second)
				synctest.Wait()
				before := len(all())
				time.Sleep(10 * time.Second)
				if synctest.Wait(); len(all()) != before {
					t.Errorf("%d frames of a still source", len(all())-before)
				}
				for range 20 {
					e.ForceKeyframe()
					time.Sleep(50 * time.Millisecond)
				}
				time.Sleep(time.Second)
				synctest.Wait()
				// The first at once, as the picture is old, then at 300, 600, 900 ms.
				frames := all()
				if n := len(frames) - before; n < 4 || n > 5 {
					t.Errorf("%d frames for requests of a second", n)
				}
				for i, f := range frames[before:] {
					prev := frames[before+i-1]
					if want := uint32(f.Arrived.Sub(prev.Arrived) * 90000 / time.Second); !f.Keyframe || f.Timestamp-prev.Timestamp != want {
						t.Errorf("frame %d: %+v behind %+v", i, f, prev)
					}
				}
				// The source goes on where its own time is.
				_ = e.Write(hwaccel.Pattern(320, 180, 60+13*30))
				synctest.Wait()
				frames = all()
				last := frames[len(frames)-1]
				if last.Keyframe || int32(last.Timestamp-frames[len(frames)-2].Timestamp) <= 0 {
					t.Errorf("goes on with %+v behind %+v", last, frames[len(frames)-2])
				}
			})
		})
	}
}

// TestVideoRateIsCapped: pictures above the frame rate are left out evenly, whatever the source's rate and jitter.
func TestVideoRateIsCapped(t *testing.T) {
	on := onProcessor(t)
	rng := rand.New(rand.NewPCG(3, 4))
	for _, c := range []struct{ source, limit, want int }{{30, 30, 90}, {60, 30, 90}, {30, 15, 45}, {25, 15, 45}, {15, 30, 45}} {
		t.Run(fmt.Sprintf("%d to %d", c.source, c.limit), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cfg := encoding(vp8(), on, 64, 36)
				cfg.FrameRate = c.limit
				var out tape
				e := encodeVideo(t, cfg, &out)
				starts(t, e)
				p := hwaccel.Pattern(64, 36, 0)
				for i := range 3 * c.source {
					step := 90000 / c.source
					p.Timestamp = uint32(i*step + rng.IntN(step/5))
					_ = e.Write(p)
					synctest.Wait()
				}
				got := int(e.Stats().Frames)
				if got < c.want-3 || got > c.want+3 {
					t.Errorf("%d frames in 3 s, want %d; %+v", got, c.want, e.Stats())
				}
			})
		})
	}
}

// TestVideoChangesSize: pictures of any size come out in the configured one, and a decoder shows what comes.
func TestVideoChangesSize(t *testing.T) {
	on := onProcessor(t)
	synctest.Test(t, func(t *testing.T) {
		g := newGallery(t, 0, 0, 0)
		d := decodeVideo(t, transcode.DecodeVideoConfig{Codec: h264(1), Devices: on, MaxWidth: 640, MaxHeight: 360}, g)
		e := encodeVideo(t, encoding(h264(1), on, 640, 360), d)
		starts(t, e)
		starts(t, d)
		for i, z := range [][2]int{{640, 360}, {1280, 720}, {321, 181}, {180, 320}, {640, 360}, {16, 16}} {
			p := hwaccel.Pattern(z[0], z[1], i)
			if err := e.Write(p); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		if g.sizes[[2]int{640, 360}] != 6 || len(g.sizes) != 1 || e.Stats().Keyframes != 1 {
			t.Errorf("sizes %v, %+v", g.sizes, e.Stats())
		}
		// Another encoder behind the same decoder: other parameter sets, other size.
		small := encodeVideo(t, encoding(h264(1), on, 320, 180), media.SinkFunc[*media.Packet](func(p *media.Packet) error {
			c := *p
			c.SequenceNumber += 30000
			return d.Write(&c)
		}))
		starts(t, small)
		_ = small.Write(hwaccel.Pattern(320, 180, 6))
		synctest.Wait()
		if g.sizes[[2]int{320, 180}] != 1 {
			t.Errorf("sizes %v, %+v", g.sizes, d.Stats())
		}
	})
}

// TestVideoBitrateChanges while it runs, without a key frame where the encoder can.
func TestVideoBitrateChanges(t *testing.T) {
	on := onProcessor(t)
	for name, codec := range videoCodecs() {
		synctest.Test(t, func(t *testing.T) {
			bytes := 0
			e := encodeVideo(t, encoding(codec, on, 640, 360), media.SinkFunc[*media.Packet](func(p *media.Packet) error {
				bytes += len(p.Payload)
				return nil
			}))
			starts(t, e)
			rng := rand.New(rand.NewPCG(1, 2))
			spend := func() int {
				bytes = 0
				for range 60 {
					p := hwaccel.Pattern(640, 360, int(e.Stats().Frames))
					for i := range p.Planes[0] {
						p.Planes[0][i] += byte(rng.IntN(16)) // what costs bits
					}
					_ = e.Write(p)
					synctest.Wait()
				}
				return bytes
			}
			if err := e.SetBitrate(2_000_000); err != nil {
				t.Fatal(err)
			}
			high := spend()
			_ = e.SetBitrate(400_000)
			spend()
			if low := spend(); low*2 > high {
				t.Errorf("%s: %d bytes in 2 s at 2 Mbit/s, %d at 400 kbit/s", name, high, low)
			}
			if err := e.SetBitrate(0); !errors.Is(err, hwaccel.ErrUnsupported) {
				t.Errorf("no rate: %v", err)
			}
		})
	}
}

// TestVideoStagesGiveBack: capacity is taken with the stage and given back once, run or not.
func TestVideoStagesGiveBack(t *testing.T) {
	d, err := processor()
	if err != nil {
		t.Fatal(err)
	}
	able := d.Capabilities()
	for name, run := range map[string]bool{"that run": true, "that never run": false} {
		t.Run(name, func(t *testing.T) {
			lent := &counted{Device: d, budget: hwaccel.NewBudget(able.Capacity)}
			on := &hwaccel.Fallback{Devices: []hwaccel.Device{lent}}
			cfg := encoding(vp8(), on, 640, 360)
			cfg.SourceWidth, cfg.SourceHeight = 1280, 720
			out := &tape{}
			e := encodeVideo(t, cfg, out)
			dec := decodeVideo(t, transcode.DecodeVideoConfig{Codec: vp8(), Devices: on, MaxWidth: 640, MaxHeight: 360}, newGallery(t, 0, 0, 0))
			if u := lent.budget.Used(); u.Decode == 0 || u.Encode == 0 || u.Scale == 0 || u.Encoders != 1 {
				t.Errorf("used %+v", u)
			}
			ended := make(chan error, 2)
			ctx, cancel := context.WithCancelCause(t.Context())
			if stop := errors.New("stop"); run {
				for _, r := range []runner{e, dec} {
					go func() { ended <- r.Run(ctx) }()
				}
				cancel(stop)
				for range 2 {
					if err := <-ended; !errors.Is(err, stop) {
						t.Errorf("Run: %v", err)
					}
				}
			}
			for range 2 {
				_, _ = e.Close(), dec.Close()
			}
			if u := lent.budget.Used(); u != (hwaccel.Load{}) {
				t.Errorf("used behind Close: %+v", u)
			}
			for _, r := range []runner{e, dec} {
				if err := r.Run(t.Context()); !errors.Is(err, media.ErrClosed) {
					t.Errorf("Run behind Close: %v", err)
				}
			}
			if err := e.Write(hwaccel.Pattern(64, 36, 0)); !errors.Is(err, media.ErrClosed) {
				t.Errorf("Write of a picture behind Close: %v", err)
			}
			if err := dec.Write(&media.Packet{}); !errors.Is(err, media.ErrClosed) {
				t.Errorf("Write of a packet behind Close: %v", err)
			}
			cancel(nil)
		})
	}
}

// counted is a Device with a budget of its own.
type counted struct {
	hwaccel.Device
	budget *hwaccel.Budget
}

func (c *counted) Acquire(l hwaccel.Load) (*hwaccel.Lease, error) { return c.budget.Acquire(l) }

// TestVideoOfNoKind is refused.
func TestVideoOfNoKind(t *testing.T) {
	on := onProcessor(t)
	for name, c := range map[string]struct {
		codec media.Codec
		err   error
	}{
		"sound":      {media.Codec{Name: media.PCMU, ClockRate: 8000}, transcode.ErrNoPlan},
		"VP9":        {media.Codec{Name: media.VP9, ClockRate: 90000}, transcode.ErrNoPlan},
		"a bad fmtp": {media.Codec{Name: media.H264, ClockRate: 90000, Fmtp: "packetization-mode=9"}, payload.ErrFormat},
	} {
		if _, err := transcode.NewEncodeVideo(encoding(c.codec, on, 64, 36), nil); !errors.Is(err, c.err) {
			t.Errorf("%s: encode %v", name, err)
		}
		d := transcode.DecodeVideoConfig{Codec: c.codec, Devices: on, MaxWidth: 64, MaxHeight: 36}
		if _, err := transcode.NewDecodeVideo(d, nil); errors.Is(c.err, transcode.ErrNoPlan) && !errors.Is(err, c.err) {
			t.Errorf("%s: decode %v", name, err)
		}
	}
	if _, err := transcode.NewDecodeVideo(transcode.DecodeVideoConfig{Codec: vp8(), Devices: on}, nil); !errors.Is(err, hwaccel.ErrUnsupported) {
		t.Errorf("a decoder without a bound: %v", err)
	}
	odd := encoding(vp8(), on, 63, 36)
	if _, err := transcode.NewEncodeVideo(odd, nil); !errors.Is(err, hwaccel.ErrUnsupported) {
		t.Errorf("an odd size: %v", err)
	}
}

// TestVideoMakesNoMemory: packets to pictures to packets, in another size.
func TestVideoMakesNoMemory(t *testing.T) {
	on := onProcessor(t)
	for name, codec := range map[string]media.Codec{"H.264": h264(1), "VP8": vp8()} {
		t.Run(name, func(t *testing.T) {
			good := recording(t, on, codec, 320, 180, 20)
			done := make(chan struct{}, 1)
			e := encodeVideo(t, encoding(codec, on, 160, 90), media.SinkFunc[*media.Packet](func(p *media.Packet) error {
				if p.Marker {
					done <- struct{}{}
				}
				return nil
			}))
			d := decodeVideo(t, transcode.DecodeVideoConfig{Codec: codec, Devices: on, MaxWidth: 320, MaxHeight: 180}, e)
			starts(t, e)
			starts(t, d)
			in, n := &feed{to: d}, 0
			show := func() {
				in.send(good[n%20])
				n++
				<-done
			}
			for range 60 {
				show()
			}
			if a := testing.AllocsPerRun(100, show); a != 0 {
				t.Errorf("%v allocations a picture", a)
			}
		})
	}
}
