package rooms_test

import (
	"testing"
	"time"

	"legroom/audio"
	"legroom/e2ee"
	"legroom/e2ee/sframe"
	"legroom/media"
	"legroom/media/mediatest"
	"legroom/rooms"
)

// TestGrantOpens: a telephone hears not one sample of a browser before there is a grant, hears it with one, and not one
// sample again without. What was said meanwhile was not even opened.
func TestGrantOpens(t *testing.T) {
	for _, c := range []media.Codec{pcmu, g722, full} {
		t.Run(string(c.Name), func(t *testing.T) {
			inMixed(t, func(t *testing.T, h *house, m *meeting) {
				ear := phone(c)
				p := h.letIn(t, ear, rooms.Phone, rooms.Sender{Grant: 1})
				web := h.letIn(t, browser(), rooms.Browser, rooms.Sender{Leaf: 3})
				mic, src := speak(t, web, full).sealed(t, sframe.Audio, 3, 7), tone(full, 600)
				g := m.ask(t, sounds, 1).take(t, 7)
				say := func() { mic.say(src) }

				talk(2*time.Second, say)
				onlySilence(t, ear.last(t), c)
				is(t, g.opens(t, sframe.Audio, media.Opus, mic.sent[len(mic.sent)-1]), nil)

				p.Room().Grant(g.Grant)
				talk(500*time.Millisecond, say)
				ear.last(t).forget()
				talk(time.Second, say)
				if s := ear.last(t).share(600); s < .95 {
					t.Errorf("with a grant the browser is %g of what is heard", s)
				}
				is(t, g.opens(t, sframe.Audio, media.Opus, mic.sent[len(mic.sent)-1]), sframe.ErrReplay)

				p.Room().Grant(nil)
				say() // at once
				is(t, g.opens(t, sframe.Audio, media.Opus, mic.sent[len(mic.sent)-1]), nil)
				talk(2*time.Second, say)
				ear.last(t).forget()
				talk(time.Second, say)
				onlySilence(t, ear.last(t), c)
				is(t, g.opens(t, sframe.Audio, media.Opus, mic.sent[len(mic.sent)-60]), nil)
			})
		})
	}
}

// TestGrantEndsByItself: a grant that nobody takes out of the room opens nothing either once it has ended, and its tracks
// leave the mixer.
func TestGrantEndsByItself(t *testing.T) {
	inMixed(t, func(t *testing.T, h *house, m *meeting) {
		ear := phone(pcmu)
		p := h.letIn(t, ear, rooms.Phone, rooms.Sender{Grant: 1})
		web := h.letIn(t, browser(), rooms.Browser, rooms.Sender{Leaf: 3})
		mic, src := speak(t, web, full).sealed(t, sframe.Audio, 3, 7), tone(full, 600)
		g := m.ask(t, sounds, 1).take(t, 7)
		p.Room().Grant(g.Grant)
		say := func() { mic.say(src) }
		talk(time.Second, say)
		if n := ports(p.Room()); n != 2 {
			t.Errorf("%d ports at the mixer, want those of the telephone and of the browser", n)
		}
		g.Close(nil)
		talk(2*time.Second, say)
		ear.last(t).forget()
		talk(time.Second, say)
		onlySilence(t, ear.last(t), pcmu)
		if n := ports(p.Room()); n != 1 {
			t.Errorf("%d ports at the mixer, want that of the telephone", n)
		}
	})
}

// TestSealedRoomOpensNothing: in a sealed room there is no use in a grant.
func TestSealedRoomOpensNothing(t *testing.T) {
	sealed := func(cfg *rooms.Config, p *rooms.Policy) { cfg.ComfortNoise, p.Mode = false, rooms.Sealed }
	inHouse(t, sealed, func(t *testing.T, h *house) {
		m := newMeeting()
		ear := phone(pcmu)
		p := h.letIn(t, ear, rooms.Phone, rooms.Sender{Grant: 1})
		web := h.letIn(t, browser(), rooms.Browser, rooms.Sender{Leaf: 3})
		mic, src := speak(t, web, full).sealed(t, sframe.Audio, 3, 7), tone(full, 600)
		g := m.ask(t, sounds, 1).take(t, 7)
		p.Room().Grant(g.Grant)
		talk(time.Second, func() { mic.say(src) })
		onlySilence(t, ear.last(t), pcmu)
		is(t, g.opens(t, sframe.Audio, media.Opus, mic.sent[10]), nil)
		closeRoom(t, h)
	})
}

