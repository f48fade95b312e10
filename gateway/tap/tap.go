// Package tap looks at what a room forwards, for a few seconds, and tells enough of it to judge from outside whether it was
// sealed. It opens nothing and holds no key. Of what is not sealed it passes on how much there was, and no byte.
package tap

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"legroom/gateway/api"
	"legroom/internal/logkey"
	"legroom/rooms"
)

// maxStreams bounds one look.
const maxStreams = 64

// Tap looks at one room at a time.
type Tap struct {
	rooms *rooms.Registry
	log   *slog.Logger
	busy  atomic.Bool
}

var _ api.Tapper = (*Tap)(nil)

// New makes a Tap for the rooms of a gateway.
func New(r *rooms.Registry, log *slog.Logger) *Tap { return &Tap{rooms: r, log: log} }

// Tap looks at a room for d, or until ctx ends. What is published later is not in it. Errors: api.ErrNoTapRoom,
// api.ErrTapBusy.
func (t *Tap) Tap(ctx context.Context, number string, d time.Duration) (*api.Tap, error) {
	room := t.find(number)
	if room == nil {
		return nil, api.ErrNoTapRoom
	}
	if !t.busy.CompareAndSwap(false, true) {
		return nil, api.ErrTapBusy
	}
	defer t.busy.Store(false)
	out := &api.Tap{Room: number, Mode: room.Policy().Mode.String(), Streams: []api.TapStream{}}
	began := time.Now()
	if !room.Policy().Mode.Encrypted() {
		return out, nil // all of it is in clear
	}
	watchers, err := watch(room)
	defer func() {
		for _, w := range watchers {
			w.stop()
		}
	}()
	if err != nil {
		return nil, err
	}
	wait := time.NewTimer(d)
	defer wait.Stop()
	select {
	case <-wait.C:
	case <-ctx.Done():
	}
	for _, w := range watchers {
		w.stop()
		out.Streams = append(out.Streams, w.stream())
	}
	out.Seconds = time.Since(began).Seconds()
	t.log.Info("room was looked at", logkey.Room, number, logkey.Count, len(watchers), logkey.DurationMS, time.Since(began).Milliseconds())
	return out, nil
}

// find does not make a room on demand, as a call would.
func (t *Tap) find(number string) *rooms.Room {
	for _, r := range t.rooms.Rooms() {
		if r.Number() == number {
			return r
		}
	}
	return nil
}

// watch puts a watcher on every stream of a room. Those that it gives are to be stopped, with an error too.
func watch(room *rooms.Room) (list []*watcher, err error) {
	streams := room.Streams()
	for _, s := range streams[:min(len(streams), maxStreams)] {
		w := newWatcher(s)
		stop, failed := s.Forward(w)
		if failed != nil {
			err = errors.Join(err, fmt.Errorf("tap: %s of %s: %w", s.Source, s.By.ID, failed))
			continue
		}
		w.stop = stop
		list = append(list, w)
		s.RequestKeyframe() // a decoder that is to fail needs one to begin with
	}
	return list, err
}
