package tap

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/rtp"

	"legroom/e2ee/sframe"
	"legroom/gateway/api"
	"legroom/internal/clock"
	"legroom/media"
	"legroom/rooms"
)

// leg takes whatever it is sent.
type leg struct {
	sounds int
	codecs []media.Codec
}

func (l leg) Accepts(k media.Kind) []media.Codec {
	if k != media.Audio {
		return nil
	}
	return l.codecs
}

func (l leg) Capacity(k media.Kind) int {
	if k != media.Audio {
		return 0
	}
	return l.sounds
}

func (leg) Send(media.TrackInfo) (media.Sink[*media.Packet], error) {
	return media.SinkFunc[*media.Packet](func(*media.Packet) error { return nil }), nil
}

func (leg) Close(error) error { return nil }

var (
	opus = media.Codec{Name: media.Opus, ClockRate: 48000, Channels: 2, PacketTime: 20 * time.Millisecond}
	pcmu = media.Codec{Name: media.PCMU, ClockRate: 8000, Channels: 1, PacketTime: 20 * time.Millisecond}
)

// inRooms runs a test in virtual time, beside rooms of a mode.
func inRooms(t *testing.T, mode rooms.Mode, test func(t *testing.T, r *rooms.Registry)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		beat := clock.New(clock.Config{Slots: 1})
		cfg := rooms.DefaultConfig()
		cfg.Clock, cfg.Log = beat, slog.New(slog.DiscardHandler)
		cfg.Policy = func(number string) (rooms.Policy, bool) {
			p := rooms.DefaultPolicy(number)
			p.Mode, p.OnDemand = mode, true
			return p, true
		}
		r := rooms.New(cfg)
		ctx, cancel := context.WithCancel(context.Background())
		var wg sync.WaitGroup
		wg.Go(func() { _ = beat.Run(ctx) })
		wg.Go(func() { _ = r.Run(ctx) })
		defer wg.Wait()
		defer cancel()
		test(t, r)
	})
}

// joins brings somebody into room 1000 who publishes a microphone.
func joins(t *testing.T, r *rooms.Registry, kind rooms.LegKind, codec media.Codec, s *rooms.Sender) media.Sink[*media.Packet] {
	t.Helper()
	room, err := r.Room("1000")
	if err != nil {
		t.Fatal(err)
	}
	sounds := 8
	if kind == rooms.Phone {
		sounds = 1
	}
	p, err := room.Join(rooms.JoinRequest{Leg: leg{sounds, []media.Codec{codec}}, Kind: kind, Clear: kind == rooms.Phone})
	if err != nil {
		t.Fatal(err)
	}
	p.SetSender(s)
	if err := p.LetIn(); err != nil {
		t.Fatal(err)
	}
	out, err := p.Publish(media.TrackInfo{Source: media.Microphone, Codec: codec})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestTap(t *testing.T) {
	inRooms(t, rooms.Mixed, func(t *testing.T, r *rooms.Registry) {
		ann := joins(t, r, rooms.Browser, opus, &rooms.Sender{Leaf: 1})
		bob := joins(t, r, rooms.Browser, opus, &rooms.Sender{Leaf: 2})
		phone := joins(t, r, rooms.Phone, pcmu, nil)
		sealed := browserSealer(t, sframe.Audio, 1, 9)
		speaking, quiet := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() {
			for n := uint16(0); speaking.Err() == nil; n++ {
				say(ann, n, seal(t, sealed, media.Opus, random(80)))
				say(bob, n, random(80, 0xfc))
				say(phone, n, random(160))
				<-time.After(20 * time.Millisecond)
			}
		})
		defer wg.Wait()
		defer quiet()
		look := New(r, slog.New(slog.DiscardHandler))
		var busy error
		wg.Go(func() {
			<-time.After(time.Second)
			_, busy = look.Tap(t.Context(), "1000", time.Second)
		})
		got, err := look.Tap(t.Context(), "1000", 2*time.Second)
		if err != nil || !errors.Is(busy, api.ErrTapBusy) {
			t.Fatalf("%v, and a second one at once %v", err, busy)
		}
		if got.Mode != "mixed" || got.Seconds != 2 || len(got.Streams) != 3 {
			t.Fatalf("%d streams in %v s, mode %s", len(got.Streams), got.Seconds, got.Mode)
		}
		a, b, p := got.Streams[0], got.Streams[1], got.Streams[2]
		if a.Payloads < 99 || a.Sealed != a.Payloads || len(a.Heads) == 0 || *a.Sender.Leaf != 1 || a.InClear || a.Opened {
			t.Errorf("sealed: %d of %d, %d heads, in clear %v", a.Sealed, a.Payloads, len(a.Heads), a.InClear)
		}
		if b.Payloads < 99 || b.Sealed != 0 {
			t.Errorf("plain: %d of %d", b.Sealed, b.Payloads)
		}
		silent(t, b)
		if !p.InClear || p.Kind != "phone" || p.Payloads != 0 || p.Codec != "opus" {
			t.Errorf("a telephone that nothing was granted: %+v", p)
		}
		silent(t, p)
	})
}

func say(to media.Sink[*media.Packet], n uint16, payload []byte) {
	_ = to.Write(&media.Packet{
		Packet: rtp.Packet{Header: rtp.Header{SequenceNumber: n, Timestamp: uint32(n) * 960}, Payload: payload}, Level: media.NoLevel, Arrived: time.Now(),
	})
}

func TestTapOfOtherRooms(t *testing.T) {
	inRooms(t, rooms.Open, func(t *testing.T, r *rooms.Registry) {
		look := New(r, slog.New(slog.DiscardHandler))
		if _, err := look.Tap(t.Context(), "1000", time.Second); !errors.Is(err, api.ErrNoTapRoom) || len(r.Rooms()) != 0 {
			t.Errorf("a room that nobody is in: %v, %d rooms", err, len(r.Rooms()))
		}
		room, err := r.Room("1000")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := room.Join(rooms.JoinRequest{Leg: leg{8, []media.Codec{opus}}, Kind: rooms.Browser, Role: rooms.Host, Clear: true}); err != nil {
			t.Fatal(err)
		}
		got, err := look.Tap(t.Context(), "1000", time.Second)
		if err != nil || got.Mode != "open" || len(got.Streams) != 0 {
			t.Errorf("an open room: %+v, %v", got, err)
		}
	})
	inRooms(t, rooms.Sealed, func(t *testing.T, r *rooms.Registry) {
		joins(t, r, rooms.Browser, opus, &rooms.Sender{Leaf: 1})
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		began := time.Now()
		got, err := New(r, slog.New(slog.DiscardHandler)).Tap(ctx, "1000", time.Hour)
		if err != nil || len(got.Streams) != 1 || time.Since(began) > time.Second {
			t.Errorf("who asked is gone: %+v, %v after %v", got, err, time.Since(began))
		}
	})
}
