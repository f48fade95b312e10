package bandwidth

import (
	"testing"
	"time"
)

// link is a path with a bottleneck, a queue and loss, in virtual time.
type link struct {
	rate  int // bit/s; 0 is without limit
	queue time.Duration
	every int // every nth packet is lost; 0 for none
	free  time.Time
	epoch time.Time
	count int
}

// pass gives when a packet arrives at the other end; ok is false when it does not.
func (l *link) pass(at time.Time, bytes int) (arrived time.Duration, ok bool) {
	l.count++
	if l.every > 0 && l.count%l.every == 0 {
		return 0, false
	}
	if l.free.Before(at) {
		l.free = at
	}
	if l.rate > 0 {
		if l.free.Sub(at) > l.queue {
			return 0, false
		}
		l.free = l.free.Add(time.Duration(bytes) * 8 * time.Second / time.Duration(l.rate))
	}
	return l.free.Add(20 * time.Millisecond).Sub(l.epoch), true
}

// drive sends at a rate, which may follow the estimate, and feeds reports back every 50 ms.
func drive(e *Estimator, l *link, from time.Time, length time.Duration, rate func() int) (end time.Time, mean int) {
	const size = 1000
	var reports []Report
	seq := uint16(l.count)
	fed, sum, n := from, 0, 0
	for at := from; at.Before(from.Add(length)); {
		e.Sent(seq, size, at)
		arrived, ok := l.pass(at, size)
		reports = append(reports, Report{Sequence: seq, Received: ok, Arrived: arrived})
		seq++
		at = at.Add(size * 8 * time.Second / time.Duration(rate()))
		if at.Sub(fed) >= 50*time.Millisecond {
			e.Feedback(reports, at.Add(40*time.Millisecond))
			reports, fed = reports[:0], at
			if at.Sub(from) > length/2 {
				sum, n = sum+e.Estimate(), n+1
			}
		}
		end = at
	}
	return end, sum / max(n, 1)
}

func TestEstimateFindsTheBottleneck(t *testing.T) {
	for name, c := range map[string]struct {
		rate, start int
	}{"from above": {1_000_000, 3_000_000}, "from below": {2_000_000, 500_000}, "narrow": {300_000, 2_000_000}} {
		t.Run(name, func(t *testing.T) {
			e := New(Config{Start: c.start, Min: 50_000, Max: 20_000_000})
			from := time.Unix(1000, 0)
			l := &link{rate: c.rate, queue: 300 * time.Millisecond, epoch: from}
			_, mean := drive(e, l, from, time.Minute, e.Estimate)
			if mean < c.rate*6/10 || mean > c.rate*13/10 {
				t.Errorf("estimate %d of a path that carries %d", mean, c.rate)
			}
			t.Logf("path %d, mean estimate %d", c.rate, mean)
		})
	}
}

func TestFreePathIsNotHeldBack(t *testing.T) {
	e := New(Config{Start: 1_000_000, Min: 50_000, Max: 5_000_000})
	from := time.Unix(1000, 0)
	drive(e, &link{epoch: from}, from, time.Minute, e.Estimate)
	if got := e.Estimate(); got != 5_000_000 {
		t.Errorf("estimate %d after a minute without congestion, want the maximum", got)
	}
}

func TestLittleTrafficDoesNotLowerTheEstimate(t *testing.T) {
	e := New(Config{Start: 2_000_000, Min: 50_000, Max: 5_000_000})
	from := time.Unix(1000, 0)
	drive(e, &link{epoch: from}, from, 30*time.Second, func() int { return 50_000 })
	if got := e.Estimate(); got < 2_000_000 {
		t.Errorf("estimate fell to %d although nothing was wrong", got)
	}
}

func TestHeavyLossLowersTheEstimate(t *testing.T) {
	e := New(Config{Start: 2_000_000, Min: 50_000, Max: 5_000_000})
	from := time.Unix(1000, 0)
	drive(e, &link{epoch: from, every: 4}, from, 10*time.Second, e.Estimate)
	if got := e.Estimate(); got > 500_000 {
		t.Errorf("estimate %d with a quarter lost", got)
	}
	if l := e.Loss(); l < 0.2 || l > 0.3 {
		t.Errorf("loss %.2f, want about a quarter", l)
	}
}

func TestForeignFeedbackIsIgnored(t *testing.T) {
	e := New(Config{Start: 1_000_000, Min: 50_000, Max: 5_000_000})
	now := time.Unix(1000, 0)
	var reports []Report
	for i := range 1000 {
		reports = append(reports, Report{Sequence: uint16(i), Received: i%2 == 0, Arrived: time.Duration(i) * time.Hour})
	}
	e.Feedback(reports, now)
	if e.Estimate() != 1_000_000 || e.Loss() != 0 {
		t.Error("reports of packets that were never sent changed the estimate")
	}
}

func TestSentAndFeedbackAllocateNothing(t *testing.T) {
	e := New(Config{Start: 1_000_000, Min: 50_000, Max: 5_000_000})
	at := time.Unix(1000, 0)
	seq := uint16(0)
	reports := make([]Report, 1)
	if n := testing.AllocsPerRun(1000, func() {
		seq++
		at = at.Add(10 * time.Millisecond)
		e.Sent(seq, 1000, at)
		reports[0] = Report{Sequence: seq, Received: true, Arrived: at.Sub(time.Unix(0, 0))}
		e.Feedback(reports, at)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// TestAStallDoesNotStarveSmallPictures: a computer that stands still delays packets as a full queue does. Where little is
// sent, what arrives says nothing of what the path carries.
func TestAStallDoesNotStarveSmallPictures(t *testing.T) {
	little := func() int { return 200_000 }
	for _, stall := range []time.Duration{100 * time.Millisecond, 400 * time.Millisecond, time.Second} {
		e := New(Config{Start: 2_000_000, Min: 50_000, Max: 5_000_000})
		from := time.Unix(1000, 0)
		l := &link{epoch: from}
		at, _ := drive(e, l, from, 5*time.Second, little)
		l.free = at.Add(stall)
		drive(e, l, at, 5*time.Second, little)
		if got := e.Estimate(); got < 900_000 {
			t.Errorf("a stall of %v leaves %d of an estimate of 2 Mbit/s, on a path without limit", stall, got)
		}
	}
}

// TestANarrowPathIsFoundSoon: what one cut leaves too much the next ones take.
func TestANarrowPathIsFoundSoon(t *testing.T) {
	e := New(Config{Start: 3_000_000, Min: 50_000, Max: 5_000_000})
	from := time.Unix(1000, 0)
	drive(e, &link{rate: 200_000, queue: 300 * time.Millisecond, epoch: from}, from, 3*time.Second, e.Estimate)
	if got := e.Estimate(); got > 300_000 {
		t.Errorf("estimate %d after 3 s on a path that carries 200 kbit/s", got)
	}
}
