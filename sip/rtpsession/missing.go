package rtpsession

import "time"

const (
	// maxMissing packets are asked for at a time. A gap that is longer, or older than missingFor, is left to a key frame.
	maxMissing = 64
	missingFor = 500 * time.Millisecond
	// missingTries is how often one is asked for, missingPause the least time between, missingPatience how long a packet may
	// be out of order that no other has overtaken.
	missingTries    = 5
	missingPause    = 30 * time.Millisecond
	missingPatience = 10 * time.Millisecond
)

// missing is what has not come of the peer's pictures, for NACK. It has no clock: what is due is found when the next packet
// comes.
// Source: RFC 4585 section 6.2.1.
type missing struct {
	started bool
	ssrc    uint32
	highest uint16
	list    [maxMissing]gap
	n       int
	due     [maxMissing]uint16
}

// gap is one packet that did not come.
type gap struct {
	number       uint16
	since, asked time.Time
	tries        int
}

// took notes a packet, and what is missing before it.
func (m *missing) took(ssrc uint32, number uint16, now time.Time) {
	delta := int16(number - m.highest)
	switch {
	case !m.started || ssrc != m.ssrc:
		m.started, m.ssrc, m.highest, m.n = true, ssrc, number, 0
	case delta <= 0:
		m.found(number)
	case int(delta)-1 > maxMissing:
		m.highest, m.n = number, 0
	default:
		for i := m.highest + 1; i != number; i++ {
			m.add(i, now)
		}
		m.highest = number
	}
}

// add notes a gap; when there are too many the oldest goes.
func (m *missing) add(number uint16, now time.Time) {
	if m.n == maxMissing {
		copy(m.list[:], m.list[1:])
		m.n--
	}
	m.list[m.n] = gap{number: number, since: now}
	m.n++
}

func (m *missing) found(number uint16) {
	for i := range m.n {
		if m.list[i].number == number {
			copy(m.list[i:m.n], m.list[i+1:m.n])
			m.n--
			return
		}
	}
}

// ask gives what is to be asked for now, oldest first. The slice is good until the next call.
func (m *missing) ask(roundTrip time.Duration, now time.Time) []uint16 {
	due, kept := m.due[:0], 0
	for _, g := range m.list[:m.n] {
		if now.Sub(g.since) > missingFor || g.tries == missingTries {
			continue
		}
		overtaken := int16(m.highest-g.number) > 1 || now.Sub(g.since) >= missingPatience
		if g.tries == 0 && overtaken || g.tries > 0 && now.Sub(g.asked) >= max(roundTrip, missingPause) {
			g.tries++
			g.asked = now
			due = append(due, g.number)
		}
		m.list[kept] = g
		kept++
	}
	m.n = kept
	return due
}
