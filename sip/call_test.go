package sip_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"legroom/media"
	"legroom/sip"
	"legroom/sip/sdp"
	"legroom/sip/siptest"
)

func TestCallOverEveryTransportAndProtection(t *testing.T) {
	codecs := []media.CodecName{media.PCMU, media.PCMA, media.G722, media.Opus}
	n := 0
	for _, transport := range []string{"udp", "tcp", "tls"} {
		for _, keys := range []sdp.Security{sdp.Clear, sdp.SDES, sdp.DTLS} {
			codec := codecs[n%len(codecs)]
			n++
			t.Run(fmt.Sprintf("%s %s %s", transport, keys, codec), func(t *testing.T) {
				t.Parallel()
				legs := make(chan *sip.Leg, 1)
				b := start(t, handlerFunc(func(ctx context.Context, d *sip.Dialog) {
					leg, err := d.Answer(ctx)
					if err != nil {
						t.Errorf("Answer: %v", err)
						return
					}
					legs <- leg
					_ = leg.Publish(mirror{leg})
					_ = leg.Run(ctx)
				}))
				p := b.phone(siptest.Options{Transport: transport, Security: keys, Codecs: []media.CodecName{codec}})
				call := p.Invite("1000").Answered()
				leg := <-legs
				want := map[sdp.Security]string{sdp.Clear: "clear", sdp.SDES: "sdesKeyInClear", sdp.DTLS: "dtls"}[keys]
				if keys == sdp.SDES && transport == "tls" {
					want = "sdes"
				}
				if got := leg.Security().String(); got != want {
					t.Errorf("security %s, want %s", got, want)
				}
				if leg.Codec().Name != codec || leg.Accepts(media.Audio)[0] != leg.Codec() || leg.Accepts(media.Video) != nil {
					t.Errorf("codec %v, accepts %v", leg.Codec(), leg.Accepts(media.Audio))
				}
				defer call.Media.Tone(1000)()
				call.Media.WaitPackets(10)
				call.Media.WaitTone(1000, 300*time.Millisecond, 0.97)
				call.Bye()
				eventually(t, "no dialog left", func() bool { return b.Dialogs() == 0 })
			})
		}
	}
}

func TestHandlerSeesTheCall(t *testing.T) {
	seen := make(chan *sip.Dialog, 1)
	b := start(t, handlerFunc(func(_ context.Context, d *sip.Dialog) {
		seen <- d
		_ = d.Reject(sip.ErrNotFound)
	}))
	p := b.phone(siptest.Options{User: "+4930123456789"})
	res := p.Invite("1000.47%311", func(m *siptest.Message) {
		for i := range m.Headers {
			if m.Headers[i].Name == "From" {
				m.Headers[i].Value = `"Ann \"A\" B" <sip:+4930123456789@example.net>;tag=x1`
			}
		}
	}).Final()
	d := <-seen
	<-d.Done()
	if res.Status() != 404 || res.Get("reason") != `Q.850;cause=1;text="Not Found"` {
		t.Errorf("answer %q, reason %q", res.Start, res.Get("reason"))
	}
	if d.Called() != "1000.4711" || d.From().User != "+4930123456789" || d.From().Masked() != "+49 *** 6789" {
		t.Errorf("called %q, from %+v %q", d.Called(), d.From(), d.From().Masked())
	}
	if d.Transport() != "udp" || d.Source() != p.Addr() || !errors.Is(d.Cause(), sip.ErrNotFound) {
		t.Errorf("transport %s, source %v, cause %v", d.Transport(), d.Source(), d.Cause())
	}
	r := b.refusedAll(1)
	if len(r) != 1 || r[0].Status != 404 || r[0].To != "1000.***" || r[0].From != "+49 *** 6789" || r[0].Rule == "" || r[0].Fix == "" {
		t.Errorf("refusals %+v", r)
	}
}

