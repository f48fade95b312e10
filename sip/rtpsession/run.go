package rtpsession

import (
	"context"
	"time"

	"legroom/internal/run"
)

// Run receives until ctx ends or Close, and sends RTCP. It says BYE to the peer, closes the sockets and returns nil, or
// the error that ended it: ErrHandshake, ErrFingerprint.
func (s *Session) Run(ctx context.Context) error {
	s.life.mu.Lock()
	if s.life.running {
		s.life.mu.Unlock()
		return ErrRunning
	}
	s.life.running = true
	s.life.mu.Unlock()
	defer s.shut()

	g, ctx := run.NewGroup(ctx)
	stop := context.AfterFunc(s.life.ctx, func() { g.Cancel(context.Canceled) })
	defer stop()
	g.Go("rtp", newReceiver(s, s.rtp, true).run)
	g.Go("rtcp timer", func(ctx context.Context) error { return s.timers(ctx, g) })
	err := g.Wait()
	if err == nil {
		s.life.cancel(context.Cause(ctx))
		return nil
	}
	s.life.cancel(err)
	return err
}

// timers sends reports, watches for silence and starts what an Apply asks for. At its end it closes the sockets, which
// ends the readers.
func (s *Session) timers(ctx context.Context, g *run.Group) error {
	defer s.shut()
	var started starts
	silence := watch{since: time.Now()}
	reportAt := silence.since.Add(s.reports.next(true))
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			s.report(time.Now(), true)
			return nil
		case <-s.life.applied:
			started.all(s, g)
		case <-timer.C:
		}
		now := time.Now()
		if !now.Before(reportAt) {
			s.report(now, false)
			if s.pictures != nil {
				s.askRate(now)
			}
			reportAt = now.Add(s.reports.next(false))
		}
		wake := reportAt
		if at, ok := silence.look(s, now); ok && at.Before(wake) {
			wake = at
		}
		timer.Reset(wake.Sub(now))
	}
}

// starts remembers which goroutines of a session are there.
type starts struct {
	rtcp bool
	dtls *association
}

// all starts the reader of the RTCP socket, once it is needed, and the association of DTLS.
func (st *starts) all(s *Session, g *run.Group) {
	p := s.path.Load()
	if p == nil {
		return
	}
	if !p.agreed.RTCPMux && !st.rtcp {
		st.rtcp = true
		g.Go("rtcp", newReceiver(s, s.rtcp, false).run)
	}
	if p.dtls != nil && p.dtls != st.dtls {
		st.dtls = p.dtls
		g.Go("dtls", p.dtls.run)
	}
}

// watch notices that the peer has gone silent.
type watch struct {
	since time.Time // since when the peer should be sending
	told  time.Time // the last packet before the silence that was told of
}

// look tells of a silence that has lasted too long, once, and when to look again.
func (w *watch) look(s *Session, now time.Time) (at time.Time, ok bool) {
	p := s.path.Load()
	if s.cfg.MediaTimeout == 0 || p == nil || !p.agreed.Direction.Receives() {
		w.since = now
		return time.Time{}, false
	}
	from := w.since
	if heard := s.in.heard(); heard.After(from) {
		from = heard
	}
	silent := now.Sub(from)
	if silent < s.cfg.MediaTimeout {
		return from.Add(s.cfg.MediaTimeout), true
	}
	if from != w.told {
		w.told = from
		if f := s.hooks.inactive.Load(); f != nil {
			(*f)(silent)
		}
	}
	return now.Add(s.cfg.MediaTimeout), true
}
