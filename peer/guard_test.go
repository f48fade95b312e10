package peer

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"legroom/e2ee/sframe"
	"legroom/media"
)

// logBuffer takes log lines of many goroutines.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// TestSoundOfAnotherIsDropped: a browser that is on leaf 3 sends frames of leaf 4, as a member could, and clear ones.
// None gets into the room, nothing is published for them, and the log says so without saying what came.
func TestSoundOfAnotherIsDropped(t *testing.T) {
	own, err := sframe.BrowserKeyID(0, 3, 257)
	if err != nil {
		t.Fatal(err)
	}
	guard := func(payload []byte) Verdict {
		if id, err := sframe.ReadKeyID(media.Opus, sframe.Audio, payload); err == nil && id.SameSender(own) {
			return Pass
		}
		return Alarm
	}
	var lines logBuffer
	e := startEngine(t, testConfig())
	r := &room{}
	leg := configured(t, e, LegConfig{ID: "a", Guard: guard, Encrypted: true, Log: slog.New(slog.NewTextHandler(&lines, nil))}, r)
	c := newClient(t, clientOptions{})
	mic, camera := c.send(webrtc.MimeTypeOpus)[0], c.send(webrtc.MimeTypeVP8)[0]
	c.negotiate(leg, nil, media.Microphone, media.Camera)
	connected(t, leg)

	other, err := sframe.BrowserKeyID(0, 4, 257)
	if err != nil {
		t.Fatal(err)
	}
	mine, theirs := newCast(t, media.Opus, 257), newCast(t, media.Opus, 257)
	if theirs.seal, err = sframe.NewSealer(sframe.StreamConfig{BaseKey: theirs.key, Kind: sframe.Audio, KeyID: other}); err != nil {
		t.Fatal(err)
	}
	clear := []byte("clear sound")
	var mu sync.Mutex
	honest := false
	pump(t, func(i int) {
		mu.Lock()
		b := [][]byte{theirs.frame(t, false, 80), clear}[i%2]
		if honest && i%4 == 0 {
			b = mine.cut(t, packetizer(media.Opus), 1200, mine.frame(t, false, 80))[0]
		}
		mu.Unlock()
		_ = mic.WriteRTP(&rtp.Packet{Header: rtp.Header{Version: 2, SequenceNumber: uint16(i), Timestamp: uint32(i * 960)}, Payload: b})
		_ = camera.WriteRTP(&rtp.Packet{Header: rtp.Header{Version: 2, SequenceNumber: uint16(i), Timestamp: uint32(i * 960), Marker: true},
			Payload: vp8Frame(uint16(i), uint8(i), 0, false, true, 1)[0]})
	})
	eventually(t, "refused packets", func() bool { return leg.Stats().Refused > 50 })
	if r.track(media.Microphone) != nil {
		t.Fatal("somebody else's sound was published")
	}
	eventually(t, "pictures, which receivers bind", func() bool { return r.track(media.Camera) != nil })
	mu.Lock()
	honest = true
	mu.Unlock()
	eventually(t, "own sound", func() bool { tr := r.track(media.Microphone); return tr != nil && len(tr.packets()) > 20 })
	mu.Lock()
	defer mu.Unlock()
	for _, p := range r.track(media.Microphone).packets() {
		if !mine.wire[string(p.Payload)] {
			t.Fatalf("got %x", p.Payload)
		}
	}
	eventually(t, "a log line", func() bool { return strings.Contains(lines.String(), "not this browser's own") })
	if text := lines.String(); strings.Count(text, "not this browser's own") > 10 || strings.Contains(text, "clear sound") {
		t.Errorf("log:\n%s", text)
	}
}

// TestGuardMakesNoMemory: what stands between the wire and the room costs nothing to speak of.
func TestGuardMakesNoMemory(t *testing.T) {
	var lines logBuffer
	e := &Engine{cfg: DefaultConfig(), log: slog.New(slog.NewTextHandler(&lines, nil))}
	u := &uplink{leg: newLeg(e, LegConfig{Guard: func(p []byte) Verdict { return Verdict(p[0]) }})}
	pass := u.guard(webrtc.RTPCodecTypeAudio)
	if !pass([]byte{byte(Pass)}) || pass([]byte{byte(Drop)}) || !u.guard(webrtc.RTPCodecTypeVideo)([]byte{0}) || u.leg.Stats().Refused != 1 {
		t.Fatal("guards the wrong thing")
	}
	if text := lines.String(); text != "" {
		t.Errorf("what happens to honest clients is told: %s", text)
	}
	if dropped, alarmed := e.KeptOut(); dropped != 1 || alarmed != 0 || pass([]byte{0}) || pass([]byte{9}) {
		t.Errorf("%d dropped, %d alarms", dropped, alarmed)
	}
	if dropped, alarmed := e.KeptOut(); dropped != 1 || alarmed != 2 || lines.String() == "" {
		t.Errorf("%d dropped, %d alarms, told %q", dropped, alarmed, lines.String())
	}
	good, bad := []byte{byte(Pass)}, []byte{byte(Drop)}
	if n := testing.AllocsPerRun(200, func() { pass(good); pass(bad) }); n != 0 {
		t.Errorf("%v allocations a packet", n)
	}
}
