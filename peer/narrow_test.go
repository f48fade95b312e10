package peer

import (
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/pion/sdp/v3"

	"legroom/media"
)

// What Chromium 156 offers with everything switched on.
var (
	chromiumAudio = []string{"111 opus/48000/2 minptime=10;useinbandfec=1", "63 red/48000/2", "9 G722/8000", "0 PCMU/8000", "8 PCMA/8000", "13 CN/8000", "110 telephone-event/48000"}
	chromiumVideo = []string{
		"96 VP8/90000", "97 rtx/90000 apt=96", "103 H264/90000 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
		"104 rtx/90000 apt=103", "109 H264/90000 level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42e01f",
		"114 rtx/90000 apt=109;rtx-time=3000", "45 AV1/90000", "46 rtx/90000 apt=45", "98 VP9/90000 profile-id=0", "99 rtx/90000 apt=98",
		"116 red/90000", "117 rtx/90000 apt=116", "118 ulpfec/90000", "49 flexfec-03/90000 repair-window=10000000",
	}
	chromiumExtensions = []string{
		uriMID, uriRID, uriRepairedRID, uriTransportCC, uriAbsSendTime, uriAudioLevel,
		"urn:ietf:params:rtp-hdrext:toffset", "urn:3gpp:video-orientation",
		"http://www.webrtc.org/experiments/rtp-hdrext/playout-delay",
		"http://www.webrtc.org/experiments/rtp-hdrext/video-content-type",
		"http://www.webrtc.org/experiments/rtp-hdrext/video-timing",
		"http://www.webrtc.org/experiments/rtp-hdrext/color-space",
		"http://www.webrtc.org/experiments/rtp-hdrext/video-layers-allocation00",
		"http://www.webrtc.org/experiments/rtp-hdrext/corruption-detection",
		"https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension",
	}
)

// chromiumLine writes an m-line of such an offer; formats are rtpmaps, with an fmtp behind a space.
func chromiumLine(kind, mid, direction string, formats []string, more ...string) string {
	var types, rest strings.Builder
	for _, f := range formats {
		parts := strings.SplitN(f, " ", 3)
		types.WriteString(" " + parts[0])
		rest.WriteString("a=rtpmap:" + parts[0] + " " + parts[1] + "\r\na=rtcp-fb:" + parts[0] + " transport-cc\r\n")
		if strings.HasPrefix(kind, "video") {
			rest.WriteString("a=rtcp-fb:" + parts[0] + " nack\r\n")
		}
		if len(parts) == 3 {
			rest.WriteString("a=fmtp:" + parts[0] + " " + parts[2] + "\r\n")
		}
	}
	for i, uri := range chromiumExtensions {
		rest.WriteString("a=extmap:" + strconv.Itoa(i+1) + " " + uri + "\r\n")
	}
	s := "m=" + kind + " 9 UDP/TLS/RTP/SAVPF" + types.String() + "\r\nc=IN IP4 0.0.0.0\r\na=mid:" + mid +
		"\r\na=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuvwx\r\na=fingerprint:sha-256 " +
		strings.TrimSuffix(strings.Repeat("0A:", 32), ":") + "\r\na=setup:actpass\r\na=rtcp-mux\r\na=" + direction + "\r\n" + rest.String()
	for _, m := range more {
		s += m + "\r\n"
	}
	return s
}

func chromiumOffer(video []string) Offer {
	return Offer{
		SDP: "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1 2 3 4\r\na=extmap-allow-mixed\r\n" +
			chromiumLine("audio", "0", "sendonly", chromiumAudio) +
			chromiumLine("video", "1", "sendonly", video, "a=rid:low send", "a=rid:high send", "a=simulcast:send low;high") +
			chromiumLine("video", "2", "recvonly", video) +
			chromiumLine("audio", "3", "recvonly", chromiumAudio) +
			"m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\na=mid:4\r\na=sctp-port:5000\r\n",
		Tracks: []OfferTrack{{"0", media.Microphone}, {"1", media.Camera}},
	}
}

// answered is what an answer agrees to on its m-lines of a kind.
type answered struct{ codecs, extensions []string }

