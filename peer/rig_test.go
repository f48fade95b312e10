package peer

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"legroom/media"
)

// patience bounds every wait of a test; it is only ever spent by one that fails.
const patience = 30 * time.Second

// eventually waits until ok holds.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	end := time.NewTimer(patience)
	defer end.Stop()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for !ok() {
		select {
		case <-end.C:
			t.Fatalf("gave up waiting: %s", what)
		case <-look.C:
		}
	}
}

// testConfig listens on loopback, on ports the kernel chooses.
func testConfig() Config {
	c := DefaultConfig()
	c.UDP, c.TCP, c.Loopback = "127.0.0.1:0", "127.0.0.1:0", true
	c.Grace = 5 * time.Second
	if os.Getenv("PEER_LOG") != "" {
		c.Log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	return c
}

// startEngine runs an Engine until the test ends.
func startEngine(t *testing.T, cfg Config) *Engine {
	t.Helper()
	e, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- e.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("engine ended with %v", err)
		}
	})
	return e
}

// room is a Publisher that keeps what comes.
type room struct {
	mu     sync.Mutex
	tracks []*roomTrack
}

type roomTrack struct {
	media.Fan[*media.Packet]
	info   media.TrackInfo
	mu     sync.Mutex
	got    []*media.Packet
	closed bool
}

func (r *room) Publish(info media.TrackInfo) (media.Sink[*media.Packet], error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	t := &roomTrack{info: info}
	r.tracks = append(r.tracks, t)
	return t, nil
}

func (r *room) track(source media.Source) *roomTrack {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, t := range r.tracks {
		if t.info.Source == source {
			return t
		}
	}
	return nil
}

// forget makes the next track of the source the one that track gives.
func (r *room) forget(source media.Source) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tracks = slices.DeleteFunc(r.tracks, func(t *roomTrack) bool { return t.info.Source == source })
}

func (t *roomTrack) Write(p *media.Packet) error {
	t.mu.Lock()
	if len(t.got) < 4096 {
		t.got = append(t.got, p.Clone())
	}
	t.mu.Unlock()
	return t.Fan.Write(p)
}

func (t *roomTrack) Close() error {
	t.mu.Lock()
	t.closed = true
	t.mu.Unlock()
	return t.Fan.Close()
}

func (t *roomTrack) packets() []*media.Packet {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]*media.Packet(nil), t.got...)
}

// client is a browser's connection made of pion.
type client struct {
	t  *testing.T
	pc *webrtc.PeerConnection

	mu     sync.Mutex
	tracks map[string]*heard // by mid
}

// heard is what came on one slot.
type heard struct {
	mu      sync.Mutex
	track   *webrtc.TrackRemote
	packets []*rtp.Packet
}

func (h *heard) list() []*rtp.Packet {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]*rtp.Packet(nil), h.packets...)
}

type clientOptions struct {
	settings     func(*webrtc.SettingEngine)
	interceptors func(*interceptor.Registry)
	config       webrtc.Configuration
}

func newClient(t *testing.T, o clientOptions) *client {
	t.Helper()
	m := &webrtc.MediaEngine{}
	if err := m.RegisterDefaultCodecs(); err != nil {
		t.Fatal(err)
	}
	for _, uri := range []string{uriAudioLevel, uriMID, "urn:3gpp:video-orientation"} {
		_ = m.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: uri}, webrtc.RTPCodecTypeAudio)
	}
	reg := &interceptor.Registry{}
	if o.interceptors != nil {
		o.interceptors(reg)
	}
	if err := webrtc.RegisterDefaultInterceptors(m, reg); err != nil {
		t.Fatal(err)
	}
	s := webrtc.SettingEngine{}
	s.SetIncludeLoopbackCandidate(true)
	s.SetICEMulticastDNSMode(1)
	s.SetIPFilter(nil)
	if o.settings != nil {
		o.settings(&s)
	}
	api := webrtc.NewAPI(webrtc.WithMediaEngine(m), webrtc.WithInterceptorRegistry(reg), webrtc.WithSettingEngine(s))
	pc, err := api.NewPeerConnection(o.config)
	if err != nil {
		t.Fatal(err)
	}
	c := &client{t: t, pc: pc, tracks: map[string]*heard{}}
	pc.OnTrack(c.onTrack)
	t.Cleanup(func() { _ = pc.GracefulClose() })
	return c
}

func (c *client) onTrack(track *webrtc.TrackRemote, r *webrtc.RTPReceiver) {
	var mid string
	for _, tr := range c.pc.GetTransceivers() {
		if tr.Receiver() == r {
			mid = tr.Mid()
		}
	}
	h := &heard{track: track}
	c.mu.Lock()
	c.tracks[mid] = h
	c.mu.Unlock()
	for {
		p, _, err := track.ReadRTP()
		if err != nil {
			return
		}
		h.mu.Lock()
		h.packets = append(h.packets, p)
		h.mu.Unlock()
	}
}

