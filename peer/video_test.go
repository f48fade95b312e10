package peer

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"legroom/media"
	"legroom/media/payload"
)

var vp8 = media.Codec{Name: media.VP8, ClockRate: 90000}

// simulcast publishes VP8 in three layers from a client and hands what arrives in the room to a Fan.
type simulcast struct {
	client   *client
	tracks   []*webrtc.TrackLocalStaticRTP
	mid      string
	midID    uint8
	ridID    uint8
	keys     [3]atomic.Bool // the next frame of the layer is to be a key frame
	pictures [3]uint16
	seqs     [3]uint16
}

func newSimulcast(t *testing.T, leg *Leg) *simulcast {
	t.Helper()
	s := &simulcast{client: newClient(t, clientOptions{})}
	s.tracks = s.client.send(webrtc.MimeTypeVP8, "low", "mid", "high")
	s.client.negotiate(leg, nil, media.Camera)
	tr := s.client.pc.GetTransceivers()[0]
	s.mid = tr.Mid()
	for _, x := range tr.Sender().GetParameters().HeaderExtensions {
		switch x.URI {
		case uriMID:
			s.midID = uint8(x.ID)
		case uriRID:
			s.ridID = uint8(x.ID)
		}
	}
	for i := range s.keys {
		s.keys[i].Store(true)
		s.seqs[i], s.pictures[i] = uint16(65000+i*100), uint16(32760+i)
	}
	for i, e := range tr.Sender().GetParameters().Encodings {
		go s.listen(tr.Sender(), e.RID, i)
	}
	return s
}

// listen makes a key frame when one is asked for, as a browser does.
func (s *simulcast) listen(sender *webrtc.RTPSender, rid string, layer int) {
	for {
		packets, _, err := sender.ReadSimulcastRTCP(rid)
		if err != nil {
			return
		}
		if plis(packets) > 0 {
			s.keys[layer].Store(true)
		}
	}
}

// frame sends the next frame of a layer in two packets.
func (s *simulcast) frame(layer, i int) {
	key := s.keys[layer].Swap(false)
	tid := uint8([]int{0, 2, 1, 2}[i%4])
	if key {
		tid = 0
	}
	parts := vp8Frame(s.pictures[layer]&0x7fff, uint8(i/4), tid, tid == 2 && i%4 == 1, key, 2)
	s.pictures[layer]++
	for n, b := range parts {
		p := &rtp.Packet{Header: rtp.Header{Version: 2, SequenceNumber: s.seqs[layer], Timestamp: uint32(layer*1e6 + i*3000), Marker: n == len(parts)-1}, Payload: b}
		s.seqs[layer]++
		_ = p.SetExtension(s.midID, []byte(s.mid))
		_ = p.SetExtension(s.ridID, []byte([]string{"low", "mid", "high"}[layer]))
		_ = s.tracks[layer].WriteRTP(p)
	}
}

func TestSimulcastIsPublishedOnce(t *testing.T) {
	e := startEngine(t, testConfig())
	r := &room{}
	leg := newTestLeg(t, e, "pub", r)
	s := newSimulcast(t, leg)
	connected(t, leg)
	pump(t, func(i int) {
		for l := range 3 {
			s.frame(l, i)
		}
	})
	seen := func() (layers [3]int) {
		if tr := r.track(media.Camera); tr != nil {
			for _, p := range tr.packets() {
				layers[p.Layer]++
			}
		}
		return layers
	}
	eventually(t, "all layers in the room", func() bool {
		n := seen()
		return n[0] > 10 && n[1] > 10 && n[2] > 10
	})
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.tracks) != 1 || r.tracks[0].info.Layers != 3 || !r.tracks[0].info.Codec.Same(vp8) {
		t.Fatalf("published %d tracks, first %+v", len(r.tracks), r.tracks[0].info)
	}
	for _, p := range r.tracks[0].packets() {
		if p.Extension || len(p.Extensions) > 0 {
			t.Fatal("a header extension of the browser reached the room")
		}
	}
}

// TestCameraOffAndOn: the browser keeps its stream, the room sees one Track end and another begin.
func TestCameraOffAndOn(t *testing.T) {
	e := startEngine(t, testConfig())
	r := &room{}
	leg := newTestLeg(t, e, "pub", r)
	s := newSimulcast(t, leg)
	connected(t, leg)
	pump(t, func(i int) { s.frame(0, i) })
	eventually(t, "camera in the room", func() bool { return r.track(media.Camera) != nil })
	first := r.track(media.Camera)
	s.client.negotiate(leg, nil)
	eventually(t, "track ended", func() bool { first.mu.Lock(); defer first.mu.Unlock(); return first.closed })
	r.forget(media.Camera)
	s.client.negotiate(leg, nil, media.Camera)
	eventually(t, "camera again", func() bool { tr := r.track(media.Camera); return tr != nil && len(tr.packets()) > 5 })
	if again := r.track(media.Camera); again.info.ID == first.info.ID {
		t.Error("two tracks with one ID")
	}
}