func readAnswer(t *testing.T, text string) map[string]answered {
	t.Helper()
	var d sdp.SessionDescription
	if err := d.UnmarshalString(text); err != nil {
		t.Fatal(err)
	}
	sets := map[string][2]map[string]bool{}
	for _, m := range d.MediaDescriptions {
		kind := m.MediaName.Media
		if kind == "application" {
			if m.MediaName.Port.Value != 0 {
				t.Error("a data channel was taken")
			}
			continue
		}
		if sets[kind][0] == nil {
			sets[kind] = [2]map[string]bool{{}, {}}
		}
		for _, a := range append(slices.Clone(d.Attributes), m.Attributes...) {
			if parts := strings.Fields(a.Value); a.Key == "rtpmap" {
				sets[kind][0][parts[1]] = true
			} else if a.Key == "extmap" {
				sets[kind][1][parts[1]] = true
			}
		}
	}
	out := map[string]answered{}
	for kind, s := range sets {
		out[kind] = answered{slices.Sorted(maps.Keys(s[0])), slices.Sorted(maps.Keys(s[1]))}
	}
	return out
}

// TestEncryptedLegAnswersOnlyWhatIsSealed: nothing that the transforms of browsers do not know may be agreed on.
func TestEncryptedLegAnswersOnlyWhatIsSealed(t *testing.T) {
	audio := answered{[]string{"opus/48000/2"}, slices.Sorted(slices.Values([]string{uriMID, uriTransportCC, uriAbsSendTime, uriAudioLevel}))}
	extensions := slices.Sorted(slices.Values([]string{uriMID, uriRID, uriRepairedRID, uriTransportCC, uriAbsSendTime}))
	e := startEngine(t, testConfig())
	for name, c := range map[string]struct {
		codec media.CodecName
		video []string
		hide  bool
	}{
		"VP8":           {media.VP8, []string{"VP8/90000", "rtx/90000"}, false},
		"H264":          {media.H264, []string{"H264/90000", "rtx/90000"}, false},
		"any":           {"", []string{"H264/90000", "VP8/90000", "rtx/90000"}, false},
		"hidden levels": {media.VP8, []string{"VP8/90000", "rtx/90000"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			leg := configured(t, e, LegConfig{ID: name, Encrypted: true, VideoCodec: c.codec, HideLevels: c.hide}, &room{})
			for _, codec := range leg.Accepts(media.Video) {
				if c.codec != "" && codec.Name != c.codec {
					t.Errorf("accepts %s before the offer", codec)
				}
			}
			answer, err := leg.Offer(t.Context(), chromiumOffer(chromiumVideo))
			if err != nil {
				t.Fatal(err)
			}
			got := readAnswer(t, answer)
			if v := got["video"]; !slices.Equal(v.codecs, c.video) || !slices.Equal(v.extensions, extensions) {
				t.Errorf("video %v", v)
			}
			heard := slices.DeleteFunc(slices.Clone(audio.extensions), func(x string) bool { return c.hide && x == uriAudioLevel })
			if a := got["audio"]; !slices.Equal(a.codecs, audio.codecs) || !slices.Equal(a.extensions, heard) {
				t.Errorf("audio %v", a)
			}
			if sounds := strings.Count(answer, "\r\nm=audio"); strings.Count(answer, ";cbr=1;usedtx=0\r\n") != sounds {
				t.Errorf("sound of varying size in %s", answer)
			}
			if strings.Count(answer, "\r\nm=") != strings.Count(chromiumOffer(chromiumVideo).SDP, "\r\nm=") {
				t.Error("another number of m-lines was answered than offered")
			}
			for _, codec := range leg.Accepts(media.Video) {
				if c.codec != "" && codec.Name != c.codec {
					t.Errorf("takes %s", codec)
				}
			}
		})
	}
}

