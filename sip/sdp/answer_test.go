package sdp

import (
	"encoding/base64"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"legroom/media"
)

var (
	opusCodec = media.Codec{Name: media.Opus, ClockRate: 48000, Channels: 2}
	g722Codec = media.Codec{Name: media.G722, ClockRate: 8000, Channels: 1}
	pcmuCodec = media.Codec{Name: media.PCMU, ClockRate: 8000, Channels: 1}
	pcmaCodec = media.Codec{Name: media.PCMA, ClockRate: 8000, Channels: 1}
)

func caps() Capabilities {
	return Capabilities{
		Address: netip.MustParseAddr("203.0.113.5"),
		Media: []LocalMedia{{Kind: media.Audio, Codecs: []media.Codec{opusCodec, g722Codec, pcmuCodec, pcmaCodec},
			Port: 20000, RTCPPort: 20001, Events: true}},
		Fingerprint: FingerprintOf([]byte("certificate")), SessionID: 7, Secret: Secret{1},
	}
}

var (
	inlineKey = base64.StdEncoding.EncodeToString([]byte("0123456789abcdef0123456789abcd"))
	otherKey  = base64.StdEncoding.EncodeToString([]byte("fedcba98765432100123456789abcd"))
	crypto80  = "a=crypto:3 AES_CM_128_HMAC_SHA1_80 inline:" + inlineKey
	prints    = "a=fingerprint:" + FingerprintOf([]byte("theirs")).String()
)

// TestSecurity: what each policy makes of each offer.
func TestSecurity(t *testing.T) {
	avp := []string{"m=audio 4000 RTP/AVP 0"}
	osrtp := []string{"m=audio 4000 RTP/AVP 0", crypto80}
	savp := []string{"m=audio 4000 RTP/SAVP 0", crypto80}
	unknown := []string{"m=audio 4000 RTP/SAVP 0", "a=crypto:1 NULL_HMAC_SHA1_80 inline:" + inlineKey}
	dtls := []string{"m=audio 4000 UDP/TLS/RTP/SAVPF 0", prints, "a=setup:actpass"}
	both := []string{"m=audio 4000 UDP/TLS/RTP/SAVP 0", prints, "a=setup:actpass", crypto80}
	oldDTLS := []string{"m=audio 4000 RTP/SAVPF 0", prints, "a=setup:actpass", crypto80}
	holdconn := []string{"m=audio 4000 UDP/TLS/RTP/SAVPF 0", prints, "a=setup:holdconn"}
	type result struct {
		security Security
		err      error
	}
	cases := map[string]struct {
		offer      []string
		sdes, dtls Policy
		want       result
	}{
		"clear, all optional":           {avp, Optional, Optional, result{Clear, nil}},
		"clear, sdes required":          {avp, Required, Optional, result{0, ErrSRTPRequired}},
		"clear, dtls required":          {avp, Off, Required, result{0, ErrSRTPRequired}},
		"keys on avp":                   {osrtp, Optional, Optional, result{SDES, nil}},
		"keys on avp, required":         {osrtp, Required, Off, result{SDES, nil}},
		"keys on avp, sdes off":         {osrtp, Off, Optional, result{Clear, nil}},
		"keys on avp, dtls required":    {osrtp, Optional, Required, result{0, ErrSRTPRequired}},
		"savp":                          {savp, Optional, Optional, result{SDES, nil}},
		"savp, sdes off":                {savp, Off, Optional, result{0, ErrSRTPRefused}},
		"savp, all off":                 {savp, Off, Off, result{0, ErrSRTPRefused}},
		"savp without a known suite":    {unknown, Optional, Optional, result{0, ErrSRTPRefused}},
		"dtls":                          {dtls, Optional, Optional, result{DTLS, nil}},
		"dtls, both required":           {dtls, Required, Required, result{DTLS, nil}},
		"savp, both required":           {savp, Required, Required, result{SDES, nil}},
		"dtls, sdes required":           {dtls, Required, Optional, result{0, ErrSRTPRefused}},
		"dtls off":                      {dtls, Optional, Off, result{0, ErrSRTPRefused}},
		"both on a dtls line":           {both, Optional, Optional, result{DTLS, nil}},
		"both on a dtls line, dtls off": {both, Optional, Off, result{0, ErrSRTPRefused}},
		"both on savpf, dtls off":       {oldDTLS, Optional, Off, result{SDES, nil}},
		"both on savpf":                 {oldDTLS, Optional, Optional, result{DTLS, nil}},
		"a role that cannot be met":     {holdconn, Optional, Optional, result{0, ErrSRTPRefused}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			own := caps()
			own.SDES, own.DTLS = c.sdes, c.dtls
			n, err := Answer(parse(t, body(c.offer...)), own)
			if !errors.Is(err, c.want.err) {
				t.Fatalf("error %v, want %v", err, c.want.err)
			}
			if c.want.err != nil {
				if n.Local.Media[0].Port != 0 || len(n.Why) == 0 {
					t.Error("a refused offer needs a refusing answer and reasons")
				}
				return
			}
			a, _ := n.Audio()
			m := &n.Local.Media[0]
			_, hasKey := m.Attribute("crypto")
			_, hasPrint := m.Attribute("fingerprint")
			if a.Keys.Security != c.want.security || hasKey != (a.Keys.Security == SDES) || hasPrint != (a.Keys.Security == DTLS) {
				t.Errorf("%v, crypto %v, fingerprint %v", a.Keys.Security, hasKey, hasPrint)
			}
		})
	}
}