// on gives what came on a slot; empty before anything did.
func (c *client) on(mid string) *heard {
	c.mu.Lock()
	defer c.mu.Unlock()
	if h := c.tracks[mid]; h != nil {
		return h
	}
	return &heard{}
}

// recv adds free slots.
func (c *client) recv(kind webrtc.RTPCodecType, n int) {
	c.t.Helper()
	for range n {
		if _, err := c.pc.AddTransceiverFromKind(kind, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}); err != nil {
			c.t.Fatal(err)
		}
	}
}

// send adds a track to publish.
func (c *client) send(mime string, rids ...string) []*webrtc.TrackLocalStaticRTP {
	c.t.Helper()
	codec := webrtc.RTPCodecCapability{MimeType: mime, ClockRate: 90000}
	if mime == webrtc.MimeTypeOpus {
		codec.ClockRate, codec.Channels = 48000, 2
	}
	if len(rids) == 0 {
		rids = []string{""}
	}
	var out []*webrtc.TrackLocalStaticRTP
	var sender *webrtc.RTPSender
	for i, rid := range rids {
		var opts []func(*webrtc.TrackLocalStaticRTP)
		if rid != "" {
			opts = append(opts, webrtc.WithRTPStreamID(rid))
		}
		track, err := webrtc.NewTrackLocalStaticRTP(codec, "track-"+mime[:5], "stream", opts...)
		if err != nil {
			c.t.Fatal(err)
		}
		out = append(out, track)
		if i > 0 {
			if err := sender.AddEncoding(track); err != nil {
				c.t.Fatal(err)
			}
			continue
		}
		tr, err := c.pc.AddTransceiverFromTrack(track, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
		if err != nil {
			c.t.Fatal(err)
		}
		sender = tr.Sender()
	}
	go func() {
		buf := make([]byte, 1500)
		for {
			if _, _, err := sender.Read(buf); err != nil {
				return
			}
		}
	}()
	return out
}

// offer makes an offer with all candidates.
func (c *client) offer(o *webrtc.OfferOptions) string {
	c.t.Helper()
	offer, err := c.pc.CreateOffer(o)
	if err != nil {
		c.t.Fatal(err)
	}
	gathered := webrtc.GatheringCompletePromise(c.pc)
	if err := c.pc.SetLocalDescription(offer); err != nil {
		c.t.Fatal(err)
	}
	<-gathered
	return c.pc.LocalDescription().SDP
}

// negotiate sends an offer to leg and takes the answer. sources are given to the sending m-lines in order.
func (c *client) negotiate(leg *Leg, o *webrtc.OfferOptions, sources ...media.Source) string {
	c.t.Helper()
	sdp := c.offer(o)
	var tracks []OfferTrack
	for _, tr := range c.pc.GetTransceivers() {
		if tr.Direction() == webrtc.RTPTransceiverDirectionSendonly && len(sources) > 0 {
			tracks = append(tracks, OfferTrack{MID: tr.Mid(), Source: sources[0]})
			sources = sources[1:]
		}
	}
	answer, err := leg.Offer(c.t.Context(), Offer{SDP: sdp, Tracks: tracks})
	if err != nil {
		c.t.Fatalf("offer: %v", err)
	}
	if err := c.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}); err != nil {
		c.t.Fatalf("answer: %v\n%s", err, answer)
	}
	return answer
}

// newTestLeg makes a Leg that runs until the test ends.
func newTestLeg(t *testing.T, e *Engine, id string, to media.Publisher) *Leg {
	t.Helper()
	return configured(t, e, LegConfig{ID: id}, to)
}

// configured makes a Leg of that config that runs until the test ends.
func configured(t *testing.T, e *Engine, cfg LegConfig, to media.Publisher) *Leg {
	t.Helper()
	leg, err := e.NewLeg(cfg)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		defer close(done)
		_ = leg.Run(ctx, to)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
	return leg
}

func connected(t *testing.T, leg *Leg) {
	t.Helper()
	eventually(t, "leg "+leg.ID()+" connected", func() bool { return leg.State() == StateConnected })
}

// vp8Frame makes the packets of one frame: a descriptor with 15-bit picture id, TL0PICIDX and TID, then filler.
func vp8Frame(picture uint16, tl0, tid uint8, sync, key bool, packets int) [][]byte {
	var out [][]byte
	for i := range packets {
		flags := tid << 6
		if sync {
			flags |= 0x20
		}
		p := []byte{0x80, 0xe0, 0x80 | byte(picture>>8), byte(picture), tl0, flags}
		if i == 0 {
			p[0] |= 0x10
		}
		head := byte(1)
		if key {
			head = 0
		}
		body := append([]byte{head, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01}, fmt.Sprintf("picture %d part %d", picture, i)...)
		out = append(out, append(p, body...))
	}
	return out
}

func plis(packets []rtcp.Packet) int {
	n := 0
	for _, p := range packets {
		if _, ok := p.(*rtcp.PictureLossIndication); ok {
			n++
		}
	}
	return n
}
