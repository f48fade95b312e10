package rooms_test

import (
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"legroom/media"
	"legroom/rooms"
)

// TestDelay: from the arrival of a packet to the sending of the mix it is heard in, on an even network: the reserve of
// 5 ms and the wait for the next tick, whatever the phase between a caller's packets and the room's clock.
func TestDelay(t *testing.T) {
	var all []time.Duration
	for phase := range 20 {
		inHouse(t, func(cfg *rooms.Config, _ *rooms.Policy) { cfg.ComfortNoise = false }, func(t *testing.T, h *house) {
			hears := &stopwatch{leg: phone(pcmu)}
			h.join(t, rooms.JoinRequest{Leg: hears, Kind: rooms.Phone})
			talker := h.join(t, rooms.JoinRequest{Leg: phone(pcmu), Kind: rooms.Phone})
			<-time.After(time.Duration(phase) * time.Millisecond)
			m, src := speak(t, talker, pcmu), tone(pcmu, 1000)
			talk(3*time.Second, func() { m.say(src) })
			talk(time.Second, func() { m.say(nil) })
			hears.silence.Store(true)
			var said time.Time
			talk(200*time.Millisecond, func() {
				if said.IsZero() {
					said = time.Now()
				}
				m.say(src)
			})
			synctest.Wait()
			all = append(all, hears.at.Sub(said))
			closeRoom(t, h)
		})
	}
	slices.Sort(all)
	t.Logf("delay in the room, 20 phases: p50 %v, max %v", all[len(all)/2], all[len(all)-1])
	if median, most := all[len(all)/2], all[len(all)-1]; median > 16*time.Millisecond || most > 26*time.Millisecond {
		t.Errorf("p50 %v, at most %v; want 15 and 25 ms", median, most)
	}
}

// stopwatch is a phone that notes when the first sound after silence reaches it.
type stopwatch struct {
	*leg
	silence atomic.Bool
	at      time.Time
}

func (s *stopwatch) Send(media.TrackInfo) (media.Sink[*media.Packet], error) {
	return media.SinkFunc[*media.Packet](func(p *media.Packet) error {
		loud := slices.ContainsFunc(p.Payload, func(b byte) bool { return b != 0xff })
		if s.silence.Load() && s.at.IsZero() && loud {
			s.at = time.Now()
		}
		return nil
	}), nil
}