func TestRingThenAnswer(t *testing.T) {
	answer := make(chan struct{})
	b := start(t, handlerFunc(func(ctx context.Context, d *sip.Dialog) {
		if err := d.Ring(); err != nil {
			t.Errorf("Ring: %v", err)
		}
		<-answer
		if _, err := d.Answer(ctx); err != nil {
			t.Errorf("Answer: %v", err)
		}
		<-ctx.Done()
	}))
	p := b.phone(siptest.Options{})
	call := p.Invite("1000")
	call.Provisional(100)
	ringing := call.Provisional(180)
	close(answer)
	call.Answered()
	if ringing.Tag("to") == "" || ringing.Tag("to") != call.Answer.Tag("to") {
		t.Errorf("tags %q and %q differ", ringing.Tag("to"), call.Answer.Tag("to"))
	}
	call.Bye()
}

func TestCancel(t *testing.T) {
	for _, transport := range []string{"udp", "tcp"} {
		t.Run(transport, func(t *testing.T) {
			causes := make(chan error, 1)
			b := start(t, handlerFunc(func(ctx context.Context, d *sip.Dialog) {
				_ = d.Ring()
				<-ctx.Done()
				causes <- d.Cause()
				if _, err := d.Answer(context.Background()); !errors.Is(err, sip.ErrCancelled) {
					t.Errorf("Answer after CANCEL: %v", err)
				}
			}))
			p := b.phone(siptest.Options{Transport: transport})
			call := p.Invite("1000")
			ringing := call.Provisional(180)
			res := call.Cancel()
			if res.Status() != 487 || res.Tag("to") != ringing.Tag("to") {
				t.Errorf("answer %q, tag %q, want that of the 180 %q", res.Start, res.Tag("to"), ringing.Tag("to"))
			}
			if err := <-causes; !errors.Is(err, sip.ErrCancelled) {
				t.Errorf("cause %v", err)
			}
			eventually(t, "no dialog left", func() bool { return b.Dialogs() == 0 })
			if r := b.refused(); len(r) != 0 {
				t.Errorf("a call given up is no refusal: %+v", r)
			}
		})
	}
}

func TestWeHangUp(t *testing.T) {
	b := start(t, handlerFunc(func(ctx context.Context, d *sip.Dialog) {
		if _, err := d.Answer(ctx); err != nil {
			t.Errorf("Answer: %v", err)
		}
	}))
	p := b.phone(siptest.Options{Manual: true})
	call := p.Invite("1000").Answered()
	call.WaitEnded()
	bye := <-p.Requests
	if bye.Method() != "BYE" || !strings.HasPrefix(bye.Get("reason"), "Q.850;cause=16") || bye.Tag("from") != call.Answer.Tag("to") {
		t.Errorf("got %s", bye)
	}
}

func TestLateOffer(t *testing.T) {
	b := start(t, echo(t))
	p := b.phone(siptest.Options{Codecs: []media.CodecName{media.PCMA}})
	call := p.Invite("1000", func(m *siptest.Message) { m.Body = "" })
	res := call.Final()
	if res.Status() != 200 || !strings.Contains(res.Body, "m=audio") {
		t.Fatalf("want 200 with an offer, got %s", res)
	}
	call.Answer = res
	call.Ack(call.AnswerTo(res.Body))
	defer call.Media.Tone(700)()
	call.Media.WaitPackets(10)
	call.Media.WaitTone(700, 300*time.Millisecond, 0.97)
	call.Bye()
}

func TestLateOfferWithoutAnswerIsHungUp(t *testing.T) {
	failed := make(chan error, 1)
	b := start(t, handlerFunc(func(ctx context.Context, d *sip.Dialog) {
		_, err := d.Answer(ctx)
		failed <- err
	}))
	p := b.phone(siptest.Options{})
	call := p.Invite("1000", func(m *siptest.Message) { m.Body = "" })
	call.Answer = call.Final()
	call.Ack("")
	if err := <-failed; !errors.Is(err, sip.ErrBadSDP) {
		t.Errorf("Answer: %v", err)
	}
	call.WaitEnded()
}

