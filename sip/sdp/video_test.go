package sdp

import (
	"encoding/base64"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"legroom/media"
)

func h264Codec(fmtp string) media.Codec {
	return media.Codec{Name: media.H264, ClockRate: 90000, Fmtp: fmtp}
}

func picture(name media.CodecName) media.Codec { return media.Codec{Name: name, ClockRate: 90000} }

// videoCaps are those of a gateway with pictures, slides, floor and camera control. It receives 1080p30 by a level of 3.1 and
// the parameters above it.
func videoCaps() Capabilities {
	own := floorCaps()
	codecs := []media.Codec{
		h264Codec("profile-level-id=42e01f;packetization-mode=1"), h264Codec("profile-level-id=64001f;packetization-mode=1"),
		h264Codec("profile-level-id=42e01f;packetization-mode=0"), picture(media.VP8), picture(media.VP9), picture(media.AV1), picture(media.H265),
	}
	all := Feedback{NACK: true, PLI: true, FIR: true, TMMBR: true}
	limits := VideoLimits{MaxFS: 8160, MaxMBPS: 244800, MaxFPS: 30, MaxBitrate: 4_000_000}
	own.Media = append(own.Media,
		LocalMedia{Kind: media.Video, Codecs: codecs, Port: 20002, RTCPPort: 20003, Video: LocalVideo{Content: MainContent, Label: "11", Limits: limits, Feedback: all}},
		LocalMedia{Kind: media.Video, Codecs: codecs, Port: 20004, RTCPPort: 20005, Video: LocalVideo{Content: SlidesContent, Label: "12", Limits: limits, Feedback: all}},
		LocalMedia{Kind: media.Control, Codecs: []media.Codec{{Name: media.H224, ClockRate: 4800}}, Port: 20006, RTCPPort: 20007},
	)
	return own
}

// of gives what was agreed for a media line.
func of(t *testing.T, n *Negotiation, index int) (Agreed, bool) {
	t.Helper()
	for _, a := range n.Media {
		if a.Index == index {
			return a, true
		}
	}
	return Agreed{}, false
}

