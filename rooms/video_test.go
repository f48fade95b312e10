package rooms_test

import (
	"math"
	"slices"
	"sync"
	"testing"
	"time"

	"legroom/media"
	"legroom/rooms"
)

// beep is a prompt: 1000 Hz.
type beep struct{ left, at int }

func (b *beep) Read(dst []int16, rate int) int {
	n := min(b.left, len(dst))
	for i := range n {
		dst[i] = int16(6000 * math.Sin(2*math.Pi*1000*float64(b.at)/float64(rate)))
		b.at++
	}
	b.left -= n
	return n
}

// film publishes a video.
func film(t *testing.T, p *rooms.Participant, source media.Source, ask func(uint8)) media.Sink[*media.Packet] {
	t.Helper()
	sink, err := p.Publish(media.TrackInfo{Source: source, Codec: vp8, Layers: 3, RequestKeyframe: ask})
	if err != nil {
		t.Fatal(err)
	}
	return sink
}

// settled waits until the room has arranged who gets what.
func settled() { <-time.After(100 * time.Millisecond) }

// sees lists whose videos a leg gets now.
func sees(l *leg) []string {
	var list []string
	for _, n := range l.open() {
		if n.info.Kind() == media.Video {
			list = append(list, n.info.Participant+" "+n.info.Source.String())
		}
	}
	slices.Sort(list)
	return list
}

// TestView: a leg sees what it asks for, and what the room chooses when it does not.
func TestView(t *testing.T) {
	inHouse(t, nil, func(t *testing.T, h *house) {
		viewer := browser() // three videos
		v := h.join(t, host(viewer))
		film(t, v, media.Camera, nil)
		var people []*rooms.Participant
		var mouths []*mouth
		for range 5 {
			p := h.join(t, guest(browser()))
			film(t, p, media.Camera, nil)
			people = append(people, p)
			mouths = append(mouths, speak(t, p, full))
		}
		screen := film(t, people[4], media.Screen, nil)
		src := tone(full, 500)
		talk(400*time.Millisecond, func() { mouths[3].say(src) })
		talk(400*time.Millisecond, func() { mouths[1].say(src) })
		want := func(why string, list ...string) {
			t.Helper()
			settled()
			slices.Sort(list)
			if got := sees(viewer); !slices.Equal(got, list) {
				t.Errorf("%s: sees %v, want %v", why, got, list)
			}
		}
		camera := func(i int) string { return people[i].ID() + " camera" }
		want("by itself", people[4].ID()+" screen", camera(1), camera(3))
		v.View([]rooms.Want{{people[0].ID(), media.Camera}, {"nobody", media.Camera}, {v.ID(), media.Camera}})
		want("asked for one", camera(0))
		v.View([]rooms.Want{{people[0].ID(), media.Camera}, {people[1].ID(), media.Camera}, {people[2].ID(), media.Camera}, {people[3].ID(), media.Camera}})
		want("beyond capacity", camera(0), camera(1), camera(2))
		v.View([]rooms.Want{})
		want("none")
		v.View(nil)
		_ = screen.Close()
		people[1].Leave(nil)
		want("after a change", camera(0), camera(2), camera(3))
		closeRoom(t, h)
	})
}

// TestKeyframes: many who ask are one request, and who asks last gets one too.
func TestKeyframes(t *testing.T) {
	inHouse(t, nil, func(t *testing.T, h *house) {
		legs := []*leg{browser(), browser(), browser()}
		for _, l := range legs {
			h.join(t, guest(l))
		}
		began := time.Now()
		var mu sync.Mutex
		var asked []time.Duration
		var layers []uint8
		p := h.join(t, guest(browser()))
		film(t, p, media.Camera, func(layer uint8) {
			mu.Lock()
			defer mu.Unlock()
			asked, layers = append(asked, time.Since(began)), append(layers, layer)
		})
		settled()
		request := func(layer uint8) {
			for _, l := range legs {
				l.last(t).info.RequestKeyframe(layer)
			}
		}
		told := func() []uint8 {
			mu.Lock()
			defer mu.Unlock()
			return slices.Clone(layers)
		}
		request(1)
		request(200)
		if got := told(); !slices.Equal(got, []uint8{1}) {
			t.Fatalf("asked for layers %v, want once for layer 1", got)
		}
		<-time.After(200 * time.Millisecond)
		request(1)
		request(2)
		if got := told(); !slices.Equal(got, []uint8{1, 2}) {
			t.Fatalf("layers %v, want another layer at once and the same not", got)
		}
		<-time.After(2 * time.Second)
		if got := told(); !slices.Equal(got, []uint8{1, 2, 1, 2}) {
			t.Fatalf("layers %v, want the last request of each served, once", got)
		}
		if d := asked[2] - asked[0]; d < 300*time.Millisecond || d > 400*time.Millisecond {
			t.Errorf("served %v after the first, want 300 ms", d)
		}
		closeRoom(t, h)
	})
}

// TestLoudest: browsers get as many sounds as there are seats, and who speaks has one from the first word.
func TestLoudest(t *testing.T) {
	inHouse(t, func(cfg *rooms.Config, _ *rooms.Policy) { cfg.AudioTracks = 3 }, func(t *testing.T, h *house) {
		l := browser()
		h.join(t, host(l))
		var mouths []*mouth
		var ids []string
		for range 6 {
			p := h.join(t, guest(browser()))
			mouths, ids = append(mouths, speak(t, p, full)), append(ids, p.ID())
		}
		src := tone(full, 500)
		all := func(speaks int) func() {
			return func() {
				for i, m := range mouths {
					if i == speaks {
						m.say(src)
					} else {
						m.say(nil)
					}
				}
			}
		}
		talk(500*time.Millisecond, all(0))
		if n := len(l.open()); n != 3 {
			t.Fatalf("%d sounds, want 3", n)
		}
		for _, who := range []int{4, 5, 4, 0} {
			talk(time.Second, all(who))
			i := slices.IndexFunc(l.open(), func(n *line) bool { return n.info.Participant == ids[who] })
			if i < 0 {
				t.Fatalf("participant %d speaks and is not sent", who)
			}
			if n := l.open()[i].packets(); n < 50 {
				t.Errorf("participant %d spoke for a second, %d packets of it are sent", who, n)
			}
			if n := len(l.open()); n != 3 {
				t.Errorf("%d sounds, want 3", n)
			}
		}
		before := len(l.all())
		talk(time.Second, all(4))
		talk(time.Second, all(0))
		if len(l.all()) != before {
			t.Error("who has a seat is sent anew")
		}
		closeRoom(t, h)
	})
}

// TestActiveSpeaker: who speaks alone is it at once, an interjection does not change it.
func TestActiveSpeaker(t *testing.T) {
	inHouse(t, nil, func(t *testing.T, h *house) {
		a, b := h.join(t, guest(browser())), h.join(t, guest(browser()))
		one, two := speak(t, a, full), speak(t, b, full)
		soft, loud := tone(full, 500), tone(full, 800)
		speaker := func() string { return a.Room().Levels(nil)[0].Participant }
		talk(100*time.Millisecond, func() { one.say(soft); two.say(nil) })
		if speaker() != a.ID() {
			t.Error("who speaks alone is not the active speaker")
		}
		talk(100*time.Millisecond, func() { one.say(soft); two.say(loud) })
		if speaker() != a.ID() {
			t.Error("an interjection took over")
		}
		talk(2*time.Second, func() { one.say(nil); two.say(loud) })
		if speaker() != b.ID() {
			t.Error("the next speaker is not the active one")
		}
		closeRoom(t, h)
	})
}