// TestScope: of what a browser says only the kinds in the scope are opened, and of pictures nothing ever, not even with a
// grant for them: no frame of theirs was opened, or it would not open now.
func TestScope(t *testing.T) {
	for name, c := range map[string]struct {
		scope         e2ee.Scope
		voice, screen bool
	}{
		"all":                {all, true, true},
		"sounds":             {sounds, true, true},
		"voices":             {e2ee.ScopeOf(sframe.Audio), true, false},
		"sound of screens":   {e2ee.ScopeOf(sframe.ScreenAudio), false, true},
		"pictures and voice": {e2ee.ScopeOf(sframe.Audio, sframe.Video, sframe.Screen), true, false},
	} {
		t.Run(name, func(t *testing.T) {
			inMixed(t, func(t *testing.T, h *house, m *meeting) {
				ear := phone(full)
				p := h.letIn(t, ear, rooms.Phone, rooms.Sender{Grant: 1})
				viewer := browser()
				h.letIn(t, viewer, rooms.Browser, rooms.Sender{Leaf: 4})
				web := h.letIn(t, browser(), rooms.Browser, rooms.Sender{Leaf: 3})
				g := m.ask(t, c.scope, 1).take(t, 7)
				p.Room().Grant(g.Grant)
				mic := speak(t, web, full).sealed(t, sframe.Audio, 3, 7)
				screen := share(t, web, full).sealed(t, sframe.ScreenAudio, 3, 7)
				pictures := &camera{sink: film(t, web, media.Camera, nil), seal: sealer(t, sframe.Video, 3, 7)}
				slides := &camera{sink: film(t, web, media.Screen, nil), seal: sealer(t, sframe.Screen, 3, 7)}
				voice, music := tone(full, 600), tone(full, 1400)
				talk(2*time.Second, func() { mic.say(voice); screen.say(music); pictures.show(t); slides.show(t) })
				heard := ear.last(t)
				if s := heard.share(600); (s > .2) != c.voice {
					t.Errorf("the voice is %g of what is heard", s)
				}
				if s := heard.share(1400); (s > .2) != c.screen {
					t.Errorf("the sound of the screen is %g of what is heard", s)
				}
				for kind, frames := range map[sframe.Kind][][]byte{sframe.Video: pictures.sent, sframe.Screen: slides.sent} {
					if len(frames) < 90 || c.scope.Has(kind) && g.opens(t, kind, media.VP8, frames[len(frames)-1]) != nil {
						t.Errorf("%d frames of %v, and the last one was opened before", len(frames), kind)
					}
				}
				seen := 0
				for _, n := range viewer.open() {
					if n.info.Kind() == media.Video {
						seen += n.packets()
					}
				}
				if seen < 150 {
					t.Errorf("%d packets of pictures reach the other browser", seen)
				}
			})
		})
	}
}

