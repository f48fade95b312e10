//go:build e2e

package hostile

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
)

// maxKept bounds what is kept of a stream, packets.
const maxKept = 4000

// SFU is the media server that a page gets in place of the gateway's: it has all that the page sends, and sends it what
// it likes. One slot each for sound and pictures.
type SFU struct {
	t    *testing.T
	line *Line
	api  *webrtc.API

	mu    sync.Mutex
	of    string // fingerprint of the page's end: another one is another connection
	pc    *webrtc.PeerConnection
	early []webrtc.ICECandidateInit
	slots map[webrtc.RTPCodecType]*slot
	got   map[webrtc.RTPCodecType][]*rtp.Packet
	times map[webrtc.RTPCodecType][]time.Time
}

type slot struct {
	track *webrtc.TrackLocalStaticRTP
	mid   string
}

// Capture takes the page's media from its next connection on, until the test ends or Release.
func (l *Line) Capture(t *testing.T) *SFU {
	t.Helper()
	engine := new(webrtc.MediaEngine)
	for kind, codec := range codecs {
		if err := engine.RegisterCodec(codec, kind); err != nil {
			t.Fatal(err)
		}
	}
	for _, uri := range []string{"urn:ietf:params:rtp-hdrext:sdes:mid", "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"} {
		for kind := range codecs {
			if err := engine.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: uri}, kind); err != nil {
				t.Fatal(err)
			}
		}
	}
	settings := webrtc.SettingEngine{}
	settings.SetIncludeLoopbackCandidate(true)
	s := &SFU{t: t, line: l, api: webrtc.NewAPI(webrtc.WithMediaEngine(engine), webrtc.WithSettingEngine(settings))}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sfu = s
	return s
}

// Release gives the page's media back to the gateway, from its next connection on.
func (l *Line) Release() {
	l.mu.Lock()
	s := l.sfu
	l.sfu = nil
	l.mu.Unlock()
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pc != nil {
		_ = s.pc.Close()
	}
}

// codecs by medium, as Chromium numbers them.
var codecs = map[webrtc.RTPCodecType]webrtc.RTPCodecParameters{
	webrtc.RTPCodecTypeAudio: {PayloadType: 111, RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2}},
	webrtc.RTPCodecTypeVideo: {PayloadType: 96, RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8, ClockRate: 90000}},
}

// Received is what came of a medium so far, of pictures the smallest layer.
func (s *SFU) Received(kind webrtc.RTPCodecType) []*rtp.Packet {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.got[kind])
}

// Since counts the packets of a medium that came after a moment.
func (s *SFU) Since(kind webrtc.RTPCodecType, then time.Time) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	count := 0
	for _, at := range s.times[kind] {
		if at.After(then) {
			count++
		}
	}
	return count
}

// Connected tells whether media flows.
func (s *SFU) Connected() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pc != nil && s.pc.ConnectionState() == webrtc.PeerConnectionStateConnected
}

// Show tells the page that its slots carry the microphone and the camera of a participant.
func (s *SFU) Show(participant string) {
	s.mu.Lock()
	voice, picture := s.slots[webrtc.RTPCodecTypeAudio], s.slots[webrtc.RTPCodecTypeVideo]
	s.mu.Unlock()
	if voice == nil || picture == nil {
		s.t.Fatal("hostile: the page has offered no slots")
	}
	s.line.Tell(Message{"type": "slots", "items": []Message{
		{"mid": voice.mid, "participant": participant, "source": "microphone"},
		{"mid": picture.mid, "participant": participant, "source": "camera"},
	}})
}

// Play sends packets in a slot, in their own time; their last is the end. done ends it earlier.
func (s *SFU) Play(kind webrtc.RTPCodecType, packets []*rtp.Packet, done <-chan struct{}) {
	s.mu.Lock()
	to := s.slots[kind]
	s.mu.Unlock()
	if to == nil || len(packets) == 0 {
		s.t.Errorf("hostile: nothing to play, or nowhere: %d packets", len(packets))
		return
	}
	began, rate := time.Now(), codecs[kind].ClockRate
	for _, p := range packets {
		due := began.Add(time.Duration(p.Timestamp-packets[0].Timestamp) * time.Second / time.Duration(rate))
		select {
		case <-time.After(time.Until(due)):
		case <-done:
			return
		}
		sent := &rtp.Packet{Header: rtp.Header{Version: 2, SequenceNumber: p.SequenceNumber, Timestamp: p.Timestamp, Marker: p.Marker}, Payload: p.Payload}
		if to.track.WriteRTP(sent) != nil {
			return // the connection is gone
		}
	}
}

