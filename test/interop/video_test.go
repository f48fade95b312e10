package interop

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"legroom/media"
	"legroom/sip"
	"legroom/sip/sdp"
)

// withPictures are the capabilities of a gateway that takes pictures, slides, floor and camera control as well.
func withPictures(six bool) sdp.Capabilities {
	caps := capabilities(six)
	h264 := func(fmtp string) media.Codec { return media.Codec{Name: media.H264, ClockRate: 90000, Fmtp: fmtp} }
	codecs := []media.Codec{
		h264("profile-level-id=42e01f;packetization-mode=1"), h264("profile-level-id=64001f;packetization-mode=1"),
		h264("profile-level-id=42e01f;packetization-mode=0"), {Name: media.VP8, ClockRate: 90000},
	}
	limits := sdp.VideoLimits{MaxFS: 8160, MaxMBPS: 244800, MaxBitrate: 4_000_000}
	all := sdp.Feedback{NACK: true, PLI: true, FIR: true, TMMBR: true}
	for i, content := range []sdp.Content{sdp.MainContent, sdp.SlidesContent} {
		port := uint16(20002 + 2*i)
		caps.Media = append(caps.Media, sdp.LocalMedia{Kind: media.Video, Codecs: codecs, Port: port, RTCPPort: port + 1,
			Video: sdp.LocalVideo{Content: content, Label: fmt.Sprint(11 + i), Limits: limits, Feedback: all}})
	}
	caps.Media = append(caps.Media, sdp.LocalMedia{Kind: media.Control, Codecs: []media.Codec{{Name: media.H224, ClockRate: 4800}}, Port: 20006, RTCPPort: 20007})
	caps.Floor = &sdp.LocalFloor{UDPPort: 20008, TCPPort: 20010, Conference: 77, User: 3, Floors: []sdp.FloorStream{{Floor: 2, Label: "12"}}}
	return caps
}

// seen writes down what became of each line that is no sound.
func seen(offer *sdp.Description, n *sdp.Negotiation) []string {
	out := make([]string, 0, len(offer.Media))
	for i := range offer.Media {
		if offer.Media[i].Kind() == media.Audio || offer.Media[i].Media == "image" {
			continue
		}
		line := "refused"
		if n.Floor != nil && n.Floor.Index == i {
			line = fmt.Sprintf("floor %s version %d connects %v %v", n.Floor.Protocol, n.Floor.Version, n.Floor.Connects, n.Floor.Keys.Security)
		}
		for _, a := range n.Media {
			if a.Index == i && a.Kind == media.Control {
				line = fmt.Sprintf("camera %d %v", a.PayloadType, a.Keys.Security)
			} else if a.Index == i {
				v := a.Video
				line = fmt.Sprintf("%v %d %s %s fs=%d mbps=%d rate=%d %s %v", v.Content, a.PayloadType, a.Codec.Name, a.Codec.Fmtp, v.Send.MaxFS,
					v.Send.MaxMBPS, a.MaxBitrate, feedback(v.Feedback), a.Keys.Security)
			}
		}
		out = append(out, line)
	}
	return out
}

func feedback(f sdp.Feedback) string {
	s := ""
	for _, k := range []struct {
		on   bool
		name string
	}{{f.NACK, "n"}, {f.PLI, "p"}, {f.FIR, "f"}, {f.TMMBR, "t"}} {
		if k.on {
			s += k.name
		}
	}
	return s + "-"
}

