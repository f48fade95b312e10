package gateway_test

import (
	"context"
	"math"
	"sync"
	"testing"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4" //nolint:depguard // the other side of the wire: a browser

	"legroom/audio"
	"legroom/audio/opus"
	"legroom/gateway/api"
	"legroom/media"
	"legroom/media/mediatest"
	"legroom/sip/siptest"
	"legroom/transcode"
)

const levelURI = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"

// ears are the media of a browser made of pion: a microphone and some slots.
type ears struct {
	t    *testing.T
	pc   *webrtc.PeerConnection
	mic  *webrtc.TrackLocalStaticRTP
	out  *webrtc.RTPTransceiver
	stop context.CancelFunc
	done sync.WaitGroup

	mu    sync.Mutex
	heard []int16
}

// listen negotiates media for a browser that was admitted.
func (b *browser) listen(slots int) *ears {
	b.t.Helper()
	e := newEars(b.t)
	for range slots {
		if _, err := e.pc.AddTransceiverFromKind(webrtc.RTPCodecTypeAudio, webrtc.RTPTransceiverInit{
			Direction: webrtc.RTPTransceiverDirectionRecvonly,
		}); err != nil {
			b.t.Fatal(err)
		}
	}
	offer, err := e.pc.CreateOffer(nil)
	if err != nil {
		b.t.Fatal(err)
	}
	gathered := webrtc.GatheringCompletePromise(e.pc)
	if err := e.pc.SetLocalDescription(offer); err != nil {
		b.t.Fatal(err)
	}
	<-gathered
	b.send(map[string]any{
		"type": "offer", "id": 1, "sdp": e.pc.LocalDescription().SDP,
		"tracks": []map[string]any{{"mid": e.out.Mid(), "source": "microphone"}},
	})
	answer := b.await("answer", nil)
	if err := e.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer.SDP}); err != nil {
		b.t.Fatalf("answer: %v", err)
	}
	return e
}

func newEars(t *testing.T) *ears {
	t.Helper()
	engine := &webrtc.MediaEngine{}
	if err := engine.RegisterDefaultCodecs(); err != nil {
		t.Fatal(err)
	}
	if err := engine.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: levelURI}, webrtc.RTPCodecTypeAudio); err != nil {
		t.Fatal(err)
	}
	registry := &interceptor.Registry{}
	if err := webrtc.RegisterDefaultInterceptors(engine, registry); err != nil {
		t.Fatal(err)
	}
	settings := webrtc.SettingEngine{}
	settings.SetIncludeLoopbackCandidate(true)
	settings.SetIPFilter(nil)
	api := webrtc.NewAPI(webrtc.WithMediaEngine(engine), webrtc.WithInterceptorRegistry(registry), webrtc.WithSettingEngine(settings))
	pc, err := api.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	e := &ears{t: t, pc: pc}
	if e.mic, err = webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{
		MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2,
	}, "mic", "mic"); err != nil {
		t.Fatal(err)
	}
	if e.out, err = pc.AddTransceiverFromTrack(e.mic, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly}); err != nil {
		t.Fatal(err)
	}
	pc.OnTrack(func(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) { e.hear(track) })
	ctx, cancel := context.WithCancel(context.Background())
	e.stop = cancel
	e.done.Go(func() {
		buffer := make([]byte, 1500)
		for ctx.Err() == nil {
			if _, _, err := e.out.Sender().Read(buffer); err != nil {
				return
			}
		}
	})
	t.Cleanup(e.close)
	return e
}

func (e *ears) close() {
	e.stop()
	_ = e.pc.GracefulClose()
	e.done.Wait()
}

// hear decodes one slot.
func (e *ears) hear(track *webrtc.TrackRemote) {
	codec := media.Codec{Name: media.Opus, ClockRate: 48000, Channels: 2, PacketTime: 20 * time.Millisecond}
	decode, err := transcode.NewDecode(codec, media.SinkFunc[*media.PCM](func(p *media.PCM) error {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.heard = append(e.heard, p.Samples...)
		return nil
	}))
	if err != nil {
		e.t.Errorf("slot: %v", err)
		return
	}
	defer func() { _ = decode.Close() }()
	for {
		p, _, err := track.ReadRTP()
		if err != nil {
			return
		}
		_ = decode.Write(&media.Packet{Packet: *p, Level: media.NoLevel})
	}
}

// speak sends a tone until the test ends.
func (e *ears) speak(hz float64) {
	e.t.Helper()
	var id uint8
	for _, x := range e.out.Sender().GetParameters().HeaderExtensions {
		if x.URI == levelURI {
			id = uint8(x.ID)
		}
	}
	codec := media.Codec{Name: media.Opus, ClockRate: 48000, Channels: 2, PacketTime: 20 * time.Millisecond}
	encode, err := transcode.NewEncode(transcode.EncodeConfig{Codec: codec, Opus: opus.DefaultConfig()},
		media.SinkFunc[*media.Packet](func(p *media.Packet) error {
			out := rtp.Packet{Header: p.Header, Payload: p.Payload}
			out.Version = 2
			if err := out.SetExtension(id, []byte{10}); err != nil {
				return err
			}
			return e.mic.WriteRTP(&out)
		}))
	if err != nil {
		e.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	before := e.stop
	e.stop = func() { cancel(); before() }
	e.done.Go(func() {
		defer func() { _ = encode.Close() }()
		beat := time.NewTicker(20 * time.Millisecond)
		defer beat.Stop()
		samples := make([]int16, 960)
		for n := uint32(0); ; n++ {
			for i := range samples {
				samples[i] = int16(12000 * math.Sin(2*math.Pi*hz*float64(int(n)*960+i)/48000))
			}
			_ = encode.Write(&media.PCM{Samples: samples, Rate: 48000, Timestamp: n * 960, Level: audio.Level(samples)})
			select {
			case <-ctx.Done():
				return
			case <-beat.C:
			}
		}
	})
}

// tone is the share of a frequency in the last 300 ms.
func (e *ears) tone(hz float64) float64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.heard) < 14400 {
		return 0
	}
	return mediatest.ToneShare(e.heard[len(e.heard)-14400:], 48000, hz)
}

// TestPhoneAndBrowserHearEachOther is the product's main job in one process: a tone each way, and the roster with levels.
func TestPhoneAndBrowserHearEachOther(t *testing.T) {
	t.Parallel()
	for _, codec := range []media.CodecName{media.PCMU, media.G722, media.Opus} {
		t.Run(string(codec), func(t *testing.T) {
			t.Parallel()
			r := start(t)
			b := r.browser("1000", "h."+hostSecret)
			b.await("admitted", nil)
			e := b.listen(2)
			e.speak(440)
			call := r.phone(siptest.Options{Codecs: []media.CodecName{codec}}).Invite("1000." + guestPIN).Answered()
			defer call.Media.Tone(1000)()
			eventually(t, "browser hears the phone", func() bool { return e.tone(1000) > .99 })
			eventually(t, "phone hears the browser", func() bool { return tone(call.Media, 440) > .99 })
			phone, ok := b.named("p***")
			if !ok || len(phone.Sources) != 1 || phone.Sources[0] != api.SourceMicrophone {
				t.Errorf("phone in the roster: %+v", phone)
			}
			b.await("slots", nil)
			b.await("levels", nil)
			call.Bye()
			b.until("phone is gone", func() bool { return b.people() == 1 })
		})
	}
}
