//go:build e2e

package e2e

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"legroom/audio/opus"
	"legroom/test/e2e/chromium"
	"legroom/test/e2e/hostile"
)

const (
	sound   = webrtc.RTPCodecTypeAudio
	picture = webrtc.RTPCodecTypeVideo
)

// The server says that the room is open. Ben, who has been there, is asked before anything is sent; Cora, whose link
// names the owner, does not go in at all.
func (s *scene) downgraded(t *testing.T) {
	anna, ben, line := s.pages["Anna"], s.pages["Ben"], s.evil.Line("Ben")
	offers := make(chan struct{}, 100)
	watch := func(m hostile.Message) (on, back []hostile.Message) {
		if m.Kind() == "offer" {
			offers <- struct{}{}
		}
		return hostile.Pass(m)
	}
	opened := func(m hostile.Message) (on, back []hostile.Message) {
		if r, there := m["room"].(map[string]any); there {
			r["mode"] = "open"
		}
		delete(m, "encryption")
		if strings.HasPrefix(m.Kind(), "meeting ") || m.Kind() == "waiting" {
			return nil, nil
		}
		if m.Kind() == "roster" {
			return []hostile.Message{m, {"type": "admitted"}}, nil
		}
		return hostile.Pass(m)
	}
	line.Tamper(watch, opened)
	s.reload("Ben")
	s.says(t, ben, "[data-testid=looser-dialog]", "looser.open.title", "looser.open.text")

	anna.Click("[data-testid=invite]")
	var link string
	anna.Evaluate(`() => document.querySelector("[data-testid=invite-link]").value`, nil, &link)
	anna.Press("Escape")
	s.evil.Line("Cora").Tamper(watch, opened)
	cora := s.browsers["Anna"].Open(t, strings.Replace(link, "#", query+"#", 1), chromium.Desktop)
	cora.Fill("[data-testid=name]", "Cora")
	cora.Click("[data-testid=join]")
	s.says(t, cora, "[data-testid=encryption-fault]", "fault.mode.title", "fault.mode.text")
	cora.Close()

	ben.Click("[data-testid=looser-leave]")
	if len(offers) != 0 {
		t.Errorf("%d offers of media to a room that is called open", len(offers))
	}
	line.Tamper(nil, nil)
	s.reload("Ben")
	s.whole(t)
}

// The media server sends Ben sound and pictures in clear, and his own sealed ones, in slots of Anna's. What it does is
// done in an open room first, where there is nothing against it: there they are heard and seen.
func (s *scene) injected(t *testing.T) {
	voice, camera := s.recorded(t)
	ben, line := s.pages["Ben"], s.evil.Line("Ben")
	anna := s.evil.Line("Anna").Participant()
	line.Tamper(nil, func(m hostile.Message) (on, back []hostile.Message) {
		for _, p := range append(m.List("participants"), m.List("upsert")...) {
			if p.Text("id") == anna {
				p["sources"] = []string{"microphone", "camera"}
			}
		}
		return hostile.Pass(m)
	})
	sfu := line.Capture(t)
	s.reload("Ben")
	eventually(t, "the page sends to the hostile server", func() bool { return sfu.Connected() && len(sfu.Received(sound)) > 100 })
	sealed := sfu.Received(sound)
	sfu.Show(anna)
	for what, packets := range map[string][]*rtp.Packet{"in clear": voice, "its own, sealed": sealed} {
		done := make(chan struct{})
		go sfu.Play(sound, again(packets, 500), done)
		go sfu.Play(picture, camera, done)
		tile := "[data-testid=tile]:not([data-participant='" + line.Participant() + "'])"
		s.comes(t, ben, tile, "person.unopened.both", "person.unopened.text")
		if samples := ben.Hear(time.Second); len(samples) == 0 || level(samples) > -90 {
			t.Errorf("%s: %d samples are heard, %.0f dBFS", what, len(samples), level(samples))
		}
		if frames := shown(ben); frames != 0 {
			t.Errorf("%s: %d frames are shown", what, frames)
		}
		close(done)
	}
	mark(ben, "SEALED")
	line.Release()
	line.Tamper(nil, nil)
	s.reload("Ben")
	s.whole(t)
}