// TestPicturesOfRealEndpoints states by hand what the notes beside the captures ask for, line by line.
func TestPicturesOfRealEndpoints(t *testing.T) {
	const mode0, mode1 = "packetization-mode=0;profile-level-id=", "packetization-mode=1;profile-level-id="
	cases := map[string][]string{
		"asterisk22-offer.sdp":         {"main 99 H264 " + mode0 + "42e01f fs=3600 mbps=108000 rate=14000000 - clear"},
		"baresip-1.0-srtp-video.sdp":   {"main 96 H264 " + mode0 + "42e01f fs=3600 mbps=108000 rate=14000000 p- sdes"},
		"hold-sendonly-reinvite.sdp":   {"main 96 H264 " + mode0 + "42e01f fs=3600 mbps=108000 rate=14000000 p- clear"},
		"linphone-5.1-audio-video.sdp": {"main 96 VP8  fs=0 mbps=0 rate=0 pft- clear"},
		"pjsua-video-h263.sdp":         {"main 97 H264 " + mode1 + "42e01e fs=1620 mbps=40500 rate=10000000 f- clear"},
		"cisco-cucm-answer.sdp":        {"main 126 H264 " + mode1 + "428016 fs=8160 mbps=490000 rate=960000 pft- clear"},
		"cisco-ce-offer.sdp": {
			"main 126 H264 " + mode1 + "428016 fs=8160 mbps=490000 rate=5000000 pft- clear", "floor UDP/BFCP version 2 connects false clear",
			"slides 126 H264 " + mode1 + "428016 fs=32400 mbps=490000 rate=5000000 pft- clear", "camera 100 clear", "refused",
		},
		"tandberg-offer.sdp": {
			"main 126 H264 " + mode1 + "42801f fs=3600 mbps=108000 rate=2000000 pft- clear",
			"slides 126 H264 " + mode1 + "42801f fs=8192 mbps=245760 rate=2000000 pf- clear", "floor UDP/BFCP version 2 connects false clear", "camera 105 clear",
		},
		"polycom-group-offer.sdp": {
			"main 110 H264 " + mode1 + "42801f fs=3600 mbps=108000 rate=1024000 pft- clear", "floor UDP/BFCP version 2 connects false clear", "camera 100 clear",
		},
		"fecc-srtp-optional-offer.sdp": {
			"main 109 H264 " + mode0 + "42801f fs=8160 mbps=244800 rate=2048000 - sdes", "camera 100 sdes", "floor UDP/BFCP version 2 connects false clear",
			"slides 107 H264 " + mode0 + "42800d fs=3600 mbps=108000 rate=2048000 - sdes",
		},
		"ipv6-offer.sdp": {
			"main 109 H264 " + mode0 + "42800d fs=3600 mbps=108000 rate=1600000 ft- clear", "floor TCP/BFCP version 1 connects false clear",
		},
		"bfcp-tcp-tls.sdp":    {"floor TCP/TLS/BFCP version 1 connects false dtls", "refused"},
		"cisco-uccx-mrcp.sdp": {"refused"},
	}
	for _, path := range captures(t) {
		name := filepath.Base(path)
		t.Run(name, func(t *testing.T) {
			offer, err := sdp.Parse(body(t, path))
			if err != nil {
				t.Fatal(err)
			}
			n, err := sdp.Answer(offer, withPictures(strings.Contains(path, "ipv6")))
			inPlace(t, offer, n.Local)
			if err != nil {
				return
			}
			got, want := seen(offer, n), cases[name]
			if len(got) != len(want) {
				t.Fatalf("%d lines of pictures and control: %q", len(got), got)
			}
			for i := range got {
				if got[i] != want[i] {
					t.Errorf("got  %s\nwant %s", got[i], want[i])
				}
			}
		})
	}
	for name := range cases {
		if !slices.Contains(captures(t), filepath.Join("testdata", name)) {
			t.Errorf("no capture %s", name)
		}
	}
}

// TestPicturesByTheConfig: a gateway as it is configured by default takes the camera of every endpoint that it should, by the
// same formats, and refuses everything else but the sound in its place.
func TestPicturesByTheConfig(t *testing.T) {
	const mode0, mode1 = "H264 packetization-mode=0;profile-level-id=", "H264 packetization-mode=1;profile-level-id="
	cameras := map[string]string{
		"asterisk22-offer.sdp": mode0 + "42e01f", "baresip-1.0-srtp-video.sdp": mode0 + "42e01f", "hold-sendonly-reinvite.sdp": mode0 + "42e01f",
		"linphone-5.1-audio-video.sdp": "VP8 ", "pjsua-video-h263.sdp": mode1 + "42e01e", "cisco-cucm-answer.sdp": mode1 + "428016",
		"cisco-ce-offer.sdp": mode1 + "428016", "tandberg-offer.sdp": mode1 + "42801f", "polycom-group-offer.sdp": mode1 + "42801f",
		"fecc-srtp-optional-offer.sdp": mode0 + "42801f", "ipv6-offer.sdp": mode0 + "42800d",
	}
	for _, path := range captures(t) {
		name := filepath.Base(path)
		t.Run(name, func(t *testing.T) {
			offer, err := sdp.Parse(body(t, path))
			if err != nil {
				t.Fatal(err)
			}
			caps := capabilities(strings.Contains(path, "ipv6"))
			caps.Media = sip.DefaultConfig().LocalMedia()
			n, err := sip.Negotiate(offer, caps)
			inPlace(t, offer, n.Local)
			if err != nil {
				if cameras[name] != "" {
					t.Fatal(err)
				}
				return
			}
			got := ""
			for _, a := range n.Media {
				switch {
				case a.Kind == media.Video && a.Video.Content == sdp.MainContent:
					got += string(a.Codec.Name) + " " + a.Codec.Fmtp
				case a.Kind != media.Audio:
					t.Errorf("line %d, %v %v, was taken", a.Index, a.Kind, a.Video.Content)
				}
			}
			if got != cameras[name] {
				t.Errorf("the camera is %q, want %q", got, cameras[name])
			}
		})
	}
}

// TestLateOfferWithPictures: to an INVITE without a body everything is offered, slides and floor too (late-offer-cucm.sip).
func TestLateOfferWithPictures(t *testing.T) {
	offer := sdp.Offer(withPictures(false))
	var lines []string
	for i := range offer.Media {
		m := &offer.Media[i]
		lines = append(lines, fmt.Sprintf("%s %d %s %v", m.Media, m.Port, m.Protocol, m.Content()))
	}
	want := "audio 20000 RTP/AVP |video 20002 RTP/AVP main|video 20004 RTP/AVP slides|application 20006 RTP/AVP |application 20008 UDP/BFCP "
	if got := strings.Join(lines, "|"); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
