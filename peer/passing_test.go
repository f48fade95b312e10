package peer

import (
	"bytes"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/pion/interceptor"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"legroom/media"
)

// sealedCamera is a browser that publishes a sealed camera in two layers.
type sealedCamera struct {
	*cast
	t      *testing.T
	client *client
	tracks []*webrtc.TrackLocalStaticRTP
	keys   [2]atomic.Bool
	z      [2]rtp.Payloader
	seqs   [2]uint16
	ids    [2]uint8 // of mid and rid
	mid    string

	mu sync.Mutex // over cast
}

var rids = []string{"low", "high"}

func newSealedCamera(t *testing.T, leg *Leg, codec media.CodecName) *sealedCamera {
	t.Helper()
	s := &sealedCamera{cast: newCast(t, codec, 257), t: t, client: newClient(t, clientOptions{})}
	s.tracks = s.client.send("video/"+string(codec), rids...)
	s.client.negotiate(leg, nil, media.Camera)
	tr := s.client.pc.GetTransceivers()[0]
	s.mid = tr.Mid()
	for _, x := range tr.Sender().GetParameters().HeaderExtensions {
		switch x.URI {
		case uriMID:
			s.ids[0] = uint8(x.ID)
		case uriRID:
			s.ids[1] = uint8(x.ID)
		}
	}
	for i := range rids {
		s.keys[i].Store(true)
		s.seqs[i], s.z[i] = uint16(65400+i*100), packetizer(codec)
		go s.listen(tr.Sender(), i)
	}
	connected(t, leg)
	return s
}

// listen makes a key frame when one is asked for.
func (s *sealedCamera) listen(sender *webrtc.RTPSender, layer int) {
	for {
		packets, _, err := sender.ReadSimulcastRTCP(rids[layer])
		if err != nil {
			return
		}
		if plis(packets) > 0 {
			s.keys[layer].Store(true)
		}
	}
}

// shoot sends the next frame of both layers, at 50 frames a second: more would not fit what a path is trusted with.
func (s *sealedCamera) shoot(i int) {
	if i%4 != 0 {
		return
	}
	for l := range rids {
		s.mu.Lock()
		parts := s.cut(s.t, s.z[l], 1100, s.frame(s.t, s.keys[l].Swap(false), 800+1200*l))
		s.mu.Unlock()
		for n, b := range parts {
			p := &rtp.Packet{Header: rtp.Header{Version: 2, SequenceNumber: s.seqs[l], Timestamp: uint32(l*1e6 + i*450), Marker: n == len(parts)-1}, Payload: b}
			s.seqs[l]++
			_ = p.SetExtension(s.ids[0], []byte(s.mid))
			_ = p.SetExtension(s.ids[1], []byte(rids[l]))
			_ = s.tracks[l].WriteRTP(p)
		}
	}
}

// encryptedViewer is a browser in an encrypted room, and its Leg.
func encryptedViewer(t *testing.T, e *Engine, codec media.CodecName, audio, video int, o clientOptions) (*Leg, *client) {
	t.Helper()
	leg := configured(t, e, LegConfig{ID: "view", Encrypted: true, VideoCodec: codec}, &room{})
	c := newClient(t, o)
	c.recv(webrtc.RTPCodecTypeAudio, audio)
	c.recv(webrtc.RTPCodecTypeVideo, video)
	c.negotiate(leg, nil)
	connected(t, leg)
	return leg, c
}

// losing drops every tenth packet of a client's first stream, once each.
func losing() (o clientOptions, lost *atomic.Int32) {
	var mu sync.Mutex
	var main uint32
	count, gone := 0, map[uint16]bool{}
	lost = &atomic.Int32{}
	l := &lossy{drop: func(ssrc uint32, seq uint16, _ uint8) bool {
		mu.Lock()
		defer mu.Unlock()
		if main == 0 {
			main = ssrc
		}
		if count++; ssrc != main || gone[seq] || count%10 != 0 {
			return false
		}
		gone[seq] = true
		lost.Add(1)
		return true
	}}
	return clientOptions{interceptors: func(r *interceptor.Registry) { r.Add(lossyFactory{l}) }}, lost
}

// underway is how many of the newest packets may still be on their way for the second time.
const underway = 40

// whole gives the packets of a stream in order and without copies, but for the newest; nil while one is missing. The
// stream has to go on meanwhile: the library hands out what was sent again together with what comes next.
func whole(packets []*rtp.Packet) []*rtp.Packet {
	if len(packets) <= underway {
		return nil
	}
	first := packets[0].SequenceNumber
	slices.SortStableFunc(packets, func(a, b *rtp.Packet) int {
		return int(int16(a.SequenceNumber-first)) - int(int16(b.SequenceNumber-first))
	})
	packets = slices.CompactFunc(packets, func(a, b *rtp.Packet) bool { return a.SequenceNumber == b.SequenceNumber })
	packets = packets[:max(1, len(packets)-underway)]
	if packets[len(packets)-1].SequenceNumber-packets[0].SequenceNumber != uint16(len(packets)-1) {
		return nil
	}
	return packets
}

