package rooms_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"legroom/audio"
	"legroom/media"
	"legroom/media/mediatest"
	"legroom/rooms"
)

// TestFourHearEachOther: two phones and two browsers each hear the three others and not themselves.
func TestFourHearEachOther(t *testing.T) {
	for _, pair := range [][2]media.Codec{{pcmu, full}, {pcma, g722}} {
		t.Run(fmt.Sprintf("%s and %s", pair[0].Name, pair[1].Name), func(t *testing.T) {
			inHouse(t, nil, func(t *testing.T, h *house) {
				tones := []float64{500, 900, 1400, 2100}
				codecs := []media.Codec{pair[0], pair[1], full, full}
				legs := []*leg{phone(pair[0]), phone(pair[1]), browser(), browser()}
				kinds := []rooms.LegKind{rooms.Phone, rooms.Phone, rooms.Browser, rooms.Browser}
				var ids []string
				var mouths []*mouth
				var sources []mediatest.Source
				for i, l := range legs {
					p := h.join(t, rooms.JoinRequest{Leg: l, Kind: kinds[i]})
					defer p.Leave(nil)
					ids = append(ids, p.ID())
					mouths = append(mouths, speak(t, p, codecs[i]))
					sources = append(sources, tone(codecs[i], tones[i]))
				}
				say := func() {
					for i, m := range mouths {
						m.say(sources[i])
					}
				}
				talk(time.Second, say)
				for _, l := range legs {
					for _, n := range l.open() {
						n.forget()
					}
				}
				talk(time.Second, say)
				for i, l := range legs {
					if i < 2 {
						hearsMix(t, l.last(t), tones, i)
					} else {
						hearsTracks(t, l, ids, tones, i)
					}
				}
			})
		})
	}
}

func hearsMix(t *testing.T, n *line, tones []float64, self int) {
	t.Helper()
	var others float64
	for j, f := range tones {
		share := n.share(f)
		if j != self {
			others += share
		}
		if j == self && share > 1e-5 || j != self && share < 0.2 {
			t.Errorf("phone %d: %g Hz of participant %d has a share of %g", self, f, j, share)
		}
	}
	if others < 0.98 { // G.711 adds its own noise, 38 dB down for each voice
		t.Errorf("phone %d: the others are %g of what it hears", self, others)
	}
	if got := n.packets(); got < 49 || got > 51 {
		t.Errorf("phone %d got %d packets in a second, want 50", self, got)
	}
}

func hearsTracks(t *testing.T, l *leg, ids []string, tones []float64, self int) {
	t.Helper()
	lines := l.open()
	if len(lines) != 3 {
		t.Fatalf("browser %d has %d tracks, want 3", self, len(lines))
	}
	for _, n := range lines {
		from := slices.Index(ids, n.info.Participant)
		if from == self || from < 0 {
			t.Fatalf("browser %d gets a track of participant %d", self, from)
		}
		if share := n.share(tones[from]); share < 0.98 {
			t.Errorf("browser %d: %g Hz is %g of the track of participant %d", self, tones[from], share, from)
		}
		if level := n.heard().level; level > 25 || level < 10 {
			t.Errorf("browser %d: level %d in the packets of participant %d", self, level, from)
		}
	}
}

// TestSharedEncode: a hundred silent phones get the very same packets, and each codec and packet time its own.
func TestSharedEncode(t *testing.T) {
	inHouse(t, func(_ *rooms.Config, p *rooms.Policy) { p.Capacity = 0 }, func(t *testing.T, h *house) {
		long := pcma
		long.PacketTime = 60 * time.Millisecond
		host := h.join(t, rooms.JoinRequest{Leg: browser(), Kind: rooms.Browser, Role: rooms.Host})
		m := speak(t, host, full)
		groups := map[media.Codec][]*leg{}
		for i := range 100 {
			c := []media.Codec{pcmu, long}[i%2]
			l := phone(c)
			groups[c] = append(groups[c], l)
			h.join(t, rooms.JoinRequest{Leg: l, Kind: rooms.Phone})
		}
		src := tone(full, 700)
		talk(600*time.Millisecond, func() { m.say(src) })
		for c, legs := range groups {
			first := legs[0].last(t)
			want := first.heard()
			for _, l := range legs[1:] {
				if got := l.last(t).heard(); !slices.Equal(got.stamps, want.stamps) || !slices.Equal(got.shared, want.shared) {
					t.Fatalf("%v: phones get packets of their own", c)
				}
			}
			if n := first.packets(); n < int(500*time.Millisecond/c.PacketTime) {
				t.Errorf("%v: %d packets in 600 ms", c, n)
			}
			if first.share(700) < 0.5 {
				t.Errorf("%v: the speaker is not heard", c)
			}
		}
		closeRoom(t, h)
	})
}

