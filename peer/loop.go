package peer

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtcp"

	"legroom/internal/logkey"
)

const (
	tick        = 100 * time.Millisecond
	reportEvery = time.Second
)

// told is what the loop has to tell the owner.
type told struct {
	slots atomic.Bool // OnSlots is due

	change sync.Mutex // held while a change of the connection is looked at; before mu

	mu     sync.Mutex
	state  State
	states []State     // not yet told
	timer  *time.Timer // ends the Leg when the connection stays away
}

// loop is the Leg's one clock: requests to the browser, sender reports, shares of the path, and what the owner is told.
// It begins with the first offer and ends with the Leg.
func (l *Leg) loop() {
	defer l.wg.Done()
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	var reported time.Time
	for {
		select {
		case <-l.ctx.Done():
			l.setState(StateClosed)
			l.tell()
			l.shut()
			return
		case <-l.wake:
		case <-ticker.C:
		}
		now := time.Now()
		for _, u := range l.sources() {
			u.serve(now)
		}
		l.deal(now)
		l.tell()
		if now.Sub(reported) >= reportEvery {
			reported = now
			l.report(now)
			l.trouble.Flush()
		}
	}
}

// shut takes the connection down. It is here and not in Close because it waits for the readers of the connection, and
// Close may be called by one of them.
func (l *Leg) shut() {
	l.mu.Lock()
	pc := l.conn.pc
	l.mu.Unlock()
	l.told.mu.Lock()
	if l.told.timer != nil {
		l.told.timer.Stop()
	}
	l.told.mu.Unlock()
	if err := pc.GracefulClose(); err != nil {
		l.log.Debug("peer: connection did not close cleanly", logkey.Err, err)
	}
	l.readers.Wait()
	l.engine.left(l)
}

func (l *Leg) sources() []*uplink {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]*uplink, 0, len(l.conn.uplinks))
	for _, u := range l.conn.uplinks {
		out = append(out, u)
	}
	return out
}

// tell calls the owner back.
func (l *Leg) tell() {
	l.told.mu.Lock()
	states := l.told.states
	l.told.states = nil
	l.told.mu.Unlock()
	if l.cfg.OnState != nil {
		for _, s := range states {
			l.cfg.OnState(s)
		}
	}
	if l.told.slots.Swap(false) && l.cfg.OnSlots != nil {
		l.cfg.OnSlots(l.Slots())
	}
}

// report sends sender reports: RTP time beside wall-clock time for each slot (RFC 3550 section 6.4.1). All slots use
// this machine's clock, so a browser can compare the time of any two of them.
func (l *Leg) report(now time.Time) {
	var out []rtcp.Packet
	for _, d := range l.slots() {
		if r, ok := d.report(now); ok {
			out = append(out, r)
		}
	}
	if len(out) > 0 {
		l.rtcp(out...)
	}
}

func (d *DownTrack) report(now time.Time) (*rtcp.SenderReport, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.feed == nil || d.count.packets == 0 || !d.forward.stamp.seq.started {
		return nil, false
	}
	return &rtcp.SenderReport{
		SSRC: d.wire.ssrc, NTPTime: ntp(now), RTPTime: d.forward.stamp.now(now),
		PacketCount: uint32(d.count.packets), OctetCount: uint32(d.count.octets),
	}, true
}

// ntp is the 32.32 fixed point time since 1900 (RFC 3550 section 4).
func ntp(t time.Time) uint64 {
	const since1900 = 2208988800
	ns := uint64(t.UnixNano())
	return (ns/1e9+since1900)<<32 | (ns%1e9)<<32/1e9
}
