package sip_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"legroom/media"
	"legroom/sip"
	"legroom/sip/sdp"
	"legroom/sip/siptest"
)

// stage is a Publisher that remembers tracks, counts what comes on each and, as a mirror does, sends the camera back.
type stage struct {
	leg    *sip.Leg
	refuse error // what a camera is answered
	mirror bool

	mu     sync.Mutex
	tracks []*stageTrack
}

type stageTrack struct {
	info    media.TrackInfo
	back    media.Sink[*media.Packet]
	asked   atomic.Int32
	packets atomic.Int32
	closed  atomic.Bool
}

func (s *stage) Publish(info media.TrackInfo) (media.Sink[*media.Packet], error) {
	if info.Kind() == media.Video && s.refuse != nil {
		return nil, s.refuse
	}
	tr := &stageTrack{info: info}
	if s.mirror && info.Source == media.Camera {
		ask := info.RequestKeyframe
		back, err := s.leg.Send(media.TrackInfo{Source: media.Camera, Codec: info.Codec, Layers: 1, RequestKeyframe: func(l uint8) {
			tr.asked.Add(1)
			ask(l)
		}})
		if err != nil {
			return nil, err
		}
		tr.back = back
	}
	s.mu.Lock()
	s.tracks = append(s.tracks, tr)
	s.mu.Unlock()
	return tr, nil
}

func (tr *stageTrack) Write(p *media.Packet) error {
	tr.packets.Add(1)
	if tr.back != nil {
		return tr.back.Write(p)
	}
	return nil
}

func (tr *stageTrack) Close() error {
	tr.closed.Store(true)
	return nil
}

// of gives the track of a source that was published last and is open; nil for none.
func (s *stage) of(source media.Source) *stageTrack {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, tr := range slices.Backward(s.tracks) {
		if tr.info.Source == source && !tr.closed.Load() {
			return tr
		}
	}
	return nil
}

// boardroom is a call with pictures as both ends see it.
type boardroom struct {
	*bench
	phone *siptest.Phone
	call  *siptest.Call
	leg   *sip.Leg
	stage *stage
}

// shown places a call with pictures; the server sends the camera back.
func shown(t *testing.T, o siptest.Options, change ...func(*sip.Config)) *boardroom {
	t.Helper()
	r := &boardroom{stage: &stage{mirror: true}}
	legs := make(chan *sip.Leg, 1)
	r.bench = start(t, staged(t, r.stage, legs), change...)
	r.phone = r.bench.phone(o)
	r.call = r.phone.Invite("1000").Answered()
	r.leg = <-legs
	return r
}

func staged(t *testing.T, s *stage, legs chan<- *sip.Leg) handlerFunc {
	return func(ctx context.Context, d *sip.Dialog) {
		leg, err := d.Answer(ctx)
		if err != nil {
			t.Errorf("Answer: %v", err)
			return
		}
		s.leg = leg
		if err := leg.Publish(s); err != nil {
			t.Errorf("Publish: %v", err)
		}
		legs <- leg
		if err := leg.Run(ctx); err != nil {
			t.Errorf("Run: %v", err)
		}
	}
}

// room is a room system with all feedback.
func room(codec media.Codec) siptest.Options {
	return siptest.Options{Video: []media.Codec{codec}, Feedback: siptest.AllFeedback}
}

// pass shows frames, the first a key frame, until n more have come back.
func (r *boardroom) pass(n int) {
	r.t.Helper()
	pictures := r.call.Pictures
	before := len(pictures.Frames())
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for i := 0; ; i++ {
			size := 900
			if i%10 == 0 {
				size = 1100
				if strings.Contains(pictures.Agreed().Codec.Fmtp, "mode=1") {
					size = 5000 // FU-A
				}
			}
			pictures.Show(uint32(i), i%10 == 0, size)
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
	})
	pictures.WaitFrames(before + n)
	cancel()
	wg.Wait()
}