// TestHiddenLevels: where packets do not tell how loud they are nobody can be left out: each browser gets all sounds, voices
// before the sound of screens; otherwise as many as have a seat.
func TestHiddenLevels(t *testing.T) {
	for hide, want := range map[bool]int{true: 11, false: 8} {
		adjust := func(_ *rooms.Config, p *rooms.Policy) { p.Mode, p.HideLevels = rooms.Sealed, hide }
		inHouse(t, adjust, func(t *testing.T, h *house) {
			var legs []*leg
			var mics []*mouth
			for i := range 12 {
				l := browser()
				l.sounds = 11
				legs = append(legs, l)
				p := h.letIn(t, l, rooms.Browser, rooms.Sender{Leaf: uint32(i)})
				if i < 2 {
					mics = append(mics, utter(t, p, media.ScreenAudio, full))
				}
				mics = append(mics, speak(t, p, full))
			}
			for _, m := range mics {
				m.strip = true
			}
			talk(500*time.Millisecond, func() {
				for _, m := range mics {
					m.say(nil)
				}
			})
			open := legs[11].open()
			screens := 0
			for _, n := range open {
				if n.info.Source == media.ScreenAudio {
					screens++
				}
			}
			if len(open) != want || hide && screens > 0 {
				t.Errorf("hidden %v: %d tracks are sent, %d of them of screens", hide, len(open), screens)
			}
			closeRoom(t, h)
		})
	}
}

// closeRoom sends everybody out.
func closeRoom(t *testing.T, h *house) {
	t.Helper()
	for _, r := range h.Rooms() {
		r.Close(rooms.ErrRoomClosed)
	}
	if n := len(h.Rooms()); n != 0 {
		t.Errorf("%d rooms are left behind", n)
	}
}

// TestQuietRoom: nobody speaks and no noise is wanted: the codec's own silence and nothing else, in every codec.
func TestQuietRoom(t *testing.T) {
	for _, c := range []media.Codec{pcmu, pcma, g722, full} {
		t.Run(string(c.Name), func(t *testing.T) {
			off := func(cfg *rooms.Config, _ *rooms.Policy) { cfg.ComfortNoise = false }
			inHouse(t, off, func(t *testing.T, h *house) {
				l := phone(c)
				p := h.join(t, rooms.JoinRequest{Leg: l, Kind: rooms.Phone})
				other := h.join(t, rooms.JoinRequest{Leg: phone(c), Kind: rooms.Phone})
				m := speak(t, other, c)
				talk(time.Second, func() { m.say(nil) })
				onlySilence(t, l.last(t), c)
				src := tone(c, 800)
				talk(time.Second, func() { m.say(src) })
				talk(2*time.Second, func() { m.say(nil) })
				l.last(t).forget()
				talk(time.Second, func() { m.say(nil) })
				onlySilence(t, l.last(t), c)
				p.Leave(nil)
				other.Leave(nil)
			})
		})
	}
}

