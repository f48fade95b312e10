package jitter

import "time"

const (
	marginKeep   = 128                     // arrivals remembered
	marginWindow = 2500 * time.Millisecond // and for how long
	marginJudge  = time.Second             // a stream is watched this long before its delay is changed
	marginPause  = 400 * time.Millisecond  // less, behind a pause shorter than this
	marginEvery  = 200 * time.Millisecond  // time between two judgements
	marginMost   = 60 * time.Millisecond   // largest reserve aimed at
	marginGuard  = 1500 * time.Microsecond // below this the reserve is refilled before it is used up
	marginForget = 250                     // the reserve goes back at 1 ms in 250 ms
	marginMoment = 150 * time.Millisecond  // what comes late together is one stall
	marginAgain  = 10 * time.Second        // three stalls within this are answered by a larger reserve
	marginLeast  = 3 * time.Millisecond    // corrections below this are not worth a splice
)

// margin remembers by how much each packet came before it was needed, and from that judges how much delay the stream
// can spare, or lacks.
//
// One stall within what is remembered is nobody's measure: its sound is late already, and a delay that would have covered
// it costs everybody's conversation for seconds. So the delay it added is taken out again at once. When they come again and
// again the network is like that, and then the reserve grows by what they lacked.
type margin struct {
	start, target time.Duration
	ring          [marginKeep]arrival
	n             int
	since         time.Time     // of the first arrival after a reset
	watch         time.Duration // how long from then on nothing is cut
	judged        time.Time
	eased         time.Time
	stalls        [2]time.Time  // when packets came too late, the last time and the one before
	pending       time.Duration // delay still to be taken out (above 0) or put in
}

// arrival is one packet: what was waiting when it came, and how far the next read was.
type arrival struct {
	at   time.Time
	have time.Duration
	due  time.Duration
}

func newMargin(start time.Duration) margin {
	return margin{start: start, target: start, watch: marginJudge}
}

// reset forgets the arrivals, not the target: the network is the same behind a pause. Behind one so short that it was
// rather a stall, the stream is judged sooner, for then much sound comes at once.
func (m *margin) reset(paused time.Duration) {
	m.n, m.pending = 0, 0
	m.since, m.judged = time.Time{}, time.Time{}
	m.watch = marginJudge
	if paused < marginPause {
		m.watch = marginPause
	}
}

// late says that sound came too late, by how much, and that what follows it is played by so much later: as much as was
// made up meanwhile, which is a whole read at least.
func (m *margin) late(now time.Time, behind, later time.Duration) {
	for i := range min(m.n, marginKeep) {
		m.ring[i].have += later
	}
	switch {
	case now.Sub(m.stalls[0]) <= marginMoment: // the same one goes on
	case now.Sub(m.stalls[1]) < marginAgain:
		m.target = min(m.target+behind, marginMost)
		fallthrough
	default:
		m.stalls[1] = m.stalls[0]
	}
	m.stalls[0] = now
}

// arrived tells of a packet that finds so much waiting.
func (m *margin) arrived(g grid, now time.Time, have time.Duration) {
	if g.period == 0 {
		return
	}
	if m.since.IsZero() {
		m.since, m.judged, m.eased = now, now, now
	}
	m.ring[m.n%marginKeep] = arrival{at: now, have: have, due: g.due.Sub(now)}
	m.n++
	if eased := now.Sub(m.eased) / marginForget; eased >= time.Millisecond/4 {
		m.target = max(m.target-eased, m.start)
		m.eased = now
	}
	// What can be spared is judged anew while it waits for a place to be cut; what is lacking is put in first.
	if now.Sub(m.judged) < marginEvery || m.pending < 0 {
		return
	}
	m.judged = now
	m.judge(g.period, now)
}

// judge decides on a correction.
func (m *margin) judge(period time.Duration, now time.Time) {
	apart := m.worst(period, now)
	if m.slack(0, period, now, apart) < marginGuard {
		// The clocks drift apart, or the stream began with an early packet: one more read of reserve.
		m.pending = -period
		return
	}
	if now.Sub(m.since) < m.watch {
		return
	}
	spare := time.Duration(0)
	for x := marginLeast; x <= 400*time.Millisecond; x += time.Millisecond {
		if m.slack(x, period, now, apart) < m.target {
			break
		}
		spare = x
	}
	m.pending = spare
}

// worst is the moment at which a remembered packet came the latest, measured by what was waiting.
func (m *margin) worst(period time.Duration, now time.Time) time.Time {
	var at time.Time
	least := time.Duration(1<<62 - 1)
	for i := range min(m.n, marginKeep) {
		a := &m.ring[i]
		if s := a.slack(0, period); now.Sub(a.at) <= marginWindow && s < least {
			at, least = a.at, s
		}
	}
	return at
}

// slack is the least time that a remembered packet, but for those near the moment apart, would have had before it was
// needed, with so much less waiting.
func (m *margin) slack(less, period time.Duration, now, apart time.Time) time.Duration {
	least := time.Duration(1<<62 - 1)
	for i := range min(m.n, marginKeep) {
		a := &m.ring[i]
		if now.Sub(a.at) > marginWindow || a.at.Sub(apart).Abs() <= marginMoment {
			continue
		}
		least = min(least, a.slack(less, period))
	}
	return least
}

// slack is how long before it was needed the packet would have come, with so much less waiting.
func (a *arrival) slack(less, period time.Duration) time.Duration {
	have := a.have - less
	reads := have / period
	if have < 0 {
		reads = (have - period + 1) / period
	}
	return a.due + reads*period
}

// correction is what is still to be done, above 0 to take out.
func (m *margin) correction(time.Duration) time.Duration {
	if m.pending > -marginLeast && m.pending < marginLeast {
		m.pending = 0
	}
	return m.pending
}

// moved tells that the delay was changed by d; what is remembered is brought to where it would be now.
func (m *margin) moved(d time.Duration) {
	before := m.pending
	m.pending += d
	if before < 0 && m.pending > 0 || before > 0 && m.pending < 0 {
		m.pending = 0
	}
	for i := range min(m.n, marginKeep) {
		m.ring[i].have += d
	}
}
