package peer

import (
	"context"
	"errors"
	"fmt"

	"github.com/pion/webrtc/v4"

	"legroom/internal/logkey"
)

// Offer answers a browser's offer: the first one, one with more slots or tracks, and one that restarts ICE. Offers of
// one Leg are answered one after the other. The answer holds all candidates, none follow. M-lines the gateway does not
// want (data channels, slots beyond the configured number) are refused in place.
// Errors: *OfferError (ErrOffer, and ErrNoRoomCodec too where that is why), ErrClosed, the end of ctx. An offer that is
// refused for what it says changes nothing; one that fails later closes the Leg, since nobody knows then what is agreed.
func (l *Leg) Offer(ctx context.Context, offer Offer) (string, error) {
	select {
	case l.offers <- struct{}{}:
		defer func() { <-l.offers }()
	case <-l.ctx.Done():
		return "", ErrClosed
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
	plan, err := readOffer(offer, l.engine.cfg.AudioSlots, l.engine.cfg.VideoSlots)
	if err != nil {
		return "", err
	}
	plan.hide, plan.even = l.cfg.HideLevels, l.cfg.Encrypted
	if err := plan.narrow(l.cfg.Encrypted, l.agreed(plan)); err != nil {
		return "", err
	}
	sdp, err := plan.taken()
	if err != nil {
		return "", err
	}
	pc, err := l.connect(ctx)
	if err != nil {
		return "", err
	}
	l.holdCandidates()
	answer, err := l.negotiate(ctx, pc, plan, sdp)
	if err != nil {
		if l.ctx.Err() != nil {
			return "", ErrClosed
		}
		err = fmt.Errorf("peer: answer offer of leg %s: %w", l.cfg.ID, err)
		_ = l.Close(err)
		return "", err
	}
	l.await()
	l.told.slots.Store(true)
	l.kick()
	return answer, nil
}

// connect gives the connection, making it with the first offer, and starts the loop beside it.
func (l *Leg) connect(ctx context.Context) (*webrtc.PeerConnection, error) {
	l.mu.Lock()
	pc, closed := l.conn.pc, l.conn.closed
	l.mu.Unlock()
	if closed {
		return nil, ErrClosed
	}
	if pc != nil {
		return pc, nil
	}
	pc, err := l.engine.connection(ctx)
	if err != nil {
		return nil, err
	}
	pc.OnConnectionStateChange(l.connectionState)
	pc.OnTrack(l.track)
	l.mu.Lock()
	if l.conn.closed {
		l.mu.Unlock()
		return nil, errors.Join(ErrClosed, pc.Close())
	}
	l.conn.pc = pc
	l.wg.Add(1)
	l.mu.Unlock()
	go l.loop()
	return pc, nil
}

// negotiate does the offer/answer with the library.
func (l *Leg) negotiate(ctx context.Context, pc *webrtc.PeerConnection, plan *offerPlan, sdp string) (string, error) {
	// Before the offer is applied: a track can come with the first packet after the answer.
	dropped := l.arrange(plan)
	if err := pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: sdp}); err != nil {
		return "", &OfferError{Reason: "cannot be applied", Cause: err}
	}
	l.takeCandidates(pc)
	for _, d := range dropped {
		// So that the m-line can become a slot again. What the library says of a stopped sender is of no use.
		_ = pc.RemoveTrack(d.sender)
	}
	fresh, err := l.fill(pc, plan)
	if err != nil {
		return "", err
	}
	answer, err := pc.CreateAnswer(nil)
	if err != nil {
		return "", &OfferError{Reason: "cannot be answered", Cause: err}
	}
	gathered := webrtc.GatheringCompletePromise(pc)
	if err := pc.SetLocalDescription(answer); err != nil {
		return "", &OfferError{Reason: "the answer cannot be applied", Cause: err}
	}
	for _, s := range fresh {
		if l.enter() {
			go l.listen(s.slot, s.sender)
		}
	}
	select {
	case <-gathered:
	case <-l.ctx.Done():
		return "", ErrClosed
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
	return plan.answer(pc.LocalDescription().SDP)
}

