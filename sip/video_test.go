package sip_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"legroom/media"
	"legroom/sip"
	"legroom/sip/sdp"
	"legroom/sip/siptest"
)

// TestPicturesBothWays: H.264 in both packetization modes and protections goes to the room and comes back.
func TestPicturesBothWays(t *testing.T) {
	for _, codec := range []media.Codec{siptest.H264Mode1, siptest.H264Mode0} {
		for _, keys := range []sdp.Security{sdp.Clear, sdp.SDES, sdp.DTLS} {
			t.Run(fmt.Sprint(codec.Fmtp, " ", keys), func(t *testing.T) {
				t.Parallel()
				o := room(codec)
				o.Security, o.Transport = keys, "tls"
				r := shown(t, o)
				if got := r.leg.Accepts(media.Video); len(got) != 1 || got[0].Name != media.H264 || !r.leg.HasVideo() || r.leg.Capacity(media.Video) != 1 {
					t.Fatalf("accepts %v, capacity %d", got, r.leg.Capacity(media.Video))
				}
				r.pass(40)
				r.whole(0)
				frames := r.call.Pictures.Frames()
				if !frames[0].Keyframe {
					t.Error("what is shown does not begin with a key frame")
				}
				for i := 1; i < len(frames); i++ {
					if frames[i].Number != frames[i-1].Number+1 {
						t.Errorf("frame %d after %d", frames[i].Number, frames[i-1].Number)
					}
				}
				s := r.leg.Stats()
				if want := map[sdp.Security]sip.Security{sdp.Clear: sip.SecurityClear, sdp.SDES: sip.SecuritySDES, sdp.DTLS: sip.SecurityDTLS}[keys]; s.Security != want {
					t.Errorf("security %v", s.Security)
				}
				if s.Video.Codec.Name != media.H264 || s.Video.PacketsIn < 40 || s.Video.PacketsOut < 40 || s.Video.Unfit != 0 {
					t.Errorf("stats %+v", s.Video)
				}
				r.call.Bye()
			})
		}
	}
}

// TestMixedProtectionIsTheWeakest: sound by SDES and pictures in clear is a call in clear.
func TestMixedProtectionIsTheWeakest(t *testing.T) {
	o := room(siptest.H264Mode1)
	o.Security, o.Transport = sdp.SDES, "tls"
	s := &stage{}
	legs := make(chan *sip.Leg, 1)
	b := start(t, staged(t, s, legs))
	call := b.phone(o).Invite("1000", func(m *siptest.Message) {
		head, line, _ := strings.Cut(m.Body, "m=video")
		line = strings.Replace(line, "RTP/SAVP", "RTP/AVP", 1)
		var kept []string
		for _, l := range strings.Split(line, "\r\n") {
			if !strings.HasPrefix(l, "a=crypto") {
				kept = append(kept, l)
			}
		}
		m.Body = head + "m=video" + strings.Join(kept, "\r\n")
	})
	res := call.Final()
	if res.Status() != 200 {
		t.Fatalf("got %s", res)
	}
	call.Answer = res
	call.Ack("")
	if leg := <-legs; !leg.HasVideo() || leg.Security() != sip.SecurityClear {
		t.Errorf("video %v, security %v", leg.HasVideo(), leg.Security())
	}
	call.Bye()
}

// TestManyCallsWithPicturesLeaveNothing: a hundred calls, of which each opens, drops and opens pictures, leave no port and no
// goroutine. The range has ports for a few calls only, so what is not given back is missed.
func TestManyCallsWithPicturesLeaveNothing(t *testing.T) {
	const port = 30500
	legs := make(chan *sip.Leg, 1)
	each := handlerFunc(func(ctx context.Context, d *sip.Dialog) { staged(t, &stage{mirror: true}, legs)(ctx, d) })
	b := start(t, each, func(c *sip.Config) { c.RTP.PortMin, c.RTP.PortMax = port, port+15 })
	p := b.phone(room(siptest.H264Mode1))
	p.Invite("1000").Answered().Bye() // now the server stands
	<-legs
	eventually(t, "no dialog", func() bool { return b.Dialogs() == 0 })
	idle := runtime.NumGoroutine()
	for i := range 100 {
		call := p.Invite("1000").Answered()
		leg := <-legs
		if !leg.HasVideo() {
			t.Fatalf("call %d has no pictures: no ports are left", i)
		}
		call.Pictures.Show(1, true, 3000)
		call.Pictures.WaitFrames(1)
		if i%4 == 0 {
			if res := call.DropPictures(); res.Status() != 200 {
				t.Fatalf("got %s", res)
			}
			if res := call.AddPictures(); res.Status() != 200 || strings.Contains(res.Body, "m=video 0") {
				t.Fatalf("got %s", res)
			}
		}
		call.Bye()
	}
	eventually(t, "no dialog left", func() bool { return b.Dialogs() == 0 })
	eventually(t, "no goroutine left", func() bool { return runtime.NumGoroutine() <= idle })
	for n := port; n < port+16; n++ {
		conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: n})
		if err != nil {
			t.Errorf("port %d is still bound: %v", n, err)
			continue
		}
		_ = conn.Close()
	}
}

