package main

import (
	"context"
	"sync"

	"github.com/pion/interceptor"
	"github.com/pion/webrtc/v4"

	"legroom/e2ee/sframe"
	"legroom/media"
)

// uris of the header extensions that a member offers: which m-line a packet belongs to (RFC 8843), and how loud it is
// (RFC 6464).
const (
	uriMID   = "urn:ietf:params:rtp-hdrext:sdes:mid"
	uriLevel = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
)

// member is one who publishes: a connection to the gateway, and its streams.
type member struct {
	ctx     context.Context
	end     context.CancelFunc
	running sync.WaitGroup
	keys    *keys
	pc      *webrtc.PeerConnection
	streams []*stream
}

func newMember() *member {
	ctx, end := context.WithCancel(context.Background())
	return &member{ctx: ctx, end: end}
}

// turn seals under other keys from the next frame on.
func (m *member) turn(k *keys) error {
	m.keys = k
	for _, s := range m.streams {
		if err := s.rekey(k); err != nil {
			return err
		}
	}
	return nil
}

func (m *member) offer(p *publish, pictures *clip) (*offer, error) {
	var err error
	if m.pc, err = newConnection(); err != nil {
		return nil, err
	}
	if err := m.add(sframe.Video, pictures); err != nil {
		return nil, err
	}
	if p.Tone > 0 {
		tone, err := recordTone(p.Tone)
		if err != nil {
			return nil, err
		}
		if err := m.add(sframe.Audio, tone); err != nil {
			return nil, err
		}
	}
	made, err := m.pc.CreateOffer(nil)
	if err != nil {
		return nil, err
	}
	gathered := webrtc.GatheringCompletePromise(m.pc)
	if err := m.pc.SetLocalDescription(made); err != nil {
		return nil, err
	}
	<-gathered
	out := &offer{Who: p.Who, SDP: m.pc.LocalDescription().SDP}
	for i, t := range m.pc.GetTransceivers() {
		out.Tracks = append(out.Tracks, track{MID: t.Mid(), Source: m.streams[i].source()})
	}
	return out, nil
}

func (m *member) add(kind sframe.Kind, c *clip) error {
	s, err := newStream(kind, c)
	if err != nil {
		return err
	}
	if m.keys != nil {
		if err := s.rekey(m.keys); err != nil {
			return err
		}
	}
	t, err := m.pc.AddTransceiverFromTrack(s.track, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
	if err != nil {
		return err
	}
	s.sender = t.Sender()
	m.streams = append(m.streams, s)
	return nil
}

// answered begins to send.
func (m *member) answered(sdp string) error {
	if err := m.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: sdp}); err != nil {
		return err
	}
	for _, s := range m.streams {
		m.running.Go(func() { s.run(m.ctx) })
		m.running.Go(s.hear)
	}
	return nil
}

func (m *member) sent(kind sframe.Kind) (n int64) {
	for _, s := range m.streams {
		if s.kind == kind {
			n += s.sent.Load()
		}
	}
	return n
}

func (m *member) close() {
	m.end()
	if m.pc != nil {
		_ = m.pc.Close()
	}
	m.running.Wait()
}

// newConnection knows two codecs, and the addresses of this machine only.
func newConnection() (*webrtc.PeerConnection, error) {
	m := &webrtc.MediaEngine{}
	for _, s := range []struct {
		codec webrtc.RTPCodecCapability
		pt    webrtc.PayloadType
		kind  webrtc.RTPCodecType
	}{{capability(sframe.Audio), 111, webrtc.RTPCodecTypeAudio}, {capability(sframe.Video), 96, webrtc.RTPCodecTypeVideo}} {
		if err := m.RegisterCodec(webrtc.RTPCodecParameters{RTPCodecCapability: s.codec, PayloadType: s.pt}, s.kind); err != nil {
			return nil, err
		}
		if err := m.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: uriMID}, s.kind); err != nil {
			return nil, err
		}
	}
	if err := m.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: uriLevel}, webrtc.RTPCodecTypeAudio); err != nil {
		return nil, err
	}
	interceptors := &interceptor.Registry{}
	if err := webrtc.RegisterDefaultInterceptors(m, interceptors); err != nil {
		return nil, err
	}
	s := webrtc.SettingEngine{}
	s.SetIncludeLoopbackCandidate(true)
	s.SetICEMulticastDNSMode(1) // off
	api := webrtc.NewAPI(webrtc.WithMediaEngine(m), webrtc.WithInterceptorRegistry(interceptors), webrtc.WithSettingEngine(s))
	return api.NewPeerConnection(webrtc.Configuration{})
}

func capability(kind sframe.Kind) webrtc.RTPCodecCapability {
	if kind == sframe.Audio {
		return webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2, SDPFmtpLine: "minptime=10;useinbandfec=1"}
	}
	return webrtc.RTPCodecCapability{
		MimeType: webrtc.MimeTypeVP8, ClockRate: 90000,
		RTCPFeedback: []webrtc.RTCPFeedback{{Type: "nack"}, {Type: "nack", Parameter: "pli"}, {Type: "ccm", Parameter: "fir"}},
	}
}

// codecOf a kind that is published here.
func codecOf(kind sframe.Kind) media.CodecName {
	if kind == sframe.Audio {
		return media.Opus
	}
	return media.VP8
}