// TestReplacedGrant: a telephone comes or goes, so another grant takes the place of the first: nobody hears that, neither
// telephones nor browsers, while browsers change over one by one.
func TestReplacedGrant(t *testing.T) {
	inMixed(t, func(t *testing.T, h *house, m *meeting) {
		ear, web := phone(full), browser()
		web.unseal = m.keys(7, 8)
		p := h.letIn(t, ear, rooms.Phone, rooms.Sender{Grant: 1, Line: 1})
		h.letIn(t, web, rooms.Browser, rooms.Sender{Leaf: 2})
		q := h.letIn(t, browser(), rooms.Browser, rooms.Sender{Leaf: 3})
		first := m.ask(t, sounds, 2).take(t, 7)
		p.Room().Grant(first.Grant)
		mic, reply := speak(t, p, full), speak(t, q, full).sealed(t, sframe.Audio, 3, 7)
		low, high := tone(full, 500), tone(full, 1100)
		both := func() { mic.say(low); reply.say(high) }
		talk(time.Second, both)
		ear.last(t).forget()
		heard := web.from(t, p.ID())
		heard.forget()

		second := m.ask(t, sounds, 2).take(t, 8)
		p.SetSender(&rooms.Sender{Grant: second.N(), Line: 1})
		talk(100*time.Millisecond, both) // the line is known, the grant is still to come
		second.Succeed(first.Grant)
		<-time.After(50 * time.Millisecond) // and then the first one has ended
		p.Room().Grant(second.Grant)
		talk(200*time.Millisecond, both) // the browser still has the old keys
		reply.sealed(t, sframe.Audio, 3, 8)
		talk(time.Second, both)
		if s := ear.last(t).share(1100); s < .95 {
			t.Errorf("the browser is %g of what the telephone hears", s)
		}
		if n, s := heard.packets(), heard.share(500); s < .95 || n < 63 {
			t.Errorf("in %d packets, want 65, the telephone is %g of what a browser hears", n, s)
		}
		if n := ports(p.Room()); n != 2 {
			t.Errorf("%d ports at the mixer, want those of the telephone and of the browser that speaks", n)
		}
		// Two seconds later nothing opens under the keys of the first.
		talk(2*time.Second, both)
		reply.sealed(t, sframe.Audio, 3, 7)
		talk(time.Second, both)
		ear.last(t).forget()
		talk(time.Second, both)
		if l := audio.Level(ear.last(t).heard().samples); l < 60 {
			t.Errorf("under the keys of the grant before, -%d dBov are heard", l)
		}
	})
}

// from is the line that carries a participant.
func (l *leg) from(t *testing.T, id string) *line {
	t.Helper()
	for _, n := range l.open() {
		if n.info.Participant == id {
			return n
		}
	}
	t.Fatalf("the leg gets nothing of %s", id)
	return nil
}

// TestNarrowerGrant: what the next grant does not have is not opened any more.
func TestNarrowerGrant(t *testing.T) {
	inMixed(t, func(t *testing.T, h *house, m *meeting) {
		ear := phone(pcmu)
		p := h.letIn(t, ear, rooms.Phone, rooms.Sender{Grant: 1})
		web := h.letIn(t, browser(), rooms.Browser, rooms.Sender{Leaf: 3})
		p.Room().Grant(m.ask(t, sounds, 1).take(t, 7).Grant)
		screen, src := share(t, web, full).sealed(t, sframe.ScreenAudio, 3, 7), tone(full, 900)
		say := func() { screen.say(src) }
		talk(time.Second, say)
		if s := ear.last(t).share(900); s < .9 {
			t.Errorf("the screen is %g of what is heard", s)
		}
		p.Room().Grant(m.ask(t, e2ee.ScopeOf(sframe.Audio), 1).take(t, 8).Grant)
		talk(2*time.Second, say)
		ear.last(t).forget()
		talk(time.Second, say)
		onlySilence(t, ear.last(t), pcmu)
	})
}

