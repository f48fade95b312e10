package sip

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"time"

	gosip "github.com/emiago/sipgo/sip"

	"legroom/internal/logkey"
	"legroom/sip/sdp"
)

// invite is the INVITE of a call that is not answered yet.
type invite struct {
	req *gosip.Request
	tx  *gosip.ServerTx
	// offer in it; nil when the other side wants ours.
	offer *sdp.Description
	terms sessionTerms
}

// Ring sends 180 Ringing. Errors: ErrState once it was answered or has ended.
func (d *Dialog) Ring() error {
	d.mu.Lock()
	inv, st := d.invite, d.state
	var contact *gosip.ContactHeader
	if st == stateIncoming {
		contact = d.contact()
	}
	d.mu.Unlock()
	if st != stateIncoming {
		return d.errIn("ring", ErrState)
	}
	d.srv.reply(inv.req, inv.tx, 180, "Ringing", contact)
	return nil
}

// Reject refuses a call that is not answered yet with StatusOf(cause). Errors: ErrState when it was answered.
func (d *Dialog) Reject(cause error) error {
	d.mu.Lock()
	up := d.state == stateUp || d.state == stateCalling
	d.mu.Unlock()
	if up {
		return d.errIn("reject", ErrState)
	}
	if cause == nil {
		cause = ErrDeclined
	}
	return d.Hangup(cause)
}

// refuse sends the final answer for a cause, and tells of it unless the caller gave up.
func (d *Dialog) refuse(inv *invite, cause error) {
	code, reason, _ := StatusOf(cause)
	if code < 300 {
		code, reason = 480, "Temporarily Unavailable"
	}
	d.srv.reply(inv.req, inv.tx, code, reason, d.srv.refusalHeaders(code, cause)...)
	rule, fix := ruleOf(cause)
	d.srv.refused(refusalOf(inv.req, cause, code, rule, fix))
}

// cancelled ends a call that the caller gave up; the transaction layer has answered already.
func (d *Dialog) cancelled() {
	d.mu.Lock()
	if d.state != stateIncoming {
		d.mu.Unlock()
		return
	}
	d.state = stateEnded
	d.mu.Unlock()
	d.finish(ErrCancelled)
	d.srv.dialogs.forget(d)
}

// abandoned ends a call whose Handler has returned.
func (d *Dialog) abandoned() {
	d.mu.Lock()
	st := d.state
	d.mu.Unlock()
	switch st {
	case stateIncoming:
		_ = d.Hangup(ErrNoAnswer)
	case stateUp:
		_ = d.Hangup(ErrHungUp)
	case stateCalling, stateEnded:
	}
}

// Answer sends 200 with our description and makes the Leg. Where the INVITE brought an offer it returns at once; where it
// did not, our offer goes out and Answer waits for the ACK with the answer to it. When it fails the call is refused.
// Errors: ErrCancelled, ErrState (also after Progress), ErrNoMedia, ErrNoCodec and the other causes of offer and answer, ErrNoACK, ctx's.
func (d *Dialog) Answer(ctx context.Context) (*Leg, error) {
	d.mu.Lock()
	inv := d.invite
	if d.state != stateIncoming || d.media != nil {
		err := context.Cause(d.ctx)
		d.mu.Unlock()
		if err == nil {
			err = ErrState
		}
		return nil, d.errIn("answer", err)
	}
	a, err := d.accept(inv)
	d.mu.Unlock()
	if errors.Is(err, ErrCancelled) {
		d.cancelled()
		return nil, d.errIn("answer", err)
	}
	if err != nil {
		_ = d.Hangup(err)
		return nil, d.errIn("answer", err)
	}
	if a.late {
		select {
		case <-a.over:
		case <-ctx.Done():
			_ = d.Hangup(context.Cause(ctx))
		case <-d.ctx.Done():
		}
	}
	if err := context.Cause(d.ctx); err != nil {
		return nil, d.errIn("answer", err)
	}
	d.log.Info("call answered", logkey.Codec, d.leg.Codec().String(), logkey.Security, d.leg.Security().String(),
		logkey.Video, d.leg.videoName())
	return d.leg, nil
}

// accept opens the media and sends the 200. Called locked; the state is stateUp after it.
func (d *Dialog) accept(inv *invite) (*answered, error) {
	m, err := d.srv.newMedia(d.towards(inv.offer), d.path.flow.Addr(), d.path.transport, d.codecs, d.srv.cfg.LocalMedia()[1:])
	if err != nil {
		return nil, err
	}
	var body []byte
	if inv.offer != nil {
		body, err = m.answer(inv.offer)
	} else {
		body = m.offer()
	}
	if err != nil {
		_ = m.close(err)
		return nil, err
	}
	d.media, d.leg = m, newLeg(d, m)
	if a, ok := m.Agreed(); ok {
		d.leg.changed(a)
	}
	a, err := d.confirm(inv.req, inv.tx, inv.terms, body, inv.offer == nil)
	if err == nil {
		d.state = stateUp
	}
	return a, err
}