// TestSealedVideoArrivesAsItWasSent: through two real connections, with layers switched by key frames that were asked for
// and with lost packets sent again, every payload is the sender's byte for byte and every frame opens.
func TestSealedVideoArrivesAsItWasSent(t *testing.T) {
	for _, codec := range []media.CodecName{media.VP8, media.H264} {
		t.Run(string(codec), func(t *testing.T) {
			e := startEngine(t, testConfig())
			r := &room{}
			s := newSealedCamera(t, configured(t, e, LegConfig{ID: "pub", Encrypted: true, VideoCodec: codec}, r), codec)
			stop := pump(t, s.shoot)
			eventually(t, "camera in the room", func() bool { return r.track(media.Camera) != nil })
			camera := r.track(media.Camera)
			camera.info.Participant = "p1"
			o, lost := losing()
			leg, c := encryptedViewer(t, e, codec, 0, 1, o)
			sink, err := leg.Send(camera.info)
			if err != nil {
				t.Fatal(err)
			}
			camera.Add(sink)
			mid := leg.Slots()[0].MID
			for _, layer := range []int{1, 0, 1} {
				height := []int{90, 2160}[layer]
				leg.View([]View{{Participant: "p1", Source: media.Camera, Width: height * 16 / 9, Height: height}})
				eventually(t, "layer "+strconv.Itoa(layer), func() bool { return leg.Stats().Slots[0].Layer == layer })
				n := len(c.on(mid).list())
				eventually(t, "packets of the layer", func() bool { return len(c.on(mid).list()) > n+40 })
			}
			var got []*rtp.Packet
			eventually(t, "what was lost", func() bool { got = whole(c.on(mid).list()); return got != nil && lost.Load() >= 12 })
			stop()
			s.mu.Lock()
			defer s.mu.Unlock()
			if n := s.arrives(t, got); n < 25 {
				t.Errorf("%d frames", n)
			}
			if resent := leg.Stats().Slots[0].Resent; resent < 10 {
				t.Errorf("%d packets lost, %d sent again", lost.Load(), resent)
			}
			for _, p := range camera.packets() {
				if !s.wire[string(body(t, codec, p.Payload))] {
					t.Fatal("the room holds a payload that was never sent")
				}
			}
		})
	}
}

// TestSealedSoundArrivesAsItWasSent: byte for byte, in the room and at the other browser.
func TestSealedSoundArrivesAsItWasSent(t *testing.T) {
	e := startEngine(t, testConfig())
	r := &room{}
	pub := configured(t, e, LegConfig{ID: "pub", Encrypted: true}, r)
	s, c := newCast(t, media.Opus, 257), newClient(t, clientOptions{})
	mic := c.send(webrtc.MimeTypeOpus)[0]
	c.negotiate(pub, nil, media.Microphone)
	connected(t, pub)
	leg, hearer := encryptedViewer(t, e, media.VP8, 1, 0, clientOptions{})
	var sounds [][]byte
	for range 400 {
		b := s.cut(t, packetizer(media.Opus), 1200, s.frame(t, false, 80))[0]
		sounds = append(sounds, b)
	}
	pump(t, func(i int) {
		if i < len(sounds) {
			_ = mic.WriteRTP(&rtp.Packet{Header: rtp.Header{Version: 2, SequenceNumber: uint16(i), Timestamp: uint32(i * 960)}, Payload: sounds[i]})
		}
	})
	eventually(t, "microphone in the room", func() bool { return r.track(media.Microphone) != nil })
	track := r.track(media.Microphone)
	sink, err := leg.Send(track.info)
	if err != nil {
		t.Fatal(err)
	}
	track.Add(sink)
	mid := leg.Slots()[0].MID
	eventually(t, "sound at the browser", func() bool { return len(hearer.on(mid).list()) > 50 })
	contiguous(t, hearer.on(mid).list())
	if n := s.arrives(t, hearer.on(mid).list()); n < 50 {
		t.Errorf("%d frames", n)
	}
	for _, p := range track.packets() {
		if !s.wire[string(p.Payload)] {
			t.Fatal("the room holds a payload that was never sent")
		}
	}
}

// secret is what a sender hides where nobody looks.
var secret = []byte("smuggled-word")

// smuggle makes a packet that carries secret in a way; what it returns is as on the wire.
var smuggle = map[string]func(p *rtp.Packet){
	"one-byte extension": func(p *rtp.Packet) {
		p.Extension, p.ExtensionProfile = true, rtp.ExtensionProfileOneByte
		_ = p.SetExtension(14, secret)
	},
	"two-byte extension": func(p *rtp.Packet) {
		p.Extension, p.ExtensionProfile = true, rtp.ExtensionProfileTwoByte
		_ = p.SetExtension(200, secret)
	},
	"extension of RFC 3550": func(p *rtp.Packet) {
		p.Extension, p.ExtensionProfile = true, 0xabcd
		_ = p.SetExtension(0, append(bytes.Clone(secret), 0, 0, 0))
	},
	"contributing sources": func(p *rtp.Packet) {
		for i := 0; i+4 <= len(secret); i += 4 {
			p.CSRC = append(p.CSRC, uint32(secret[i])<<24|uint32(secret[i+1])<<16|uint32(secret[i+2])<<8|uint32(secret[i+3]))
		}
	},
}