// recorded is the sound and the picture of a page in an open room, as the server there has them: played back to it, they
// are heard and seen.
func (s *scene) recorded(t *testing.T) (voice, camera []*rtp.Packet) {
	t.Helper()
	line := s.evil.Line("Ola")
	sfu := line.Capture(t)
	ola := s.browsers["Ben"].Open(t, s.evil.Link(openRoom, "g."+guestSecret, queryWithCamera), chromium.Desktop)
	ola.Fill("[data-testid=name]", "Ola")
	ola.Click("[data-testid=join]")
	ola.See("[data-testid=room]")
	frames := func() int {
		return len(slices.DeleteFunc(sfu.Received(picture), func(p *rtp.Packet) bool { return !p.Marker }))
	}
	eventually(t, "the page sends to the hostile server", func() bool { return len(sfu.Received(sound)) > 200 && frames() > 60 })
	voice, camera = sfu.Received(sound), sfu.Received(picture)
	line.Tell(hostile.Message{"type": "rosterChange", "revision": 1, "gone": []string{}, "upsert": []hostile.Message{{
		"id": "eve", "name": "Eve", "kind": "browser", "role": "guest", "state": "joined", "muted": false, "mutedByHost": false, "hand": 0,
		"security": "dtls", "sources": []string{"microphone", "camera"}, "joinedAt": 1,
	}}})
	sfu.Show("eve")
	done := make(chan struct{})
	defer close(done)
	go sfu.Play(sound, again(voice, 1500), done)
	go sfu.Play(picture, camera, done)
	ola.Until(`() => [...document.querySelectorAll("[data-participant=eve] video")].some((v) => v.videoWidth > 0 && v.getVideoPlaybackQuality().totalVideoFrames > 10)`, nil)
	ola.Until(`() => document.querySelector("audio[data-participant=eve]")?.srcObject?.getAudioTracks().length > 0`, nil)
	eventually(t, "what is played in clear is heard", func() bool { return share(ola.Hear(500*time.Millisecond), 48000, benTone) > 0.3 })
	ola.Close()
	return voice, camera
}

// shown counts the frames that a page has drawn of others.
func shown(page *chromium.Page) int {
	var frames int
	page.Evaluate(`() => [...document.querySelectorAll("[data-testid=stage] video")].reduce((sum, v) => sum + v.getVideoPlaybackQuality().totalVideoFrames, 0)`, nil, &frames)
	return frames
}

// again is sound of 20 ms packets that goes on for n of them.
func again(packets []*rtp.Packet, n int) []*rtp.Packet {
	long := make([]*rtp.Packet, n)
	for i := range long {
		p := *packets[i%len(packets)]
		p.SequenceNumber, p.Timestamp = uint16(i), uint32(i)*960
		long[i] = &p
	}
	return long
}

// The server answers with what nobody offered: a header extension that tells of the picture, a codec that is not sealed,
// a medium that is no medium. The page takes none, and so there is no media at all.
func (s *scene) foreignAnswer(t *testing.T) {
	ben, line := s.pages["Ben"], s.evil.Line("Ben")
	line.Tamper(nil, func(m hostile.Message) (on, back []hostile.Message) {
		if m.Kind() == "answer" {
			m["sdp"] = strings.Replace(m.Text("sdp"), "a=rtpmap:", "a=extmap:13 http://www.webrtc.org/experiments/rtp-hdrext/corruption-detection\r\na=rtpmap:", 1)
		}
		return hostile.Pass(m)
	})
	s.reload("Ben")
	s.says(t, ben, "[data-testid=media-refused]", "trouble.mediaRefused")
	s.stopped(t, "Ben")
	line.Tamper(nil, nil)
	s.reload("Ben")
	s.whole(t)
}

// withoutTransforms makes of a browser one that takes a transform and does not use it, as it does when one is set too late.
const withoutTransforms = `for (const kind of [RTCRtpSender, RTCRtpReceiver]) {
  const kept = new WeakMap();
  Object.defineProperty(kind.prototype, "transform", { get() { return kept.get(this) ?? null; }, set(to) { kept.set(this, to); } });
}`

// The transform of a page is taken from it: what it sends would be in clear. The server gets silence for a moment, then
// nothing, and the page says why.
func (s *scene) stripped(t *testing.T) {
	anna, line := s.pages["Anna"], s.evil.Line("Dora")
	sfu := line.Capture(t)
	view := chromium.Desktop
	view.Script = withoutTransforms
	dora := s.browsers["Ben"].Open(t, s.evil.Link(s.room(), "g."+guestSecret, query), view)
	dora.Fill("[data-testid=name]", "Dora")
	dora.Click("[data-testid=join]")
	admitCard(anna, dora)
	mark(dora, "BROKEN")
	s.says(t, dora, "[data-testid=strip-cut]", "cut.text")
	s.says(t, dora, "[data-testid=strip-broken]", "e2ee.broken", "e2ee.broken.watchdog")
	cut := time.Now()
	packets := sfu.Received(sound)
	samples := decoded(t, packets)
	if len(samples) == 0 || level(samples) > -90 {
		t.Errorf("before it was cut off the server got %d samples in clear, %.0f dBFS", len(samples), level(samples))
	}
	if heard := dora.Hear(time.Second); level(heard) > -90 {
		t.Errorf("without a transform the page plays %.0f dBFS", level(heard))
	}
	if n := sfu.Since(sound, cut.Add(200*time.Millisecond)); n != 0 {
		t.Errorf("after it was cut off the server got %d packets", n)
	}
	dora.Click("[data-testid=leave]")
	dora.Close()
	s.whole(t)
}

// decoded is what somebody hears who takes packets for sound in clear.
func decoded(t *testing.T, packets []*rtp.Packet) []int16 {
	t.Helper()
	d, err := opus.NewDecoder(48000)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	var samples []int16
	for _, p := range packets {
		if samples, err = d.Decode(samples, p.Payload); err != nil {
			t.Errorf("a packet that is no sound in clear: %v", err)
		}
	}
	return samples
}
