package sip

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	gosip "github.com/emiago/sipgo/sip"

	"legroom/internal/logkey"
	"legroom/sip/sdp"
)

// invited takes a call that begins: it is vetted as far as that goes without a person, and becomes a Dialog.
func (s *Server) invited(req *gosip.Request, tx *gosip.ServerTx) {
	now := time.Now()
	src := addrOf(req.Source())
	if s.dialogs.merged(callID(req), fromTag(req), cseq(req)) {
		s.reply(req, tx, 482, "Loop Detected")
		return
	}
	if s.dialogs.isDraining() {
		s.turnAway(req, tx, ErrDraining, "the gateway is going down", "call again when it is up, or call another one")
		return
	}
	pass := s.access.check(src.Addr(), string(req.Method), values(req, "authorization", ""), now)
	if pass.err != nil {
		s.challenge(req, tx, pass, now)
		return
	}
	offer, err := offerOf(req)
	if err != nil {
		s.badOffer(req, tx, err)
		return
	}
	if offer != nil {
		// Looked at before anybody is asked, so that a 200 is never regretted.
		if _, err := sdp.Answer(offer, s.capabilities(src.Addr(), nil)); err != nil {
			s.badOffer(req, tx, mediaError(err))
			return
		}
	}
	terms, err := sessionOf(req).agree(s.cfg.Timers.SessionExpires, s.cfg.Timers.MinSE)
	if err != nil {
		s.tooShort(req, tx, err)
		return
	}
	target, ok := contactOf(req)
	if !ok {
		s.turnAway(req, tx, fmt.Errorf("%w: no usable Contact", ErrBadRequest), "the INVITE has no usable Contact", "the phone is faulty")
		return
	}
	d := s.newIncoming(req, tx, target, pass.user)
	d.invite.offer, d.invite.terms = offer, terms
	if err := s.dialogs.add(d, s.cfg.Limits.Dialogs); err != nil {
		s.turnAway(req, tx, err, fmt.Sprintf("%d calls are up", s.dialogs.live()), "raise limits.dialogs, or call again later")
		return
	}
	s.begun(d, req, tx)
}

// begun gives a new call to the Handler.
func (s *Server) begun(d *Dialog, req *gosip.Request, tx *gosip.ServerTx) {
	s.reply(req, tx, 100, "Trying")
	// The transaction layer has answered CANCEL and INVITE by itself; its callback may not wait for us.
	cancelled := func(*gosip.Request) { s.work.start(func(context.Context) { d.cancelled() }) }
	if !tx.OnCancel(cancelled) {
		d.cancelled()
	}
	d.log.Info("call arrived", logkey.Source, d.Source().String(), logkey.Transport, d.Transport(),
		logkey.From, d.From().Masked(), logkey.To, Mask(d.Called()), logkey.User, d.User())
	ran := s.work.start(func(context.Context) {
		if s.handler != nil {
			s.handler.Call(d.ctx, d)
		}
		d.abandoned()
	})
	if !ran {
		_ = d.Hangup(ErrDraining)
	}
}

// offerOf reads the session description of a request; nil when there is none.
func offerOf(m gosip.Message) (*sdp.Description, error) {
	body, err := sdpOf(contentType(m), m.Body())
	if err != nil || body == nil {
		return nil, err
	}
	d, err := sdp.Parse(body)
	if err != nil {
		return nil, mediaError(err)
	}
	return d, nil
}

// challenge answers a caller whom no rule lets in yet.
func (s *Server) challenge(req *gosip.Request, tx *gosip.ServerTx, p permit, now time.Time) {
	if errors.Is(p.err, ErrForbidden) {
		s.replyOnce(req, tx, 403, "Forbidden")
		s.refused(refusalOf(req, ErrForbidden, 403, p.rule, p.fix))
		return
	}
	stale := errors.Is(p.err, errStale)
	var headers []gosip.Header
	for _, c := range s.access.auth.challenges(now, stale) {
		headers = append(headers, gosip.NewHeader("WWW-Authenticate", c))
	}
	s.replyOnce(req, tx, 401, "Unauthorized", headers...)
	if !p.first && !stale {
		s.refused(refusalOf(req, ErrUnauthorized, 401, p.rule, p.fix))
	}
}

// badOffer answers an INVITE whose body will not do.
func (s *Server) badOffer(req *gosip.Request, tx *gosip.ServerTx, err error) {
	if errors.Is(err, errMediaType) {
		s.reply(req, tx, 415, "Unsupported Media Type", gosip.NewHeader("Accept", "application/sdp"))
		s.refused(refusalOf(req, ErrBadSDP, 415, "the body is no application/sdp", "the phone must describe its media by SDP"))
		return
	}
	s.turnAway(req, tx, err, causeWords(err), fixOf(err))
}

// tooShort refuses a session interval (RFC 4028 section 6). The caller will try again by itself, so it is no Refusal.
func (s *Server) tooShort(req *gosip.Request, tx *gosip.ServerTx, err error) {
	var small *intervalTooSmall
	if errors.As(err, &small) {
		s.reply(req, tx, 422, "Session Interval Too Small", gosip.NewHeader("Min-SE", seconds(small.Min)))
	}
}

// turnAway refuses a call that has no dialog yet, for a cause.
func (s *Server) turnAway(req *gosip.Request, tx *gosip.ServerTx, cause error, rule, fix string) {
	code, reason, _ := StatusOf(cause)
	s.reply(req, tx, code, reason, s.refusalHeaders(code, cause)...)
	s.refused(refusalOf(req, cause, code, rule, fix))
}

// refusalHeaders explain a final answer to the other side.
func (s *Server) refusalHeaders(code int, cause error) []gosip.Header {
	h := []gosip.Header{reasonHeader(cause)}
	if code == 503 {
		h = append(h, retryAfter(30*time.Second))
	}
	if w := warning(cause, strings.ReplaceAll(s.cfg.UserAgent, " ", "-")); w != "" {
		h = append(h, gosip.NewHeader("Warning", w))
	}
	return h
}
