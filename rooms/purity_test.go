package rooms_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"legroom/media"
	"legroom/rooms"
)

// network says when packet n of a stream arrives, ms behind the moment it was sent.
type network func(n int) int

// networks that carry every packet, in order, none later than the next tick but one.
func networks() map[string]network {
	random := rand.New(rand.NewPCG(1, 2))
	return map[string]network{
		"even":            func(int) int { return 0 },
		"two at once":     func(n int) int { return 20 * (1 - n%2) },
		"three at once":   func(n int) int { return 20 * (2 - n%3) },
		"jitter of 10 ms": func(int) int { return random.IntN(11) },
		"jitter of 20 ms": func(int) int { return random.IntN(20) },
	}
}

// TestTonePurity: a tone of 50 packets a second comes out of the room as nothing else than that tone: on an even network
// from the first packets on, wherever they fall between two ticks of the room's clock; on one with jitter as soon as that
// is known. Codecs, buffers and mixer are the real ones.
func TestTonePurity(t *testing.T) {
	for name, late := range networks() {
		for _, way := range []struct{ from, to media.Codec }{{full, pcmu}, {full, full}, {pcmu, g722}} {
			phases := []time.Duration{0, 10}
			if name == "even" {
				phases = []time.Duration{0, 1, 5, 10, 15, 19}
			}
			for _, phase := range phases {
				t.Run(fmt.Sprintf("%s, %v to %v, %d ms behind the tick", name, way.from.Name, way.to.Name, phase), func(t *testing.T) {
					inHouse(t, nil, func(t *testing.T, h *house) {
						listener := phone(way.to)
						h.join(t, rooms.JoinRequest{Leg: listener, Kind: rooms.Phone})
						p := h.join(t, rooms.JoinRequest{Leg: sender(way.from), Kind: rooms.Browser})
						m, src := speak(t, p, way.from), tone(way.from, 440)
						<-time.After(400*time.Millisecond + phase*time.Millisecond)
						sent, began := 0, time.Now()
						say := func(d time.Duration) {
							for end := sent + int(d/(20*time.Millisecond)); sent < end; sent++ {
								<-time.After(time.Until(began.Add(time.Duration(20*sent+late(sent)) * time.Millisecond)))
								m.say(src)
							}
							synctest.Wait()
						}
						learn := 5 * time.Second
						if name == "even" {
							learn = 200 * time.Millisecond
						}
						say(learn)
						line := listener.last(t)
						for i := range 4 {
							line.forget()
							say(600 * time.Millisecond)
							if share := line.share(440); share < .99 {
								t.Errorf("window %d: %.4f of it is the tone", i, share)
							}
						}
					})
				})
			}
		}
	}
}

// sender is an endpoint that sends in a codec.
func sender(c media.Codec) *leg {
	if c.Name == media.Opus {
		return browser()
	}
	return phone(c)
}
