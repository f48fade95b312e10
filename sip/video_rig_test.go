package sip_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"legroom/media"
	"legroom/sip"
	"legroom/sip/siptest"
)

// stage is a Publisher that remembers tracks, counts what comes on each and, as a mirror does, sends the camera back.
type stage struct {
	leg    atomic.Pointer[sip.Leg]
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
		back, err := s.leg.Load().Send(media.TrackInfo{Source: media.Camera, Codec: info.Codec, Layers: 1, RequestKeyframe: func(l uint8) {
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
		s.leg.Store(leg)
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
