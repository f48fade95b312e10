package peer

import (
	"fmt"
	"strings"

	"github.com/pion/webrtc/v4"
)

// maxCandidates is how many candidates of one browser are taken between two offers: it has a dozen, and its checks reach
// the gateway without any.
const maxCandidates = 128

// candidates of the browser; under Leg.mu.
type candidates struct {
	taken   int
	held    bool // an offer is being applied, or there was none: they wait
	waiting []webrtc.ICECandidateInit
}

// Candidate takes a trickled candidate; the empty one, which ends them, is taken and does nothing. One that comes while
// its offer is still being answered waits. Beyond 128 they are ignored.
// Errors: ErrCandidate, ErrClosed.
func (l *Leg) Candidate(candidate, mid string) error {
	if len(candidate) > 1024 || len(mid) > maxMID {
		return fmt.Errorf("%w: too long", ErrCandidate)
	}
	init := webrtc.ICECandidateInit{Candidate: strings.TrimPrefix(candidate, "a="), SDPMid: &mid}
	l.mu.Lock()
	pc, c := l.conn.pc, &l.conn.candidates
	c.taken++
	switch {
	case l.conn.closed:
		l.mu.Unlock()
		return ErrClosed
	case candidate == "" || c.taken > maxCandidates:
		l.mu.Unlock()
		return nil
	case pc == nil || c.held:
		c.waiting = append(c.waiting, init)
		l.mu.Unlock()
		return nil
	}
	l.mu.Unlock()
	if err := pc.AddICECandidate(init); err != nil {
		return fmt.Errorf("%w: %w", ErrCandidate, err)
	}
	return nil
}

// holdCandidates makes candidates wait for the offer that is about to be applied.
func (l *Leg) holdCandidates() {
	l.mu.Lock()
	l.conn.candidates.held, l.conn.candidates.taken = true, len(l.conn.candidates.waiting)
	l.mu.Unlock()
}

// takeCandidates adds those that waited. A bad one is passed over: there is nobody left to tell.
func (l *Leg) takeCandidates(pc *webrtc.PeerConnection) {
	l.mu.Lock()
	waiting := l.conn.candidates.waiting
	l.conn.candidates.held, l.conn.candidates.waiting = false, nil
	l.mu.Unlock()
	for _, c := range waiting {
		if err := pc.AddICECandidate(c); err != nil {
			l.trouble.Count("candidate", "peer: candidate that cannot be used")
		}
	}
}
