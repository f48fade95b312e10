package gateway_test

import (
	"regexp"
	"strings"
	"testing"

	"legroom/configs"
	"legroom/media"
	"legroom/media/mediatest"
	"legroom/sip/siptest"
)

// TestCodecChangesInTheMenu re-offers another codec while a prompt plays and while music does: both go on.
func TestCodecChangesInTheMenu(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ before, after media.CodecName }{
		"PCMU to PCMA": {media.PCMU, media.PCMA},
		"PCMU to Opus": {media.PCMU, media.Opus},
		"G722 to PCMU": {media.G722, media.PCMU},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := start(t, func(c *configs.Config) { c.Audio.ComfortNoise = false })
			call := r.phone(siptest.Options{Codecs: []media.CodecName{c.before}}).Invite("1000").Answered()
			loud := func() bool {
				heard, rate := call.Media.Heard()
				return rate > 0 && mediatest.RMS(heard[max(0, len(heard)-rate/5):]) > .01
			}
			eventually(t, "prompt is heard", loud)
			if res := call.Recode(c.after); res.Status() != 200 {
				t.Fatalf("re-offer: %s", res)
			}
			if got := call.Media.Agreed().Codec.Name; got != c.after {
				t.Fatalf("codec %s", got)
			}
			at := call.Media.Packets()
			call.Media.WaitPackets(at + 20)
			eventually(t, "prompt goes on in the new codec", loud)
			call.Media.Press(guestPIN + "#")
			r.phase("in the room")
			call.Bye()
		})
	}
}

// TestCodecChangesInTheRoom re-offers another codec during a meeting: the caller hears and is heard as before.
func TestCodecChangesInTheRoom(t *testing.T) {
	t.Parallel()
	r := start(t)
	host := r.phone(siptest.Options{User: "host"}).Invite("1000." + hostPIN).Answered()
	r.phase("in the room")
	guest := r.phone(siptest.Options{User: "guest"}).Invite("1000." + guestPIN).Answered()
	defer host.Media.Tone(1000)()
	stop := guest.Media.Tone(440)
	both := func(when string) {
		eventually(t, "guest hears the host "+when, func() bool { return tone(guest.Media, 1000) > .99 })
		eventually(t, "host hears the guest "+when, func() bool { return tone(host.Media, 440) > .99 })
	}
	both("before")
	for _, next := range []media.CodecName{media.G722, media.Opus, media.PCMA} {
		stop()
		if res := guest.Recode(next); res.Status() != 200 {
			t.Fatalf("re-offer of %s: %s", next, res)
		}
		stop = guest.Media.Tone(440)
		eventually(t, "call is in the new codec", func() bool {
			calls := r.calls()
			return len(calls) == 2 && calls[1].Codec == guest.Media.Agreed().Codec.String() && guest.Media.Agreed().Codec.Name == next
		})
		// What was heard before is in another rate or from before: only what comes now counts.
		from := guest.Media.Packets()
		guest.Media.WaitPackets(from + 50)
		host.Media.WaitPackets(host.Media.Packets() + 50)
		both("in " + string(next))
	}
	_, body := r.get("/metrics")
	for _, want := range []string{
		`legroom_encodes_total\{codec="PCMU",use="own"\} [1-9]`, `legroom_encodes_total\{codec="opus",use="own"\} [1-9]`,
		`legroom_phone_live_received_packets [1-9]`, `legroom_phone_live_lost_packets \d`, `legroom_phone_live_jitter_seconds_count 2`,
	} {
		if !regexp.MustCompile(want).MatchString(body) {
			t.Errorf("no %s in the metrics:\n%s", want, body)
		}
	}
	stop()
	guest.Bye()
	host.Bye()
	eventually(t, "both calls are summed up", func() bool { return strings.Count(r.log.String(), `level=INFO msg="leg closed"`) == 2 })
	if n := strings.Count(r.log.String(), `level=INFO msg="call ended"`); n != 0 {
		t.Errorf("%d more lines at the end of calls", n)
	}
}
