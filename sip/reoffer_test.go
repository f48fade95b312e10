package sip_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"legroom/media"
	"legroom/sip"
	"legroom/sip/siptest"
)

// answering is a Handler that answers, tells of the leg and lets the call go on.
func answering(t *testing.T, legs chan<- *sip.Leg) handlerFunc {
	return func(ctx context.Context, d *sip.Dialog) {
		leg, err := d.Answer(ctx)
		if err != nil {
			t.Errorf("Answer: %v", err)
			return
		}
		legs <- leg
		_ = leg.Run(ctx)
	}
}

func TestReinviteWithoutOffer(t *testing.T) {
	b := start(t, echo(t))
	p := b.phone(siptest.Options{})
	call := p.Invite("1000").Answered()
	res := p.Do(call.Request("INVITE"))
	if res.Status() != 200 || !strings.Contains(res.Body, "m=audio") {
		t.Fatalf("got %s", res)
	}
	// Our offer is pending until the ACK brings the answer: another offer is glare.
	if res := p.Do(call.Request("INVITE")); res.Status() != 491 {
		t.Errorf("second offer got %s", res)
	}
	answer := call.AnswerTo(res.Body)
	call.AckSeq(res.CSeq(), answer)
	defer call.Media.Tone(600)()
	call.Media.WaitPackets(5)
	call.Media.WaitTone(600, 200*time.Millisecond, 0.97)
	call.Bye()
}

func TestReinviteChangesCodec(t *testing.T) {
	legs := make(chan *sip.Leg, 1)
	b := start(t, answering(t, legs))
	p := b.phone(siptest.Options{Codecs: []media.CodecName{media.PCMU}})
	call := p.Invite("1000").Answered()
	leg := <-legs
	changed := make(chan media.Codec, 1)
	leg.OnCodec(func(c media.Codec) { changed <- c })
	published := &publisher{tracks: make(chan *track, 4)}
	if err := leg.Publish(published); err != nil {
		t.Fatalf("Publish: %v", err)
	}
	first := <-published.tracks
	sink, err := leg.Send(media.TrackInfo{Source: media.Mix, Codec: leg.Codec()})
	if err != nil {
		t.Fatalf("Send: %v", err)
	}
	if res := call.Recode(media.PCMA); res.Status() != 200 {
		t.Fatalf("got %s", res)
	}
	if c := <-changed; c.Name != media.PCMA || leg.Codec().Name != media.PCMA {
		t.Errorf("codec %v", c)
	}
	if err := sink.Write(&media.Packet{}); err != media.ErrClosed {
		t.Errorf("a sink of the old codec answers %v", err)
	}
	second := <-published.tracks
	if first.info.Codec.Name != media.PCMU || second.info.Codec.Name != media.PCMA {
		t.Errorf("tracks %v and %v", first.info.Codec, second.info.Codec)
	}
	<-first.closed
	call.Bye()
	<-second.closed
	if err := leg.Publish(published); err == nil {
		t.Error("a leg that has ended was published")
	}
}

// publisher collects what a leg publishes.
type publisher struct{ tracks chan *track }

type track struct {
	info   media.TrackInfo
	closed chan struct{}
}

func (p *publisher) Publish(info media.TrackInfo) (media.Sink[*media.Packet], error) {
	tr := &track{info: info, closed: make(chan struct{})}
	p.tracks <- tr
	return tr, nil
}

func (tr *track) Write(*media.Packet) error { return nil }

func (tr *track) Close() error {
	close(tr.closed)
	return nil
}

func TestSendReplacesTheSinkBefore(t *testing.T) {
	legs := make(chan *sip.Leg, 1)
	b := start(t, answering(t, legs))
	p := b.phone(siptest.Options{})
	call := p.Invite("1000").Answered()
	leg := <-legs
	info := media.TrackInfo{Source: media.Mix, Codec: leg.Codec()}
	one, err := leg.Send(info)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := leg.Send(info); err != nil {
		t.Fatal(err)
	}
	if err := one.Write(&media.Packet{}); err != media.ErrClosed {
		t.Errorf("the sink before answers %v", err)
	}
	info.Codec.Name = media.G722
	if _, err := leg.Send(info); err == nil {
		t.Error("a stream in another codec was taken")
	}
	call.Bye()
}