// towards is where the media of a call will go, as far as its offer says.
func (d *Dialog) towards(offer *sdp.Description) netip.Addr {
	if offer != nil {
		for i := range offer.Media {
			c := offer.Media[i].Connection
			if offer.Media[i].Media == "audio" && c.Addr.IsValid() && !c.Held() {
				return c.Addr.Unmap().WithZone("")
			}
		}
	}
	return d.path.flow.Addr()
}

// confirm sends a 2xx to an INVITE and repeats it until the ACK comes. Called locked. Errors: ErrCancelled when the
// transaction layer has answered a CANCEL before.
func (d *Dialog) confirm(req *gosip.Request, tx *gosip.ServerTx, terms sessionTerms, body []byte, late bool) (*answered, error) {
	headers := append([]gosip.Header{d.contact()}, abilities()...)
	headers = append(headers, timerHeaders(terms, sessionOf(req).supported)...)
	res := d.srv.response(req, 200, "OK", headers...)
	setSDP(res, body)
	t1 := d.srv.cfg.Timers.T1
	a := &answered{
		seq: cseq(req), late: late, over: make(chan struct{}), interval: t1, most: 8 * t1, until: time.Now().Add(64 * t1),
		send:    func() error { return tx.Respond(res) },
		expired: func() { _ = d.Hangup(ErrNoACK) },
	}
	if err := a.begin(); err != nil {
		return nil, err
	}
	d.answered = a
	d.timer.start(terms)
	d.srv.work.start(func(context.Context) {
		// Some devices put the branch of the INVITE into this ACK, which makes it end in the INVITE's transaction.
		select {
		case ack := <-tx.Acks():
			d.acked(ack)
		case <-a.over:
		case <-tx.Done():
		}
	})
	return a, nil
}

// timerHeaders of a 2xx (RFC 4028 section 9).
func timerHeaders(t sessionTerms, supported bool) []gosip.Header {
	if t.interval == 0 {
		return nil
	}
	h := []gosip.Header{gosip.NewHeader("Session-Expires", t.header())}
	if supported && !t.refresh {
		h = append(h, gosip.NewHeader("Require", "timer"))
	}
	return h
}

// acked takes the ACK of a 2xx of ours, with the answer to our offer when we made one.
func (d *Dialog) acked(req *gosip.Request) {
	d.mu.Lock()
	a, m, l := d.answered, d.media, d.leg
	d.mu.Unlock()
	if a == nil || a.seq != cseq(req) || !a.claim() {
		return
	}
	if !a.late {
		a.done()
		return
	}
	answer, err := offerOf(req)
	if err == nil && answer == nil {
		err = fmt.Errorf("%w: ACK without the answer to our offer", ErrBadSDP)
	}
	if err == nil {
		err = m.accept(answer)
	}
	if err != nil {
		// First the end, then the news: Answer would give a Leg whose call is being hung up.
		_ = d.Hangup(err)
		a.done()
		return
	}
	if agreed, ok := m.Agreed(); ok {
		l.changed(agreed)
	}
	a.done()
}

// answered is a 2xx of ours on its way to its ACK. It is repeated after T1, then after twice as long each time up to T2;
// after 64*T1 without an ACK the call is hung up. Source: RFC 3261 section 13.3.1.4. No goroutine waits in it.
type answered struct {
	seq     uint32
	late    bool
	send    func() error
	expired func()
	// over is closed when the ACK has come and was worked on, or none will come.
	over chan struct{}

	mu       sync.Mutex
	timer    *time.Timer
	interval time.Duration
	most     time.Duration
	until    time.Time
	claimed  bool
	closed   bool
}

// begin sends it for the first time. A transport that fails is left to the repetitions.
func (a *answered) begin() error {
	if err := a.send(); errors.Is(err, gosip.ErrTransactionCanceled) {
		return ErrCancelled
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.claimed {
		a.timer = time.AfterFunc(a.interval, a.repeat)
	}
	return nil
}

func (a *answered) repeat() {
	a.mu.Lock()
	if a.claimed {
		a.mu.Unlock()
		return
	}
	if !time.Now().Before(a.until) {
		a.claimed = true
		a.mu.Unlock()
		a.expired()
		a.done()
		return
	}
	a.interval = min(2*a.interval, a.most)
	a.timer.Reset(a.interval)
	a.mu.Unlock()
	_ = a.send()
}

// claim makes the caller the one who works on the ACK; repeated ones are told no.
func (a *answered) claim() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.claimed {
		return false
	}
	a.claimed = true
	if a.timer != nil {
		a.timer.Stop()
	}
	return true
}

// done ends the waiting.
func (a *answered) done() {
	a.claim()
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.closed {
		a.closed = true
		close(a.over)
	}
}

// pending tells whether the ACK is still to come.
func (a *answered) pending() bool {
	select {
	case <-a.over:
		return false
	default:
		return true
	}
}
