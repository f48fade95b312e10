package peer

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"

	"legroom/media"
)

const sessionPart = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1 2\r\n"

// mline writes an m-line with what an offer needs.
func mline(kind, mid, direction string, more ...string) string {
	s := "m=" + kind + " 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=mid:" + mid + "\r\na=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuvwx\r\n" +
		"a=fingerprint:sha-256 00:11\r\na=" + direction + "\r\na=rtpmap:111 opus/48000/2\r\n"
	for _, m := range more {
		s += m + "\r\n"
	}
	return s
}

func TestOffersThatCannotBeAnswered(t *testing.T) {
	good := mline("audio", "0", "sendonly")
	for name, c := range map[string]struct {
		offer Offer
		mid   string
	}{
		"empty":             {Offer{}, ""},
		"no SDP":            {Offer{SDP: "hello"}, ""},
		"no m-line":         {Offer{SDP: sessionPart}, ""},
		"too long":          {Offer{SDP: sessionPart + strings.Repeat("a=x:"+strings.Repeat("y", 1000)+"\r\n", 300)}, ""},
		"too many m-lines":  {Offer{SDP: sessionPart + strings.Repeat(good, 129)}, ""},
		"mid missing":       {Offer{SDP: sessionPart + strings.Replace(good, "a=mid:0\r\n", "", 1)}, ""},
		"mid twice":         {Offer{SDP: sessionPart + good + good}, "0"},
		"no ufrag":          {Offer{SDP: sessionPart + strings.Replace(good, "a=ice-ufrag:abcd\r\n", "", 1)}, "0"},
		"no fingerprint":    {Offer{SDP: sessionPart + strings.Replace(good, "a=fingerprint:sha-256 00:11\r\n", "", 1)}, "0"},
		"only data":         {Offer{SDP: sessionPart + "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\n"}, ""},
		"track unknown":     {Offer{SDP: sessionPart + good, Tracks: []OfferTrack{{"7", media.Microphone}}}, "7"},
		"track twice":       {Offer{SDP: sessionPart + good, Tracks: []OfferTrack{{"0", media.Microphone}, {"0", media.ScreenAudio}}}, "0"},
		"camera on audio":   {Offer{SDP: sessionPart + good, Tracks: []OfferTrack{{"0", media.Camera}}}, "0"},
		"a mix":             {Offer{SDP: sessionPart + good, Tracks: []OfferTrack{{"0", media.Mix}}}, "0"},
		"track on recvonly": {Offer{SDP: sessionPart + mline("audio", "0", "recvonly"), Tracks: []OfferTrack{{"0", media.Microphone}}}, "0"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := readOffer(c.offer, 8, 25)
			var bad *OfferError
			if !errors.Is(err, ErrOffer) || !errors.As(err, &bad) {
				t.Fatalf("error %v, want *OfferError", err)
			}
			if bad.MID != c.mid {
				t.Errorf("fault at m-line %q, want %q (%v)", bad.MID, c.mid, err)
			}
		})
	}
}

// TestBrokenOfferLeavesTheLegAlone: what can be seen to be wrong is refused before anything changes.
func TestBrokenOfferLeavesTheLegAlone(t *testing.T) {
	e := startEngine(t, testConfig())
	leg, c := newViewer(t, e, "broken", 1, 0, clientOptions{})
	if _, err := leg.Offer(t.Context(), Offer{SDP: "v=0\r\nnonsense"}); !errors.Is(err, ErrOffer) {
		t.Fatalf("error %v", err)
	}
	hears(t, leg, c)
}

func TestUnwantedLinesAreRefusedInPlace(t *testing.T) {
	cfg := testConfig()
	cfg.AudioSlots = 2
	e := startEngine(t, cfg)
	leg := newTestLeg(t, e, "refuse", &room{})
	c := newClient(t, clientOptions{})
	if _, err := c.pc.CreateDataChannel("unwanted", nil); err != nil {
		t.Fatal(err)
	}
	c.recv(webrtc.RTPCodecTypeAudio, 4)
	answer := c.negotiate(leg, nil)
	connected(t, leg)

	var offer, got sdp.SessionDescription
	if err := errors.Join(offer.UnmarshalString(c.pc.LocalDescription().SDP), got.UnmarshalString(answer)); err != nil {
		t.Fatal(err)
	}
	if len(got.MediaDescriptions) != len(offer.MediaDescriptions) {
		t.Fatalf("%d m-lines answered, %d offered", len(got.MediaDescriptions), len(offer.MediaDescriptions))
	}
	taken := 0
	for i, m := range got.MediaDescriptions {
		mid, _ := m.Attribute("mid")
		want, _ := offer.MediaDescriptions[i].Attribute("mid")
		if mid != want || m.MediaName.Media != offer.MediaDescriptions[i].MediaName.Media {
			t.Errorf("m-line %d is %s %q, offered was %q", i, m.MediaName.Media, mid, want)
		}
		if m.MediaName.Port.Value != 0 {
			taken++
			if m.MediaName.Media != "audio" {
				t.Errorf("%s was taken", m.MediaName.Media)
			}
		}
	}
	if taken != 2 || leg.Capacity(media.Audio) != 2 {
		t.Errorf("%d m-lines taken, capacity %d, want 2", taken, leg.Capacity(media.Audio))
	}
	hears(t, leg, c)
}