func TestSetupRoles(t *testing.T) {
	for _, c := range []struct {
		theirs string
		active bool
		ours   string
	}{
		{"a=setup:actpass", false, "passive"}, {"a=setup:actpass", true, "active"}, {"a=setup:active", true, "passive"},
		{"a=setup:passive", false, "active"}, {"a=x", true, "passive"},
	} {
		own := caps()
		own.DTLSActive = c.active
		n, err := Answer(parse(t, body("m=audio 4000 UDP/TLS/RTP/SAVPF 0", prints, c.theirs)), own)
		if err != nil {
			t.Fatal(err)
		}
		a, _ := n.Audio()
		if got, _ := n.Local.Media[0].Attribute("setup"); got != c.ours || a.Keys.DTLSClient != (c.ours == "active") {
			t.Errorf("%s, wish %v: %s, client %v", c.theirs, c.active, got, a.Keys.DTLSClient)
		}
	}
}

// TestKeysOverReoffers: our key stays while theirs does, and is never used again after a change.
func TestKeysOverReoffers(t *testing.T) {
	own := caps()
	offer := func(key string) *Description {
		return parse(t, body("m=audio 4000 RTP/SAVP 0", "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:"+key))
	}
	local := func(key string) string {
		n, err := Answer(offer(key), own)
		if err != nil {
			t.Fatal(err)
		}
		own.Previous = n
		a, _ := n.Audio()
		return string(a.Keys.Local)
	}
	first, same, second, third := local(inlineKey), local(inlineKey), local(otherKey), local(inlineKey)
	if first != same {
		t.Error("the key changed without need")
	}
	if second == first || third == first || third == second {
		t.Error("a key came back")
	}
	if v := own.Previous.Local.Origin.Version; v != "3" {
		t.Errorf("version %s, want 3", v)
	}
}

func TestPacketTime(t *testing.T) {
	ms := func(n ...int) (out []time.Duration) {
		for _, v := range n {
			out = append(out, time.Duration(v)*time.Millisecond)
		}
		return out
	}
	for _, c := range []struct {
		own  []time.Duration
		a, b string
		want int
	}{
		{nil, "", "", 20}, {nil, "a=ptime:30", "", 20}, {ms(10, 20, 30), "a=ptime:30", "", 30}, {ms(10, 20, 40), "a=ptime:30", "", 20},
		{ms(20, 40), "a=ptime:10", "", 20}, {ms(10, 20, 40, 60), "a=ptime:60", "a=maxptime:40", 40}, {ms(10, 20), "", "a=maxptime:10", 10},
	} {
		own := caps()
		own.Media[0].PacketTimes = c.own
		n, err := Answer(parse(t, body("m=audio 4000 RTP/AVP 0", c.a, c.b)), own)
		if err != nil {
			t.Fatal(err)
		}
		if a, _ := n.Audio(); a.Codec.PacketTime != time.Duration(c.want)*time.Millisecond {
			t.Errorf("%v with %s %s: %v", c.own, c.a, c.b, a.Codec.PacketTime)
		}
	}
}