// viewer is a client with slots, and its Leg.
func newViewer(t *testing.T, e *Engine, id string, audio, video int, o clientOptions) (*Leg, *client) {
	t.Helper()
	leg := newTestLeg(t, e, id, &room{})
	c := newClient(t, o)
	c.recv(webrtc.RTPCodecTypeAudio, audio)
	c.recv(webrtc.RTPCodecTypeVideo, video)
	c.negotiate(leg, nil)
	connected(t, leg)
	return leg, c
}

// decodable checks a run of VP8 packets as a receiver would see it: contiguous numbers, picture ids one after the other,
// time that never runs back, and every packet of a frame under one timestamp.
func decodable(t *testing.T, packets []*rtp.Packet) {
	t.Helper()
	contiguous(t, packets)
	for i, p := range packets {
		d, err := payload.ParseVP8(p.Payload)
		if err != nil {
			t.Fatalf("packet %d is no VP8: %v", i, err)
		}
		if i == 0 {
			if !payload.IsKeyframe(media.VP8, p.Payload) {
				t.Fatal("does not begin with a key frame")
			}
			continue
		}
		before, _ := payload.ParseVP8(packets[i-1].Payload)
		step := (d.PictureID - before.PictureID) & 0x7fff
		sameFrame := p.Timestamp == packets[i-1].Timestamp
		if step > 1 || sameFrame != (step == 0) {
			t.Fatalf("packet %d: picture %d after %d, timestamp %d after %d", i, d.PictureID, before.PictureID, p.Timestamp, packets[i-1].Timestamp)
		}
		if !sameFrame && p.Timestamp-packets[i-1].Timestamp > 90000 {
			t.Fatalf("packet %d: timestamp %d after %d", i, p.Timestamp, packets[i-1].Timestamp)
		}
	}
}

func TestLayersFollowTheView(t *testing.T) {
	e := startEngine(t, testConfig())
	r := &room{}
	publisher := newTestLeg(t, e, "pub", r)
	s := newSimulcast(t, publisher)
	connected(t, publisher)
	pump(t, func(i int) {
		for l := range 3 {
			s.frame(l, i)
		}
	})
	eventually(t, "camera in the room", func() bool { return r.track(media.Camera) != nil })
	camera := r.track(media.Camera)
	camera.info.Participant = "p1"

	leg, c := newViewer(t, e, "view", 0, 2, clientOptions{})
	sink, err := leg.Send(camera.info)
	if err != nil {
		t.Fatal(err)
	}
	camera.Add(sink)
	mid := leg.Slots()[0].MID
	// The test's frames all claim 360 lines, so size alone would keep the lowest layer; heights are what tells.
	for _, want := range []struct{ height, layer int }{{180, 0}, {2160, 2}, {180, 0}} {
		leg.View([]View{{Participant: "p1", Source: media.Camera, Width: want.height * 16 / 9, Height: want.height}})
		eventually(t, "layer chosen", func() bool { return leg.Stats().Slots[0].Layer == want.layer })
		n := len(c.on(mid).list())
		eventually(t, "packets of the layer", func() bool { return len(c.on(mid).list()) > n+20 })
	}
	decodable(t, c.on(mid).list())

	leg.View(nil)
	eventually(t, "paused when not visible", func() bool { return leg.Stats().Slots[0].Layer == -1 })
}

func TestSourceSwitchKeepsOneStream(t *testing.T) {
	e := startEngine(t, testConfig())
	leg, c := newViewer(t, e, "view", 0, 1, clientOptions{})
	mid := leg.Slots()[0].MID
	for n := range 3 {
		var asked atomic.Int32
		track := media.TrackInfo{ID: string(rune('a' + n)), Participant: "p", Source: media.Camera, Codec: vp8, Layers: 1,
			RequestKeyframe: func(uint8) { asked.Add(1) }}
		sink, err := leg.Send(track)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := leg.Send(track); err == nil {
			t.Fatal("two tracks on one slot")
		}
		before := len(c.on(mid).list())
		stop := pump(t, func(i int) {
			// Delta frames until somebody asks: nothing of them may reach the browser.
			key := asked.Load() > 0 && i%40 == 39
			for k, b := range vp8Frame(uint16(n*5000+i), uint8(i), 0, false, key, 2) {
				_ = sink.Write(&media.Packet{Arrived: time.Now(), Packet: rtp.Packet{Header: rtp.Header{Version: 2,
					SequenceNumber: uint16(n*30000 + i*2 + k), Timestamp: uint32(n*1e8 + i*450), Marker: k == 1}, Payload: b}})
			}
		})
		eventually(t, "packets of the source", func() bool { return len(c.on(mid).list()) > before+20 })
		stop()
		if err := sink.Close(); err != nil {
			t.Fatal(err)
		}
		if err := sink.Write(&media.Packet{}); err != media.ErrClosed {
			t.Fatalf("write after close: %v", err)
		}
	}
	decodable(t, c.on(mid).list())
}