// TestNoPortsForPictures: sound goes first, and a call without ports for pictures is one of sound.
func TestNoPortsForPictures(t *testing.T) {
	s := &stage{}
	legs := make(chan *sip.Leg, 1)
	b := start(t, staged(t, s, legs), func(c *sip.Config) { c.RTP.PortMin, c.RTP.PortMax = 30600, 30603 })
	p := b.phone(room(siptest.H264Mode1))
	first := p.Invite("1000").Answered()
	if leg := <-legs; !leg.HasVideo() {
		t.Error("two pairs are enough for one call")
	}
	first.Bye()
	eventually(t, "the call is over", func() bool { return b.Dialogs() == 0 })
	sound := b.phone(siptest.Options{}).Invite("1000").Answered()
	<-legs
	second := p.Invite("1000")
	res := second.Final()
	if res.Status() != 200 || !strings.Contains(res.Body, "m=video 0") {
		t.Fatalf("got %s", res)
	}
	second.Answer = res
	second.Ack("")
	if leg := <-legs; leg.HasVideo() {
		t.Error("pictures without ports")
	}
	second.Bye()
	sound.Bye()
}

// TestPicturesComeAndGo by re-INVITE, and are held alone.
func TestPicturesComeAndGo(t *testing.T) {
	r := shown(t, room(siptest.H264Mode1))
	var told atomic.Int32
	r.leg.OnPictures(func() { told.Add(1) })
	r.pass(5)
	first := r.stage.of(media.Camera)
	defer r.call.Media.Tone(1000)()

	if res := r.call.DropPictures(); res.Status() != 200 || !strings.Contains(res.Body, "m=video 0 ") {
		t.Fatalf("got %s", res)
	}
	eventually(t, "the camera is gone", func() bool {
		return first.closed.Load() && !r.leg.HasVideo() && r.leg.Capacity(media.Video) == 0 && r.leg.Accepts(media.Video) == nil && told.Load() == 1
	})
	if err := first.back.Write(&media.Packet{}); !errors.Is(err, media.ErrClosed) {
		t.Errorf("a sink of pictures that are gone answers %v", err)
	}
	if r.stage.of(media.Microphone) == nil {
		t.Error("the microphone went with the camera")
	}

	if res := r.call.AddPictures(); res.Status() != 200 || strings.Contains(res.Body, "m=video 0 ") {
		t.Fatalf("got %s", res)
	}
	eventually(t, "a camera is back", func() bool { return r.stage.of(media.Camera) != nil && told.Load() == 2 })
	r.pass(5)

	if res := r.call.HoldPictures(sdp.SendOnly); res.Status() != 200 || !strings.Contains(res.Body, "a=recvonly") {
		t.Fatalf("got %s", res)
	}
	eventually(t, "pictures are held", func() bool { return r.leg.Capacity(media.Video) == 0 && told.Load() == 3 })
	if !r.leg.HasVideo() || r.stage.of(media.Camera) == nil {
		t.Error("who holds our pictures sends its own")
	}
	if res := r.call.HoldPictures(sdp.SendRecv); res.Status() != 200 {
		t.Fatalf("got %s", res)
	}
	eventually(t, "pictures are back", func() bool { return r.leg.Capacity(media.Video) == 1 && told.Load() == 4 })
	r.pass(5)
	if res := r.call.HoldPictures(sdp.Inactive); res.Status() != 200 {
		t.Fatalf("got %s", res)
	}
	eventually(t, "no camera", func() bool { return r.stage.of(media.Camera) == nil && r.leg.Capacity(media.Video) == 0 })
	mic := r.stage.of(media.Microphone)
	before := mic.packets.Load()
	eventually(t, "sound goes on", func() bool { return mic.packets.Load() > before })
	r.call.Bye()
}

// TestRoomThatRefusesTheCamera hears the call all the same.
func TestRoomThatRefusesTheCamera(t *testing.T) {
	s := &stage{refuse: errors.New("encrypted")}
	legs := make(chan *sip.Leg, 1)
	b := start(t, staged(t, s, legs))
	call := b.phone(room(siptest.H264Mode1)).Invite("1000").Answered()
	<-legs
	defer call.Media.Tone(1000)()
	eventually(t, "sound comes", func() bool { m := s.of(media.Microphone); return m != nil && m.packets.Load() > 3 })
	call.Pictures.Show(1, true, 500)
	call.Bye()
}

