package sip

import (
	"context"
	"errors"
	"strings"
	"time"

	gosip "github.com/emiago/sipgo/sip"

	"legroom/internal/logkey"
	"legroom/sip/mediacontrol"
	"legroom/sip/sdp"
)

// reinvited takes an INVITE inside the dialog: hold, resume, another codec, another address, or no offer at all, which
// asks for ours (RFC 3261 section 14.2).
func (d *Dialog) reinvited(req *gosip.Request, tx *gosip.ServerTx) {
	offer, terms, ok := d.reoffered(req, tx)
	if !ok {
		return
	}
	d.mu.Lock()
	var body []byte
	var err error
	if offer != nil {
		body, err = d.media.answer(offer)
	} else {
		body = d.media.offer()
	}
	if err == nil {
		d.retarget(req)
		_, err = d.confirm(req, tx, terms, body, offer == nil)
	}
	l := d.leg
	d.mu.Unlock()
	d.reanswered(req, tx, l, err)
}

// updated takes an UPDATE (RFC 3311): a session timer refresh, another address, or an offer.
func (d *Dialog) updated(req *gosip.Request, tx *gosip.ServerTx) {
	offer, terms, ok := d.reoffered(req, tx)
	if !ok {
		return
	}
	d.mu.Lock()
	var body []byte
	var err error
	if offer != nil {
		body, err = d.media.answer(offer)
	}
	l := d.leg
	if err == nil {
		d.retarget(req)
		headers := append([]gosip.Header{d.contact()}, abilities()...)
		res := d.srv.response(req, 200, "OK", append(headers, timerHeaders(terms, sessionOf(req).supported)...)...)
		if body != nil {
			setSDP(res, body)
		}
		_ = tx.Respond(res)
		d.timer.start(terms)
	}
	d.mu.Unlock()
	d.reanswered(req, tx, l, err)
}

// reoffered does what a re-INVITE and an UPDATE have in common before they are answered; when it is not ok it has
// answered.
func (d *Dialog) reoffered(req *gosip.Request, tx *gosip.ServerTx) (*sdp.Description, sessionTerms, bool) {
	d.settle()
	if f := d.busy(); f != nil {
		d.srv.reply(req, tx, f.code, f.reason, f.headers...)
		return nil, sessionTerms{}, false
	}
	current := d.timer.current()
	terms, err := sessionOf(req).agree(current.interval, d.srv.cfg.Timers.MinSE)
	if err != nil {
		d.srv.tooShort(req, tx, err)
		return nil, terms, false
	}
	offer, err := offerOf(req)
	if errors.Is(err, errMediaType) {
		d.srv.reply(req, tx, 415, "Unsupported Media Type", gosip.NewHeader("Accept", "application/sdp"))
		return nil, terms, false
	}
	if err != nil {
		d.reanswered(req, tx, nil, err)
		return nil, terms, false
	}
	return offer, terms, true
}

// settle lets the ACK of our last 2xx be worked on first: it was sent before this request, but each message reaches us on
// a goroutine of its own. One that does not come was lost, and the request says as well that our 2xx arrived.
func (d *Dialog) settle() {
	d.mu.Lock()
	a := d.answered
	d.mu.Unlock()
	if a == nil || !a.pending() {
		return
	}
	patience := time.NewTimer(gapWait)
	defer patience.Stop()
	select {
	case <-a.over:
	case <-d.ctx.Done():
	case <-patience.C:
		if !a.late {
			a.done()
		}
	}
}

// busy is why an offer cannot be taken now.
func (d *Dialog) busy() *flaw {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.state == stateEnded:
		return &flaw{code: 481, reason: "Call/Transaction Does Not Exist"}
	case d.state != stateUp:
		return &flaw{code: 500, reason: "Call Not Answered Yet", headers: []gosip.Header{retryAfter(time.Second)}}
	case d.offering:
		// RFC 3261 section 14.2: glare.
		return &flaw{code: 491, reason: "Request Pending"}
	case d.answered != nil && d.answered.late && d.answered.pending():
		// RFC 3264 section 4: our own offer still has no answer.
		return &flaw{code: 491, reason: "Request Pending"}
	default:
		return nil
	}
}

// reanswered refuses an offer that would not do, which leaves everything as before, or tells the leg of the new state.
func (d *Dialog) reanswered(req *gosip.Request, tx *gosip.ServerTx, l *Leg, err error) {
	if err != nil {
		code, reason, _ := StatusOf(err)
		d.srv.reply(req, tx, code, reason, d.srv.refusalHeaders(code, err)...)
		d.log.Info("re-offer refused, call goes on as before", logkey.Status, code, logkey.Reason, causeWords(err))
		return
	}
	if a, ok := d.mediaNow(); ok {
		l.changed(a)
	}
}

