package peer

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/pion/rtp"
	"github.com/pion/rtp/codecs"

	"legroom/e2ee/sframe"
	"legroom/media"
	"legroom/media/payload"
)

// hexBytes is written as hexadecimal in the golden file.
type hexBytes []byte

func (b *hexBytes) UnmarshalText(text []byte) (err error) {
	*b, err = hex.DecodeString(string(text))
	return err
}

// goldenFrame is a frame of e2ee/sframe/testdata/frames.json, which browsers and gateway seal alike.
type goldenFrame struct {
	Name                  string
	Codec                 media.CodecName
	Number                sframe.Kind `json:"kindNumber"`
	Tag                   string
	KeyID                 sframe.KeyID `json:"kid"`
	BaseKey, TagKey       hexBytes
	Input, Sealed, Opened hexBytes
}

// goldenFrames of the codec.
func goldenFrames(t testing.TB, codec media.CodecName) []goldenFrame {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "e2ee", "sframe", "testdata", "frames.json"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Frames []goldenFrame }
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	frames := slices.DeleteFunc(file.Frames, func(f goldenFrame) bool { return f.Codec != codec })
	if len(frames) < 3 {
		t.Fatalf("%d frames of %s", len(frames), codec)
	}
	return frames
}

func (f *goldenFrame) opener(t testing.TB) *sframe.Opener {
	t.Helper()
	c := sframe.StreamConfig{BaseKey: f.BaseKey, Kind: f.Number, KeyID: f.KeyID, TagKey: f.TagKey}
	if f.Tag == "check" {
		c.Tag = sframe.CheckTag
	}
	o, err := sframe.NewOpener(c)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// begins tells whether a decoder can begin with the frame: a VP8 key frame (RFC 6386 section 9.1), or H.264 with its
// parameter sets.
func (f *goldenFrame) begins() bool {
	if f.Codec == media.VP8 {
		return f.Input[0]&1 == 0
	}
	return bytes.Contains(f.Input, []byte{0, 0, 1, 0x67})
}

// packetizer cuts frames as a browser does.
func packetizer(codec media.CodecName) rtp.Payloader {
	switch codec {
	case media.VP8:
		return &codecs.VP8Payloader{EnablePictureID: true}
	case media.H264:
		return &codecs.H264Payloader{}
	default:
		return &codecs.OpusPayloader{}
	}
}

// body is what no forwarder may change: all of the payload, of VP8 what is behind the descriptor.
func body(t testing.TB, codec media.CodecName, p []byte) []byte {
	t.Helper()
	if codec != media.VP8 {
		return p
	}
	d, err := payload.ParseVP8(p)
	if err != nil {
		t.Fatal(err)
	}
	return p[d.Size:]
}

// joined puts the packets of one stream, in order of their numbers, together to frames.
func joined(t testing.TB, codec media.CodecName, packets []*rtp.Packet) [][]byte {
	t.Helper()
	var out [][]byte
	if codec == media.H264 {
		z := payload.NewH264Depacketizer(media.SinkFunc[*media.Frame](func(f *media.Frame) error {
			out = append(out, bytes.Clone(f.Data))
			return nil
		}))
		for _, p := range packets {
			if err := z.Write(&media.Packet{Packet: *p}); err != nil {
				t.Fatal(err)
			}
		}
		return out
	}
	var frame []byte
	for _, p := range packets {
		frame = append(frame, body(t, codec, p.Payload)...)
		if p.Marker || codec == media.Opus {
			out, frame = append(out, frame), nil
		}
	}
	return out
}

// cast is what one browser sends of one kind, sealed: its keys, and its frames by their content.
type cast struct {
	codec media.CodecName
	kind  sframe.Kind
	id    sframe.KeyID
	key   []byte
	seal  *sframe.Sealer
	noise *rand.Rand
	plain map[string]bool // frames that were sealed
	wire  map[string]bool // bodies of the packets made of them
}

func newCast(t testing.TB, codec media.CodecName, epoch uint64) *cast {
	t.Helper()
	c := &cast{codec: codec, kind: sframe.Video, key: make([]byte, sframe.BaseKeySize), noise: rand.New(rand.NewPCG(3, epoch)),
		plain: map[string]bool{}, wire: map[string]bool{}}
	if codec == media.Opus {
		c.kind = sframe.Audio
	}
	binary.BigEndian.PutUint64(c.key, epoch)
	var err error
	if c.id, err = sframe.BrowserKeyID(0, 3, epoch); err != nil {
		t.Fatal(err)
	}
	if c.seal, err = sframe.NewSealer(sframe.StreamConfig{BaseKey: c.key, Kind: c.kind, KeyID: c.id}); err != nil {
		t.Fatal(err)
	}
	return c
}

func (c *cast) opener(t testing.TB) *sframe.Opener {
	t.Helper()
	o, err := sframe.NewOpener(sframe.StreamConfig{BaseKey: c.key, Kind: c.kind, KeyID: c.id})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// frame makes a frame of about so many bytes and seals it. Nothing in the noise looks like a start code.
func (c *cast) frame(t testing.TB, key bool, size int) []byte {
	t.Helper()
	var f []byte
	switch {
	case c.codec == media.VP8 && key:
		f = []byte{0x50, 0x03, 0x00, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01}
	case c.codec == media.VP8:
		f = []byte{0x31}
	case c.codec == media.H264 && key:
		f, _ = hex.DecodeString("000000016742c01f8c8d40501e900f08846a0000000168ce3c80000000016588")
	case c.codec == media.H264:
		f, _ = hex.DecodeString("00000001419a")
	}
	for range size {
		f = append(f, byte(1+c.noise.IntN(255)))
	}
	sealed, err := c.seal.Seal(nil, c.codec, f)
	if err != nil {
		t.Fatal(err)
	}
	c.plain[string(f)] = true
	return sealed
}

// cut makes the payloads of a sealed frame.
func (c *cast) cut(t testing.TB, p rtp.Payloader, mtu uint16, sealed []byte) [][]byte {
	t.Helper()
	parts := p.Payload(mtu, sealed)
	for _, b := range parts {
		c.wire[string(body(t, c.codec, b))] = true
	}
	return parts
}

// arrives checks what a viewer got: every payload is one that was sent, byte for byte, and every frame opens.
func (c *cast) arrives(t testing.TB, packets []*rtp.Packet) (frames int) {
	t.Helper()
	for i, p := range packets {
		if !c.wire[string(body(t, c.codec, p.Payload))] {
			t.Fatalf("packet %d: %d bytes that were never sent: %x", i, len(p.Payload), p.Payload[:min(24, len(p.Payload))])
		}
	}
	o := c.opener(t)
	for i, sealed := range joined(t, c.codec, packets) {
		f, err := o.Open(nil, c.codec, sealed)
		if err != nil {
			t.Fatalf("frame %d does not open: %v", i, err)
		}
		if !c.plain[string(f)] {
			t.Fatalf("frame %d was never sealed", i)
		}
		frames++
	}
	return frames
}

// recorded is a slot without a connection whose packets are kept.
func recorded(kind media.Kind, codec media.Codec) (*DownTrack, *feed, func() []*rtp.Packet) {
	d, f, _ := bareSlot(kind, codec)
	var sent []*rtp.Packet
	d.wire.writer = recordWriter(func(h *rtp.Header, b []byte) {
		sent = append(sent, &rtp.Packet{Header: h.Clone(), Payload: bytes.Clone(b)})
	})
	return d, f, func() []*rtp.Packet { return sent }
}