func answerOf(t *testing.T, own Capabilities, l ...string) *Negotiation {
	t.Helper()
	n, err := Answer(parse(t, body(append([]string{audioLine}, l...)...)), own)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestH264Answer: which of the offered formats is taken, how it is answered and what is sent. Source: RFC 6184 section 8.2.2.
func TestH264Answer(t *testing.T) {
	const above = ";max-mbps=244800;max-fs=8160" // of level 3.1
	cases := map[string]struct {
		offer  []string // "fmtp" of payload types 97, 98, ...
		pt     uint8
		answer string
		send   string
		limits VideoLimits
	}{
		"mode 1": {[]string{"profile-level-id=42e01f;packetization-mode=1"}, 97,
			"profile-level-id=42e01f;packetization-mode=1" + above, "packetization-mode=1;profile-level-id=42e01f", VideoLimits{3600, 108000, 108000, 0, 14_000_000}},
		"mode 0 alone": {[]string{"packetization-mode=0;profile-level-id=42E01F"}, 97,
			"profile-level-id=42e01f;packetization-mode=0" + above, "packetization-mode=0;profile-level-id=42e01f", VideoLimits{3600, 108000, 108000, 0, 14_000_000}},
		"no mode is mode 0": {[]string{"profile-level-id=42e01f"}, 97,
			"profile-level-id=42e01f;packetization-mode=0" + above, "packetization-mode=0;profile-level-id=42e01f", VideoLimits{3600, 108000, 108000, 0, 14_000_000}},
		"both modes, 0 first": {[]string{"packetization-mode=0;profile-level-id=428016", "packetization-mode=1;profile-level-id=428016"}, 98,
			"profile-level-id=428016;packetization-mode=1;max-mbps=244800;max-fs=8160", "packetization-mode=1;profile-level-id=428016", VideoLimits{1620, 20250, 20250, 0, 4_000_000}},
		"mode 2": {[]string{"packetization-mode=2;profile-level-id=42e01f"}, 0, "", "", VideoLimits{}},
		"mode 7": {[]string{"packetization-mode=7;profile-level-id=42e01f"}, 0, "", "", VideoLimits{}},
		"high before baseline": {[]string{"profile-level-id=64001f; packetization-mode=1; max-br=20010; sar=13", "profile-level-id=42801f; packetization-mode=1"}, 98,
			"profile-level-id=42801f;packetization-mode=1" + above, "packetization-mode=1;profile-level-id=42801f", VideoLimits{3600, 108000, 108000, 0, 14_000_000}},
		"high alone": {[]string{"profile-level-id=640028;packetization-mode=1"}, 97,
			"profile-level-id=64001f;packetization-mode=1" + above, "packetization-mode=1;profile-level-id=64001f", VideoLimits{3600, 108000, 108000, 0, 14_000_000}},
		"constrained high": {[]string{"profile-level-id=640C1F;packetization-mode=1"}, 97,
			"profile-level-id=640c1f;packetization-mode=1" + above, "packetization-mode=1;profile-level-id=640c1f", VideoLimits{3600, 108000, 108000, 0, 14_000_000}},
		"main, which is not here": {[]string{"profile-level-id=4d001f;packetization-mode=1"}, 0, "", "", VideoLimits{}},
		"no profile is baseline at level 1": {[]string{"packetization-mode=1"}, 97,
			"profile-level-id=42000a;packetization-mode=1;max-mbps=244800;max-fs=8160;max-br=4000", "packetization-mode=1;profile-level-id=42000a", VideoLimits{99, 1485, 1485, 0, 64_000}},
		"a profile that is none": {[]string{"profile-level-id=zzz;packetization-mode=1"}, 0, "", "", VideoLimits{}},
		"a higher level, no asymmetry": {[]string{"profile-level-id=42e034;packetization-mode=1"}, 97,
			"profile-level-id=42e01f;packetization-mode=1" + above, "packetization-mode=1;profile-level-id=42e01f", VideoLimits{3600, 108000, 108000, 0, 14_000_000}},
		"a higher level, asymmetry": {[]string{"profile-level-id=42e034;packetization-mode=1;level-asymmetry-allowed=1"}, 97,
			"profile-level-id=42e01f;packetization-mode=1;level-asymmetry-allowed=1" + above, "packetization-mode=1;profile-level-id=42e034", VideoLimits{36864, 2073600, 2073600, 0, 240_000_000}},
		"a lower level, asymmetry": {[]string{"profile-level-id=42e00d;packetization-mode=1;level-asymmetry-allowed=1"}, 97,
			"profile-level-id=42e01f;packetization-mode=1;level-asymmetry-allowed=1" + above, "packetization-mode=1;profile-level-id=42e00d", VideoLimits{396, 11880, 11880, 0, 768_000}},
		"level 1b": {[]string{"profile-level-id=42f00b;packetization-mode=1"}, 97,
			"profile-level-id=42f00b;packetization-mode=1;max-mbps=244800;max-fs=8160;max-br=4000", "packetization-mode=1;profile-level-id=42f00b", VideoLimits{99, 1485, 1485, 0, 128_000}},
		"level 1b, asymmetry": {[]string{"profile-level-id=42f00b;packetization-mode=1;level-asymmetry-allowed=1"}, 97,
			"profile-level-id=42e01f;packetization-mode=1;level-asymmetry-allowed=1" + above, "packetization-mode=1;profile-level-id=42f00b", VideoLimits{99, 1485, 1485, 0, 128_000}},
		"above the level": {[]string{"profile-level-id=428016;packetization-mode=1;max-br=5000;max-mbps=490000;max-fs=8160;max-smbps=500000;max-fps=6000"}, 97,
			"profile-level-id=428016;packetization-mode=1;max-mbps=244800;max-fs=8160", "packetization-mode=1;profile-level-id=428016", VideoLimits{8160, 490000, 500000, 60, 5_000_000}},
		"below the level, which is not allowed": {[]string{"profile-level-id=42e01f;packetization-mode=1;max-fs=99;max-mbps=-1;max-br=99999999999"}, 97,
			"profile-level-id=42e01f;packetization-mode=1" + above, "packetization-mode=1;profile-level-id=42e01f", VideoLimits{3600, 108000, 108000, 0, 14_000_000}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			line, maps := "m=video 5000 RTP/AVP", []string(nil)
			for i, fmtp := range c.offer {
				line += fmt.Sprint(" ", 97+i)
				maps = append(maps, fmt.Sprintf("a=rtpmap:%d H264/90000", 97+i), fmt.Sprintf("a=fmtp:%d %s", 97+i, fmtp))
			}
			n := answerOf(t, videoCaps(), append([]string{line}, maps...)...)
			a, ok := of(t, n, 1)
			if !ok || c.pt == 0 {
				if ok || c.pt != 0 || n.Local.Media[1].Port != 0 {
					t.Fatalf("agreed %v, want payload type %d\n%v", ok, c.pt, n.Why)
				}
				return
			}
			m := &n.Local.Media[1]
			if a.PayloadType != c.pt || len(m.Formats) != 1 || m.Payloads()[0].Params != c.answer || a.Codec.Fmtp != c.send {
				t.Errorf("%d answered\n%s, want\n%s\nsends\n%s, want\n%s", a.PayloadType, m.Payloads()[0].Params, c.answer, a.Codec.Fmtp, c.send)
			}
			if a.Video.Send != c.limits {
				t.Errorf("bounded by %+v, want %+v", a.Video.Send, c.limits)
			}
		})
	}
}