// onlySilence checks every code that came.
func onlySilence(t *testing.T, n *line, c media.Codec) {
	t.Helper()
	codes := map[media.CodecName]byte{media.PCMU: 0xff, media.PCMA: 0xd5}
	got := n.heard()
	if len(got.payloads) < 45 {
		t.Fatalf("%d packets in a second: the stream stopped", len(got.payloads))
	}
	for i, payload := range got.payloads {
		if !slices.Equal(payload, got.payloads[0]) {
			t.Fatalf("packet %d differs from the first", i)
		}
		for _, b := range payload {
			if want, ok := codes[c.Name]; ok && b != want {
				t.Fatalf("packet %d has code %#x, want %#x only", i, b, want)
			}
		}
	}
	if l := audio.Level(got.samples); l < 72 {
		t.Errorf("silence decodes to -%d dBov", l)
	}
}

// TestLobbyWall: a waiting phone hears nothing of the room, not one code, and is not heard; then it is both within half
// a second.
func TestLobbyWall(t *testing.T) {
	off := func(cfg *rooms.Config, p *rooms.Policy) { cfg.ComfortNoise, p.Lobby = false, true }
	inHouse(t, off, func(t *testing.T, h *house) {
		inside, outside := phone(pcma), phone(pcma)
		host := h.join(t, rooms.JoinRequest{Leg: inside, Kind: rooms.Phone, Role: rooms.Host})
		in := speak(t, host, pcma)
		booth, err := h.NewBooth(outside)
		if err != nil {
			t.Fatal(err)
		}
		guest := h.join(t, rooms.JoinRequest{Leg: outside, Kind: rooms.Phone})
		if guest.State() != rooms.Waiting {
			t.Fatalf("state %v, want waiting", guest.State())
		}
		_, err = guest.Publish(media.TrackInfo{Source: media.Microphone, Codec: pcma})
		is(t, err, rooms.ErrWaiting)
		_, err = guest.Whisper(nil)
		is(t, err, rooms.ErrWaiting)
		loud := mediatest.NewTone(8000, 1000, 1)
		talk(10*time.Second, func() { in.say(loud) })
		if n := outside.last(t).packets(); n < 499 {
			t.Errorf("%d packets in 10 s of waiting, want 500", n)
		}
		onlySilence(t, outside.last(t), pcma)
		onlySilence(t, inside.last(t), pcma)

		is(t, host.Admit(guest.ID()), nil)
		await(t, guest.Admitted(), "the guest is admitted")
		booth.Close()
		out := speak(t, guest, pcma)
		other := mediatest.NewTone(8000, 1600, 1)
		inside.last(t).forget()
		talk(500*time.Millisecond, func() { in.say(loud); out.say(other) })
		heard := outside.last(t)
		if s := heard.share(1000); s < 0.9 {
			t.Errorf("admitted, the tone is %g of what it hears in half a second", s)
		}
		if s := inside.last(t).share(1600); s < 0.9 {
			t.Errorf("admitted, its tone is %g of what the room hears in half a second", s)
		}
		host.Leave(nil)
		guest.Leave(nil)
	})
}

// TestRendition: phones reach browsers in one encode, which rests while they are silent and begins before the word.
func TestRendition(t *testing.T) {
	inHouse(t, nil, func(t *testing.T, h *house) {
		talker := h.join(t, rooms.JoinRequest{Leg: phone(pcmu), Kind: rooms.Phone})
		m := speak(t, talker, pcmu)
		legs := []*leg{browser(), browser(), browser()}
		for _, l := range legs {
			h.join(t, rooms.JoinRequest{Leg: l, Kind: rooms.Browser})
		}
		talk(2*time.Second, func() { m.say(nil) })
		for i, l := range legs {
			if n := l.last(t).packets(); n != 0 {
				t.Errorf("browser %d got %d packets of silence", i, n)
			}
		}
		src := tone(pcmu, 600)
		talk(time.Second, func() { m.say(src) })
		first := legs[0].last(t)
		if n := first.packets(); n < 51 || n > 52 {
			t.Errorf("%d packets of a second, want it and 40 ms before", n)
		}
		if s := first.share(600); s < 0.95 {
			t.Errorf("the tone is %g of it", s)
		}
		talk(2*time.Second, func() { m.say(nil) })
		for i, l := range legs {
			if !slices.Equal(l.last(t).heard().shared, first.heard().shared) {
				t.Errorf("browser %d has an encode of its own", i)
			}
		}
		if n := first.packets(); n < 70 || n > 75 {
			t.Errorf("%d packets, want the second and 400 ms behind it", n)
		}
		closeRoom(t, h)
	})
}