func TestAnswerHoldsOnlyAllowedExtensions(t *testing.T) {
	e := startEngine(t, testConfig())
	leg := newTestLeg(t, e, "ext", &room{})
	c := newClient(t, clientOptions{})
	c.send(webrtc.MimeTypeOpus)
	c.recv(webrtc.RTPCodecTypeAudio, 1)
	c.recv(webrtc.RTPCodecTypeVideo, 1)
	if offer, err := c.pc.CreateOffer(nil); err != nil || !strings.Contains(offer.SDP, "video-orientation") {
		t.Fatal("the offer holds nothing to refuse")
	}
	var got sdp.SessionDescription
	if err := got.UnmarshalString(c.negotiate(leg, nil, media.Microphone)); err != nil {
		t.Fatal(err)
	}
	for _, m := range got.MediaDescriptions {
		seen := 0
		for _, a := range m.Attributes {
			if a.Key != "extmap" {
				continue
			}
			seen++
			uri := strings.Fields(a.Value)[1]
			if !slices.ContainsFunc(headerExtensions, func(x struct {
				uri                       string
				audio, video, publishOnly bool
			}) bool {
				return x.uri == uri
			}) {
				t.Errorf("answered extension %s", uri)
			}
		}
		if seen == 0 {
			t.Errorf("%s has no extension at all", m.MediaName.Media)
		}
	}
}

func TestSimulcastOrder(t *testing.T) {
	for in, want := range map[string][]string{
		"send high;mid;low":       {"low", "mid", "high"},
		"send f;h;q recv a":       {"q", "h", "f"},
		"recv a send ~x,b;y":      {"x", "y"},
		"send low;strange":        {"low", "strange"},
		"recv a;b":                nil,
		"send a;b;c;d":            {"a", "b", "c"},
		"send":                    nil,
		"send ;;":                 nil,
		"send high;low recv mid ": {"low", "high"},
	} {
		m := &sdp.MediaDescription{Attributes: []sdp.Attribute{{Key: "simulcast", Value: in}}}
		if got := sendRIDs(m); !slices.Equal(got, want) {
			t.Errorf("%q gives %v, want %v", in, got, want)
		}
	}
}

// FuzzReadOffer: no offer panics, and what is taken can be written and read again.
func FuzzReadOffer(f *testing.F) {
	f.Add(sessionPart + mline("audio", "0", "sendonly"))
	f.Add(sessionPart + mline("audio", "0", "recvonly") + mline("video", "1", "sendrecv", "a=simulcast:send low;mid;high"))
	f.Add(sessionPart + "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:0\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := readOffer(Offer{SDP: text}, 2, 2)
		if err != nil {
			if !errors.Is(err, ErrOffer) {
				t.Fatalf("error %v is no OfferError", err)
			}
			return
		}
		again, err := p.taken()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := readOffer(Offer{SDP: again}, 2, 2); err != nil {
			t.Fatalf("taken part is not taken again: %v", err)
		}
	})
}

func TestH264Fits(t *testing.T) {
	c := func(fmtp string) media.Codec { return media.Codec{Name: media.H264, ClockRate: 90000, Fmtp: fmtp} }
	for name, v := range map[string]struct {
		have, want string
		fits       bool
	}{
		"same":                         {"packetization-mode=1;profile-level-id=42e01f", "packetization-mode=1;profile-level-id=42e01f", true},
		"level does not matter":        {"packetization-mode=1;profile-level-id=42e01f", "packetization-mode=1;profile-level-id=42e00d", true},
		"mode 0 into mode 1":           {"packetization-mode=1;profile-level-id=42e01f", "profile-level-id=42e01f", true},
		"mode 1 into mode 0":           {"packetization-mode=0;profile-level-id=42e01f", "packetization-mode=1;profile-level-id=42e01f", false},
		"order and case do not matter": {"packetization-mode=1;profile-level-id=42e01f", "profile-level-id=42E01F;packetization-mode=1", true},
		"high into baseline":           {"packetization-mode=1;profile-level-id=42e01f", "packetization-mode=1;profile-level-id=64001f", false},
	} {
		if got := fits(c(v.have), c(v.want)); got != v.fits {
			t.Errorf("%s: %v", name, got)
		}
	}
	if fits(vp8, c("")) {
		t.Error("H.264 into VP8")
	}
}
