package peer

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/pion/rtp"

	"legroom/media"
	"legroom/media/payload"
)

var h264 = media.Codec{Name: media.H264, ClockRate: 90000, Fmtp: "packetization-mode=1;profile-level-id=42e01f"}

// TestSealedFramesAreToldApart: a key frame is told by what browsers leave clear, in the first packet and in no other,
// and so is the size of a VP8 picture. What came in goes out, and opens.
func TestSealedFramesAreToldApart(t *testing.T) {
	for _, codec := range []media.Codec{vp8, h264} {
		for _, g := range goldenFrames(t, codec.Name) {
			for _, mtu := range []uint16{32, 1200} {
				parts := packetizer(codec.Name).Payload(mtu, g.Sealed)
				_, f, sent := recorded(media.Video, codec)
				for i, b := range parts {
					if got, want := startsKeyframe(codec.Name, b), g.begins() && i == 0; got != want {
						t.Errorf("%s, packet %d of %d begins a picture: %v", g.Name, i, len(parts), got)
					}
					writeVideo(t, f, uint16(i), 1, i == len(parts)-1, b)
				}
				if !g.begins() {
					if n := len(sent()); n != 0 {
						t.Errorf("%s: %d packets went out before a key frame", g.Name, n)
					}
					continue
				}
				if codec == vp8 {
					if s := f.origin.state(time.Now()); s[0].height != 480 {
						t.Errorf("%s: height %d", g.Name, s[0].height)
					}
				}
				frames := joined(t, codec.Name, sent())
				if len(frames) != 1 {
					t.Fatalf("%s: %d frames", g.Name, len(frames))
				}
				if opened, err := g.opener(t).Open(nil, codec.Name, frames[0]); err != nil || !bytes.Equal(opened, g.Opened) {
					t.Errorf("%s: %x, %v", g.Name, opened, err)
				}
			}
		}
	}
}

// writeVideo hands a feed one packet.
func writeVideo(t testing.TB, f *feed, seq uint16, ts uint32, marker bool, b []byte) {
	t.Helper()
	p := &media.Packet{Arrived: time.Unix(1000, int64(ts)*1e9/90000), Packet: rtp.Packet{Header: rtp.Header{
		Version: 2, SequenceNumber: seq, Timestamp: ts, Marker: marker}, Payload: b}}
	if err := f.Write(p); err != nil {
		t.Fatal(err)
	}
}

// TestNothingBehindTheClearBytesIsRead: with every sealed byte replaced, by anything at all, each packet is judged and
// numbered as before. So what the gateway does cannot depend on the ciphertext, nor on the epoch, key id or counter.
func TestNothingBehindTheClearBytesIsRead(t *testing.T) {
	noise := rand.New(rand.NewPCG(5, 6))
	fills := map[string]func() byte{"zeros": func() byte { return 0 }, "ones": func() byte { return 0xff }, "noise": func() byte { return byte(noise.IntN(256)) }}
	for _, codec := range []media.Codec{vp8, h264} {
		c := newCast(t, codec.Name, 257)
		var frames [][]byte
		for i := range 12 {
			frames = append(frames, c.frame(t, i%4 == 0, 3000))
		}
		judge := func(fill func() byte) (headers []rtp.Header, state [maxLayers]layerState) {
			z := packetizer(codec.Name)
			_, f, sent := recorded(media.Video, codec)
			seq := uint16(65530)
			for i, frame := range frames {
				parts := z.Payload(1200, frame)
				for n, b := range parts {
					if fill != nil {
						clear := clearBytes(codec.Name, b, n == 0)
						for k := clear; k < len(b); k++ {
							b[k] = fill()
						}
					}
					writeVideo(t, f, seq, uint32(i*3000), n == len(parts)-1, b)
					seq++
				}
			}
			for _, p := range sent() {
				p.Extensions = nil // they carry the time of sending
				headers = append(headers, p.Header)
			}
			return headers, f.origin.state(time.Unix(1000, 0))
		}
		want, wantState := judge(nil)
		if len(want) < 36 {
			t.Fatalf("%d packets", len(want))
		}
		for name, fill := range fills {
			got, state := judge(fill)
			if !slices.EqualFunc(got, want, func(a, b rtp.Header) bool {
				return a.SequenceNumber == b.SequenceNumber && a.Timestamp == b.Timestamp && a.Marker == b.Marker
			}) || state != wantState {
				t.Errorf("%s, %s: judged otherwise", codec.Name, name)
			}
		}
	}
}

// clearBytes is how much of a payload is clear: of VP8 the descriptor, and of the frame's first packet 1 byte or 10; of
// H.264 the NAL header, and parameter sets whole. The slice header's first fields are clear too, but are not needed.
func clearBytes(codec media.CodecName, b []byte, first bool) int {
	if codec == media.VP8 {
		d, _ := payload.ParseVP8(b)
		switch {
		case !first:
			return d.Size
		case b[d.Size]&1 == 0:
			return d.Size + 10
		default:
			return d.Size + 1
		}
	}
	switch b[0] & 0x1f {
	case 28: // FU-A
		return 2
	case 24: // STAP-A with the parameter sets
		return len(b)
	default:
		return 1
	}
}

// TestSealedLayersSwitch: one sender's layers under one key and counter; the slot goes up and down and up, each time with
// a key frame, and what arrives is one stream whose every frame opens.
func TestSealedLayersSwitch(t *testing.T) {
	for _, codec := range []media.Codec{vp8, h264} {
		t.Run(string(codec.Name), func(t *testing.T) {
			c := newCast(t, codec.Name, 257)
			d, f, sent := recorded(media.Video, codec)
			var z [2]rtp.Payloader
			var seqs [2]uint16
			for l := range z {
				z[l], seqs[l] = packetizer(codec.Name), uint16(65500+l*77)
			}
			var seen [2]int
			for i := range 120 {
				d.forward.aim(grant{layer: int8(i / 30 % 2), temporal: allTemporal})
				for l := range z {
					// Key frames of the layers do not come together.
					parts := c.cut(t, z[l], 1200, c.frame(t, (i+l*7)%15 == 0, 1500+l*2000))
					for n, b := range parts {
						p := &media.Packet{Layer: uint8(l), Arrived: time.Unix(1000, int64(i)*33e6), Packet: rtp.Packet{Header: rtp.Header{
							Version: 2, SequenceNumber: seqs[l], Timestamp: uint32(l*1e6 + i*3000), Marker: n == len(parts)-1}, Payload: b}}
						seqs[l]++
						if err := f.Write(p); err != nil {
							t.Fatal(err)
						}
					}
				}
				seen[max(d.forward.layer, 0)]++
			}
			packets := sent()
			contiguous(t, packets)
			if n := c.arrives(t, packets); n < 110 {
				t.Errorf("%d frames", n)
			}
			if seen[0] < 30 || seen[1] < 30 {
				t.Errorf("frames of the layers: %v", seen)
			}
			if codec == vp8 {
				decodable(t, packets)
			}
		})
	}
}
