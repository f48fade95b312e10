package peer

import (
	"strconv"
	"strings"
	"time"

	"github.com/pion/webrtc/v4"

	"legroom/media"
)

// opusFmtp is what the gateway wants of Opus: in-band FEC, one channel, packets of 10 ms and up (RFC 7587 section 6.1).
const opusFmtp = "minptime=10;stereo=0;useinbandfec=1"

// evenFmtp asks for packets of one size and no pauses (RFC 7587 section 6.1): sealed speech can be guessed from sizes (RFC 6562).
const evenFmtp = ";cbr=1;usedtx=0"

// headerExtensions is the whole of what is negotiated. Header extensions stand outside any end-to-end encryption, so
// nothing gets in by default. Those with publish only make no sense on what the gateway sends.
var headerExtensions = []struct {
	uri                       string
	audio, video, publishOnly bool
}{
	{uri: uriMID, audio: true, video: true, publishOnly: true},
	{uri: uriRID, video: true, publishOnly: true},
	{uri: uriRepairedRID, video: true, publishOnly: true},
	{uri: uriTransportCC, audio: true, video: true},
	{uri: uriAbsSendTime, audio: true, video: true},
	{uri: uriAudioLevel, audio: true},
}

// Header extensions by their registered names: RFC 8843, RFC 8852, RFC 6464 and two drafts that every browser has.
const (
	uriMID         = "urn:ietf:params:rtp-hdrext:sdes:mid"
	uriRID         = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
	uriRepairedRID = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"
	uriTransportCC = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
	uriAbsSendTime = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
	uriAudioLevel  = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
)

// offeredVideo are the video codecs the gateway passes on, most wanted first: VP8 is what every browser sends and
// takes; constrained baseline H.264 is what room systems do. fmtp in our normal form.
var offeredVideo = []media.Codec{
	{Name: media.VP8, ClockRate: 90000},
	{Name: media.H264, ClockRate: 90000, Fmtp: "packetization-mode=1;profile-level-id=42e01f"},
	{Name: media.H264, ClockRate: 90000, Fmtp: "packetization-mode=1;profile-level-id=42001f"},
	{Name: media.H264, ClockRate: 90000, Fmtp: "packetization-mode=0;profile-level-id=42e01f"},
	{Name: media.H264, ClockRate: 90000, Fmtp: "packetization-mode=0;profile-level-id=42001f"},
}

var offeredAudio = []media.Codec{
	{Name: media.Opus, ClockRate: 48000, Channels: 2, PacketTime: 20 * time.Millisecond},
}

// newMediaEngine registers codecs, feedback and header extensions. Payload types are placeholders: an answerer takes
// those of the offer.
func newMediaEngine() (*webrtc.MediaEngine, error) {
	m := &webrtc.MediaEngine{}
	for i, c := range offeredAudio {
		p := webrtc.RTPCodecParameters{PayloadType: webrtc.PayloadType(111 + i), RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: "audio/" + string(c.Name), ClockRate: c.ClockRate, Channels: uint16(c.Channels), SDPFmtpLine: opusFmtp,
			RTCPFeedback: []webrtc.RTCPFeedback{{Type: webrtc.TypeRTCPFBTransportCC}},
		}}
		if err := m.RegisterCodec(p, webrtc.RTPCodecTypeAudio); err != nil {
			return nil, err
		}
	}
	for i, c := range offeredVideo {
		pt := webrtc.PayloadType(96 + 2*i)
		main := webrtc.RTPCodecParameters{PayloadType: pt, RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: "video/" + string(c.Name), ClockRate: c.ClockRate, SDPFmtpLine: registeredFmtp(c),
			RTCPFeedback: []webrtc.RTCPFeedback{
				{Type: webrtc.TypeRTCPFBTransportCC}, {Type: webrtc.TypeRTCPFBCCM, Parameter: "fir"},
				{Type: webrtc.TypeRTCPFBNACK}, {Type: webrtc.TypeRTCPFBNACK, Parameter: "pli"},
			},
		}}
		rtx := webrtc.RTPCodecParameters{PayloadType: pt + 1, RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: webrtc.MimeTypeRTX, ClockRate: c.ClockRate, SDPFmtpLine: "apt=" + strconv.Itoa(int(pt)),
		}}
		for _, p := range []webrtc.RTPCodecParameters{main, rtx} {
			if err := m.RegisterCodec(p, webrtc.RTPCodecTypeVideo); err != nil {
				return nil, err
			}
		}
	}
	return m, registerExtensions(m)
}

