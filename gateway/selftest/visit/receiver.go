package visit

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"

	"legroom/gateway/api"
	"legroom/gateway/tap"
	"legroom/media"
)

// receiver is a media connection that only receives. The library runs a goroutine for each track, until close.
type receiver struct {
	pc    *webrtc.PeerConnection
	into  *capture
	wg    sync.WaitGroup
	state chan webrtc.PeerConnectionState
	mu    sync.Mutex
	video []webrtc.SSRC
	ended bool
}

// newReceiver makes the connection that a welcome speaks of, with all the slots there may be. Errors: ErrMedia.
func newReceiver(w *api.Welcome, server string, into *capture) (*receiver, error) {
	engine := &webrtc.MediaEngine{}
	registry := &interceptor.Registry{}
	if err := errors.Join(engine.RegisterDefaultCodecs(), webrtc.RegisterDefaultInterceptors(engine, registry)); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMedia, err)
	}
	settings := webrtc.SettingEngine{}
	settings.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	settings.SetIncludeLoopbackCandidate(loopback(server))
	pc, err := webrtc.NewAPI(webrtc.WithMediaEngine(engine), webrtc.WithInterceptorRegistry(registry), webrtc.WithSettingEngine(settings)).
		NewPeerConnection(webrtc.Configuration{ICEServers: servers(w.ICEServers), BundlePolicy: webrtc.BundlePolicyMaxBundle})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMedia, err)
	}
	r := &receiver{pc: pc, into: into, state: make(chan webrtc.PeerConnectionState, 16)}
	pc.OnTrack(r.track)
	pc.OnConnectionStateChange(func(s webrtc.PeerConnectionState) {
		select {
		case r.state <- s:
		default: // it is over anyway
		}
	})
	for _, kind := range append(slices.Repeat([]webrtc.RTPCodecType{webrtc.RTPCodecTypeAudio}, w.Slots.Audio),
		slices.Repeat([]webrtc.RTPCodecType{webrtc.RTPCodecTypeVideo}, w.Slots.Video)...) {
		if _, err := pc.AddTransceiverFromKind(kind, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}); err != nil {
			return nil, errors.Join(fmt.Errorf("%w: %w", ErrMedia, err), pc.Close())
		}
	}
	return r, nil
}

// loopback tells whether the gateway is on this machine.
func loopback(server string) bool {
	host, _, err := net.SplitHostPort(server)
	if err != nil {
		host = server
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func servers(list []api.ICEServer) []webrtc.ICEServer {
	var out []webrtc.ICEServer
	for _, s := range list {
		out = append(out, webrtc.ICEServer{URLs: s.URLs, Username: s.Username, Credential: s.Credential})
	}
	return out
}

// offer with the candidates that were found in time. Errors: ErrMedia, the end of ctx.
func (r *receiver) offer(ctx context.Context) (string, error) {
	offer, err := r.pc.CreateOffer(nil)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrMedia, err)
	}
	gathered := webrtc.GatheringCompletePromise(r.pc)
	if err := r.pc.SetLocalDescription(offer); err != nil {
		return "", fmt.Errorf("%w: %w", ErrMedia, err)
	}
	wait := time.NewTimer(gatherTimeout)
	defer wait.Stop()
	select {
	case <-gathered:
	case <-wait.C:
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
	return r.pc.LocalDescription().SDP, nil
}

// answered takes the gateway's answer. Errors: ErrMedia.
func (r *receiver) answered(sdp string) error {
	if err := r.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: sdp}); err != nil {
		return fmt.Errorf("%w: %w", ErrMedia, err)
	}
	return nil
}

// candidate of the gateway's.
func (r *receiver) candidate(c *api.ServerCandidate) {
	_ = r.pc.AddICECandidate(webrtc.ICECandidateInit{Candidate: c.Candidate, SDPMid: &c.MID}) // one that is no use is none
}

// track is called by the library, in a goroutine of its own, for each slot that something comes on.
func (r *receiver) track(t *webrtc.TrackRemote, on *webrtc.RTPReceiver) {
	r.mu.Lock()
	if r.ended {
		r.mu.Unlock()
		return
	}
	r.wg.Add(1)
	if t.Kind() == webrtc.RTPCodecTypeVideo {
		r.video = append(r.video, t.SSRC())
	}
	r.mu.Unlock()
	defer r.wg.Done()
	mid := ""
	for _, x := range r.pc.GetTransceivers() {
		if x.Receiver() == on {
			mid = x.Mid()
		}
	}
	var recent tap.Recent
	s := slotReader{mid: mid, into: r.into}
	for {
		p, _, err := t.ReadRTP()
		if err != nil {
			return
		}
		packet := &media.Packet{Packet: *p}
		if len(p.Payload) > 0 && !recent.Again(packet) {
			s.packet(codecOf(t.Codec().MimeType), packet)
		}
	}
}

// codecOf a MIME type.
func codecOf(mime string) media.CodecName {
	_, name, _ := strings.Cut(mime, "/")
	for _, c := range []media.CodecName{media.Opus, media.VP8, media.H264} {
		if strings.EqualFold(name, string(c)) {
			return c
		}
	}
	return media.CodecName(name)
}

// keyframes asks for pictures that decoding can begin with.
func (r *receiver) keyframes() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, ssrc := range r.video {
		_ = r.pc.WriteRTCP([]rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: uint32(ssrc)}}) // asked again soon
	}
}

// close ends the connection and waits for its readers.
func (r *receiver) close() {
	r.mu.Lock()
	r.ended = true
	r.mu.Unlock()
	_ = r.pc.GracefulClose()
	r.wg.Wait()
}
