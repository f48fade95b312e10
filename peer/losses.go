package peer

import "time"

const (
	// maxMissing bounds what one stream may be asked for at a time; a wider gap is a new beginning and wants a key frame.
	maxMissing = 128
	// maxAsks is how often a packet is asked for.
	maxAsks = 5
)

// losses follows the sequence numbers of one incoming stream and tells which to ask for again (RFC 4585 section 6.2.1).
// Not safe for concurrent use.
type losses struct {
	started bool
	high    uint16
	missing []missing
	gaveUp  bool // since the last call of lostForGood
}

type missing struct {
	seq  uint16
	asks int
	next time.Time
}

// saw takes a packet. fresh is false for one that has been here: browsers probe their path with copies of what they sent,
// and a copy of an old key frame would look like a place to begin. gap tells that numbers before it are newly missing,
// which is the moment to ask for them.
func (l *losses) saw(seq uint16, now time.Time) (fresh, gap bool) {
	if !l.started {
		l.started, l.high = true, seq
		l.missing = make([]missing, 0, maxMissing)
		return true, false
	}
	ahead := seq - l.high
	if ahead == 0 || ahead >= 1<<15 {
		return l.found(seq), false
	}
	if int(ahead)-1+len(l.missing) > maxMissing {
		l.missing, l.gaveUp, l.high = l.missing[:0], true, seq
		return true, false
	}
	for s := l.high + 1; s != seq; s++ {
		l.missing = append(l.missing, missing{seq: s, next: now})
	}
	l.high = seq
	return true, ahead > 1
}

// found takes a number off the missing ones; false when it was none of them.
func (l *losses) found(seq uint16) bool {
	for i := range l.missing {
		if l.missing[i].seq == seq {
			l.missing = append(l.missing[:i], l.missing[i+1:]...)
			return true
		}
	}
	return false
}

// due appends the numbers to ask for now. Each is asked again after retry, and given up after maxAsks.
func (l *losses) due(dst []uint16, now time.Time, retry time.Duration) []uint16 {
	kept := l.missing[:0]
	for _, m := range l.missing {
		if !now.Before(m.next) {
			if m.asks == maxAsks {
				l.gaveUp = true
				continue
			}
			m.asks++
			m.next = now.Add(retry)
			dst = append(dst, m.seq)
		}
		kept = append(kept, m)
	}
	l.missing = kept
	return dst
}

// lostForGood tells, once, that packets were given up: only a key frame repairs the picture.
func (l *losses) lostForGood() bool {
	lost := l.gaveUp
	l.gaveUp = false
	return lost
}