func registerExtensions(m *webrtc.MediaEngine) error {
	for _, x := range headerExtensions {
		directions := []webrtc.RTPTransceiverDirection{webrtc.RTPTransceiverDirectionRecvonly}
		if !x.publishOnly {
			directions = append(directions, webrtc.RTPTransceiverDirectionSendonly)
		}
		var kinds []webrtc.RTPCodecType
		if x.audio {
			kinds = append(kinds, webrtc.RTPCodecTypeAudio)
		}
		if x.video {
			kinds = append(kinds, webrtc.RTPCodecTypeVideo)
		}
		for _, k := range kinds {
			if err := m.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: x.uri}, k, directions...); err != nil {
				return err
			}
		}
	}
	return nil
}

func registeredFmtp(c media.Codec) string {
	if c.Name == media.H264 {
		return "level-asymmetry-allowed=1;" + c.Fmtp
	}
	return c.Fmtp
}

// codecOf gives the vocabulary's name to a negotiated format; ok is false for RTX and whatever else is no codec of ours.
func codecOf(p webrtc.RTPCodecCapability) (c media.Codec, ok bool) {
	_, name, _ := strings.Cut(p.MimeType, "/")
	switch {
	case strings.EqualFold(name, string(media.Opus)):
		return offeredAudio[0], true
	case strings.EqualFold(name, string(media.VP8)):
		return offeredVideo[0], true
	case strings.EqualFold(name, string(media.H264)):
		profile, mode := h264Params(p.SDPFmtpLine)
		return media.Codec{Name: media.H264, ClockRate: 90000, Fmtp: h264Fmtp(profile, mode)}, true
	default:
		return media.Codec{}, false
	}
}

// fits tells whether a receiver that agreed on have can take a stream in want. For H.264 profile and packetization mode
// must agree, but a mode 1 receiver takes mode 0 too (RFC 6184 section 8.1). The level is a promise of the sender
// (level-asymmetry-allowed), not a reason to refuse.
func fits(have, want media.Codec) bool {
	if !have.Same(want) {
		return false
	}
	if have.Name != media.H264 {
		return true
	}
	hp, hm := h264Params(have.Fmtp)
	wp, wm := h264Params(want.Fmtp)
	return h264Profile(hp) == h264Profile(wp) && hm >= wm
}

// h264Params reads the two format parameters that make H.264 streams differ, with the defaults of RFC 6184 section 8.1.
func h264Params(fmtp string) (profile string, mode int) {
	profile = "42000a"
	for part := range strings.SplitSeq(fmtp, ";") {
		key, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch strings.ToLower(key) {
		case "profile-level-id":
			profile = strings.ToLower(value)
		case "packetization-mode":
			mode, _ = strconv.Atoi(value)
		}
	}
	return profile, mode
}

func h264Fmtp(profile string, mode int) string {
	return "packetization-mode=" + strconv.Itoa(mode) + ";profile-level-id=" + profile
}

// h264Profile folds profile-level-id into a profile: 42e0 and 4240 are constrained baseline, and so is what browsers call
// 4200 in practice: they send no FMO or ASO under it.
func h264Profile(id string) string {
	if len(id) != 6 {
		return id
	}
	if id[:2] == "42" {
		return "42"
	}
	return id[:4]
}
