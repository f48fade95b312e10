package sip_test

import (
	"strings"
	"testing"
	"time"

	"legroom/media"
	"legroom/sip"
	"legroom/sip/sdp"
	"legroom/sip/siptest"
)

// TestKeyframesAreAskedFor in every way, in both directions.
func TestKeyframesAreAskedFor(t *testing.T) {
	for name, f := range map[string]sdp.Feedback{"pli": {PLI: true}, "fir": {FIR: true}, "info": {}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := room(siptest.H264Mode1)
			o.Feedback = f
			r := shown(t, o)
			r.pass(5)
			camera := r.stage.of(media.Camera)
			before := camera.asked.Load()
			// Of the room system, whose picture broke.
			if name == "info" {
				m := r.call.Request("INFO")
				m.Add("Content-Type", "application/media_control+xml")
				m.Body = `<?xml version="1.0"?><media_control><vc_primitive><to_encoder><picture_fast_update/></to_encoder></vc_primitive></media_control>`
				if res := r.phone.Do(m); res.Status() != 200 {
					t.Errorf("INFO answered with %s", res)
				}
			} else if err := r.call.Pictures.Session.RequestKeyframe(); err != nil {
				t.Errorf("request: %v", err)
			}
			eventually(t, "a request reaches the source", func() bool { return camera.asked.Load() > before })
			if got := r.leg.Stats().Video.KeyframesAsked; got == 0 {
				t.Error("not counted")
			}
			// Of the room, merged: many at once are two at most. The mirror asks too, so begin when that is over.
			if name == "info" {
				for range 20 {
					camera.info.RequestKeyframe(0)
				}
				for {
					m := <-r.phone.Requests
					if m.Method() == "INFO" {
						if m.Get("content-type") != "application/media_control+xml" || !strings.Contains(m.Body, "picture_fast_update") {
							t.Errorf("asked by %s", m)
						}
						r.phone.Send(m.Reply(200, "OK").String())
						break
					}
				}
			} else {
				asked := r.call.Pictures.KeyframesAsked()
				for range 20 {
					camera.info.RequestKeyframe(0)
				}
				r.call.Pictures.WaitKeyframeAsked(asked + 1)
				if got := r.call.Pictures.KeyframesAsked() - asked; got > 3 {
					t.Errorf("%d requests went out for 20", got)
				}
			}
			r.call.Bye()
		})
	}
}

// TestInfoThatIsRefusedIsNotRepeated: a device that does not know such requests is not bothered again.
func TestInfoThatIsRefusedIsNotRepeated(t *testing.T) {
	o := room(siptest.H264Mode1)
	o.Feedback = sdp.Feedback{}
	s := &stage{}
	legs := make(chan *sip.Leg, 1)
	b := start(t, staged(t, s, legs))
	p := b.phone(o)
	call := p.Invite("1000").Answered()
	<-legs
	camera := s.of(media.Camera)
	camera.info.RequestKeyframe(0)
	m := <-p.Requests
	if m.Method() != "INFO" {
		t.Fatalf("got %s", m)
	}
	p.Send(m.Reply(415, "Unsupported Media Type").String())
	// What is asked for now goes out, if at all, before half a second is over: then the limiter lets one pass.
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for range 15 {
		<-tick.C
		camera.info.RequestKeyframe(0)
	}
	call.Bye()
	for len(p.Requests) > 0 {
		if m := <-p.Requests; m.Method() == "INFO" {
			t.Errorf("asked again: %s", m)
		}
	}
}

// TestMediaControlThatIsBroken is refused in its own words.
func TestMediaControlThatIsBroken(t *testing.T) {
	r := shown(t, room(siptest.H264Mode1))
	for body, want := range map[string]string{"<media_control>": "parsing error", "<media_control><vc_primitive/></media_control>": "no known primitive", "x" + strings.Repeat(" ", 5000): "too large"} {
		m := r.call.Request("INFO")
		m.Add("Content-Type", "application/media_control+xml")
		m.Body = body
		res := r.phone.Do(m)
		if res.Status() < 400 || !strings.Contains(res.Body, want) || res.Get("content-type") != "application/media_control+xml" {
			t.Errorf("%.40q got %s", body, res)
		}
	}
	r.call.Bye()
}
