package peer

import (
	"context"
	"errors"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"legroom/media"
)

// hears checks that sound reaches a client through leg.
func hears(t *testing.T, leg *Leg, c *client) {
	t.Helper()
	sink, err := leg.Send(media.TrackInfo{ID: "tone", Participant: "p", Source: media.Microphone, Codec: offeredAudio[0]})
	if err != nil {
		t.Fatal(err)
	}
	defer sink.Close()
	var mid string
	for _, s := range leg.Slots() {
		if s.Participant == "p" {
			mid = s.MID
		}
	}
	before := len(c.on(mid).list())
	defer pump(t, func(i int) {
		_ = sink.Write(&media.Packet{Arrived: time.Now(), Packet: rtp.Packet{Header: rtp.Header{Version: 2, SequenceNumber: uint16(i), Timestamp: uint32(i * 240)}, Payload: []byte{0xf8, byte(i)}}})
	})()
	eventually(t, "sound at the browser", func() bool { return len(c.on(mid).list()) > before+10 })
}

func TestOnlyTCP(t *testing.T) {
	e := startEngine(t, testConfig())
	leg, c := newViewer(t, e, "tcp", 1, 0, clientOptions{settings: func(s *webrtc.SettingEngine) {
		s.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeTCP4})
	}})
	hears(t, leg, c)
	if got := leg.Stats().Transport; got != "tcp" {
		t.Errorf("transport %q, want tcp", got)
	}
}

func TestRelayedOnly(t *testing.T) {
	for _, transport := range []string{"udp", "tcp"} {
		t.Run(transport, func(t *testing.T) {
			cfg := testConfig()
			if transport == "udp" {
				cfg.TURN.UDP = "127.0.0.1:0"
			} else {
				cfg.TURN.TCP = "127.0.0.1:0"
			}
			e := startEngine(t, cfg)
			var servers []webrtc.ICEServer
			for _, s := range e.ICEServers(time.Now()) {
				servers = append(servers, webrtc.ICEServer{URLs: s.URLs, Username: s.Username, Credential: s.Credential})
			}
			leg, c := newViewer(t, e, "relayed", 1, 0, clientOptions{config: webrtc.Configuration{
				ICEServers: servers, ICETransportPolicy: webrtc.ICETransportPolicyRelay,
			}})
			hears(t, leg, c)
		})
	}
}

func TestRelayLeadsNowhereElse(t *testing.T) {
	media := netMust(t, "127.0.0.1:4000")
	r := &relay{}
	r.media = append(r.media, media)
	for addr, want := range map[string]bool{"127.0.0.1:4000": true, "127.0.0.1:4001": false, "127.0.0.2:4000": false, "10.0.0.1:22": false} {
		if _, got := r.local(netMust(t, addr)); got != want {
			t.Errorf("%s let through: %v, want %v", addr, got, want)
		}
	}
	r.public = append(r.public, netMust(t, "198.51.100.7:1").Addr())
	if got, ok := r.local(netMust(t, "198.51.100.7:4000")); !ok || got != media {
		t.Errorf("public address leads to %v", got)
	}
	if r.ours(net.IPv4(10, 0, 0, 1)) || !r.ours(net.IPv4(198, 51, 100, 7)) {
		t.Error("permission by address is wrong")
	}
}

func TestRestartKeepsTheStream(t *testing.T) {
	e := startEngine(t, testConfig())
	leg, c := newViewer(t, e, "again", 1, 1, clientOptions{})
	hears(t, leg, c)
	pair := func() string {
		p, err := c.pc.SCTP().Transport().ICETransport().GetSelectedCandidatePair()
		if err != nil || p == nil {
			return ""
		}
		return p.String()
	}
	old := c.pc.LocalDescription().SDP
	c.negotiate(leg, &webrtc.OfferOptions{ICERestart: true})
	if ufrag(old) == ufrag(c.pc.LocalDescription().SDP) {
		t.Fatal("the offer did not restart ICE")
	}
	eventually(t, "a pair after the restart", func() bool { return pair() != "" && leg.State() == StateConnected })
	hears(t, leg, c)
	sameStream(t, c.on(leg.Slots()[0].MID).list())
}

// sameStream requires one SSRC and numbers that go on; a packet or two may be lost while no pair is selected.
func sameStream(t *testing.T, packets []*rtp.Packet) {
	t.Helper()
	for i := 1; i < len(packets); i++ {
		a, b := packets[i-1], packets[i]
		if step := b.SequenceNumber - a.SequenceNumber; step == 0 || step > 10 || a.SSRC != b.SSRC {
			t.Fatalf("packet %d: sequence %d after %d, ssrc %d after %d", i, b.SequenceNumber, a.SequenceNumber, b.SSRC, a.SSRC)
		}
	}
}

