package peer

import (
	"sync/atomic"
	"time"

	"legroom/media"
)

// share deals the path's bit rate out to the video slots; all but stale belong to the leg's loop.
type share struct {
	stale atomic.Bool // deal at once
	dealt time.Time

	trialFrom  time.Time     // when a step beyond the estimate was tried; zero when none is under trial
	trialPause time.Duration // wait before the next one
	trialNext  time.Time
	bonus      int  // bit/s on top of the estimate that the last trials have shown to fit
	starved    bool // outside of trials somebody on the screen has no picture at all

	demands []demand
	grants  []grant
	slots   []*DownTrack
}

const (
	dealEvery     = 200 * time.Millisecond
	firstPause    = 3 * time.Second
	longestPause  = time.Minute
	starvedPause  = 10 * time.Second
	trialLength   = 4 * time.Second
	defaultHeight = 360
)

// deal gives every video slot its share. Sound is taken off the estimate first and is never asked to give way.
// A step that the estimate does not cover is tried now and then when the path has been calm: what is not sent cannot be
// measured. A trial that brings congestion is taken back, and the next one waits twice as long, up to a minute, but for ten
// seconds at most while somebody has no picture at all.
func (l *Leg) deal(now time.Time) {
	s := &l.share
	if !s.stale.Swap(false) && now.Sub(s.dealt) < dealEvery {
		return
	}
	s.dealt = now
	audio := l.gather(now)
	estimate := l.down.Estimate()
	s.judge(now, l.down.Calm(now))
	budget := max(int(float64(estimate)*0.95)-audio, 0) // sound alone may be more than the estimate
	short := allocate(budget+s.bonus, s.demands, s.grants)
	if s.trialFrom.IsZero() {
		s.starved = s.starves()
	}
	if short && s.bonus == 0 && s.trialFrom.IsZero() && now.After(s.trialNext) && l.down.Calm(now) > firstPause {
		s.trialFrom = now
		s.bonus = max(estimate/2, 150_000)
		allocate(budget+s.bonus, s.demands, s.grants)
	}
	for i, d := range s.slots {
		l.aim(d, s.grants[i], now)
	}
}

// starves tells whether somebody on the screen has no picture at all.
func (s *share) starves() bool {
	for i, g := range s.grants {
		if g == paused && s.demands[i].height > 0 {
			return true
		}
	}
	return false
}

// judge ends a trial.
func (s *share) judge(now time.Time, calm time.Duration) {
	if s.trialFrom.IsZero() {
		return
	}
	since := now.Sub(s.trialFrom)
	switch {
	case calm < since:
		longest := longestPause
		if s.starved {
			longest = starvedPause
		}
		s.trialPause = min(max(2*s.trialPause, 2*firstPause), longest)
	case since >= trialLength:
		// It fitted: the traffic has carried the estimate up with it by now.
		s.trialPause = firstPause
	default:
		return
	}
	s.bonus, s.trialFrom = 0, time.Time{}
	s.trialNext = now.Add(s.trialPause)
}

// gather fills demands, grants and slots for what is on the screen, and gives the rate of the sound.
func (l *Leg) gather(now time.Time) (audio int) {
	s := &l.share
	s.demands, s.grants, s.slots = s.demands[:0], s.grants[:0], s.slots[:0]
	l.mu.Lock()
	slots, views, viewed := l.conn.slots, l.conn.views, l.conn.viewed
	l.mu.Unlock()
	for _, d := range slots {
		d.mu.Lock()
		f, has := d.feed, grant{d.forward.layer, d.forward.target.temporal}
		if d.kind == media.Audio {
			audio += d.count.rate.at(now)
		}
		d.mu.Unlock()
		if f == nil || f.origin == nil {
			continue
		}
		v := View{Width: defaultHeight * 16 / 9, Height: defaultHeight}
		if viewed {
			v = views[viewKey{f.track.Participant, f.track.Source}]
		}
		s.slots = append(s.slots, d)
		s.grants = append(s.grants, paused)
		s.demands = append(s.demands, demand{
			layers: f.origin.state(now), height: v.Height, area: v.Width * v.Height,
			screen: f.track.Source == media.Screen, has: has,
		})
	}
	return audio
}

// aim tells a slot its share, and asks for the key frame that a new layer needs.
func (l *Leg) aim(d *DownTrack, g grant, now time.Time) {
	d.mu.Lock()
	f := d.feed
	if f == nil {
		d.mu.Unlock()
		return
	}
	if g.layer < 0 && f.origin.young() {
		// Nothing is known of a Track that has just come: it may send until something is.
		g = grant{layer: 0, temporal: allTemporal}
	}
	d.forward.aim(g)
	ask, layer := d.wants(f, now)
	d.mu.Unlock()
	if ask && f.track.RequestKeyframe != nil {
		f.track.RequestKeyframe(layer)
	}
}