func TestHold(t *testing.T) {
	for _, c := range []struct {
		conn, dir string
		ours      Direction // what we want
		want      Direction
	}{
		{"192.0.2.1", "sendrecv", SendRecv, SendRecv}, {"192.0.2.1", "sendonly", SendRecv, RecvOnly},
		{"192.0.2.1", "recvonly", SendRecv, SendOnly}, {"192.0.2.1", "inactive", SendRecv, Inactive},
		{"0.0.0.0", "sendrecv", SendRecv, RecvOnly}, {"0.0.0.0", "recvonly", SendRecv, Inactive},
		{"192.0.2.1", "sendrecv", SendOnly, SendOnly}, {"192.0.2.1", "sendonly", SendOnly, Inactive},
	} {
		own := caps()
		own.Media[0].Direction = c.ours
		n, err := Answer(parse(t, body("m=audio 4000 RTP/AVP 0", "c=IN IP4 "+c.conn, "a="+c.dir)), own)
		if err != nil {
			t.Fatal(err)
		}
		a, _ := n.Audio()
		if a.Direction != c.want || n.Local.Media[0].Direction() != c.want {
			t.Errorf("%+v: %v", c, a.Direction)
		}
		if held := c.conn == "0.0.0.0"; a.Remote.IsValid() == held {
			t.Errorf("%+v: remote %v", c, a.Remote)
		}
	}
}

func TestCodecOrder(t *testing.T) {
	offer := parse(t, body("m=audio 4000 RTP/AVP 8 0 111", "a=rtpmap:111 OPUS/48000"))
	for order, want := range map[Order]media.CodecName{OfferersOrder: media.PCMA, OwnOrder: media.Opus} {
		own := caps()
		own.Order = order
		n, err := Answer(offer, own)
		if err != nil {
			t.Fatal(err)
		}
		if a, _ := n.Audio(); a.Codec.Name != want {
			t.Errorf("order %d: %v", order, a.Codec)
		}
	}
}

func TestRefusals(t *testing.T) {
	six := "c=IN IP6 2001:db8::1"
	cases := map[string]struct {
		lines []string
		err   error
	}{
		"no media":             {nil, ErrNoMedia},
		"video alone":          {[]string{"m=video 4000 RTP/AVP 96", "a=rtpmap:96 H264/90000"}, ErrNoMedia},
		"closed":               {[]string{"m=audio 0 RTP/AVP 0"}, ErrNoMedia},
		"codec":                {[]string{"m=audio 4000 RTP/AVP 18"}, ErrNoCommonCodec},
		"clock":                {[]string{"m=audio 4000 RTP/AVP 96", "a=rtpmap:96 PCMU/16000"}, ErrNoCommonCodec},
		"stereo":               {[]string{"m=audio 4000 RTP/AVP 96", "a=rtpmap:96 PCMU/8000/2"}, ErrNoCommonCodec},
		"transport":            {[]string{"m=audio 4000 TCP/RTP/AVP 0"}, ErrProtocol},
		"ip version":           {[]string{"m=audio 4000 RTP/AVP 0", six}, ErrAddressFamily},
		"multicast":            {[]string{"m=audio 4000 RTP/AVP 0", "c=IN IP4 239.1.1.1/3"}, ErrAddressFamily},
		"the best reason wins": {[]string{"m=audio 4000 TCP/X 0", "m=audio 4000 RTP/SAVP 0", "m=audio 4000 RTP/AVP 18"}, ErrSRTPRefused},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			n, err := Answer(parse(t, body(c.lines...)), caps())
			var refused *RefusedError
			if !errors.Is(err, c.err) || !errors.As(err, &refused) || n == nil || len(n.Media) != 0 {
				t.Errorf("error %v, want %v", err, c.err)
			}
		})
	}
}

// TestReoffer: slots, numbers, keys and version of a session over its life.
func TestReoffer(t *testing.T) {
	own := caps()
	first, err := Answer(parse(t, body("m=image 9 udptl t38", "m=audio 4000 RTP/SAVP 8 98", "a=rtpmap:98 opus/48000/2",
		"m=audio 4002 RTP/AVP 0", crypto80)), func() Capabilities { c := own; return c }())
	if err == nil {
		own.Previous = first
	}
	if err != nil { // the secure line has no keys: the third is taken
		t.Fatal(err)
	}
	a, _ := first.Audio()
	if a.Index != 2 {
		t.Fatalf("line %d", a.Index)
	}
	hold := own
	hold.Media = []LocalMedia{own.Media[0]}
	hold.Media[0].Direction = SendOnly
	offer := Offer(hold)
	if len(offer.Media) != 3 || offer.Media[0].Port != 0 || offer.Media[1].Port != 0 || offer.Media[2].Port != 20000 {
		t.Fatalf("%s", offer.Bytes())
	}
	if offer.Origin.Version != "2" || offer.Media[2].Direction() != SendOnly || offer.Media[2].Formats[0] != "0" {
		t.Errorf("%s", offer.Bytes())
	}
	if string(offer.Bytes()) != string(Offer(hold).Bytes()) {
		t.Error("an offer of the same is not the same")
	}
	if keys := offer.Media[2].cryptos(); len(keys) != 1 || string(keys[0].Key) != string(a.Keys.Local) {
		t.Error("the running key did not stay")
	}
}