func (d *Dialog) mediaNow() (sdp.Agreed, bool) {
	d.mu.Lock()
	m := d.media
	d.mu.Unlock()
	if m == nil {
		return sdp.Agreed{}, false
	}
	return m.Agreed()
}

// informed takes an INFO: telephone keys of devices that have no RTP events, and requests for a key frame of those without
// RTCP feedback (RFC 5168). A package is refused (RFC 6086 section 4.2.2).
func (d *Dialog) informed(req *gosip.Request, tx *gosip.ServerTx) {
	if pkg := value(req, "info-package", ""); pkg != "" && !strings.EqualFold(pkg, "dtmf") {
		d.srv.reply(req, tx, 469, "Bad Info Package", gosip.NewHeader("Recv-Info", ""))
		return
	}
	if strings.HasPrefix(contentType(req), "application/media_control") && len(req.Body()) > 0 {
		d.mediaControlled(req, tx)
		return
	}
	digit, isKey := dtmfOf(contentType(req), req.Body())
	switch {
	case isKey && digit == 0:
		d.srv.reply(req, tx, 400, "Unknown Telephone Key")
		return
	case !isKey && len(req.Body()) > 0:
		d.srv.reply(req, tx, 415, "Unsupported Media Type", gosip.NewHeader("Accept", "application/dtmf-relay"),
			gosip.NewHeader("Accept", mediacontrol.ContentType))
		return
	}
	d.srv.reply(req, tx, 200, "OK")
	d.mu.Lock()
	l := d.leg
	d.mu.Unlock()
	if isKey && l != nil {
		l.infoDigit(digit)
	}
}

// refresh keeps the session alive when that is for us: by UPDATE where the other side takes it, else by a re-INVITE that
// changes nothing (RFC 4028 section 10). An answer that the call is gone ends it; other trouble is left to the end of
// the interval.
func (d *Dialog) refresh(ctx context.Context) {
	d.mu.Lock()
	if d.state != stateUp || d.offering || d.answered != nil && d.answered.pending() {
		d.mu.Unlock()
		return
	}
	d.offering = true
	terms := d.timer.current()
	update := d.updates
	method := gosip.INVITE
	if update {
		method = gosip.UPDATE
	}
	req := d.request(method)
	d.mu.Unlock()
	req.AppendHeader(gosip.NewHeader("Session-Expires", seconds(terms.interval)+";refresher=uac"))
	req.AppendHeader(gosip.NewHeader("Min-SE", seconds(d.srv.cfg.Timers.MinSE)))
	ctx, cancel := d.alive(ctx)
	defer cancel()
	var res *gosip.Response
	var err error
	if update {
		res, err = d.srv.roundTrip(ctx, req)
	} else {
		setSDP(req, d.media.offer())
		res, err = d.reinvite(ctx, req)
	}
	d.mu.Lock()
	d.offering = false
	d.mu.Unlock()
	if err == nil && update && (res.StatusCode == 405 || res.StatusCode == 501) {
		// It said it takes UPDATE and does not.
		d.mu.Lock()
		d.updates = false
		d.mu.Unlock()
		d.srv.work.start(d.refresh)
		return
	}
	d.refreshed(res, err)
}

func (d *Dialog) refreshed(res *gosip.Response, err error) {
	switch {
	case err != nil:
		if d.ctx.Err() == nil {
			_ = d.Hangup(ErrUnreachable)
		}
	case res.IsSuccess():
		d.timer.start(sessionOf(res).settled())
	case res.StatusCode == 481 || res.StatusCode == 408:
		// RFC 3261 section 12.2.1.2: the other side knows nothing of this call any more.
		_ = d.Hangup(ErrSessionExpired)
	default:
		d.log.Info("session refresh was refused", logkey.Status, res.StatusCode)
	}
}

// alive is ctx ended also by the end of the call.
func (d *Dialog) alive(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(d.ctx, func() { cancel(context.Cause(d.ctx)) })
	return ctx, func() { stop(); cancel(nil) }
}

// reinvite sends an INVITE of ours inside the dialog, acknowledges its answer and takes the description in it.
func (d *Dialog) reinvite(ctx context.Context, req *gosip.Request) (*gosip.Response, error) {
	tx, err := d.srv.begin(ctx, req)
	if err != nil {
		return nil, err
	}
	res, err := final(ctx, tx)
	if err != nil || !res.IsSuccess() {
		return res, err
	}
	d.mu.Lock()
	d.retarget(res)
	ack := d.requestSeq(gosip.ACK, cseq(req))
	m, l := d.media, d.leg
	d.mu.Unlock()
	acknowledge(d.srv, tx, ack, toTag(res))
	answer, err := offerOf(res)
	if err == nil && answer != nil {
		err = m.accept(answer)
	}
	if err != nil {
		return nil, err
	}
	if a, ok := m.Agreed(); ok {
		l.changed(a)
	}
	return res, nil
}
