package transcode_test

import (
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"legroom/hwaccel"
	"legroom/media"
	"legroom/media/payload"
	"legroom/transcode"
)

// recording is a stream of the pattern in packets: a key frame at every tenth picture.
func recording(t testing.TB, on *hwaccel.Fallback, codec media.Codec, width, height, pictures int) [][]*media.Packet {
	t.Helper()
	e, err := on.OpenEncoder(hwaccel.EncoderConfig{Codec: codec, Width: width, Height: height, FrameRate: 30, Bitrate: 3 * width * height})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	var all [][]*media.Packet
	keep := media.SinkFunc[*media.Packet](func(p *media.Packet) error {
		all[len(all)-1] = append(all[len(all)-1], p.Clone())
		return nil
	})
	cut := packetizer(codec, keep)
	for n := range pictures {
		if n%10 == 0 {
			e.ForceKeyframe()
		}
		all = append(all, nil)
		if err := e.Encode(hwaccel.Pattern(width, height, n), cut); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func packetizer(codec media.Codec, dst media.Sink[*media.Packet]) media.Sink[*media.Frame] {
	if codec.Name == media.VP8 {
		return payload.NewVP8Packetizer(payload.VP8PacketizerConfig{MTU: 1200}, dst)
	}
	return payload.NewH264Packetizer(payload.DefaultH264PacketizerConfig(), dst)
}

// feed writes packets under new sequence numbers and timestamps, one frame behind the other.
type feed struct {
	to     media.Sink[*media.Packet]
	seq    uint16
	frames uint32
	packet media.Packet
}

// frame waits in its bubble until all is done with it.
func (f *feed) frame(packets []*media.Packet) {
	f.send(packets)
	synctest.Wait()
}

func (f *feed) send(packets []*media.Packet) {
	for _, p := range packets {
		f.packet = *p
		f.packet.SequenceNumber, f.packet.Timestamp = f.seq, f.frames*3000
		f.seq++
		_ = f.to.Write(&f.packet)
	}
	f.frames++
}

// TestVideoOutlivesBrokenStreams: packets with wrong bytes, cut, doubled or empty cost pictures; the next good key frame
// brings them back, and what was made of the broken ones is never more than came in.
func TestVideoOutlivesBrokenStreams(t *testing.T) {
	on := onProcessor(t)
	for name, codec := range map[string]media.Codec{"H.264": h264(1), "VP8": vp8()} {
		t.Run(name, func(t *testing.T) {
			good := recording(t, on, codec, 320, 180, 20)
			synctest.Test(t, func(t *testing.T) {
				g := newGallery(t, 0, 0, 0)
				requests := 0
				d := decodeVideo(t, transcode.DecodeVideoConfig{
					Codec: codec, Devices: on, MaxWidth: 320, MaxHeight: 180, RequestKeyframe: func() { requests++ },
				}, g)
				starts(t, d)
				in, rng := &feed{to: d}, rand.New(rand.NewPCG(5, 6))
				for round := range 60 {
					for i := range 10 {
						in.frame(spoil(rng, good[(round*10+i)%20]))
						time.Sleep(frameTime)
					}
					if g.count() > int(in.frames) {
						t.Fatalf("%d pictures of %d frames", g.count(), in.frames)
					}
				}
				spoiled := d.Stats()
				before := g.count()
				for _, packets := range good {
					in.frame(packets)
				}
				if n := g.count() - before; n != 20 {
					t.Errorf("%d pictures of 20 behind the broken ones", n)
				}
				if spoiled.Failed+spoiled.Broken == 0 || requests == 0 || requests > 2*20+1 {
					t.Errorf("%d requests in 20 s, %+v", requests, spoiled)
				}
				t.Logf("%d pictures of 600 broken frames, %d requests, %+v", before, requests, spoiled)
			})
		})
	}
}

// spoil does something bad to the packets of a frame.
func spoil(rng *rand.Rand, packets []*media.Packet) []*media.Packet {
	var out []*media.Packet
	for _, p := range packets {
		c := p.Clone()
		switch rng.IntN(8) {
		case 0:
			for range 1 + rng.IntN(8) {
				c.Payload[rng.IntN(len(c.Payload))] ^= byte(1 << rng.IntN(8))
			}
		case 1:
			c.Payload = c.Payload[:rng.IntN(len(c.Payload))]
		case 2:
			out = append(out, c.Clone())
		case 3:
			for i := range c.Payload {
				c.Payload[i] = byte(rng.Uint32())
			}
		case 4:
			c.Marker = !c.Marker
		}
		out = append(out, c)
	}
	return out
}

// bits of an SPS, for baseline with frames ordered as they come.
type bits []byte

func (b bits) ue(v uint32) bits {
	n := 0
	for (v+1)>>(n+1) > 0 {
		n++
	}
	for range n {
		b = append(b, 0)
	}
	return b.put(v+1, n+1)
}

func (b bits) put(v uint32, n int) bits {
	for i := n - 1; i >= 0; i-- {
		b = append(b, byte(v>>i&1))
	}
	return b
}

func (b bits) bytes() []byte {
	b = append(b, 1) // stop bit
	for len(b)%8 != 0 {
		b = append(b, 0)
	}
	out := make([]byte, len(b)/8)
	for i, v := range b {
		out[i/8] |= v << (7 - i%8)
	}
	return out
}

// giantSPS claims pictures of so many blocks, at the level of the largest.
func giantSPS(width, height uint32) []byte {
	b := bits{}.ue(0).ue(0).ue(2).ue(1).put(0, 1).ue(width-1).ue(height-1).put(1, 1).put(1, 1).put(0, 1).put(0, 1)
	return append([]byte{0x67, 66, 0xc0, 52}, b.bytes()...)
}

// TestVideoOfGiantsIsRefused: a stream that claims 16384 x 16384 is never decoded, requests become rare, and smaller
// pictures are shown again.
func TestVideoOfGiantsIsRefused(t *testing.T) {
	on := onProcessor(t)
	good := recording(t, on, h264(1), 320, 180, 10)
	sps := giantSPS(1024, 1024)
	if s, err := payload.ParseSPS(sps); err != nil || s.Width != 16384 || s.Height != 16384 {
		t.Fatalf("%+v, %v", s, err)
	}
	giant := make([]*media.Packet, 0, len(good[0]))
	for _, p := range good[0] {
		c := p.Clone()
		if c.Payload[0]&0x1f == 24 {
			// The aggregate with another SPS in it.
			old := int(c.Payload[1])<<8 | int(c.Payload[2])
			rest := c.Payload[3+old:]
			c.Payload = append(append([]byte{c.Payload[0], 0, byte(len(sps))}, sps...), rest...)
		}
		giant = append(giant, c)
	}
	synctest.Test(t, func(t *testing.T) {
		g := newGallery(t, 0, 0, 0)
		requests := 0
		d := decodeVideo(t, transcode.DecodeVideoConfig{
			Codec: h264(1), Devices: on, MaxWidth: 1280, MaxHeight: 720, RequestKeyframe: func() { requests++ },
		}, g)
		starts(t, d)
		in := &feed{to: d}
		for range 900 {
			in.frame(giant)
			time.Sleep(frameTime)
		}
		if s := d.Stats(); g.count() != 0 || s.Failed != 900 || requests > 12 {
			t.Errorf("%d pictures, %d requests in 30 s, %+v", g.count(), requests, s)
		}
		for _, packets := range good {
			in.frame(packets)
		}
		if g.count() != len(good) {
			t.Errorf("%d pictures of %d behind the giants", g.count(), len(good))
		}
	})
}

// TestVideoThatChangesWithEachFrame: other parameter sets and another size each time is a stream like any.
func TestVideoThatChangesWithEachFrame(t *testing.T) {
	on := onProcessor(t)
	for name, codec := range map[string]media.Codec{"H.264": h264(1), "VP8": vp8()} {
		t.Run(name, func(t *testing.T) {
			var keys [][]*media.Packet
			for _, z := range [][2]int{{64, 48}, {640, 360}, {320, 180}, {176, 144}, {1280, 720}} {
				keys = append(keys, recording(t, on, codec, z[0], z[1], 1)[0])
			}
			synctest.Test(t, func(t *testing.T) {
				g := newGallery(t, 0, 0, 0)
				d := decodeVideo(t, transcode.DecodeVideoConfig{Codec: codec, Devices: on, MaxWidth: 640, MaxHeight: 360}, g)
				starts(t, d)
				in := &feed{to: d}
				for i := range 200 {
					in.frame(keys[i%len(keys)])
				}
				// All but those of 1280x720, which are above the bound.
				if s := d.Stats(); g.count() != 160 || len(g.sizes) != 4 || s.Failed != 40 {
					t.Errorf("%d pictures, sizes %v, %+v", g.count(), g.sizes, s)
				}
			})
		})
	}
}

// TestVideoOfTooManyIsDropped: what comes faster than it can be decoded waits, a bounded number, and then up to the next
// key frame.
func TestVideoOfTooManyIsDropped(t *testing.T) {
	on := onProcessor(t)
	good := recording(t, on, vp8(), 320, 180, 20)
	synctest.Test(t, func(t *testing.T) {
		g := newGallery(t, 0, 0, 0)
		requests := 0
		d := decodeVideo(t, transcode.DecodeVideoConfig{
			Codec: vp8(), Devices: on, MaxWidth: 320, MaxHeight: 180, RequestKeyframe: func() { requests++ },
		}, g)
		in := &feed{to: d}
		for range 3 {
			for _, packets := range good[:10] {
				in.frame(packets) // nothing runs yet
			}
			for range 10 {
				in.frame(good[11])
			}
		}
		starts(t, d)
		synctest.Wait()
		if s := d.Stats(); g.count() > 16 || s.Dropped < 40 || requests == 0 {
			t.Errorf("%d pictures, %d requests, %+v", g.count(), requests, s)
		}
		in.frame(good[10])
		if n := g.count(); n == 0 || g.seen[n-1] != in.frames-1 {
			t.Errorf("the key frame behind them does not come; %+v", d.Stats())
		}
	})
}

// FuzzDecodeVideo: whatever bytes come in whatever packets, the stage stands and shows the next good stream.
func FuzzDecodeVideo(f *testing.F) {
	on := onProcessor(f)
	good := map[media.CodecName][][]*media.Packet{}
	for _, c := range []media.Codec{h264(1), vp8()} {
		good[c.Name] = recording(f, on, c, 64, 48, 3)
		for _, packets := range good[c.Name] {
			f.Add(packets[0].Payload, uint8(40), c.Name == media.VP8)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte, size uint8, second bool) {
		codec := h264(1)
		if second {
			codec = vp8()
		}
		synctest.Test(t, func(t *testing.T) {
			g := newGallery(t, 0, 0, 0)
			d := decodeVideo(t, transcode.DecodeVideoConfig{Codec: codec, Devices: on, MaxWidth: 64, MaxHeight: 48}, g)
			starts(t, d)
			in := &feed{to: d}
			in.frame(good[codec.Name][0])
			for n := int(size) + 2; len(b) > 0 && in.frames < 200; {
				p := &media.Packet{}
				p.Payload, p.Marker = b[:min(n, len(b))], true
				b = b[len(p.Payload):]
				in.frame([]*media.Packet{p})
			}
			before := g.count()
			if before > int(in.frames) {
				t.Fatalf("%d pictures of %d frames", before, in.frames)
			}
			for _, packets := range good[codec.Name] {
				in.frame(packets)
			}
			if n := g.count() - before; n != 3 {
				t.Fatalf("%d pictures of 3 behind what was sent: %+v", n, d.Stats())
			}
		})
	})
}