// TestOnlyTheAudibleAreOpened: what is not loud is not opened where packets tell; where they do not, all is.
func TestOnlyTheAudibleAreOpened(t *testing.T) {
	for name, strip := range map[string]bool{"with levels": false, "levels stripped": true} {
		t.Run(name, func(t *testing.T) {
			inMixed(t, func(t *testing.T, h *house, m *meeting) {
				ear := phone(full)
				p := h.letIn(t, ear, rooms.Phone, rooms.Sender{Grant: 1})
				g := m.ask(t, sounds, 1).take(t, 7)
				p.Room().Grant(g.Grant)
				var mics []*mouth
				for leaf := range 2 {
					q := h.letIn(t, browser(), rooms.Browser, rooms.Sender{Leaf: uint32(leaf)})
					mic := speak(t, q, full).sealed(t, sframe.Audio, leaf, 7)
					mic.strip = strip
					mics = append(mics, mic)
				}
				src := tone(full, 700)
				talk(2*time.Second, func() { mics[0].say(src); mics[1].say(nil) })
				if s := ear.last(t).share(700); s < .85 {
					t.Errorf("who speaks is %g of what is heard", s)
				}
				var silent error
				if strip {
					silent = sframe.ErrReplay
				}
				is(t, g.opens(t, sframe.Audio, media.Opus, mics[1].sent[len(mics[1].sent)-1]), silent)
				is(t, g.opens(t, sframe.Audio, media.Opus, mics[0].sent[len(mics[0].sent)-1]), sframe.ErrReplay)

				// Another speaks: what is heard is that one.
				other := tone(full, 1300)
				talk(300*time.Millisecond, func() { mics[0].say(nil); mics[1].say(other) })
				ear.last(t).forget()
				talk(time.Second, func() { mics[0].say(nil); mics[1].say(other) })
				if s := ear.last(t).share(1300); s < .9 {
					t.Errorf("the next speaker is %g of what is heard", s)
				}
			})
		})
	}
}

// TestFirstWordOfSealedBrowser: a word is whole although its first packets came before it was loud, and when its epoch's
// key comes behind it.
func TestFirstWordOfSealedBrowser(t *testing.T) {
	inMixed(t, func(t *testing.T, h *house, m *meeting) {
		ear := phone(full)
		p := h.letIn(t, ear, rooms.Phone, rooms.Sender{Grant: 1})
		web := h.letIn(t, browser(), rooms.Browser, rooms.Sender{Leaf: 3})
		g := m.ask(t, sounds, 1).take(t, 7)
		p.Room().Grant(g.Grant)
		mic, src := speak(t, web, full).sealed(t, sframe.Audio, 3, 7), tone(full, 600)
		word := func(least int, key func()) {
			t.Helper()
			talk(2*time.Second, func() { mic.say(nil) })
			ear.last(t).forget()
			n := 0
			talk(400*time.Millisecond, func() {
				if n++; n == 10 {
					key()
				}
				mic.say(src)
			})
			talk(600*time.Millisecond, func() { mic.say(nil) })
			if loud := ear.last(t).loud(); loud < least || loud > 450 {
				t.Errorf("%d ms of a word of 400 ms are heard", loud)
			}
		}
		word(390, func() {})
		word(390, func() {})
		mic.sealed(t, sframe.Audio, 3, 8)
		word(380, func() { g.take(t, 8) }) // half of it comes at once
	})
}

// TestPastOfAWordIsOpened: when a word begins, the packets that the track keeps are opened, and none before them.
func TestPastOfAWordIsOpened(t *testing.T) {
	inMixed(t, func(t *testing.T, h *house, m *meeting) {
		p := h.letIn(t, phone(full), rooms.Phone, rooms.Sender{Grant: 1})
		web := h.letIn(t, browser(), rooms.Browser, rooms.Sender{Leaf: 3})
		g := m.ask(t, sounds, 1).take(t, 7)
		p.Room().Grant(g.Grant)
		mic, src := speak(t, web, full).sealed(t, sframe.Audio, 3, 7), tone(full, 600)
		talk(2*time.Second, func() { mic.say(nil) })
		quiet := mic.sent
		talk(100*time.Millisecond, func() { mic.say(src) })
		opened := 0
		for i := range 20 {
			if g.opens(t, sframe.Audio, media.Opus, quiet[len(quiet)-1-i]) != nil {
				opened++
			}
		}
		if opened < 4 || opened > 6 { // the first packet of a tone may be soft
			t.Errorf("%d packets before the word were opened, want the last 5", opened)
		}
	})
}

// loud is how much of what was heard is, ms.
func (n *line) loud() int {
	loud, samples, step := 0, n.heard().samples, n.info.Codec.SampleRate()/1000
	for at := 0; at+step <= len(samples); at += step {
		if audio.Level(samples[at:at+step]) < 30 {
			loud++
		}
	}
	return loud
}

