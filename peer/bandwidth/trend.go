package bandwidth

import (
	"math"
	"time"
)

// usage is what the delay says of the path.
type usage uint8

const (
	usageNormal usage = iota
	usageOver         // the queue grows
	usageHeld         // it has grown, and grows no more
	usageUnder        // it drains
)

const (
	burst        = 5 * time.Millisecond // packets sent within it are one group
	window       = 20                   // groups in the regression
	smoothing    = 0.9
	thresholdMin = 6.0 // ms
	thresholdMax = 600.0
	overuseTime  = 10.0 // ms that the trend must stay above the threshold
	gain         = 4.0
)

// trend fits a line through the accumulated one-way delay variation of groups of packets.
type trend struct {
	group, before group
	have          int
	accumulated   float64 // ms
	smoothed      float64
	points        [window]point
	n             int
	slope         float64
	threshold     float64
	adaptedAt     time.Time
	overFor       float64 // ms
	overCount     int
	state         usage
	first         time.Duration
}

type group struct {
	firstSent, lastSent time.Time
	arrived             time.Duration
}

type point struct{ at, delay float64 }

func newTrend() trend { return trend{threshold: 12.5} }

// add takes a packet in the order it was sent.
func (t *trend) add(sent time.Time, arrived time.Duration, now time.Time) usage {
	if t.have == 0 {
		t.group = group{firstSent: sent, lastSent: sent, arrived: arrived}
		t.have, t.first = 1, arrived
		return t.state
	}
	if sent.Sub(t.group.firstSent) <= burst {
		if sent.After(t.group.lastSent) {
			t.group.lastSent = sent
		}
		t.group.arrived = max(t.group.arrived, arrived)
		return t.state
	}
	if t.have > 1 {
		t.close(now)
	}
	t.before, t.group = t.group, group{firstSent: sent, lastSent: sent, arrived: arrived}
	t.have = 2
	return t.state
}

// close compares the finished group with the one before.
func (t *trend) close(now time.Time) {
	sentDelta := ms(t.group.lastSent.Sub(t.before.lastSent))
	arrivedDelta := ms(t.group.arrived - t.before.arrived)
	if math.Abs(arrivedDelta-sentDelta) > 3000 {
		// The receiver's clock jumped, or it slept: the past says nothing about now.
		*t = trend{threshold: t.threshold, group: t.group, have: 1, first: t.group.arrived}
		return
	}
	t.accumulated += arrivedDelta - sentDelta
	t.smoothed = smoothing*t.smoothed + (1-smoothing)*t.accumulated
	t.points[t.n%window] = point{at: ms(t.group.arrived - t.first), delay: t.smoothed}
	t.n++
	if t.n < window {
		return
	}
	slope := t.fit()
	t.judge(slope, sentDelta, now)
	t.slope = slope
}

// fit is the least-squares slope of the window.
func (t *trend) fit() float64 {
	var mx, my float64
	for _, p := range t.points {
		mx += p.at
		my += p.delay
	}
	mx, my = mx/window, my/window
	var num, den float64
	for _, p := range t.points {
		num += (p.at - mx) * (p.delay - my)
		den += (p.at - mx) * (p.at - mx)
	}
	if den == 0 {
		return t.slope
	}
	return num / den
}

func (t *trend) judge(slope, sentDelta float64, now time.Time) {
	modified := float64(min(t.n, 60)) * slope * gain
	switch {
	case modified > t.threshold:
		t.overFor += sentDelta
		t.overCount++
		if t.overFor > overuseTime && t.overCount > 1 && slope >= t.slope {
			t.overFor, t.overCount = 0, 0
			t.state = usageOver
		} else if t.state == usageOver && slope < t.slope {
			// One stall stays in the window for a second; it is no reason to cut again and again.
			t.state = usageHeld
		}
	case modified < -t.threshold:
		t.overFor, t.overCount, t.state = 0, 0, usageUnder
	default:
		t.overFor, t.overCount, t.state = 0, 0, usageNormal
	}
	t.adaptThreshold(modified, now)
}

// adaptThreshold follows the noise of the path, so that we neither starve beside loss-based senders nor see ghosts
// (draft-ietf-rmcat-gcc-02 section 5.4).
func (t *trend) adaptThreshold(modified float64, now time.Time) {
	defer func() { t.adaptedAt = now }()
	if t.adaptedAt.IsZero() || math.Abs(modified) > t.threshold+15 {
		return
	}
	k := 0.039
	if math.Abs(modified) > t.threshold {
		k = 0.0087
	}
	elapsed := min(ms(now.Sub(t.adaptedAt)), 100)
	t.threshold += k * (math.Abs(modified) - t.threshold) * elapsed
	t.threshold = max(thresholdMin, min(thresholdMax, t.threshold))
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