// TestOtherPictures: VP8, VP9, AV1, and H.265, which is known and not taken.
func TestOtherPictures(t *testing.T) {
	cases := map[string]struct {
		maps   string
		codec  media.CodecName
		fmtp   string
		limits VideoLimits
	}{
		"vp8":             {"VP8/90000 ", media.VP8, "max-fr=30;max-fs=8160", VideoLimits{}},
		"vp8 small":       {"vp8/90000 max-fr=30;max-fs=580", media.VP8, "max-fr=30;max-fs=8160", VideoLimits{MaxFS: 580, MaxFPS: 30}},
		"vp9":             {"VP9/90000 max-fs=12288;max-fr=60", media.VP9, "max-fr=30;max-fs=8160", VideoLimits{MaxFS: 12288, MaxFPS: 60}},
		"vp9, profile 0":  {"VP9/90000 profile-id=0", media.VP9, "max-fr=30;max-fs=8160", VideoLimits{}},
		"vp9, profile 2":  {"VP9/90000 profile-id=2", "", "", VideoLimits{}},
		"av1":             {"AV1/90000 level-idx=5", media.AV1, "", VideoLimits{}},
		"av1, profile 1":  {"AV1/90000 profile=1", "", "", VideoLimits{}},
		"h265":            {"H265/90000 level-id=90", "", "", VideoLimits{}},
		"h263":            {"H263-1998/90000 CIF=1", "", "", VideoLimits{}},
		"another clock":   {"VP8/8000 ", "", "", VideoLimits{}},
		"svc is not h264": {"H264-SVC/90000 profile-level-id=56001f; packetization-mode=1", "", "", VideoLimits{}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			rtpmap, fmtp, _ := strings.Cut(c.maps, " ")
			l := []string{"m=video 5000 RTP/AVP 99", "a=rtpmap:99 " + rtpmap}
			if fmtp != "" {
				l = append(l, "a=fmtp:99 "+fmtp)
			}
			n := answerOf(t, videoCaps(), l...)
			a, ok := of(t, n, 1)
			if ok != (c.codec != "") || a.Codec.Name != c.codec {
				t.Fatalf("%v %v", ok, a.Codec)
			}
			if ok && (n.Local.Media[1].Payloads()[0].Params != c.fmtp || a.Video.Send != c.limits) {
				t.Errorf("%s, %+v", n.Local.Media[1].Payloads()[0].Params, a.Video.Send)
			}
		})
	}
	n := answerOf(t, videoCaps(), "m=video 5000 RTP/AVP 99 96 97", "a=rtpmap:99 H265/90000", "a=rtpmap:96 VP8/90000", "a=rtpmap:97 H264/90000")
	if a, _ := of(t, n, 1); a.Codec.Name != media.H264 {
		t.Errorf("H.264 comes first, not %v", a.Codec)
	}
}