// arrange brings uplinks and slots in line with the plan: what is gone ends, what is new begins. It gives the slots that
// are no more.
func (l *Leg) arrange(plan *offerPlan) (dropped []*DownTrack) {
	lines := map[string]line{}
	for _, m := range plan.lines {
		if m.refused != "" {
			l.log.Debug("peer: m-line refused", logkey.Kind, m.kind.String(), logkey.Reason, m.refused)
			continue
		}
		lines[m.mid] = m
	}
	var freed []*feed
	uplinks := map[*uplink]line{}
	l.mu.Lock()
	for mid, u := range l.conn.uplinks {
		m, here := lines[mid]
		if uplinks[u] = m; !here || m.slot {
			uplinks[u] = line{}
			delete(l.conn.uplinks, mid)
		}
	}
	for mid, m := range lines {
		if !m.slot && l.conn.uplinks[mid] == nil {
			u := &uplink{mid: mid, leg: l}
			l.conn.uplinks[mid] = u
			uplinks[u] = m
		}
	}
	kept := make([]*DownTrack, 0, len(l.conn.slots))
	for _, d := range l.conn.slots {
		if lines[d.mid].slot {
			kept = append(kept, d)
			continue
		}
		dropped = append(dropped, d)
		for f := range l.conn.feeds {
			if f.slot == d {
				freed = append(freed, f)
			}
		}
	}
	l.conn.slots = kept
	l.mu.Unlock()
	for u, m := range uplinks {
		u.carry(m.source, m.rids)
	}
	for _, f := range freed {
		_ = f.Close()
	}
	return dropped
}

// freshSlot is a slot that this offer has brought.
type freshSlot struct {
	slot   *DownTrack
	sender *webrtc.RTPSender
}

// fill puts a DownTrack on every recvonly m-line that has none.
func (l *Leg) fill(pc *webrtc.PeerConnection, plan *offerPlan) ([]freshSlot, error) {
	have := map[string]*DownTrack{}
	for _, d := range l.slots() {
		have[d.mid] = d
	}
	var fresh []freshSlot
	for _, m := range plan.lines {
		if !m.slot || m.refused != "" || have[m.mid] != nil {
			continue
		}
		d := newDownTrack(m.kind, &l.path)
		sender, err := pc.AddTrack(d)
		if err != nil {
			return nil, fmt.Errorf("slot %s: %w", m.mid, err)
		}
		// The library chooses the transceiver: one of those that this offer has made receivable.
		if d.mid = midOf(pc, sender); d.mid == "" || have[d.mid] != nil {
			return nil, &OfferError{MID: m.mid, Reason: "was not taken"}
		}
		d.sender = sender
		have[d.mid] = d
		fresh = append(fresh, freshSlot{d, sender})
	}
	var slots []*DownTrack
	for _, m := range plan.lines {
		if d := have[m.mid]; d != nil && m.slot && m.refused == "" {
			slots = append(slots, d)
		}
	}
	l.mu.Lock()
	l.conn.slots = slots
	l.mu.Unlock()
	return fresh, nil
}

func midOf(pc *webrtc.PeerConnection, sender *webrtc.RTPSender) string {
	for _, t := range pc.GetTransceivers() {
		if t.Sender() == sender {
			return t.Mid()
		}
	}
	return ""
}

// track is called by the library, in a goroutine of its own, for each stream that comes in.
func (l *Leg) track(track *webrtc.TrackRemote, receiver *webrtc.RTPReceiver) {
	if !l.enter() {
		return
	}
	defer l.readers.Done()
	l.mu.Lock()
	pc := l.conn.pc
	l.mu.Unlock()
	for _, t := range pc.GetTransceivers() {
		if t.Receiver() != receiver {
			continue
		}
		l.mu.Lock()
		u := l.conn.uplinks[t.Mid()]
		l.mu.Unlock()
		if u != nil {
			u.read(track, levelID(receiver))
			return
		}
	}
	l.log.Warn("peer: stream on an m-line that publishes nothing", logkey.SSRC, uint32(track.SSRC()))
}

func levelID(r *webrtc.RTPReceiver) uint8 {
	for _, x := range r.GetParameters().HeaderExtensions {
		if x.URI == uriAudioLevel {
			return uint8(x.ID)
		}
	}
	return 0
}

// trackID names the next Track of this Leg: unlike the m-line it is never used again.
func (l *Leg) trackID(mid string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conn.tracks++
	return fmt.Sprintf("%s/%s/%d", l.cfg.ID, mid, l.conn.tracks)
}