func ufrag(sdp string) string {
	_, rest, _ := strings.Cut(sdp, "a=ice-ufrag:")
	u, _, _ := strings.Cut(rest, "\r\n")
	return u
}

func TestMoreSlotsLater(t *testing.T) {
	e := startEngine(t, testConfig())
	leg, c := newViewer(t, e, "more", 1, 0, clientOptions{})
	hears(t, leg, c)
	c.recv(webrtc.RTPCodecTypeVideo, 2)
	c.recv(webrtc.RTPCodecTypeAudio, 1)
	c.negotiate(leg, nil)
	if a, v := leg.Capacity(media.Audio), leg.Capacity(media.Video); a != 2 || v != 2 {
		t.Fatalf("capacity %d audio, %d video", a, v)
	}
	hears(t, leg, c)
}

func TestSlotCanBeGivenUpAndTakenAgain(t *testing.T) {
	e := startEngine(t, testConfig())
	leg, c := newViewer(t, e, "again", 2, 0, clientOptions{})
	sink, err := leg.Send(media.TrackInfo{ID: "x", Participant: "p", Source: media.Microphone, Codec: offeredAudio[0]})
	if err != nil {
		t.Fatal(err)
	}
	mid := leg.Slots()[0].MID
	gone := setMediaDirection(c.offer(nil), mid, "inactive")
	if _, err := leg.Offer(t.Context(), Offer{SDP: gone}); err != nil {
		t.Fatal(err)
	}
	if n := leg.Capacity(media.Audio); n != 1 {
		t.Fatalf("capacity %d after one slot was given up", n)
	}
	if err := sink.Write(&media.Packet{}); !errors.Is(err, media.ErrClosed) {
		t.Errorf("write to a slot that is gone: %v", err)
	}
	if _, err := leg.Offer(t.Context(), Offer{SDP: setMediaDirection(gone, mid, "recvonly")}); err != nil {
		t.Fatal(err)
	}
	if n := leg.Capacity(media.Audio); n != 2 {
		t.Fatalf("capacity %d after the slot was taken again", n)
	}
}

// setMediaDirection changes the direction of one m-line of a description.
func setMediaDirection(sdp, mid, to string) string {
	sections := strings.Split(sdp, "m=")
	for i, s := range sections {
		if strings.Contains(s, "a=mid:"+mid+"\r\n") {
			for _, d := range directions {
				s = strings.Replace(s, "a="+d+"\r\n", "a="+to+"\r\n", 1)
			}
			sections[i] = s
		}
	}
	return strings.Join(sections, "m=")
}

func TestParticipantGetsItsSlotBack(t *testing.T) {
	e := startEngine(t, testConfig())
	leg, _ := newViewer(t, e, "back", 3, 0, clientOptions{})
	send := func(who string) media.Sink[*media.Packet] {
		s, err := leg.Send(media.TrackInfo{ID: who, Participant: who, Source: media.Microphone, Codec: offeredAudio[0]})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	where := func(who string) string {
		for _, s := range leg.Slots() {
			if s.Participant == who {
				return s.MID
			}
		}
		return ""
	}
	a, b, c := send("a"), send("b"), send("c")
	place := where("b")
	if _, err := leg.Send(media.TrackInfo{ID: "d", Source: media.Microphone, Codec: offeredAudio[0]}); !errors.Is(err, ErrNoSlot) {
		t.Fatalf("fourth track on three slots: %v", err)
	}
	for _, s := range []media.Sink[*media.Packet]{a, b, c} {
		_ = s.Close()
	}
	send("b")
	if got := where("b"); got != place {
		t.Errorf("b on slot %q, was on %q", got, place)
	}
	if _, err := leg.Send(media.TrackInfo{ID: "g", Source: media.Microphone, Codec: media.Codec{Name: media.PCMU, ClockRate: 8000, Channels: 1}}); !errors.Is(err, ErrNoCodec) {
		t.Errorf("PCMU to a browser that was offered Opus: %v", err)
	}
}

func TestSlotsAreTold(t *testing.T) {
	e := startEngine(t, testConfig())
	var mu sync.Mutex
	var last []Slot
	var states []State
	leg, err := e.NewLeg(LegConfig{ID: "told",
		OnSlots: func(s []Slot) { mu.Lock(); last = s; mu.Unlock() },
		OnState: func(s State) { mu.Lock(); states = append(states, s); mu.Unlock() },
	})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- leg.Run(t.Context(), &room{}) }()
	c := newClient(t, clientOptions{})
	c.recv(webrtc.RTPCodecTypeAudio, 1)
	c.negotiate(leg, nil)
	connected(t, leg)
	sink, err := leg.Send(media.TrackInfo{ID: "x", Participant: "p", Source: media.Microphone, Codec: offeredAudio[0]})
	if err != nil {
		t.Fatal(err)
	}
	holds := func(who string) func() bool {
		return func() bool {
			mu.Lock()
			defer mu.Unlock()
			return len(last) == 1 && last[0].Participant == who
		}
	}
	eventually(t, "told of the track", holds("p"))
	_ = sink.Close()
	eventually(t, "told of the free slot", holds(""))
	reason := errors.New("host removed")
	_ = leg.Close(reason)
	if err := <-done; !errors.Is(err, reason) {
		t.Errorf("run ended with %v", err)
	}
	mu.Lock()
	defer mu.Unlock()
	want := []State{StateConnecting, StateConnected, StateClosed}
	if len(states) != 3 || states[0] != want[0] || states[1] != want[1] || states[2] != want[2] {
		t.Errorf("states %v, want %v", states, want)
	}
}