func TestUnacknowledgedAnswerIsRepeatedAndHungUp(t *testing.T) {
	causes := make(chan error, 1)
	b := start(t, handlerFunc(func(ctx context.Context, d *sip.Dialog) {
		if _, err := d.Answer(ctx); err != nil {
			t.Errorf("Answer: %v", err)
		}
		<-ctx.Done()
		causes <- d.Cause()
	}), func(c *sip.Config) { c.Timers.T1 = 10 * time.Millisecond })
	p := b.phone(siptest.Options{})
	call := p.Invite("1000")
	for range 3 {
		call.Provisional(200)
	}
	call.WaitEnded()
	if err := <-causes; !errors.Is(err, sip.ErrNoACK) {
		t.Errorf("cause %v", err)
	}
}

func TestHoldAndResume(t *testing.T) {
	holds := make(chan bool, 4)
	b := start(t, handlerFunc(func(ctx context.Context, d *sip.Dialog) {
		leg, err := d.Answer(ctx)
		if err != nil {
			t.Errorf("Answer: %v", err)
			return
		}
		leg.OnHold(func(h bool) { holds <- h })
		_ = leg.Publish(mirror{leg})
		_ = leg.Run(ctx)
	}))
	p := b.phone(siptest.Options{})
	call := p.Invite("1000").Answered()
	defer call.Media.Tone(500)()
	call.Media.WaitPackets(5)
	res := call.Hold()
	if res.Status() != 200 || !strings.Contains(res.Body, "a=recvonly") {
		t.Fatalf("hold answered with %s", res)
	}
	if !<-holds {
		t.Error("OnHold said false")
	}
	res = call.Resume()
	if res.Status() != 200 || strings.Contains(res.Body, "a=recvonly") {
		t.Fatalf("resume answered with %s", res)
	}
	if <-holds {
		t.Error("OnHold said true")
	}
	call.Media.WaitPackets(call.Media.Packets() + 10)
	call.Media.WaitTone(500, 200*time.Millisecond, 0.97)
	call.Bye()
}

func TestDigitsOnceAndInOrder(t *testing.T) {
	for _, tc := range []struct {
		name   string
		noDTMF bool
		press  func(*siptest.Phone, *siptest.Call)
	}{
		{"by RTP", false, func(_ *siptest.Phone, c *siptest.Call) { c.Media.Press("12#*0") }},
		{"by INFO alone", true, func(p *siptest.Phone, c *siptest.Call) {
			for _, r := range "12#*0" {
				info(t, p, c, r)
			}
		}},
		{"both ways", false, func(p *siptest.Phone, c *siptest.Call) {
			for _, r := range "12#*0" {
				c.Media.Press(string(r))
				info(t, p, c, r)
			}
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			keys := make(chan rune, 32)
			b := start(t, handlerFunc(func(ctx context.Context, d *sip.Dialog) {
				defer close(keys)
				leg, err := d.Answer(ctx)
				if err != nil {
					t.Errorf("Answer: %v", err)
					return
				}
				leg.OnDigit(func(r rune) { keys <- r })
				_ = leg.Run(ctx)
			}))
			p := b.phone(siptest.Options{NoDTMF: tc.noDTMF})
			call := p.Invite("1000").Answered()
			tc.press(p, call)
			call.Bye()
			var got []rune
			for r := range keys {
				got = append(got, r)
			}
			if string(got) != "12#*0" {
				t.Errorf("keys %q", string(got))
			}
		})
	}
}

func info(t *testing.T, p *siptest.Phone, c *siptest.Call, r rune) {
	t.Helper()
	m := c.Request("INFO")
	m.Add("Content-Type", "application/dtmf-relay")
	m.Body = fmt.Sprintf("Signal=%c\r\nDuration=160\r\n", r)
	if res := p.Do(m); res.Status() != 200 {
		t.Errorf("INFO answered with %q", res.Start)
	}
}

func TestSameFromIsDifferentPeople(t *testing.T) {
	b := start(t, echo(t))
	p := b.phone(siptest.Options{User: "same"})
	q := b.phone(siptest.Options{User: "same"})
	one, two, three := p.Invite("1000").Answered(), p.Invite("1000").Answered(), q.Invite("1000").Answered()
	if n := b.Dialogs(); n != 3 {
		t.Errorf("%d dialogs, want 3", n)
	}
	for _, c := range []*siptest.Call{one, two, three} {
		c.Bye()
	}
}
