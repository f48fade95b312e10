package gateway_test

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"legroom/configs"
	"legroom/media"
	"legroom/sip/sdp"
	"legroom/sip/siptest"
)

// told looks at the one line that the log has for a refused call: what decided it, and what to do about it.
func (r *rig) told(rule, fix string) {
	r.t.Helper()
	var lines []string
	for line := range strings.Lines(r.log.String()) {
		if strings.Contains(line, `msg="call refused"`) {
			lines = append(lines, line)
		}
	}
	if len(lines) != 1 || !strings.Contains(lines[0], "level=INFO") || !strings.Contains(lines[0], rule) || !strings.Contains(lines[0], fix) {
		r.t.Errorf("refused calls in the log: %q, want one with %q and %q", lines, rule, fix)
	}
}

func TestThreeWrongPINs(t *testing.T) {
	t.Parallel()
	r, book := start(t), newPhrasebook(t, "en")
	phone := r.phone(siptest.Options{User: "+4930123456789"})
	call := phone.Invite("1000").Answered()
	call.Media.Press("840613#840614#840615#")
	call.WaitEnded()
	hears(t, book, call.Media, "too-many-tries, goodbye") // the keys cut short what was said before
	first := r.refusal("wrong PIN")
	if first.From != "+49 *** 6789" || first.To != "1000" || first.Status != 200 {
		t.Errorf("refusal %+v", first)
	}
	r.told("told by voice: wrong PIN", "tell the caller the PIN")
	// The right PIN does not help for the next ten minutes, nor does another room, nor another calling number.
	var again []*siptest.Call
	for _, a := range []struct{ user, room string }{{"+4930123456789", "1000"}, {"+4940987654321", "1000"}, {"+4940987654321", "2000"}} {
		again = append(again, r.phone(siptest.Options{User: a.user}).Invite(a.room+"."+guestPIN).Answered())
	}
	for _, call := range again {
		call.WaitEnded()
		hears(t, book, call.Media, "throttled, goodbye")
	}
	r.refusal("too many wrong PINs")
	if strings.Contains(r.log.String(), "84061") {
		t.Error("what was keyed is in the log")
	}
	if n := strings.Count(r.log.String(), "alarm: too many wrong PINs"); n != 2 {
		t.Errorf("%d alarms, want one for the source and one for the number", n)
	}
	if _, body := r.get("/metrics"); !strings.Contains(body, `legroom_guessing_alarms_total{kind="source"} 1`) {
		t.Error("alarm is not in the metrics")
	}
}

// TestUnknownRoomIsAskedForAPINLikeAnyOther: not one word, not its language and no answer on the wire tells a room that
// exists from one that does not.
func TestUnknownRoomIsAskedForAPINLikeAnyOther(t *testing.T) {
	t.Parallel()
	book := newPhrasebook(t, "en", "de")
	r := start(t, func(c *configs.Config) {
		c.Prompts.Languages = []string{"en", "de"}
		// A busy machine takes its time to understand what it hears; nothing else is to be said meanwhile.
		c.Menu.DigitTimeout = time.Minute
		c.SIP.RTP.MediaTimeout = 0
		c.Rooms = append(c.Rooms, room("2000", func(r *configs.Room) { r.Language = "de" }))
	})
	callers := make(map[string]*ear)
	for _, number := range []string{"1000", "2000", "7777"} {
		call := r.phone(siptest.Options{User: "of" + number}).Invite(number).Answered()
		defer call.Bye()
		callers[number] = &ear{t: t, book: book, media: call.Media}
	}
	for _, call := range r.calls() {
		if call.Room != "" {
			t.Errorf("room %q is shown before it is known", call.Room)
		}
	}
	for number, caller := range callers {
		t.Log(number)
		caller.hears("welcome, enter-pin")
		caller.media.Press("1111#")
	}
	for number, caller := range callers {
		t.Log(number)
		caller.hears("wrong-pin, tries-left 2, enter-pin")
	}
}

func TestRefusedByVoice(t *testing.T) {
	t.Parallel()
	book := newPhrasebook(t, "en", "de")
	for name, c := range map[string]struct {
		change           func(*configs.Config)
		dial             string
		words, rule, fix string
	}{
		"room locked": {
			func(c *configs.Config) { c.Rooms[0].Locked = true }, "1000." + guestPIN,
			"room-locked, goodbye", "told by voice: room locked", "unlock the room with *5",
		},
		"room locked, in its language": {
			func(c *configs.Config) {
				c.Prompts.Languages = []string{"en", "de"}
				c.Rooms[0].Locked, c.Rooms[0].Language = true, "de"
			}, "1000." + guestPIN, "de room-locked, de goodbye", "told by voice: room locked", "unlock the room with *5",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := start(t, c.change)
			call := r.phone(siptest.Options{}).Invite(c.dial).Answered()
			call.WaitEnded()
			hears(t, book, call.Media, c.words)
			r.refusal(c.rule)
			r.told(c.rule, c.fix)
		})
	}
}