func TestLostConnectionEndsTheLeg(t *testing.T) {
	cfg := testConfig()
	cfg.Grace = time.Second
	e := startEngine(t, cfg)
	leg, err := e.NewLeg(LegConfig{ID: "lost"})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- leg.Run(t.Context(), &room{}) }()
	c := newClient(t, clientOptions{})
	c.recv(webrtc.RTPCodecTypeAudio, 1)
	// The answer never reaches the browser.
	if _, err := leg.Offer(t.Context(), Offer{SDP: c.offer(nil)}); err != nil {
		t.Fatal(err)
	}
	if err := <-done; !errors.Is(err, ErrTimeout) {
		t.Errorf("ended with %v, want ErrTimeout", err)
	}
	if _, err := leg.Offer(t.Context(), Offer{SDP: c.pc.LocalDescription().SDP}); !errors.Is(err, ErrClosed) {
		t.Errorf("offer to a closed leg: %v", err)
	}
}

func TestHundredLegsLeaveNothing(t *testing.T) {
	e := startEngine(t, testConfig())
	before := runtime.NumGoroutine()
	for range 10 {
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				leg, err := e.NewLeg(LegConfig{ID: "many"})
				if err != nil {
					t.Error(err)
					return
				}
				ctx, cancel := context.WithCancel(t.Context())
				done := make(chan struct{})
				go func() { defer close(done); _ = leg.Run(ctx, &room{}) }()
				c := newClient(t, clientOptions{})
				c.recv(webrtc.RTPCodecTypeAudio, 2)
				c.recv(webrtc.RTPCodecTypeVideo, 2)
				c.negotiate(leg, nil)
				eventually(t, "connected", func() bool { return leg.State() == StateConnected })
				if _, err := leg.Send(media.TrackInfo{ID: "v", Source: media.Camera, Codec: vp8}); err != nil {
					t.Error(err)
				}
				cancel()
				<-done
				_ = c.pc.GracefulClose()
			})
		}
		wg.Wait()
	}
	e.mu.Lock()
	if len(e.legs) != 0 || len(e.origins) != 0 {
		t.Errorf("%d legs and %d origins left", len(e.legs), len(e.origins))
	}
	e.mu.Unlock()
	eventually(t, "goroutines back", func() bool { return runtime.NumGoroutine() <= before+2 })
}

func TestMDNSCandidatesAreTolerated(t *testing.T) {
	e := startEngine(t, testConfig())
	leg, c := newViewer(t, e, "mdns", 1, 0, clientOptions{settings: func(s *webrtc.SettingEngine) {
		s.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	}})
	if err := leg.Candidate("candidate:1 1 udp 2113937151 0f7cb0d2-6d3c-4a0f-8f1e-3f7d4ad1a111.local 50000 typ host generation 0", leg.Slots()[0].MID); err != nil {
		t.Error(err)
	}
	if err := leg.Candidate("candidate:nonsense", ""); !errors.Is(err, ErrCandidate) {
		t.Errorf("nonsense: %v", err)
	}
	if err := leg.Candidate("", ""); err != nil {
		t.Error(err)
	}
	hears(t, leg, c)
}