// lossy drops chosen incoming packets of a client once.
type lossy struct {
	interceptor.NoOp
	drop func(ssrc uint32, seq uint16, pt uint8) bool
}

type lossyFactory struct{ l *lossy }

func (f lossyFactory) NewInterceptor(string) (interceptor.Interceptor, error) { return f.l, nil }

func (l *lossy) BindRemoteStream(_ *interceptor.StreamInfo, reader interceptor.RTPReader) interceptor.RTPReader {
	return interceptor.RTPReaderFunc(func(b []byte, a interceptor.Attributes) (int, interceptor.Attributes, error) {
		for {
			n, attr, err := reader.Read(b, a)
			if err != nil {
				return n, attr, err
			}
			var h rtp.Header
			if _, err := h.Unmarshal(b[:n]); err == nil && l.drop(h.SSRC, h.SequenceNumber, h.PayloadType) {
				continue
			}
			return n, attr, nil
		}
	})
}

func TestLostPacketsAreSentAgain(t *testing.T) {
	e := startEngine(t, testConfig())
	var mu sync.Mutex
	dropped := map[uint16]bool{}
	count := 0
	l := &lossy{drop: func(ssrc uint32, seq uint16, pt uint8) bool {
		mu.Lock()
		defer mu.Unlock()
		if pt != 96 || dropped[seq] {
			return false
		}
		if count++; count%10 == 0 {
			dropped[seq] = true
			return true
		}
		return false
	}}
	leg, c := newViewer(t, e, "view", 0, 1, clientOptions{interceptors: func(r *interceptor.Registry) { r.Add(lossyFactory{l}) }})
	sink, err := leg.Send(media.TrackInfo{ID: "cam", Participant: "p", Source: media.Camera, Codec: vp8, Layers: 1})
	if err != nil {
		t.Fatal(err)
	}
	mid := leg.Slots()[0].MID
	pump(t, func(i int) {
		for k, b := range vp8Frame(uint16(i), uint8(i), 0, false, i%50 == 0, 2) {
			_ = sink.Write(&media.Packet{Arrived: time.Now(), Packet: rtp.Packet{Header: rtp.Header{Version: 2,
				SequenceNumber: uint16(i*2 + k), Timestamp: uint32(i * 450), Marker: k == 1}, Payload: b}})
		}
	})
	repaired := func() (n int) {
		mu.Lock()
		defer mu.Unlock()
		got := map[uint16]bool{}
		for _, p := range c.on(mid).list() {
			got[p.SequenceNumber] = true
		}
		for seq := range dropped {
			if got[seq] {
				n++
			}
		}
		return n
	}
	eventually(t, "ten packets repaired", func() bool { return repaired() >= 10 })
	if s := leg.Stats().Slots[0]; s.Resent < 10 {
		t.Errorf("resent %d", s.Resent)
	}
	// What came back is what was lost: its descriptor carries the number its sequence says.
	for _, p := range c.on(mid).list() {
		d, err := payload.ParseVP8(p.Payload)
		first := c.on(mid).list()[0]
		if want := int((p.SequenceNumber - first.SequenceNumber) / 2); err != nil || d.PictureID != want {
			t.Fatalf("sequence %d has picture %d, want %d", p.SequenceNumber, d.PictureID, want)
		}
	}
}

func TestKeyframeRequestsAreMerged(t *testing.T) {
	e := startEngine(t, testConfig())
	leg, c := newViewer(t, e, "view", 0, 1, clientOptions{})
	var asked atomic.Int32
	sink, err := leg.Send(media.TrackInfo{ID: "cam", Participant: "p", Source: media.Camera, Codec: vp8, Layers: 1,
		RequestKeyframe: func(uint8) { asked.Add(1) }})
	if err != nil {
		t.Fatal(err)
	}
	mid := leg.Slots()[0].MID
	pump(t, func(i int) {
		for k, b := range vp8Frame(uint16(i), uint8(i), 0, false, i == 0, 1) {
			_ = sink.Write(&media.Packet{Arrived: time.Now(), Packet: rtp.Packet{Header: rtp.Header{Version: 2,
				SequenceNumber: uint16(i + k), Timestamp: uint32(i * 450), Marker: true}, Payload: b}})
		}
	})
	eventually(t, "picture", func() bool { return len(c.on(mid).list()) > 0 })
	began := asked.Load()
	ssrc := uint32(c.on(mid).track.SSRC())
	for range 50 {
		if err := c.pc.WriteRTCP([]rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: ssrc}}); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "a request at the source", func() bool { return asked.Load() > began })
	if n := asked.Load() - began; n > 2 {
		t.Errorf("50 requests of the browser became %d at the source", n)
	}
}
