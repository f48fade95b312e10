package rtpsession

import (
	"fmt"
	"testing"
	"time"

	"legroom/media"
	"legroom/sip/sdp"
)

// TestMatrix carries sound, digits and reports both ways for every codec, kind of security and place of RTCP.
func TestMatrix(t *testing.T) {
	cert, err := NewCertificate()
	if err != nil {
		t.Fatal(err)
	}
	codecs := []media.Codec{
		{Name: media.PCMU, ClockRate: 8000, Channels: 1}, pcma, {Name: media.G722, ClockRate: 8000, Channels: 1}, opus,
	}
	type way struct {
		name   string
		suite  sdp.Suite
		dtls   bool
		active bool
	}
	ways := []way{{name: "clear"}, {name: "dtls passive", dtls: true}, {name: "dtls active", dtls: true, active: true}}
	for _, suite := range sdp.DefaultSuites() {
		ways = append(ways, way{name: suite.String(), suite: suite})
	}
	for i, codec := range codecs {
		for _, w := range ways {
			for _, mux := range []bool{true, false} {
				if i > 0 && i < 3 && w.suite > sdp.AESCM128HMACSHA180 {
					continue // one codec of each clock is enough for the rarer suites
				}
				t.Run(fmt.Sprintf("%s/%s/mux=%v", codec.Name, w.name, mux), func(t *testing.T) {
					t.Parallel()
					a, b := open(t, local(), cert), open(t, local(), cert)
					a.reports.interval, b.reports.interval = 10*time.Millisecond, 10*time.Millisecond
					heardA, heardB := listen(a), listen(b)
					start(t, a)
					start(t, b)
					na, nb := negotiate(t, a, b, codec, func(c *sdp.Capabilities) { require(c, w.suite, w.dtls) },
						func(c *sdp.Capabilities) { require(c, w.suite, w.dtls); c.DTLSActive = w.active })
					if !mux {
						split(t, a, b, na, nb)
					}
					exchange(t, a, b, heardA, heardB, w.suite != 0 || w.dtls)
				})
			}
		}
	}
}

func require(c *sdp.Capabilities, suite sdp.Suite, dtls bool) {
	if suite != sdp.NoSuite {
		c.SDES, c.Suites = sdp.Required, []sdp.Suite{suite}
	}
	if dtls {
		c.DTLS = sdp.Required
	}
}

// split takes RTCP off the port of RTP.
func split(t *testing.T, a, b *Session, na, nb *sdp.Negotiation) {
	t.Helper()
	for s, n := range map[*Session]*sdp.Negotiation{a: na, b: nb} {
		agreed, _ := n.Audio()
		other := a
		if s == a {
			other = b
		}
		agreed.RTCPMux, agreed.RemoteRTCP = false, other.rtcp.local()
		s.control.Store(newTarget(agreed.RemoteRTCP))
		if err := s.Apply(agreed); err != nil {
			t.Fatal(err)
		}
	}
}

func exchange(t *testing.T, a, b *Session, heardA, heardB *capture, secure bool) {
	t.Helper()
	until(t, "keys", func() bool { return a.Stats().Secured == secure && b.Stats().Secured == secure })
	step := a.path.Load().agreed.Codec.Ticks(20 * time.Millisecond)
	var stamp uint32
	until(t, "sound both ways", func() bool {
		stamp += step
		for _, s := range []*Session{a, b} {
			if err := s.Write(sound(stamp, "hello")); err != nil {
				t.Fatal(err)
			}
		}
		return heardA.count() > 3 && heardB.count() > 3
	})
	for _, c := range []*capture{heardA, heardB} {
		first, second := c.at(1), c.at(2)
		if string(first.Payload) != "hello" || first.Arrived.IsZero() || first.Level != media.NoLevel {
			t.Errorf("heard %q level %d", first.Payload, first.Level)
		}
		if second.SequenceNumber != first.SequenceNumber+1 || second.Timestamp != first.Timestamp+step || second.SSRC != first.SSRC {
			t.Errorf("after %v came %v", first.Header, second.Header)
		}
	}
	until(t, "a round trip in reports", func() bool {
		stamp += step
		_, _ = a.Write(sound(stamp, "x")), b.Write(sound(stamp, "x"))
		return a.Stats().RTT > 0 && b.Stats().RTT > 0
	})
	if err := a.SendDigit(t.Context(), '5', 40*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	until(t, "digits", func() bool { return heardB.keys() == "5" })
	if st := b.Stats(); st.Lost != 0 || st.Digits != 1 || st.Dropped.Unauthentic != 0 || st.Dropped.Malformed != 0 {
		t.Errorf("stats %+v", st)
	}
}
