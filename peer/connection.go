package peer

import (
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"

	"legroom/internal/logkey"
)

// connectionState is called by the library when ICE or DTLS change, in a goroutine for each change: it therefore looks
// at how things stand, one call after the other, and not at what it was called for.
func (l *Leg) connectionState(webrtc.PeerConnectionState) {
	l.mu.Lock()
	pc := l.conn.pc
	l.mu.Unlock()
	if pc == nil {
		return
	}
	l.told.change.Lock()
	defer l.told.change.Unlock()
	switch pc.ConnectionState() {
	case webrtc.PeerConnectionStateConnected:
		l.path.open.Store(true)
		l.stopWaiting()
		l.setState(StateConnected)
		l.share.stale.Store(true)
	case webrtc.PeerConnectionStateDisconnected, webrtc.PeerConnectionStateConnecting:
		l.path.open.Store(false)
		l.interrupted()
	case webrtc.PeerConnectionStateFailed:
		// DTLS failed, or ICE did in spite of our own longer patience: a new offer with a restart may still come.
		l.path.open.Store(false)
		l.interrupted()
	case webrtc.PeerConnectionStateClosed:
		l.path.open.Store(false)
		_ = l.Close(ErrRemoteClosed)
	}
	l.kick()
}

// interrupted waits for the browser to come back.
func (l *Leg) interrupted() {
	l.told.mu.Lock()
	was := l.told.state
	l.told.mu.Unlock()
	if was == StateConnected || was == StateInterrupted {
		l.setState(StateInterrupted)
		l.down.Reset()
	}
	l.await()
}

// await closes the Leg unless it is connected within the grace time; a wait under way goes on.
func (l *Leg) await() {
	l.told.mu.Lock()
	defer l.told.mu.Unlock()
	if l.told.state == StateNew {
		l.told.state = StateConnecting
		l.told.states = append(l.told.states, StateConnecting)
	}
	if l.told.state == StateConnected || l.told.state == StateClosed || l.told.timer != nil {
		return
	}
	l.told.timer = time.AfterFunc(l.engine.cfg.Grace, func() { _ = l.Close(ErrTimeout) })
}

func (l *Leg) stopWaiting() {
	l.told.mu.Lock()
	defer l.told.mu.Unlock()
	if l.told.timer != nil {
		l.told.timer.Stop()
		l.told.timer = nil
	}
}

// setState notes a state for the owner; the loop tells it. Without a loop, which is before the first offer, it is told
// at once.
func (l *Leg) setState(s State) {
	l.told.mu.Lock()
	if l.told.state == s || l.told.state == StateClosed {
		l.told.mu.Unlock()
		return
	}
	l.told.state = s
	l.told.states = append(l.told.states, s)
	l.told.mu.Unlock()
	l.log.Info("peer: connection", logkey.Status, s.String())
}

// State of the connection.
func (l *Leg) State() State {
	l.told.mu.Lock()
	defer l.told.mu.Unlock()
	return l.told.state
}

// listen is the goroutine that reads what the browser says of one slot; it ends with the sender.
func (l *Leg) listen(d *DownTrack, sender *webrtc.RTPSender) {
	defer l.readers.Done()
	buf := make([]byte, receiveMTU)
	for {
		n, _, err := sender.Read(buf)
		if err != nil {
			return
		}
		packets, err := rtcp.Unmarshal(buf[:n])
		if err != nil {
			l.trouble.Count("rtcp", "peer: feedback that cannot be read", logkey.Err, err)
			continue
		}
		for _, p := range packets {
			l.feedback(d, p)
		}
	}
}

// feedback handles one RTCP packet. A compound packet reaches every slot it speaks of, so each takes its own parts.
func (l *Leg) feedback(d *DownTrack, p rtcp.Packet) {
	ssrc := d.ssrc()
	switch p := p.(type) {
	case *rtcp.PictureLossIndication:
		if p.MediaSSRC == ssrc {
			d.pictureLost()
		}
	case *rtcp.FullIntraRequest:
		for _, e := range p.FIR {
			if e.SSRC == ssrc {
				d.pictureLost()
			}
		}
	case *rtcp.TransportLayerNack:
		if p.MediaSSRC == ssrc {
			d.nack(p)
		}
	case *rtcp.ReceiverReport:
		for _, r := range p.Reports {
			if r.SSRC == ssrc {
				l.heard(r)
			}
		}
	case *rtcp.TransportLayerCC:
		if p.MediaSSRC == ssrc {
			l.congestion(p)
		}
	}
}

// pictureLost asks the source for a key frame of the layer the browser sees (RFC 4585 section 6.3.1). One that comes too
// soon after another is not forgotten: the next round of the loop asks.
func (d *DownTrack) pictureLost() {
	d.mu.Lock()
	f := d.feed
	if f == nil {
		d.mu.Unlock()
		return
	}
	f.lost = true
	ask, layer := d.wants(f, time.Now())
	d.mu.Unlock()
	if ask && f.track.RequestKeyframe != nil {
		f.track.RequestKeyframe(layer)
	}
}

// heard notes the loss of a receiver report.
func (l *Leg) heard(r rtcp.ReceptionReport) {
	l.traffic.mu.Lock()
	l.traffic.loss += (float64(r.FractionLost)/256 - l.traffic.loss) * 0.1
	l.traffic.mu.Unlock()
}