// TestOfferAndAccept: every policy pair that can meet does, and both sides then hold the same keys.
func TestOfferAndAccept(t *testing.T) {
	for _, sdes := range []Policy{Off, Optional, Required} {
		for _, dtls := range []Policy{Off, Optional, Required} {
			ours, theirs := caps(), caps()
			ours.SDES, ours.DTLS = sdes, dtls
			theirs.Address, theirs.Secret, theirs.Media[0].Port = netip.MustParseAddr("192.0.2.8"), Secret{2}, 30000
			offer := Offer(ours)
			reply, err := Answer(parse(t, string(offer.Bytes())), theirs)
			if err != nil {
				t.Fatalf("SDES %v DTLS %v: %v", sdes, dtls, err)
			}
			n, err := Accept(offer, parse(t, string(reply.Local.Bytes())), ours)
			if err != nil {
				t.Fatalf("SDES %v DTLS %v: %v", sdes, dtls, err)
			}
			a, _ := n.Audio()
			b, _ := reply.Audio()
			if a.Keys.Security != b.Keys.Security || string(a.Keys.Local) != string(b.Keys.Remote) || string(a.Keys.Remote) != string(b.Keys.Local) {
				t.Errorf("SDES %v DTLS %v: %v and %v", sdes, dtls, a.Keys.Security, b.Keys.Security)
			}
			if (sdes == Required || dtls == Required) && a.Keys.Security == Clear {
				t.Error("required and clear")
			}
			if a.Keys.Security == DTLS && a.Keys.DTLSClient == b.Keys.DTLSClient {
				t.Error("two of the same role")
			}
			if a.Codec != b.Codec || a.PayloadType != b.PayloadType || a.Remote.Port() != 30000 || !a.RTCPMux || a.Events[0] != b.Events[0] {
				t.Errorf("%+v and %+v", a, b)
			}
		}
	}
}

func TestAcceptRefuses(t *testing.T) {
	required := caps()
	required.SDES = Required
	ok := "m=audio 4000 RTP/SAVP 0"
	cases := map[string]struct {
		caps   Capabilities
		answer []string
		err    error
	}{
		"no keys":         {required, []string{ok}, ErrSRTPRequired},
		"another tag":     {required, []string{ok, strings.Replace(crypto80, ":3", ":9", 1)}, ErrSRTPRequired},
		"refused":         {caps(), []string{"m=audio 0 RTP/AVP 0"}, ErrNoMedia},
		"fewer lines":     {caps(), nil, ErrNoMedia},
		"more lines":      {caps(), []string{"m=audio 1 RTP/AVP 0", "m=audio 2 RTP/AVP 0"}, ErrMismatch},
		"codec":           {caps(), []string{"m=audio 1 RTP/AVP 18"}, ErrNoCommonCodec},
		"other transport": {caps(), []string{"m=audio 1 TCP/X 0"}, ErrProtocol},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if _, err := Accept(Offer(c.caps), parse(t, body(c.answer...)), c.caps); !errors.Is(err, c.err) {
				t.Errorf("error %v, want %v", err, c.err)
			}
		})
	}
}

// TestNumbersOfTheAnswer: a peer that renumbers is sent its own numbers and understood in ours.
func TestNumbersOfTheAnswer(t *testing.T) {
	own := caps()
	n, err := Accept(Offer(own), parse(t, body("m=audio 1 RTP/AVP 120 99", "a=rtpmap:120 opus/48000/2", "a=rtpmap:99 telephone-event/8000")), own)
	if err != nil {
		t.Fatal(err)
	}
	a, _ := n.Audio()
	if a.PayloadType != 120 || a.ReceivePayloadType != 96 || a.Events[0].PayloadType != 99 || len(a.Events) != 3 {
		t.Errorf("%+v", a)
	}
}