func TestInsideTheDialog(t *testing.T) {
	b := start(t, echo(t))
	p := b.phone(siptest.Options{})
	call := p.Invite("1000").Answered()
	for _, tc := range []struct {
		name, method string
		change       func(*siptest.Message)
		status       int
	}{
		{"options", "OPTIONS", nil, 200},
		{"refer", "REFER", func(m *siptest.Message) { m.Add("Refer-To", "<sip:x@y>") }, 603},
		{"subscribe", "SUBSCRIBE", nil, 405},
		{"unknown", "DANCE", nil, 501},
		{"info without body", "INFO", nil, 200},
		{"info of another kind", "INFO", func(m *siptest.Message) { m.Add("Content-Type", "text/plain"); m.Body = "x" }, 415},
		{"info package", "INFO", func(m *siptest.Message) { m.Add("Info-Package", "conference") }, 469},
		{"refresh by update", "UPDATE", func(m *siptest.Message) { m.Add("Supported", "timer"); m.Add("Session-Expires", "1800;refresher=uac") }, 200},
		{"update too short", "UPDATE", func(m *siptest.Message) { m.Add("Supported", "timer"); m.Add("Session-Expires", "30") }, 422},
		{"unknown extension", "INFO", func(m *siptest.Message) { m.Add("Require", "nothing-known") }, 420},
		{"broken offer", "INVITE", func(m *siptest.Message) { m.Add("Content-Type", "application/sdp"); m.Body = "hello\r\n" }, 400},
		{"other body", "INVITE", func(m *siptest.Message) { m.Add("Content-Type", "text/plain"); m.Body = "hello\r\n" }, 415},
		{"number in the past", "INFO", func(m *siptest.Message) {
			for i := range m.Headers {
				if m.Headers[i].Name == "CSeq" {
					m.Headers[i].Value = "1 INFO"
				}
			}
		}, 500},
		{"other dialog", "INFO", func(m *siptest.Message) {
			for i := range m.Headers {
				if m.Headers[i].Name == "From" {
					m.Headers[i].Value += "x"
				}
			}
		}, 481},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m := call.Request(tc.method)
			if tc.change != nil {
				tc.change(m)
			}
			res := p.Do(m)
			if res.Status() != tc.status {
				t.Errorf("got %s", res)
			}
			if tc.name == "refresh by update" && (res.Get("session-expires") != "1800;refresher=uac" || res.Get("require") != "timer") {
				t.Errorf("got %s", res)
			}
		})
	}
	if res := call.Hold(); res.Status() != 200 {
		t.Errorf("after all of it the call must work: %s", res)
	}
	call.Bye()
}

func TestSessionTimerInTheAnswer(t *testing.T) {
	b := start(t, echo(t))
	p := b.phone(siptest.Options{})
	call := p.Invite("1000", func(m *siptest.Message) {
		m.Add("k", "timer, replaces")
		m.Add("x", "600;refresher=uas")
	}).Answered()
	if call.Answer.Get("session-expires") != "600;refresher=uas" {
		t.Errorf("got %s", call.Answer)
	}
	call.Bye()
}

func TestLargeMessagesOverUDP(t *testing.T) {
	b := start(t, echo(t))
	p := b.phone(siptest.Options{})
	var routes []string
	call := p.Invite("1000", func(m *siptest.Message) {
		for i := range 60 {
			routes = append(routes, "<sip:192.0.2."+string(rune('0'+i%10))+";lr;a-parameter-that-makes-it-long="+strings.Repeat("x", 40)+">")
			m.Add("Record-Route", routes[i])
		}
	})
	res := call.Final()
	if res.Status() != 200 || len(res.String()) < 4096 {
		t.Fatalf("%d bytes, %s", len(res.String()), res.Start)
	}
	if got := res.All("record-route"); len(got) != 60 || got[0] != routes[0] || got[59] != routes[59] {
		t.Errorf("%d routes in the answer", len(got))
	}
	call.Answer = res
	call.Ack("")
	call.Bye()
}