// whole checks that what came back from a frame on has no gap in its sequence and rises.
func (r *boardroom) whole(from int) {
	r.t.Helper()
	packets := r.call.Pictures.Packets()
	for i := from + 1; i < len(packets); i++ {
		a, b := packets[i-1], packets[i]
		if b.SequenceNumber != a.SequenceNumber+1 || int32(b.Timestamp-a.Timestamp) < 0 || b.SSRC != a.SSRC {
			r.t.Errorf("packet %d: sequence %d to %d, timestamp %d to %d, ssrc %x to %x", i, a.SequenceNumber, b.SequenceNumber, a.Timestamp, b.Timestamp, a.SSRC, b.SSRC)
		}
	}
}

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

// TestManyCallsWithPicturesLeaveNothing: a hundred calls, of which each opens, drops and opens pictures, leave no port and no
// goroutine. The range has ports for a few calls only, so what is not given back is missed.
func TestManyCallsWithPicturesLeaveNothing(t *testing.T) {
	const port = 41000
	s := &stage{mirror: true}
	legs := make(chan *sip.Leg, 1)
	b := start(t, staged(t, s, legs), func(c *sip.Config) { c.RTP.PortMin, c.RTP.PortMax = port, port+15 })
	p := b.phone(room(siptest.H264Mode1))
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
	b := start(t, staged(t, s, legs), func(c *sip.Config) { c.RTP.PortMin, c.RTP.PortMax = 41100, 41103 })
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

// TestWhatARoomTakes: limits follow the SDP, TMMBR and the packetization-mode.
func TestWhatARoomTakes(t *testing.T) {
	o := room(media.Codec{Name: media.H264, ClockRate: 90000, Fmtp: "profile-level-id=42e01f;packetization-mode=0"})
	o.VideoBitrate = 1_500_000
	r := shown(t, o)
	want := media.PictureLimits{Width: 1280, Height: 720, FrameRate: 30, Bitrate: 1_500_000, NAL: 1200}
	if got := r.leg.PictureLimits(); got != want {
		t.Errorf("limits %+v, want %+v", got, want)
	}
	r.pass(3)
	var told atomic.Int32
	r.leg.OnPictures(func() { told.Add(1) })
	if err := r.call.Pictures.Session.RequestRate(600_000); err != nil {
		t.Fatal(err)
	}
	eventually(t, "less is sent", func() bool { return r.leg.PictureLimits().Bitrate <= 600_000 && told.Load() == 1 })
	// The other way round.
	r.stage.of(media.Camera)
	if err := r.leg.RequestBitrate(700_000); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the room system is bounded", func() bool { n := r.call.Pictures.Session.SendRate(); return n > 0 && n <= 700_000 })
	r.call.Bye()
}

// TestFragmentsForWhoTakesNone are left out and counted.
func TestFragmentsForWhoTakesNone(t *testing.T) {
	s := &stage{}
	legs := make(chan *sip.Leg, 1)
	b := start(t, staged(t, s, legs))
	call := b.phone(room(siptest.H264Mode0)).Invite("1000").Answered()
	leg := <-legs
	sink, err := leg.Send(media.TrackInfo{Source: media.Camera, Codec: leg.Accepts(media.Video)[0]})
	if err != nil {
		t.Fatal(err)
	}
	for i, payload := range [][]byte{
		{0x67, 1}, {0x68, 1}, {0x7c, 0x85, 1}, {0x78, 0, 2, 0x67, 1}, make([]byte, 1600), {0x65, 1},
	} {
		p := &media.Packet{}
		p.SequenceNumber, p.Payload, p.Marker = uint16(i), payload, i == 5
		if len(payload) == 1600 {
			payload[0] = 0x65
		}
		if err := sink.Write(p); err != nil {
			t.Errorf("packet %d: %v", i, err)
		}
	}
	call.Pictures.Wait("three packets", func() bool { return len(call.Pictures.Packets()) == 3 })
	if got := leg.Stats().Video.Unfit; got != 3 {
		t.Errorf("%d unfit", got)
	}
	var numbers []uint16
	for _, p := range call.Pictures.Packets() {
		numbers = append(numbers, p.SequenceNumber-call.Pictures.Packets()[0].SequenceNumber)
	}
	if !slices.Equal(numbers, []uint16{0, 1, 5}) {
		t.Errorf("numbered %v: what is missing must be seen", numbers)
	}
	call.Bye()
}

// TestSourceSwitch: ten sources one after the other are one stream to the room system, and each begins with its key frame.
func TestSourceSwitch(t *testing.T) {
	s := &stage{}
	legs := make(chan *sip.Leg, 1)
	b := start(t, staged(t, s, legs))
	call := b.phone(room(siptest.H264Mode1)).Invite("1000").Answered()
	leg := <-legs
	var asked atomic.Int32
	n := 0
	for source := range 10 {
		sink, err := leg.Send(media.TrackInfo{Source: media.Camera, Codec: leg.Accepts(media.Video)[0], RequestKeyframe: func(uint8) { asked.Add(1) }})
		if err != nil {
			t.Fatal(err)
		}
		for i := range 6 {
			p := &media.Packet{}
			p.SSRC, p.SequenceNumber, p.Timestamp = uint32(source), uint16(source*7919+i), uint32(source*123457+i*3000)
			p.Payload, p.Marker = []byte{0x61, byte(source)}, true
			if i == 2 {
				p.Payload[0] = 0x65
			}
			if err := sink.Write(p); err != nil {
				t.Fatal(err)
			}
		}
		n += 4
		call.Pictures.Wait("the packets of a source", func() bool { return len(call.Pictures.Packets()) == n })
	}
	(&boardroom{bench: b, call: call}).whole(0)
	packets := call.Pictures.Packets()
	for i := range packets {
		if i%4 == 0 && (packets[i].Payload[0] != 0x65 || i > 0 && packets[i].Timestamp == packets[i-1].Timestamp) {
			t.Errorf("packet %d begins a source by %x at %d", i, packets[i].Payload, packets[i].Timestamp)
		}
	}
	if asked.Load() < 10 || leg.Stats().Video.Early != 20 {
		t.Errorf("asked %d times, %d came early", asked.Load(), leg.Stats().Video.Early)
	}
	call.Bye()
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

// TestVP8BothWays: a soft phone that has no H.264.
func TestVP8BothWays(t *testing.T) {
	r := shown(t, room(siptest.VP8))
	if got := r.leg.Accepts(media.Video); len(got) != 1 || got[0].Name != media.VP8 || r.leg.PictureLimits().NAL != 0 {
		t.Fatalf("accepts %v", got)
	}
	key := []byte{0x90, 0x80, 5, 0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xf0, 0x00, 0, 0}
	for i := range uint16(5) {
		r.call.Pictures.Send(i, uint32(i)*3000, true, key)
	}
	r.call.Pictures.Wait("five packets", func() bool { return len(r.call.Pictures.Packets()) == 5 })
	r.whole(0)
	r.call.Bye()
}

// TestNoAllocationPerPicture: what a room writes goes out without memory.
func TestNoAllocationPerPicture(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	s := &stage{}
	legs := make(chan *sip.Leg, 1)
	b := start(t, staged(t, s, legs))
	call := b.phone(room(siptest.H264Mode1)).Invite("1000").Answered()
	leg := <-legs
	sink, err := leg.Send(media.TrackInfo{Source: media.Camera, Codec: leg.Accepts(media.Video)[0], RequestKeyframe: func(uint8) {}})
	if err != nil {
		t.Fatal(err)
	}
	p := &media.Packet{}
	p.Payload = append([]byte{0x65}, make([]byte, 1000)...)
	before := leg.Stats().Video.PacketsOut
	call.Pictures.Session.OnPacket(nil) // its record makes memory
	if n := testing.AllocsPerRun(200, func() {
		p.SequenceNumber++
		p.Timestamp += 3000
		if err := sink.Write(p); err != nil {
			t.Error(err)
		}
	}); n >= 1 {
		t.Errorf("%v allocations a packet", n)
	}
	if got := leg.Stats().Video.PacketsOut - before; got < 200 {
		t.Errorf("%d packets: nothing measured", got)
	}
	call.Bye()
}
