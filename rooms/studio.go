package rooms

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"legroom/compose"
	"legroom/hwaccel"
	"legroom/internal/logkey"
	"legroom/internal/run"
)

// errNoStudio: there is no Device, or no longer.
var errNoStudio = errors.New("rooms: no video device")

// studio is where pictures are made for all rooms: the Devices, and the goroutines of what is slow. Without Devices pictures
// are forwarded where they can be, and not made.
type studio struct {
	log *slog.Logger

	mu      sync.Mutex
	group   *run.Group // nil without Devices
	life    context.Context
	devices *hwaccel.Fallback
}

// UseDevices lets rooms decode, compose and encode pictures on Devices, in the order in which they are asked, until ctx ends.
// It returns when nothing of them is in use any more; they are the caller's. Its error is context.Cause of ctx.
func (g *Registry) UseDevices(ctx context.Context, devices []hwaccel.Device) error {
	s := g.studio
	group, life := run.NewGroup(ctx)
	s.mu.Lock()
	s.group, s.life, s.devices = group, life, &hwaccel.Fallback{Devices: devices, Moved: s.moved}
	s.mu.Unlock()
	for _, r := range g.Rooms() {
		r.dirty.Store(true)
	}
	<-life.Done()
	s.mu.Lock()
	s.group, s.life, s.devices = nil, nil, nil
	s.mu.Unlock()
	_ = group.Wait() // what it started ends with life, and tells no error
	return context.Cause(ctx)
}

// open tells whether pictures can be made.
func (s *studio) open() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.group != nil
}

// engines are the Devices, nil when there are none.
func (s *studio) engines() *hwaccel.Fallback {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.devices
}

// scalers are of the processor, which composes. Errors: errNoStudio.
func (s *studio) scalers() (compose.Scalers, error) {
	f := s.engines()
	if f == nil || len(f.Devices) == 0 {
		return nil, errNoStudio
	}
	return f.Devices[len(f.Devices)-1], nil
}

// begin starts work that goes on until stop is called or the Devices are taken away. stop does not wait for its end.
// Errors: errNoStudio.
func (s *studio) begin(name string, work func(context.Context) error) (stop func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.group == nil {
		return nil, errNoStudio
	}
	ctx, cancel := context.WithCancel(s.life)
	s.group.Go(name, func(context.Context) error {
		defer cancel()
		if err := work(ctx); err != nil && ctx.Err() == nil {
			s.log.Error("pictures cannot be made", "work", name, logkey.Err, err)
		}
		return nil
	})
	return cancel, nil
}

// patience is how often it is tried again to begin work that no Device has room for.
const patience = 2 * time.Second

// whenFree opens something as soon as a Device has room for it, and until then tries again. Errors: those of open, but
// hwaccel.ErrBusy; the cause of ctx.
func (s *studio) whenFree(ctx context.Context, what string, open func() error) error {
	for told := false; ; told = true {
		err := open()
		if !errors.Is(err, hwaccel.ErrBusy) {
			return err
		}
		if !told {
			s.log.Warn("video devices are full", "work", what, logkey.Err, err)
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(patience):
		}
	}
}

// moved is told of work that goes on on another Device.
func (s *studio) moved(from, to hwaccel.Device, why error) {
	s.log.Warn("pictures are made on another device", "from", from.Name(), "to", to.Name(), logkey.Err, why)
}