// TestNoClick: a voice whose grant ends in the middle of a word fades.
func TestNoClick(t *testing.T) {
	inMixed(t, func(t *testing.T, h *house, m *meeting) {
		ear := phone(full)
		p := h.letIn(t, ear, rooms.Phone, rooms.Sender{Grant: 1})
		web := h.letIn(t, browser(), rooms.Browser, rooms.Sender{Leaf: 3})
		mic, src := speak(t, web, full).sealed(t, sframe.Audio, 3, 7), mediatest.NewTone(48000, 130, .5)
		say := func() { mic.say(src) }
		steepest := func() int {
			most, samples := 0, ear.last(t).heard().samples
			for i := 1; i < len(samples); i++ {
				d := int(samples[i]) - int(samples[i-1])
				most = max(most, d, -d)
			}
			return most
		}
		g := m.ask(t, sounds, 1).take(t, 7)
		p.Room().Grant(g.Grant)
		for i := range 8 {
			p.Room().Grant(g.Grant)
			talk(time.Duration(600+22*i)*time.Millisecond, say)
			ear.last(t).forget()
			talk(200*time.Millisecond, say)
			usual := steepest()
			p.Room().Grant(nil)
			talk(200*time.Millisecond, say)
			if got := steepest(); got > usual*5/4 {
				t.Errorf("from one sample to the next there are %d, within the tone %d", got, usual)
			}
		}
	})
}

// TestWhatDoesNotOpen reaches no decoder: neither clear Opus in a browser's track nor frames of another key.
func TestWhatDoesNotOpen(t *testing.T) {
	for name, seal := range map[string]func(t *testing.T, m *mouth){
		"clear":        func(*testing.T, *mouth) {},
		"another kind": func(t *testing.T, m *mouth) { m.sealed(t, sframe.ScreenAudio, 3, 7) },
		"changed": func(t *testing.T, m *mouth) {
			seal := m.sealed(t, sframe.Audio, 3, 7).seal
			m.seal = func(payload []byte) []byte {
				frame := seal(payload)
				frame[len(frame)-sframe.TagSize-1] ^= 1
				return frame
			}
		},
		"the same again and again": func(t *testing.T, m *mouth) {
			var first []byte
			seal := m.sealed(t, sframe.Audio, 3, 7).seal
			m.seal = func(payload []byte) []byte {
				if first == nil {
					first = seal(payload)
				}
				return first
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			inMixed(t, func(t *testing.T, h *house, m *meeting) {
				ear := phone(pcmu)
				p := h.letIn(t, ear, rooms.Phone, rooms.Sender{Grant: 1})
				web := h.letIn(t, browser(), rooms.Browser, rooms.Sender{Leaf: 3})
				p.Room().Grant(m.ask(t, sounds, 1).take(t, 7).Grant)
				mic, src := speak(t, web, full), tone(full, 600)
				seal(t, mic)
				mic.say(src)
				talk(time.Second, func() { mic.say(src) })
				ear.last(t).forget()
				talk(time.Second, func() { mic.say(src) })
				onlySilence(t, ear.last(t), pcmu)
			})
		})
	}
}

// share publishes the sound of a shared screen.
func share(t *testing.T, p *rooms.Participant, c media.Codec) *mouth {
	t.Helper()
	return utter(t, p, media.ScreenAudio, c)
}

// camera sends sealed pictures.
type camera struct {
	sink media.Sink[*media.Packet]
	seal *sframe.Sealer
	sent [][]byte
}

func (c *camera) show(t *testing.T) {
	t.Helper()
	picture := append([]byte{0x10, 2, 0, 0x9d, 1, 0x2a, 16, 0, 16, 0}, make([]byte, 100)...)
	frame, err := c.seal.Seal(nil, media.VP8, picture)
	if err != nil {
		t.Fatal(err)
	}
	p := &media.Packet{Level: media.NoLevel}
	p.SequenceNumber, p.Timestamp, p.Payload = uint16(len(c.sent)), uint32(3000*len(c.sent)), frame
	c.sent = append(c.sent, frame)
	if err := c.sink.Write(p); err != nil {
		t.Error(err)
	}
}
