package sip

import (
	"context"
	"sync"

	gosip "github.com/emiago/sipgo/sip"

	"legroom/internal/logkey"
	"legroom/sip/mediacontrol"
)

// informer asks for key frames by INFO (RFC 5168), for the other side that has no RTCP feedback: one request at a time, and
// none any more once it has been refused.
type informer struct {
	mu      sync.Mutex
	busy    bool
	again   bool // asked for while one was under way
	refused bool
}

// begin tells whether a request is to be sent now.
func (i *informer) begin() bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.busy || i.refused {
		i.again = i.busy
		return false
	}
	i.busy = true
	return true
}

// done ends a request and tells whether another was asked for meanwhile.
func (i *informer) done(refused bool) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	again := i.again && !refused
	i.busy, i.again, i.refused = false, false, i.refused || refused
	return again
}

// refuse notes that the other side does not understand such requests.
func (i *informer) refuse() {
	i.mu.Lock()
	i.refused = true
	i.mu.Unlock()
}

// askByINFO sends one INFO. It does not wait for the answer.
func (l *Leg) askByINFO() {
	i := &l.pictures.informer
	if !i.begin() {
		return
	}
	started := l.dialog.srv.work.start(func(ctx context.Context) {
		if i.done(!l.dialog.inform(ctx)) {
			l.pictures.asker.ask()
		}
	})
	if !started {
		i.done(true)
	}
}

// inform sends picture_fast_update and tells whether the other side takes it. No answer is no refusal.
func (d *Dialog) inform(ctx context.Context) bool {
	ctx, cancel := d.alive(ctx)
	defer cancel()
	d.mu.Lock()
	a := d.answered
	d.mu.Unlock()
	if a != nil {
		select { // some devices take nothing before their ACK
		case <-a.over:
		case <-ctx.Done():
		}
	}
	d.mu.Lock()
	if d.state != stateUp {
		d.mu.Unlock()
		return true
	}
	req := d.request(gosip.INFO)
	d.mu.Unlock()
	req.AppendHeader(gosip.NewHeader("Content-Type", mediacontrol.ContentType))
	req.SetBody(mediacontrol.FastUpdate())
	res, err := d.srv.roundTrip(ctx, req)
	if err != nil || res.IsSuccess() {
		return true
	}
	switch res.StatusCode {
	case 405, 415, 469, 489, 501:
		d.log.Info("other side takes no picture requests", logkey.Status, res.StatusCode)
		return false
	default:
		return true
	}
}

// mediaControlled takes an INFO with a body of media control. Such an endpoint has no other way to ask for a key frame, so a
// request is passed on whatever else was agreed.
// Source: RFC 5168 section 6.
func (d *Dialog) mediaControlled(req *gosip.Request, tx *gosip.ServerTx) {
	asked, err := mediacontrol.Parse(req.Body())
	if err != nil {
		status, body := mediacontrol.Refusal(err)
		reason := "Bad Request"
		if status == 413 {
			reason = "Request Entity Too Large"
		}
		res := d.srv.response(req, status, reason, gosip.NewHeader("Content-Type", mediacontrol.ContentType))
		res.SetBody(body)
		if err := tx.Respond(res); err != nil {
			d.srv.noise.Count("respond", "sip answer could not be sent")
		}
		return
	}
	d.srv.reply(req, tx, 200, "OK")
	d.mu.Lock()
	l := d.leg
	d.mu.Unlock()
	switch {
	case l == nil:
	case asked.Refused:
		l.pictures.informer.refuse()
	default:
		l.pictures.asked.Add(1)
		l.pictures.keyframeAsked()
	}
}