// TestContents: which line is the camera and which the slides.
func TestContents(t *testing.T) {
	const floor = "m=application 5100 UDP/BFCP *"
	line := func(port int, attributes ...string) []string {
		return append([]string{fmt.Sprintf("m=video %d RTP/AVP 96", port), "a=rtpmap:96 VP8/90000"}, attributes...)
	}
	cases := map[string]struct {
		offer []string
		want  []Content // of each video line; unknown for refused
	}{
		"one":                       {line(5000), []Content{MainContent}},
		"said":                      {slices.Concat(line(5000, "a=content:slides"), line(5002, "a=content:main")), []Content{SlidesContent, MainContent}},
		"speaker":                   {line(5000, "a=content:speaker"), []Content{MainContent}},
		"several words":             {line(5000, "a=content:foo,slides"), []Content{SlidesContent}},
		"a second main":             {slices.Concat(line(5000, "a=content:main"), line(5002, "a=content:main")), []Content{MainContent, 0}},
		"a second camera":           {slices.Concat(line(5000, "a=content:main"), line(5002, "a=content:alt")), []Content{MainContent, 0}},
		"sign language":             {slices.Concat(line(5000), line(5002, "a=content:sl")), []Content{MainContent, 0}},
		"two and a floor":           {slices.Concat(line(5000), line(5002), []string{floor}), []Content{MainContent, SlidesContent}},
		"two and no floor":          {slices.Concat(line(5000), line(5002)), []Content{MainContent, 0}},
		"a floor names the first":   {slices.Concat(line(5000, "a=label:3"), line(5002), []string{floor, "a=floorid:1 m-stream:3"}), []Content{SlidesContent, MainContent}},
		"a floor names the only":    {slices.Concat(line(5000, "a=label:11"), []string{floor, "a=floorid:1 mstrm:11"}), []Content{MainContent}},
		"the camera is closed":      {slices.Concat(line(0), line(5002, "a=content:slides")), []Content{0, SlidesContent}},
		"main comes second, unsaid": {slices.Concat(line(5000, "a=content:slides"), line(5002), []string{floor}), []Content{SlidesContent, MainContent}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			n := answerOf(t, videoCaps(), c.offer...)
			for i, want := range c.want {
				a, ok := of(t, n, i+1)
				m := &n.Local.Media[i+1]
				if ok != (want != 0) || a.Video.Content != want || (m.Port != 0) != ok {
					t.Errorf("line %d: %v %v, want %v", i+1, ok, a.Video.Content, want)
				}
				if label := map[Content]string{MainContent: "11", SlidesContent: "12"}[want]; ok && (m.Label() != label || m.Content() != want) {
					t.Errorf("line %d: label %s, content %v", i+1, m.Label(), m.Content())
				}
			}
		})
	}
}

func TestFeedback(t *testing.T) {
	cases := map[string]struct {
		lines []string
		want  Feedback
	}{
		"none":             {nil, Feedback{}},
		"all, for all":     {[]string{"* nack", "* nack pli", "* ccm fir", "* ccm tmmbr"}, Feedback{true, true, true, true}},
		"in one line":      {[]string{"* ccm fir tmmbr"}, Feedback{FIR: true, TMMBR: true}},
		"of the format":    {[]string{"96 nack pli", "97 nack", "96 ccm fir"}, Feedback{PLI: true, FIR: true}},
		"others":           {[]string{"* nack sli", "* ack rpsi", "* ccm pan", "* trr-int 5000", "* goog-remb", "*", "", "* NACK"}, Feedback{NACK: true}},
		"with a parameter": {[]string{"* ccm tmmbr smaxpr=120"}, Feedback{TMMBR: true}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			l := []string{"m=video 5000 RTP/AVP 96", "a=rtpmap:96 VP8/90000"}
			for _, f := range c.lines {
				l = append(l, "a=rtcp-fb:"+f)
			}
			n := answerOf(t, videoCaps(), l...)
			if a, _ := of(t, n, 1); a.Video.Feedback != c.want || n.Local.Media[1].Feedback(96) != c.want {
				t.Errorf("%+v, answered %+v", a.Video.Feedback, n.Local.Media[1].Feedback(96))
			}
		})
	}
	own := videoCaps()
	own.Media[1].Video.Feedback = Feedback{PLI: true}
	n := answerOf(t, own, "m=video 5000 RTP/AVP 96", "a=rtpmap:96 VP8/90000", "a=rtcp-fb:* nack", "a=rtcp-fb:* nack pli")
	if got := n.Local.Media[1].Feedback(96); got != (Feedback{PLI: true}) {
		t.Errorf("answered %+v", got)
	}
}