// TestRoomCodecIsMissing: whoever lacks the room's codec is told, and the Leg is as it was.
func TestRoomCodecIsMissing(t *testing.T) {
	e := startEngine(t, testConfig())
	leg := configured(t, e, LegConfig{ID: "lacks", Encrypted: true, VideoCodec: media.VP8}, &room{})
	without := slices.DeleteFunc(slices.Clone(chromiumVideo), func(f string) bool { return strings.Contains(f, "VP8") })
	_, err := leg.Offer(t.Context(), chromiumOffer(without))
	if !errors.Is(err, ErrNoRoomCodec) || !errors.Is(err, ErrOffer) || leg.State() != StateNew {
		t.Fatalf("error %v, state %v", err, leg.State())
	}
	if _, err := leg.Offer(t.Context(), chromiumOffer(chromiumVideo)); err != nil {
		t.Fatalf("the codec came with another offer: %v", err)
	}
	leg = configured(t, e, LegConfig{ID: "unknown", Encrypted: true, VideoCodec: "AV1"}, &room{})
	if _, err := leg.Offer(t.Context(), chromiumOffer(chromiumVideo)); !errors.Is(err, ErrNoRoomCodec) {
		t.Fatalf("a codec that the gateway does not pass on: %v", err)
	}
}

// TestSoundInOtherCodecsIsRefused: a line without Opus is refused in its place, and an offer of nothing else as a whole.
func TestSoundInOtherCodecsIsRefused(t *testing.T) {
	e := startEngine(t, testConfig())
	leg := configured(t, e, LegConfig{ID: "pcmu", Encrypted: true}, &room{})
	clear := chromiumLine("audio", "1", "sendonly", []string{"0 PCMU/8000", "63 red/48000/2"})
	head := "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
	if _, err := leg.Offer(t.Context(), Offer{SDP: head + "a=group:BUNDLE 1\r\n" + clear}); !errors.Is(err, ErrOffer) {
		t.Fatalf("error %v", err)
	}
	answer, err := leg.Offer(t.Context(), Offer{SDP: head + "a=group:BUNDLE 0 1\r\n" + chromiumLine("audio", "0", "sendonly", chromiumAudio) + clear})
	if err != nil {
		t.Fatal(err)
	}
	var d sdp.SessionDescription
	if err := d.UnmarshalString(answer); err != nil || len(d.MediaDescriptions) != 2 {
		t.Fatal(err, len(d.MediaDescriptions))
	}
	if d.MediaDescriptions[0].MediaName.Port.Value == 0 || d.MediaDescriptions[1].MediaName.Port.Value != 0 {
		t.Errorf("answer:\n%s", answer)
	}
}

// TestOpenLegIsNotNarrowed: in an open room the offer goes to the connection as it came.
func TestOpenLegIsNotNarrowed(t *testing.T) {
	plan, err := readOffer(chromiumOffer(chromiumVideo), 8, 8)
	if err != nil {
		t.Fatal(err)
	}
	before, _ := plan.taken()
	if err := plan.narrow(false, ""); err != nil {
		t.Fatal(err)
	}
	if after, _ := plan.taken(); after != before {
		t.Errorf("changed to\n%s", after)
	}
}

// FuzzNarrow: no offer panics, and what is left holds nothing that was to go.
func FuzzNarrow(f *testing.F) {
	f.Add(chromiumOffer(chromiumVideo).SDP)
	f.Add(sessionPart + mline("audio", "0", "sendonly", "a=extmap:1", "a=rtpmap:0", "a=fmtp:111 apt="))
	f.Fuzz(func(t *testing.T, text string) {
		p, err := readOffer(Offer{SDP: text}, 2, 2)
		if err != nil || p.narrow(true, media.VP8) != nil {
			return
		}
		for _, l := range p.lines {
			if l.refused != "" {
				continue
			}
			names, repaired := formatsOf(l.media)
			for _, pt := range l.media.MediaName.Formats {
				name := strings.ToLower(names[pt])
				if name == "rtx" {
					name = strings.ToLower(names[repaired[pt]])
				}
				if name != "vp8" && name != "opus" {
					t.Fatalf("payload type %s is %q", pt, names[pt])
				}
			}
			for _, a := range l.media.Attributes {
				if parts := strings.Fields(a.Value); a.Key == "extmap" && !slices.Contains(sealedExtensions, parts[1]) {
					t.Fatalf("extension %s", a.Value)
				}
			}
		}
	})
}
