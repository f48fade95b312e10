package rtpsession

import (
	"math"
	"time"

	"github.com/pion/rtcp"

	"legroom/sip/tmmbr"
)

// feedback takes what a peer asks of our pictures. Which SSRC a request for a key frame names is not looked at: there is
// one, and endpoints get it wrong.
func (s *Session) feedback(packet rtcp.Packet, now time.Time) {
	v := s.pictures
	if v == nil {
		return
	}
	switch r := packet.(type) {
	case *rtcp.PictureLossIndication:
		v.askedForKeyframe()
	case *rtcp.FullIntraRequest:
		if len(r.FIR) == 0 {
			return
		}
		v.mu.Lock()
		fresh := v.fir.fresh(r.SenderSSRC, r.FIR[0].SequenceNumber)
		v.mu.Unlock()
		if fresh {
			v.askedForKeyframe()
		}
	case *rtcp.TransportLayerNack:
		s.resend(r, now)
	case *rtcp.ReceiverEstimatedMaximumBitrate:
		v.setREMB(float64(r.Bitrate))
	case *rtcp.Goodbye:
		v.left(r.Sources)
	case *rtcp.RawPacket:
		switch r, _ := tmmbr.Read(r); r := r.(type) {
		case *tmmbr.Request:
			s.limit(r, now)
		case *tmmbr.Notification:
			v.granted(r, s.ssrc())
		}
	}
}

// granted takes the word of the peer that it keeps to what we asked for. Of several limits the tightest is told, so any is
// an answer.
func (v *pictures) granted(n *tmmbr.Notification, own uint32) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, b := range n.Bounds {
		if b.SSRC == own || b.Rate <= v.want {
			v.until = 0
		}
	}
}

func (v *pictures) askedForKeyframe() {
	v.mu.Lock()
	v.stats.KeyframesAsked++
	v.mu.Unlock()
	if f := v.keyframe.Load(); f != nil && *f != nil {
		(*f)()
	}
}

func (v *pictures) changed() {
	if f := v.rate.Load(); f != nil && *f != nil {
		(*f)()
	}
}

func (v *pictures) setREMB(rate float64) {
	if math.IsNaN(rate) || rate <= 0 {
		return
	}
	v.mu.Lock()
	v.remb = rate
	v.stats.RateRequests++
	v.mu.Unlock()
	v.changed()
}

// left drops the limits of receivers that said goodbye.
func (v *pictures) left(sources []uint32) {
	v.mu.Lock()
	changed := false
	for _, ssrc := range sources {
		if v.owner != nil && v.owner.Forget(ssrc) {
			changed = true
		}
	}
	v.mu.Unlock()
	if changed {
		v.changed()
	}
}

// limit takes a TMMBR and notifies of what holds now (TMMBN).
func (s *Session) limit(request *tmmbr.Request, now time.Time) {
	v, own := s.pictures, s.ssrc()
	v.mu.Lock()
	if v.owner == nil {
		v.owner = tmmbr.NewOwner(own)
	}
	holds := v.owner.Apply(request, now)
	if holds != nil {
		v.stats.RateRequests++
	}
	v.mu.Unlock()
	if holds == nil {
		return
	}
	s.tell(now, func(uint32) rtcp.Packet { return holds })
	v.changed()
}

// lost takes what the peer says of our stream into the rate.
func (s *Session) lost(p *path, blocks []rtcp.ReceptionReport, now time.Time) {
	v := s.pictures
	if v == nil {
		return
	}
	s.out.mu.Lock()
	own, octets, packets := s.out.line.ssrc, s.out.octets, s.out.packets
	s.out.mu.Unlock()
	for _, b := range blocks {
		if b.SSRC != own {
			continue
		}
		point := lossPoint{at: now, highest: b.LastSequenceNumber, lost: int64(int32(b.TotalLost<<8) >> 8), octets: octets, packets: packets}
		v.mu.Lock()
		changed := v.loss.report(point, p.agreed.Video.Feedback.NACK, p.agreed.MaxBitrate)
		v.mu.Unlock()
		if changed {
			v.changed()
		}
	}
}

// roundTrip to the peer; 0 while not known.
func (s *Session) roundTrip() time.Duration {
	s.reports.mu.Lock()
	defer s.reports.mu.Unlock()
	return s.reports.rtt
}

// current is the SSRC that is heard; not ok before the first packet.
func (in *inbound) current() (ssrc uint32, ok bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.src.ssrc, in.has
}

// resend answers a NACK as far as that goes: from memory, not again too soon, and not more than a share of what is sent.
func (s *Session) resend(r *rtcp.TransportLayerNack, now time.Time) {
	pause := s.roundTrip()
	var asked, sent, throttled uint64
	s.out.mu.Lock()
	p, to, memory := s.path.Load(), s.target.Load().sock, s.out.pictures.resends
	if memory != nil && p != nil && p.ready && to != nil && r.MediaSSRC == s.out.line.ssrc {
		for _, pair := range r.Nacks {
			pair.Range(func(number uint16) bool {
				asked++
				b, wait := memory.again(number, pause, now)
				if wait {
					throttled++
				}
				if b != nil && s.transmit(s.rtp, b, to) {
					sent++
					s.out.packets++
				}
				return true
			})
		}
	}
	s.out.mu.Unlock()
	v := s.pictures
	v.mu.Lock()
	defer v.mu.Unlock()
	v.stats.PacketsAsked += asked
	v.stats.Resent += sent
	v.stats.Throttled += throttled
}