func TestReceiveSizes(t *testing.T) {
	cases := map[string]struct {
		in   string
		want []Size
	}{
		"sizes":            {"96 send [x=800,y=640,sar=1.1,q=0.6] [x=480,y=320] recv [x=330,y=250] [x=1280,y=720,q=0.9]", []Size{{330, 250}, {1280, 720}}},
		"receiving first":  {"* recv [x=640,y=360] send [x=800,y=640]", []Size{{640, 360}}},
		"ranges and lists": {"96 recv [x=[480:16:800],y=[320:16:640],par=[1.2-1.3]] [x=[176,352],y=[144,288]]", []Size{{800, 640}, {352, 288}}},
		"anything":         {"96 send * recv *", nil},
		"sending alone":    {"96 send [x=800,y=640]", nil},
		"another format":   {"97 recv [x=800,y=640]", nil},
		"broken":           {"96 recv [x=800] [x=,y=3] [x=-1,y=5] [y=3,x=4] [x=99999,y=2 [x=1,y=2", nil},
		"empty":            {"", nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			m := &parse(t, body("m=video 5000 RTP/AVP 96", "a=imageattr:"+c.in)).Media[0]
			if got := m.ReceiveSizes(96); !slices.Equal(got, c.want) {
				t.Errorf("%v, want %v", got, c.want)
			}
		})
	}
	m := &parse(t, body("m=video 5000 RTP/AVP 96", "a=imageattr:96 recv"+strings.Repeat(" [x=2,y=2]", 100))).Media[0]
	if got := m.ReceiveSizes(96); len(got) != maxSizes {
		t.Errorf("%d sizes", len(got))
	}
}

// TestPictureBitrate: the least of line, session and level, and what we say.
func TestPictureBitrate(t *testing.T) {
	vp8 := []string{"m=video 5000 RTP/AVP 96", "a=rtpmap:96 VP8/90000"}
	h264 := []string{"m=video 5000 RTP/AVP 96", "a=rtpmap:96 H264/90000", "a=fmtp:96 profile-level-id=42e00d;packetization-mode=1"}
	for name, c := range map[string]struct {
		session string
		line    []string
		want    int
	}{
		"nothing said":          {"", vp8, 0},
		"AS":                    {"", append(slices.Clone(vp8), "b=AS:1024"), 1_024_000},
		"TIAS":                  {"", append(slices.Clone(vp8), "b=TIAS:960000"), 960_000},
		"the least of both":     {"", append(slices.Clone(vp8), "b=AS:1024", "b=TIAS:2000000"), 1_024_000},
		"the session's":         {"b=AS:512", append(slices.Clone(vp8), "b=AS:1024"), 512_000},
		"the session's alone":   {"b=AS:512", vp8, 512_000},
		"the level's":           {"", h264, 768_000},
		"below the level's":     {"", append(slices.Clone(h264), "b=TIAS:300000"), 300_000},
		"not above the level's": {"", append(slices.Clone(h264), "b=TIAS:6000000"), 768_000},
	} {
		t.Run(name, func(t *testing.T) {
			l := append([]string{}, head[:4]...)
			if c.session != "" {
				l = append(l, c.session)
			}
			l = append(append(l, head[4], audioLine), c.line...)
			n, err := Answer(parse(t, lines(l...)), videoCaps())
			if err != nil {
				t.Fatal(err)
			}
			if a, _ := of(t, n, 1); a.MaxBitrate != c.want {
				t.Errorf("%d, want %d", a.MaxBitrate, c.want)
			}
			if got := n.Local.Media[1].Bandwidth; !slices.Equal(got, []Bandwidth{{"AS", 4000}, {"TIAS", 4_000_000}}) {
				t.Errorf("we say %v", got)
			}
		})
	}
}

func TestParameterSets(t *testing.T) {
	sps, pps := []byte{0x67, 0x42, 0xe0, 0x1f}, []byte{0x68, 0xce}
	enc := base64.StdEncoding.EncodeToString
	v := enc(sps) + "," + enc(pps) + ",," + enc([]byte{0x65, 1}) + ",%%," + strings.Repeat("Z", 2000)
	if got := parameterSets(v); !reflect.DeepEqual(got, [][]byte{sps, pps}) {
		t.Errorf("%x", got)
	}
	if got := parameterSets(strings.Repeat(enc(sps)+",", 100)); len(got) != maxSets {
		t.Errorf("%d sets", len(got))
	}
	n := answerOf(t, videoCaps(), "m=video 5000 RTP/AVP 96", "a=rtpmap:96 H264/90000",
		"a=fmtp:96 packetization-mode=1; profile-level-id=42e01f; sprop-parameter-sets="+enc(sps)+","+enc(pps))
	if a, _ := of(t, n, 1); !reflect.DeepEqual(a.Video.ParameterSets, [][]byte{sps, pps}) {
		t.Errorf("%x", a.Video.ParameterSets)
	}
	if strings.Contains(string(n.Local.Bytes()), "sprop") {
		t.Error("the peer's parameter sets are no answer")
	}
}