func TestFullRoom(t *testing.T) {
	t.Parallel()
	r := start(t, func(c *configs.Config) { c.Rooms[0].Capacity = 1 })
	first := r.phone(siptest.Options{}).Invite("1000." + guestPIN).Answered()
	r.phase("in the room")
	second := r.phone(siptest.Options{User: "second"}).Invite("1000." + guestPIN).Answered()
	second.WaitEnded()
	hears(t, newPhrasebook(t, "en"), second.Media, "room-full, goodbye")
	r.refusal("room full")
	r.told("told by voice: room full", "raise the room's capacity")
	first.Bye()
}

// TestEmergencyNumber: nobody here can help, so no call is answered. A telephone hears why, then gets a final answer with
// which its exchange can try another way; a known exchange gets that at once.
func TestEmergencyNumber(t *testing.T) {
	t.Parallel()
	book := newPhrasebook(t, "en")
	refused := func(t *testing.T, r *rig, call *siptest.Call) {
		t.Helper()
		got := call.Final()
		if got.Start != "SIP/2.0 403 Emergency Calls Not Supported" || !strings.HasPrefix(got.Get("reason"), "Q.850;cause=21;") {
			t.Errorf("answer %s", got)
		}
		if got := r.refusal("emergency number"); got.Status != 403 || !strings.HasPrefix(got.To, "112") {
			t.Errorf("refusal %+v", got)
		}
		r.told("emergency number", "send emergency calls another way")
		eventually(t, "nothing left", func() bool { return len(r.calls()) == 0 })
	}
	t.Run("telephone", func(t *testing.T) {
		t.Parallel()
		r := start(t)
		call := r.phone(siptest.Options{}).Invite("112").Early()
		hears(t, book, call.Media, "no-emergency")
		refused(t, r, call)
	})
	t.Run("telephone with keys for its media", func(t *testing.T) {
		t.Parallel()
		r := start(t)
		call := r.phone(siptest.Options{Security: sdp.SDES}).Invite("112.4711").Early()
		hears(t, book, call.Media, "no-emergency")
		refused(t, r, call)
	})
	t.Run("who hangs up meanwhile", func(t *testing.T) {
		t.Parallel()
		r := start(t)
		call := r.phone(siptest.Options{}).Invite("112").Early()
		call.Media.WaitPackets(10)
		if got := call.Cancel(); got.Status() != 487 {
			t.Errorf("answer %s", got)
		}
	})
	t.Run("exchange", func(t *testing.T) {
		t.Parallel()
		r := start(t, func(c *configs.Config) {
			c.Calls.Throttle.Trunks = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
		})
		call := r.phone(siptest.Options{}).Invite("112")
		refused(t, r, call)
		if call.Media.Packets() > 0 {
			t.Error("an exchange was kept waiting by words")
		}
	})
	t.Run("without an offer", func(t *testing.T) {
		t.Parallel()
		r := start(t)
		refused(t, r, r.phone(siptest.Options{}).Invite("112", func(m *siptest.Message) {
			m.Body = ""
			m.Headers = slices.DeleteFunc(m.Headers, func(h siptest.Header) bool { return h.Name == "Content-Type" })
		}))
	})
}

// takenPorts gives a range of ports that are all in use until the test ends.
func takenPorts(t *testing.T) (first, last uint16) {
	t.Helper()
	const width = 4
	for base := uint16(20000); base < 30000; base += width {
		taken := make([]net.PacketConn, 0, width)
		for i := range uint16(width) {
			if c, err := net.ListenPacket("udp4", fmt.Sprint("127.0.0.1:", base+i)); err == nil {
				taken = append(taken, c)
			}
		}
		free := func() {
			for _, c := range taken {
				_ = c.Close()
			}
		}
		if len(taken) == width {
			t.Cleanup(free)
			return base, base + width - 1
		}
		free()
	}
	t.Fatal("no free ports")
	return 0, 0
}

func breakOffer(m *siptest.Message) { m.Body = "v=0\r\nm=audio\r\n" }

