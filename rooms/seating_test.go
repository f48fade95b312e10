package rooms_test

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"legroom/audio/mix"
	"legroom/media"
	"legroom/media/mediatest"
	"legroom/rooms"
)

// steady is a whisper that plays a tone for so many ms, at whatever rate it is read.
type steady struct {
	freq float64
	left int
	tone *mediatest.Tone
	rate int
}

func (s *steady) Read(dst []int16, rate int) int {
	if s.rate != rate {
		s.tone, s.rate = mediatest.NewTone(rate, s.freq, 0.3), rate
	}
	n := min(len(dst), s.left*rate/1000)
	s.tone.Fill(dst[:n])
	clear(dst[n:])
	s.left -= n * 1000 / rate
	return n
}

// recode gives the leg another codec, as a re-offer does: what it was sent before is closed.
func (l *leg) recode(c media.Codec) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.codecs[media.Audio] = []media.Codec{c}
	_ = l.lines[len(l.lines)-1].Close()
}

// goesOn checks that a leg hears 1.5 kHz of a whisper in its line of now, and that the whisper then ends in time.
func goesOn(t *testing.T, l *leg, w *mix.Whisper) {
	t.Helper()
	n := l.last(t)
	if open := l.open(); len(open) != 1 || open[0] != n {
		t.Fatalf("%d lines are open, want the last one", len(open))
	}
	synctest.Wait()
	n.forget()
	talk(200*time.Millisecond, func() {})
	if share := n.share(1500); share < .99 {
		t.Errorf("%.3f of what is heard in %v is the whisper", share, n.info.Codec)
	}
	select {
	case <-w.Done():
		t.Error("the whisper ended with the codec")
	default:
	}
	talk(time.Second, func() {})
	select {
	case <-w.Done():
	default:
		t.Error("the whisper does not end")
	}
}

func TestCodecChangesInTheBooth(t *testing.T) {
	for _, next := range []media.Codec{pcma, g722, full} {
		inHouse(t, nil, func(t *testing.T, h *house) {
			l := phone(pcmu)
			b, err := h.NewBooth(l)
			if err != nil {
				t.Fatal(err)
			}
			defer b.Close()
			w := b.Whisper(&steady{freq: 1500, left: 1000})
			talk(200*time.Millisecond, func() {})
			l.recode(next)
			is(t, b.Reseat(), nil)
			talk(100*time.Millisecond, func() {})
			goesOn(t, l, w)
		})
	}
}

func TestCodecChangesInTheRoom(t *testing.T) {
	for _, next := range []media.Codec{pcma, g722, full} {
		inHouse(t, nil, func(t *testing.T, h *house) {
			moving, other := phone(pcmu), phone(pcmu)
			p := h.join(t, rooms.JoinRequest{Leg: moving, Kind: rooms.Phone})
			q := h.join(t, rooms.JoinRequest{Leg: other, Kind: rooms.Phone})
			mouth, reply := speak(t, p, pcmu), speak(t, q, pcmu)
			low, high := tone(pcmu, 440), tone(pcmu, 1000)
			both := func() { mouth.say(low); reply.say(high) }
			talk(time.Second, both)
			moving.recode(next)
			is(t, mouth.sink.Close(), nil)
			is(t, p.Reseat(), nil)
			mouth, low = speak(t, p, next), tone(next, 440)
			talk(time.Second, both)
			moving.last(t).forget()
			other.last(t).forget()
			talk(time.Second, both)
			if share := moving.last(t).share(1000); share < .99 {
				t.Errorf("%v: %.3f of what is heard is the other", next, share)
			}
			if share := other.last(t).share(440); share < .99 {
				t.Errorf("%v: %.3f of what the other hears is the leg", next, share)
			}
			w, err := p.Whisper(&steady{freq: 1500, left: 1000})
			is(t, err, nil)
			talk(200*time.Millisecond, func() {})
			moving.recode(pcmu)
			is(t, p.Reseat(), nil)
			talk(100*time.Millisecond, func() {})
			goesOn(t, moving, w)
		})
	}
}

// TestCodecChangesBetween is a change of codec for who has no ear in a room: the lobby is not left by it.
func TestCodecChangesBetween(t *testing.T) {
	lobby := func(_ *rooms.Config, p *rooms.Policy) { p.Lobby = true }
	inHouse(t, lobby, func(t *testing.T, h *house) {
		l := phone(pcmu)
		p := h.join(t, rooms.JoinRequest{Leg: l, Kind: rooms.Phone})
		is(t, p.Reseat(), nil)
		if len(l.open()) != 0 {
			t.Error("who waits is sent the mix")
		}
		p.Leave(nil)
		is(t, p.Reseat(), nil)
	})
}

// TestAdmittedWhileJoining: who is admitted the moment it appears, still on its way in, is seated once.
func TestAdmittedWhileJoining(t *testing.T) {
	lobby := func(_ *rooms.Config, p *rooms.Policy) { p.Lobby = true }
	inHouse(t, lobby, func(t *testing.T, h *house) {
		chair := h.join(t, host(browser()))
		var over atomic.Bool
		var doorman sync.WaitGroup
		doorman.Go(func() {
			for range 1_000_000 { // an end, since in virtual time nothing happens beside a loop
				if over.Load() {
					return
				}
				_ = chair.AdmitNext() // mostly nobody waits
				runtime.Gosched()
			}
		})
		defer doorman.Wait()
		defer over.Store(true)
		for range 2000 {
			l := phone(pcmu)
			p := h.join(t, guest(l))
			_ = chair.AdmitNext() // should the doorman have come to his end
			await(t, p.Admitted(), "the guest is admitted")
			if n := len(l.all()); n != 1 {
				t.Fatalf("it is sent the mix %d times, want once", n)
			}
			p.Leave(nil)
		}
	})
}

// skipClock is stepped by the test, and lets it tell of periods that are left out.
type skipClock struct {
	step func()
	skip func(periods int)
}

func (c *skipClock) AddSkipping(step func(), skip func(int)) (remove func()) {
	c.step, c.skip = step, skip
	return func() {}
}

// TestSkipBesideAStep: a room that was put on the clock anew is not made to skip in the middle of a step.
func TestSkipBesideAStep(t *testing.T) {
	var beat skipClock
	cfg := rooms.DefaultConfig()
	cfg.Clock, cfg.Log = &beat, quiet
	cfg.Policy = func(number string) (rooms.Policy, bool) {
		p := rooms.DefaultPolicy(number)
		p.Mode = rooms.Open
		return p, true
	}
	room, err := rooms.New(cfg).Room("1000")
	is(t, err, nil)
	var stamps []uint32
	l := &tap{leg: phone(pcmu), write: func(p *media.Packet) error {
		stamps = append(stamps, p.Timestamp)
		if len(stamps) == 2 {
			beat.skip(50)
		}
		return nil
	}}
	_, err = room.Join(rooms.JoinRequest{Leg: l, Kind: rooms.Phone, Role: rooms.Host})
	is(t, err, nil)
	for range 3 {
		beat.step()
	}
	beat.skip(10)
	beat.step()
	want := []uint32{0, 160, 320, 480 + 10*160}
	for i := range want {
		if len(stamps) != len(want) || stamps[i]-stamps[0] != want[i] {
			t.Fatalf("packets at %v, want %v behind the first", stamps, want)
		}
	}
}

// tap is a leg whose packets go to a function.
type tap struct {
	*leg
	write media.SinkFunc[*media.Packet]
}

func (l *tap) Send(media.TrackInfo) (media.Sink[*media.Packet], error) { return l.write, nil }