// TestMute: what a muted microphone says reaches nobody, in whatever way they hear.
func TestMute(t *testing.T) {
	inHouse(t, nil, func(t *testing.T, h *house) {
		ear, web := phone(pcmu), browser()
		h.join(t, rooms.JoinRequest{Leg: ear, Kind: rooms.Phone})
		h.join(t, rooms.JoinRequest{Leg: web, Kind: rooms.Browser})
		p := h.join(t, rooms.JoinRequest{Leg: phone(pcmu), Kind: rooms.Phone})
		m, src := speak(t, p, pcmu), tone(pcmu, 600)
		say := func() { m.say(src) }
		talk(time.Second, say)
		if l := p.Room().Levels(nil); l[0].Participant != p.ID() || l[0].Level > 30 {
			t.Errorf("levels %v, want the speaker first", l)
		}
		p.SetMuted(true)
		talk(3*time.Second, say)
		ear.last(t).forget()
		web.last(t).forget()
		talk(time.Second, say)
		if s := ear.last(t).share(600); s > 0.01 {
			t.Errorf("the phone hears it with a share of %g", s)
		}
		if n := web.last(t).packets(); n != 0 {
			t.Errorf("the browser gets %d packets", n)
		}
		for _, l := range p.Room().Levels(nil) {
			if l.Level != audio.Silence {
				t.Errorf("level %d of %s", l.Level, l.Participant)
			}
		}
		p.SetMuted(false)
		ear.last(t).forget()
		talk(time.Second, say)
		if s := ear.last(t).share(600); s < 0.9 {
			t.Errorf("unmuted, its share is %g", s)
		}
		closeRoom(t, h)
	})
}

// TestNotClear: what did not come in clear is forwarded and reaches no decoder.
func TestNotClear(t *testing.T) {
	inHouse(t, nil, func(t *testing.T, h *house) {
		ear, web := phone(full), browser()
		h.join(t, rooms.JoinRequest{Leg: ear, Kind: rooms.Phone})
		h.join(t, rooms.JoinRequest{Leg: web, Kind: rooms.Browser})
		room, _ := h.Room("1000")
		sealed, err := room.Join(rooms.JoinRequest{Leg: browser(), Kind: rooms.Browser})
		is(t, err, nil)
		m, src := speak(t, sealed, full), tone(full, 600)
		talk(time.Second, func() { m.say(src) })
		if s := ear.last(t).share(600); s > 0.01 {
			t.Errorf("the mix has it with a share of %g", s)
		}
		if s := web.last(t).share(600); s < 0.9 {
			t.Errorf("the browser hears it with a share of %g", s)
		}
		closeRoom(t, h)
	})
}

// TestFirstWordOfBrowser: a browser is decoded while it is loud only, and its word is whole all the same.
func TestFirstWordOfBrowser(t *testing.T) {
	inHouse(t, func(cfg *rooms.Config, _ *rooms.Policy) { cfg.ComfortNoise = false }, func(t *testing.T, h *house) {
		ear := phone(full)
		h.join(t, rooms.JoinRequest{Leg: ear, Kind: rooms.Phone})
		p := h.join(t, rooms.JoinRequest{Leg: browser(), Kind: rooms.Browser})
		m, src := speak(t, p, full), tone(full, 600)
		for range 3 {
			talk(2*time.Second, func() { m.say(nil) })
			ear.last(t).forget()
			talk(400*time.Millisecond, func() { m.say(src) })
			talk(600*time.Millisecond, func() { m.say(nil) })
			loud := 0
			samples := ear.last(t).heard().samples
			for at := 0; at+48 <= len(samples); at += 48 {
				if audio.Level(samples[at:at+48]) < 30 {
					loud++
				}
			}
			if loud < 395 || loud > 450 {
				t.Errorf("%d ms of a word of 400 ms are heard", loud)
			}
		}
		closeRoom(t, h)
	})
}