// take is given what the page says of its media. It is called under the lock of the Line.
func (s *SFU) take(m Message) {
	if m.Kind() == "offer" {
		go s.offered(m)
		return
	}
	mid := m.Text("mid")
	candidate := webrtc.ICECandidateInit{Candidate: m.Text("candidate"), SDPMid: &mid}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pc == nil || s.pc.RemoteDescription() == nil {
		s.early = append(s.early, candidate)
		return
	}
	_ = s.pc.AddICECandidate(candidate) // the page finds our candidates without
}

// offered answers an offer, in a goroutine of its own that ends with the answer.
func (s *SFU) offered(m Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	answer, err := s.answer(m.Text("sdp"))
	if err != nil {
		s.t.Errorf("hostile: answer an offer: %v", err)
		return
	}
	go s.line.Tell(Message{"type": "answer", "id": m["id"], "sdp": answer})
}

// answer is called locked.
func (s *SFU) answer(offer string) (string, error) {
	if of := fingerprint(offer); of != s.of {
		if s.pc != nil {
			_ = s.pc.Close()
		}
		pc, err := s.api.NewPeerConnection(webrtc.Configuration{})
		if err != nil {
			return "", err
		}
		s.pc, s.of, s.slots = pc, of, make(map[webrtc.RTPCodecType]*slot)
		s.got, s.times = make(map[webrtc.RTPCodecType][]*rtp.Packet), make(map[webrtc.RTPCodecType][]time.Time)
		pc.OnTrack(s.receive)
	}
	if err := s.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: offer}); err != nil {
		return "", err
	}
	for _, candidate := range s.early {
		_ = s.pc.AddICECandidate(candidate)
	}
	s.early = nil
	if err := s.fill(); err != nil {
		return "", err
	}
	answer, err := s.pc.CreateAnswer(nil)
	if err != nil {
		return "", err
	}
	gathered := webrtc.GatheringCompletePromise(s.pc)
	if err := s.pc.SetLocalDescription(answer); err != nil {
		return "", err
	}
	<-gathered
	for _, t := range s.pc.GetTransceivers() {
		for _, to := range s.slots {
			if t.Sender() != nil && t.Sender().Track() == webrtc.TrackLocal(to.track) {
				to.mid = t.Mid()
			}
		}
	}
	return s.pc.LocalDescription().SDP, nil
}

// fill puts a track into each slot.
func (s *SFU) fill() error {
	for kind, codec := range codecs {
		if s.slots[kind] != nil {
			continue
		}
		track, err := webrtc.NewTrackLocalStaticRTP(codec.RTPCodecCapability, kind.String(), "hostile")
		if err != nil {
			return err
		}
		if _, err := s.pc.AddTrack(track); err != nil {
			return fmt.Errorf("slot: %w", err)
		}
		s.slots[kind] = &slot{track: track}
	}
	return nil
}

// receive keeps what comes of one stream, until the connection ends.
func (s *SFU) receive(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
	smallest := track.RID() == "" || track.RID() == "l"
	for {
		p, _, err := track.ReadRTP()
		if err != nil {
			return
		}
		if len(p.Payload) == 0 || !smallest {
			continue // padding, by which a browser looks for more bandwidth
		}
		s.mu.Lock()
		if kind := track.Kind(); len(s.got[kind]) < maxKept {
			s.got[kind] = append(s.got[kind], p)
			s.times[kind] = append(s.times[kind], time.Now())
		}
		s.mu.Unlock()
	}
}

// fingerprint of the end that made a description. Source: RFC 8122 section 5.
func fingerprint(sdp string) string {
	_, rest, _ := strings.Cut(sdp, "a=fingerprint:")
	found, _, _ := strings.Cut(rest, "\r\n")
	return found
}