// TestRefusedCallsLeaveNothing: a hundred calls that come to nothing, each in its own way.
func TestRefusedCallsLeaveNothing(t *testing.T) {
	r := start(t, func(c *configs.Config) { c.SIP.RTP.SDES = sdp.Off })
	plain, secure := r.phone(siptest.Options{User: "plain"}), r.phone(siptest.Options{User: "secure", Security: sdp.SDES})
	ways := []func(){
		func() { plain.Invite("1000", breakOffer).Final() },
		func() { secure.Invite("1000").Final() },
		func() { plain.Invite("7777").Answered().Bye() },
		func() {
			call := plain.Invite("1000." + guestPIN).Answered()
			call.Media.WaitPackets(2)
			call.Bye()
		},
	}
	descriptors := func() int {
		all, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Skipf("open files cannot be counted here: %v", err)
		}
		return len(all)
	}
	round := func(n int) {
		for i := range n {
			ways[i%len(ways)]()
		}
		eventually(t, "no call left", func() bool { return len(r.calls()) == 0 })
	}
	round(len(ways)) // what is made once is made now
	goroutines, files := settled(), descriptors()
	round(100)
	eventually(t, "no more than before", func() bool { return runtime.NumGoroutine() <= goroutines && descriptors() <= files })
	if _, body := r.get("/metrics"); !regexp.MustCompile(`(?m)^legroom_calls 0$`).MatchString(body) {
		t.Error("metrics still show calls")
	}
}

// TestRefusedBySIP: where there is no ear yet, the answer says it to the other exchange: a status it can act on, the
// reason for what lies behind it (RFC 3326), and a warning for whoever reads a trace (RFC 3261 section 20.43).
func TestRefusedBySIP(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change          func(*configs.Config)
		calls           int // that are up before
		invite          func(*siptest.Message)
		answer, reason  string
		warning, header string
		rule, fix       string
	}{
		"no common codec": {
			change: func(c *configs.Config) { c.SIP.Codecs = []media.CodecName{media.Opus} },
			answer: "488 Not Acceptable Here", reason: "Q.850;cause=88;", warning: `305 W "No codec in common"`,
			rule: "no codec in common", fix: "let the phone offer one of sip.codecs",
		},
		"SRTP not offered": {
			change: func(c *configs.Config) { c.SIP.RTP.SDES = sdp.Required },
			answer: "488 Not Acceptable Here", reason: "Q.850;cause=88;", warning: `399 W "Encrypted media is required"`,
			rule: "encrypted media is required", fix: "switch SRTP on in the phone",
		},
		"broken SDP": {
			invite: breakOffer,
			answer: "400 Bad Session Description", reason: "Q.850;cause=127;", warning: `399 W "Session description not understood"`,
			rule: "session description not understood", fix: "the phone is faulty",
		},
		"too many at once": {
			change: func(c *configs.Config) { c.SIP.Limits.Dialogs = 1 }, calls: 1,
			answer: "503 Service Unavailable", reason: "Q.850;cause=34;", header: "Retry-After",
			rule: "1 calls are up", fix: "raise limits.dialogs",
		},
		"too many of a PBX": {
			change: func(c *configs.Config) { c.Calls.PerSource = 1 }, calls: 1,
			answer: "486 Busy Here", reason: "Q.850;cause=17;",
			rule: "all the calls that one address may have", fix: "raise calls.perSource",
		},
		"media ports taken": {
			change: func(c *configs.Config) { c.SIP.RTP.PortMin, c.SIP.RTP.PortMax = takenPorts(t) },
			answer: "503 Service Unavailable", reason: "Q.850;cause=47;", header: "Retry-After",
			rule: "no media port", fix: "widen sip.rtp.portMin to sip.rtp.portMax",
		},
		"nobody may call": {
			change: func(c *configs.Config) { c.SIP.Access.Allow = nil },
			answer: "403 Forbidden",
			rule:   "none of the networks of access.allow", fix: "access",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := start(t, func(cfg *configs.Config) {
				if c.change != nil {
					c.change(cfg)
				}
			})
			for i := range c.calls {
				call := r.phone(siptest.Options{User: fmt.Sprint("phone", i)}).Invite("1000").Answered()
				defer call.Bye()
			}
			var edit []func(*siptest.Message)
			if c.invite != nil {
				edit = append(edit, c.invite)
			}
			got := r.phone(siptest.Options{}).Invite("1000", edit...).Final()
			agent := regexp.MustCompile(`^(\d+) \S+ `)
			if got.Start != "SIP/2.0 "+c.answer || !strings.HasPrefix(got.Get("reason"), c.reason) ||
				agent.ReplaceAllString(got.Get("warning"), "$1 W ") != c.warning || c.header != "" && got.Get(c.header) == "" {
				t.Errorf("answer %s", got)
			}
			if got := r.refusal(c.rule); !strings.HasPrefix(c.answer, fmt.Sprint(got.Status)) {
				t.Errorf("refusal %+v", got)
			}
			r.told(c.rule, c.fix)
			counted := regexp.MustCompile(fmt.Sprintf(`legroom_calls_refused_total\{rule="[a-z -]+",status="%s"\} 1`, c.answer[:3]))
			if _, body := r.get("/metrics"); !counted.MatchString(body) {
				t.Errorf("not in the metrics: %v", counted)
			}
		})
	}
}