// TestCameraControl: H.224 over RTP is taken, other application lines are not.
func TestCameraControl(t *testing.T) {
	n := answerOf(t, videoCaps(), "m=application 5000 RTP/AVP 100", "a=rtpmap:100 H224/4800", "m=application 9 TCP/MRCPv2 1", "m=application 5002 RTP/AVP 101",
		"a=rtpmap:101 h224/4800")
	a, ok := of(t, n, 1)
	if !ok || a.Kind != media.Control || a.Codec.Name != media.H224 || a.PayloadType != 100 || n.Local.Media[1].Port != 20006 {
		t.Fatalf("%+v", a)
	}
	if n.Local.Media[2].Port != 0 || n.Local.Media[3].Port != 0 {
		t.Errorf("%s", n.Local.Bytes())
	}
	if got, _ := n.Local.Media[1].Attribute("rtpmap"); got != "100 H224/4800" {
		t.Errorf("rtpmap %s", got)
	}
}

// TestPicturesOverReoffers: a running format stays, whatever the offer has first; lines keep their place.
func TestPicturesOverReoffers(t *testing.T) {
	own := videoCaps()
	mode0 := "packetization-mode=0;profile-level-id=42e01f"
	mode1 := "packetization-mode=1;profile-level-id=42e01f"
	first := answerOf(t, own, "m=video 5000 RTP/AVP 97", "a=rtpmap:97 H264/90000", "a=fmtp:97 "+mode0)
	own.Previous = first
	n := answerOf(t, own, "m=video 5000 RTP/AVP 126 97", "a=rtpmap:126 H264/90000", "a=fmtp:126 "+mode1, "a=rtpmap:97 H264/90000", "a=fmtp:97 "+mode0)
	if a, _ := of(t, n, 1); a.PayloadType != 97 || n.Changed {
		t.Errorf("%d, changed %v", a.PayloadType, n.Changed)
	}
	again := Offer(own)
	if p := again.Media[1].Payloads(); len(again.Media) != 2 || len(p) != 1 || p[0].PayloadType != 97 || p[0].Param("packetization-mode") != "0" {
		t.Errorf("%s", again.Bytes())
	}
	own = videoCaps()
	vp8 := "a=rtpmap:96 VP8/90000"
	own.Previous = answerOf(t, own, "m=video 5000 RTP/AVP 96", vp8, "a=content:slides", "m=video 5002 RTP/AVP 96", vp8, "a=content:main")
	again = Offer(own)
	if again.Media[1].Port != 20004 || again.Media[1].Content() != SlidesContent || again.Media[2].Port != 20002 {
		t.Errorf("the lines changed places:\n%s", again.Bytes())
	}
}

// TestPicturesOfferedAndAccepted: both sides come to the same of an offer with everything in it.
func TestPicturesOfferedAndAccepted(t *testing.T) {
	ours, theirs := videoCaps(), videoCaps()
	theirs.Secret, theirs.Media[1].Codecs = Secret{2}, theirs.Media[1].Codecs[2:]
	theirs.Floor = nil // a client
	offer := Offer(ours)
	reply, err := Answer(parse(t, string(offer.Bytes())), theirs)
	if err != nil {
		t.Fatal(err)
	}
	n, err := Accept(offer, parse(t, string(reply.Local.Bytes())), ours)
	if err != nil || len(n.Media) != 4 || len(reply.Media) != 4 {
		t.Fatalf("%v\n%s\n%s", err, offer.Bytes(), reply.Local.Bytes())
	}
	for i, a := range n.Media {
		b := reply.Media[i]
		if a.Codec != b.Codec || a.PayloadType != b.PayloadType || a.ReceivePayloadType != b.PayloadType || a.Video.Content != b.Video.Content ||
			a.Video.Feedback != b.Video.Feedback {
			t.Errorf("%+v\n%+v", a, b)
		}
	}
	if a := n.Media[1]; a.Video.Content != MainContent || a.Codec.Fmtp != "packetization-mode=0;profile-level-id=42e01f" || a.MaxBitrate != 4_000_000 ||
		a.Video.Label != "11" || a.Video.Send.MaxFS != 8160 {
		t.Errorf("%+v", a)
	}
	if a := n.Media[2]; a.Video.Content != SlidesContent || a.Codec.Fmtp != "packetization-mode=1;profile-level-id=42e01f" {
		t.Errorf("%+v", a)
	}
}