// TestLateOfferHasPictures: our offer has them, and the answer takes them or not.
func TestLateOfferHasPictures(t *testing.T) {
	for _, takes := range []bool{true, false} {
		t.Run(fmt.Sprint(takes), func(t *testing.T) {
			s := &stage{mirror: true}
			legs := make(chan *sip.Leg, 1)
			b := start(t, staged(t, s, legs))
			p := b.phone(room(siptest.H264Mode0))
			call := p.Invite("1000", func(m *siptest.Message) {
				m.Body = ""
				m.Headers = slices.DeleteFunc(m.Headers, func(h siptest.Header) bool { return h.Name == "Content-Type" })
			})
			res := call.Final()
			if res.Status() != 200 || strings.Count(res.Body, "m=video") != 1 || strings.Contains(res.Body, "m=video 0") || strings.Index(res.Body, "H264") > strings.Index(res.Body, "VP8") {
				t.Fatalf("offered %s", res)
			}
			call.Answer = res
			offer := res.Body
			if !takes {
				offer = strings.Replace(offer, "H264", "H999", 3)
				offer = strings.Replace(offer, "VP8", "VP9", 1)
			}
			call.Ack(call.AnswerTo(offer))
			leg := <-legs
			if leg.HasVideo() != takes {
				t.Fatalf("video %v", leg.HasVideo())
			}
			if takes {
				r := &boardroom{bench: b, phone: p, call: call, leg: leg, stage: s}
				r.pass(5)
			}
			call.Bye()
		})
	}
}

// TestPicturesSwitchedOff: with an empty list of codecs every line is refused in its place.
func TestPicturesSwitchedOff(t *testing.T) {
	s := &stage{}
	legs := make(chan *sip.Leg, 1)
	b := start(t, staged(t, s, legs), func(c *sip.Config) { c.Video.Codecs = nil })
	p := b.phone(room(siptest.H264Mode1))
	call := p.Invite("1000")
	res := call.Final()
	if res.Status() != 200 || !strings.Contains(res.Body, "m=video 0 ") {
		t.Fatalf("got %s", res)
	}
	call.Answer = res
	call.Ack("")
	if leg := <-legs; leg.HasVideo() || leg.Accepts(media.Video) != nil || leg.Capacity(media.Video) != 0 || leg.PictureLimits() != (media.PictureLimits{}) {
		t.Error("pictures were agreed")
	}
	call.Bye()
}

// TestPicturesAlone are no call.
func TestPicturesAlone(t *testing.T) {
	b := start(t, echo(t))
	res := b.phone(room(siptest.H264Mode1)).Invite("1000", func(m *siptest.Message) {
		m.Body = strings.Replace(m.Body, "PCMU", "XYZ", 1)
		m.Body = strings.Replace(m.Body, "RTP/AVP 0 101", "RTP/AVP 99 101", 1)
	}).Final()
	if res.Status() != 488 {
		t.Errorf("got %s", res)
	}
}

// TestPicturesThatFailLeaveTheSound: a DTLS handshake that never comes ends the pictures and nothing else; they can be offered
// again.
func TestPicturesThatFailLeaveTheSound(t *testing.T) {
	o := room(siptest.H264Mode1)
	o.Security = sdp.DTLS
	s := &stage{mirror: true}
	legs := make(chan *sip.Leg, 1)
	b := start(t, staged(t, s, legs), func(c *sip.Config) { c.RTP.HandshakeTimeout = time.Second })
	p := b.phone(o)
	call := p.Invite("1000")
	_ = call.Pictures.Session.Close(nil)
	call.Pictures = nil // the room system never begins
	call.Answered()
	leg := <-legs
	if !leg.HasVideo() {
		t.Fatal("no pictures were agreed")
	}
	eventually(t, "the pictures are given up", func() bool { return !leg.HasVideo() && s.of(media.Camera) == nil })
	defer call.Media.Tone(1000)()
	mic := s.of(media.Microphone)
	before := mic.packets.Load()
	eventually(t, "sound goes on", func() bool { return mic.packets.Load() > before })
	if res := call.AddPictures(); res.Status() != 200 {
		t.Fatalf("got %s", res)
	}
	eventually(t, "pictures are back", func() bool { return leg.HasVideo() && s.of(media.Camera) != nil })
	(&boardroom{bench: b, phone: p, call: call, leg: leg, stage: s}).pass(3)
	call.Bye()
}

// TestSlides: a second line is taken where the Config says so, and published as a screen.
func TestSlides(t *testing.T) {
	for _, taken := range []bool{false, true} {
		t.Run(fmt.Sprint(taken), func(t *testing.T) {
			s := &stage{}
			legs := make(chan *sip.Leg, 1)
			b := start(t, staged(t, s, legs), func(c *sip.Config) { c.Video.Slides = taken })
			call := b.phone(room(siptest.H264Mode1)).Invite("1000", func(m *siptest.Message) {
				m.Body += "m=video 5006 RTP/AVP 97\r\na=rtpmap:97 H264/90000\r\na=fmtp:97 profile-level-id=42e01f;packetization-mode=1\r\na=content:slides\r\n"
			})
			res := call.Final()
			call.Answer = res
			call.Ack("")
			<-legs
			if got := strings.Contains(res.Body, "m=video 0 "); got == taken || (s.of(media.Screen) != nil) != taken || s.of(media.Camera) == nil {
				t.Errorf("a closed line %v, screen %v, camera %v", got, s.of(media.Screen), s.of(media.Camera))
			}
			call.Bye()
		})
	}
}