// watched is a client's option that keeps every packet as it is on the wire but for SRTP, those that come and those that
// go.
func watched() (o clientOptions, raw func() [][]byte) {
	w := &watch{}
	o.interceptors = func(r *interceptor.Registry) { r.Add(watchFactory{w}) }
	return o, func() [][]byte {
		w.mu.Lock()
		defer w.mu.Unlock()
		return slices.Clone(w.all)
	}
}

type watchFactory struct{ w *watch }

func (f watchFactory) NewInterceptor(string) (interceptor.Interceptor, error) { return f.w, nil }

type watch struct {
	interceptor.NoOp
	mu  sync.Mutex
	all [][]byte
}

func (w *watch) see(b []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.all = append(w.all, bytes.Clone(b))
}

func (w *watch) BindRemoteStream(_ *interceptor.StreamInfo, reader interceptor.RTPReader) interceptor.RTPReader {
	return interceptor.RTPReaderFunc(func(b []byte, a interceptor.Attributes) (int, interceptor.Attributes, error) {
		n, attr, err := reader.Read(b, a)
		if err == nil {
			w.see(b[:n])
		}
		return n, attr, err
	})
}

func (w *watch) BindLocalStream(_ *interceptor.StreamInfo, writer interceptor.RTPWriter) interceptor.RTPWriter {
	return interceptor.RTPWriterFunc(func(h *rtp.Header, b []byte, a interceptor.Attributes) (int, error) {
		if head, err := h.Marshal(); err == nil {
			w.see(head)
		}
		return writer.Write(h, b, a)
	})
}

// TestHeadersEndAtTheGateway: nothing that a sender puts into a header reaches another browser, in open rooms and in
// encrypted ones, for sound and for pictures. What goes out holds the gateway's own extensions and no others.
func TestHeadersEndAtTheGateway(t *testing.T) {
	for name, hide := range smuggle {
		for _, encrypted := range []bool{false, true} {
			t.Run(name+", encrypted "+strconv.FormatBool(encrypted), func(t *testing.T) {
				e := startEngine(t, testConfig())
				r := &room{}
				pub := configured(t, e, LegConfig{ID: "pub", Encrypted: encrypted}, r)
				o, sent := watched()
				c := newClient(t, o)
				tracks := []*webrtc.TrackLocalStaticRTP{c.send(webrtc.MimeTypeOpus)[0], c.send(webrtc.MimeTypeVP8)[0]}
				c.negotiate(pub, nil, media.Microphone, media.Camera)
				connected(t, pub)
				o, raw := watched()
				leg := configured(t, e, LegConfig{ID: "view", Encrypted: encrypted}, &room{})
				v := newClient(t, o)
				v.recv(webrtc.RTPCodecTypeAudio, 1)
				v.recv(webrtc.RTPCodecTypeVideo, 1)
				v.negotiate(leg, nil)
				connected(t, leg)
				pump(t, func(i int) {
					for k, tr := range tracks {
						p := &rtp.Packet{Header: rtp.Header{Version: 2, SequenceNumber: uint16(i), Timestamp: uint32(i * 960), Marker: true}}
						p.Payload = [][]byte{{0xf8, byte(i)}, vp8Frame(uint16(i), uint8(i), 0, false, true, 1)[0]}[k]
						hide(p)
						_ = tr.WriteRTP(p)
					}
				})
				for _, source := range []media.Source{media.Microphone, media.Camera} {
					eventually(t, "track in the room", func() bool { return r.track(source) != nil })
					track := r.track(source)
					sink, err := leg.Send(track.info)
					if err != nil {
						t.Fatal(err)
					}
					track.Add(sink)
				}
				for _, s := range leg.Slots() {
					eventually(t, "packets at the browser", func() bool { return len(v.on(s.MID).list()) > 20 })
				}
				if !slices.ContainsFunc(sent(), func(b []byte) bool { return bytes.Contains(b, secret[:12]) }) {
					t.Fatal("nothing was smuggled")
				}
				headersAreOurs(t, v, raw())
			})
		}
	}
}

// headersAreOurs checks packets as they came.
func headersAreOurs(t *testing.T, v *client, raw [][]byte) {
	t.Helper()
	negotiated := map[uint8]bool{}
	for _, tr := range v.pc.GetTransceivers() {
		for _, x := range tr.Receiver().GetParameters().HeaderExtensions {
			negotiated[uint8(x.ID)] = true
		}
	}
	for _, b := range raw {
		var p rtp.Packet
		if err := p.Unmarshal(b); err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(b, secret[:12]) || len(p.CSRC) > 0 {
			t.Fatalf("a sender's word reached another browser: %x", b)
		}
		for _, id := range p.GetExtensionIDs() {
			if !negotiated[id] {
				t.Fatalf("extension %d was not negotiated", id)
			}
		}
	}
}
