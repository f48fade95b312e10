package sip

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"time"

	gosip "github.com/emiago/sipgo/sip"
	"github.com/icholy/digest"

	"legroom/internal/logkey"
	"legroom/media"
)

// maxAttempts of one call: the first, one with credentials, one with a longer session interval, and one more.
const maxAttempts = 4

// DialRequest says whom to call and how.
type DialRequest struct {
	// To is a SIP URI: "sip:1000@127.0.0.1:5060;transport=tcp". transport=tls or sips: mean TLS.
	To string
	// From names us; an empty User is "legroom", an empty Host our address.
	From Party
	// User and Password answer a digest challenge.
	User, Password string
	// Codecs to offer, best first; nil takes those of the Config.
	Codecs []media.CodecName
	// Ringing is told once when the other side rings. May be nil.
	Ringing func()
}

// Dial places a call and returns when it is answered; leg.Run then moves its media. It waits for Run. When ctx ends first, or after Config.Timers.NoAnswer, the call is cancelled.
// Errors: *StatusError for a final answer other than 2xx; ErrNoAnswer; ErrUnreachable; those of offer and answer; ctx's.
func (s *Server) Dial(ctx context.Context, r DialRequest) (*Dialog, *Leg, error) {
	select {
	case <-s.work.ready:
	case <-ctx.Done():
		return nil, nil, fmt.Errorf("sip: dial: %w", context.Cause(ctx))
	}
	d, err := s.newOutgoing(ctx, r)
	if err != nil {
		return nil, nil, fmt.Errorf("sip: dial: %w", err)
	}
	if err := s.dialogs.add(d, s.cfg.Limits.Dialogs); err != nil {
		return nil, nil, fmt.Errorf("sip: dial: %w", err)
	}
	err = d.call(ctx, r)
	if err != nil {
		_ = d.Hangup(err)
		d.mu.Lock()
		up := d.leg != nil
		d.mu.Unlock()
		if !up {
			s.dialogs.forget(d)
		}
		return nil, nil, d.errIn("dial", err)
	}
	d.log.Info("call placed and answered", logkey.To, d.to.Masked(), logkey.Codec, d.leg.Codec().String(),
		logkey.Security, d.leg.Security().String())
	return d, d.leg, nil
}

// newOutgoing makes the dialog of a call to be placed.
func (s *Server) newOutgoing(ctx context.Context, r DialRequest) (*Dialog, error) {
	var target gosip.Uri
	if err := gosip.ParseUri(r.To, &target); err != nil || target.Host == "" || target.Scheme != "sip" && target.Scheme != "sips" {
		return nil, fmt.Errorf("%w: %q is no sip uri", ErrBadRequest, Mask(r.To))
	}
	network := networkOf(target, "udp")
	flow, err := resolve(ctx, target, network)
	if err != nil {
		return nil, err
	}
	if network == "udp" && !s.Addr("udp").IsValid() {
		return nil, fmt.Errorf("%w: no udp socket to call from", ErrState)
	}
	from := r.From
	if from.User == "" {
		from.User = "legroom"
	}
	if from.Host == "" {
		from.Host = strings.Trim(s.hostFor(network, flow.Addr()), "[]")
	}
	d := &Dialog{srv: s}
	d.identity = identity{
		placed: true, localTag: random(10), from: from, called: unescape(userOf(target)), secure: target.Scheme == "sips",
		to: partyOf("", target), first: 1, codecs: r.Codecs,
		local:  gosip.FromHeader{DisplayName: from.Display, Address: gosip.Uri{Scheme: target.Scheme, User: from.User, Host: from.Host}},
		remote: gosip.ToHeader{Address: gosip.Uri{Scheme: target.Scheme, User: target.User, Host: target.Host, Port: target.Port}},
	}
	d.local.Params.Add("tag", d.localTag)
	d.id = dialogID{callID: random(16), local: d.localTag}
	d.path = path{transport: network, flow: flow, target: target}
	d.open(stateCalling)
	return d, nil
}

func resolve(ctx context.Context, u gosip.Uri, network string) (netip.AddrPort, error) {
	port := u.Port
	if port == 0 {
		port = gosip.DefaultPort(network)
	}
	host := strings.Trim(u.Host, "[]")
	if ip, err := netip.ParseAddr(host); err == nil {
		return netip.AddrPortFrom(ip.Unmap(), uint16(port)), nil
	}
	ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil || len(ips) == 0 {
		return netip.AddrPort{}, fmt.Errorf("%w: no address of host: %w", ErrUnreachable, err)
	}
	return netip.AddrPortFrom(ips[0].Unmap(), uint16(port)), nil
}

func random(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}

// call sends INVITEs until one is answered for good.
func (d *Dialog) call(ctx context.Context, r DialRequest) error {
	ctx, stop := context.WithTimeoutCause(ctx, d.srv.cfg.Timers.NoAnswer, ErrNoAnswer)
	defer stop()
	ctx, cancel := d.alive(ctx)
	defer cancel()
	m, err := d.srv.newMedia(d.path.flow.Addr(), d.path.flow.Addr(), d.path.transport, r.Codecs, nil)
	if err != nil {
		return err
	}
	d.mu.Lock()
	d.media = m
	d.mu.Unlock()
	body := m.offer()
	interval := d.srv.cfg.Timers.SessionExpires
	minSE := d.srv.cfg.Timers.MinSE
	var credentials gosip.Header
	for range maxAttempts {
		req := d.outgoing(body, interval, minSE, credentials)
		tx, err := d.srv.begin(ctx, req)
		if err != nil {
			return err
		}
		res, err := d.ring(ctx, tx, req, r.Ringing)
		if err != nil {
			return err
		}
		switch again := sessionOf(res).min; {
		case res.IsSuccess():
			return d.established(tx, req, res)
		case (res.StatusCode == 401 || res.StatusCode == 407) && credentials == nil && r.User != "":
			if credentials, err = credentialsFor(req, res, r); err != nil {
				return err
			}
		case res.StatusCode == 422 && again > interval:
			interval, minSE = again, again
		default:
			return &StatusError{Code: res.StatusCode, Reason: res.Reason}
		}
	}
	return &StatusError{Code: 408, Reason: "Too Many Attempts"}
}

// outgoing builds one INVITE.
func (d *Dialog) outgoing(body []byte, interval, minSE time.Duration, credentials gosip.Header) *gosip.Request {
	d.mu.Lock()
	req := d.request(gosip.INVITE)
	d.mu.Unlock()
	if interval > 0 {
		req.AppendHeader(gosip.NewHeader("Session-Expires", seconds(interval)))
		req.AppendHeader(gosip.NewHeader("Min-SE", seconds(minSE)))
	}
	if credentials != nil {
		req.AppendHeader(credentials)
	}
	setSDP(req, body)
	return req
}

// ring waits for the final answer; when ctx ends first the call is cancelled behind the caller's back.
func (d *Dialog) ring(ctx context.Context, tx *gosip.ClientTx, req *gosip.Request, ringing func()) (*gosip.Response, error) {
	provisional := false
	for {
		select {
		case res := <-tx.Responses():
			if !res.IsProvisional() {
				return res, nil
			}
			provisional = true
			if res.StatusCode >= 180 && ringing != nil {
				ringing()
				ringing = nil
			}
		case <-tx.Done():
			return nil, ErrUnreachable
		case <-ctx.Done():
			cause := context.Cause(ctx)
			if !d.srv.work.start(func(ctx context.Context) { d.cancel(ctx, tx, req, provisional, cause) }) {
				tx.Terminate()
			}
			return nil, cause
		}
	}
}

// cancel gives an INVITE up (RFC 3261 section 9.1): CANCEL goes out once something provisional has come. A 2xx that
// crosses it is acknowledged and hung up.
func (d *Dialog) cancel(ctx context.Context, tx *gosip.ClientTx, invite *gosip.Request, provisional bool, cause error) {
	ctx, stop := context.WithTimeout(ctx, 64*d.srv.cfg.Timers.T1)
	defer stop()
	defer tx.Terminate()
	sent := false
	for {
		if provisional && !sent {
			sent = true
			d.sendCancel(ctx, invite, cause)
		}
		select {
		case res := <-tx.Responses():
			if res.IsSuccess() {
				d.hangupFork(ctx, invite, res)
			}
			if !res.IsProvisional() {
				return
			}
			provisional = true
		case <-tx.Done():
			return
		case <-ctx.Done():
			return
		}
	}
}

func (d *Dialog) sendCancel(ctx context.Context, invite *gosip.Request, cause error) {
	req := gosip.NewRequest(gosip.CANCEL, *invite.Recipient.Clone())
	for _, name := range []string{"Via", "Route", "Max-Forwards", "From", "To", "Call-ID"} {
		gosip.CopyHeaders(name, invite, req)
	}
	req.AppendHeader(&gosip.CSeqHeader{SeqNo: cseq(invite), MethodName: gosip.CANCEL})
	req.AppendHeader(reasonHeader(cause))
	req.SetBody(nil)
	req.SetTransport(invite.Transport())
	req.SetDestination(invite.Destination())
	req.Laddr = invite.Laddr
	tx, err := d.srv.txl.Request(ctx, req)
	if err != nil {
		return
	}
	d.srv.work.start(func(ctx context.Context) {
		ctx, stop := context.WithTimeout(ctx, 64*d.srv.cfg.Timers.T1)
		defer stop()
		_, _ = final(ctx, tx)
	})
}

// established takes the 2xx: the dialog is complete, the ACK goes out, the answer holds.
func (d *Dialog) established(tx *gosip.ClientTx, req *gosip.Request, res *gosip.Response) error {
	d.mu.Lock()
	if d.state != stateCalling {
		d.mu.Unlock()
		d.srv.work.start(func(ctx context.Context) { d.hangupFork(ctx, req, res) })
		return context.Cause(d.ctx)
	}
	before := d.id
	d.remote.Params.Remove("tag")
	d.remote.Params.Add("tag", toTag(res))
	d.id.remote = toTag(res)
	d.path.routes = routesOf(res, true)
	d.retarget(res)
	d.state = stateUp
	d.leg = newLeg(d, d.media)
	m, l := d.media, d.leg
	ack := d.requestSeq(gosip.ACK, cseq(req))
	d.mu.Unlock()
	d.srv.dialogs.move(before, d)
	acknowledge(d.srv, tx, ack, d.id.remote)
	tx.OnRetransmission(func(res *gosip.Response) {
		if toTag(res) != d.id.remote {
			d.srv.work.start(func(ctx context.Context) { d.hangupFork(ctx, req, res) })
		}
	})
	answer, err := offerOf(res)
	if err == nil && answer == nil {
		err = fmt.Errorf("%w: 200 without an answer", ErrBadSDP)
	}
	if err == nil {
		err = m.accept(answer)
	}
	if err != nil {
		return err
	}
	if a, ok := m.Agreed(); ok {
		l.changed(a)
	}
	d.timer.start(sessionOf(res).settled())
	return nil
}

// hangupFork ends a dialog that an INVITE of ours made and nobody wants: another branch of a fork, or an answer that
// crossed our CANCEL.
func (d *Dialog) hangupFork(ctx context.Context, invite *gosip.Request, res *gosip.Response) {
	f := &Dialog{srv: d.srv}
	d.mu.Lock()
	f.identity, f.path = d.identity, d.path
	d.mu.Unlock()
	f.remote.Params = nil
	f.remote.Params.Add("tag", toTag(res))
	f.path.routes = routesOf(res, true)
	f.retarget(res)
	ack := f.requestSeq(gosip.ACK, cseq(invite))
	if err := d.srv.write(ack); err != nil {
		return
	}
	bye := f.request(gosip.BYE)
	bye.AppendHeader(reasonHeader(ErrHungUp))
	_, _ = d.srv.roundTrip(ctx, bye)
}

// acknowledge sends the ACK of a 2xx, again whenever the 2xx comes again.
func acknowledge(s *Server, tx *gosip.ClientTx, ack *gosip.Request, tag string) {
	var mu sync.Mutex
	send := func() {
		mu.Lock()
		defer mu.Unlock()
		if err := s.write(ack); err != nil {
			s.noise.Count("ack", "sip ACK could not be sent")
		}
	}
	tx.OnRetransmission(func(res *gosip.Response) {
		if toTag(res) == tag {
			send()
		}
	})
	send()
}

// final waits for the final answer on a transaction; when ctx ends the transaction does too.
func final(ctx context.Context, tx *gosip.ClientTx) (*gosip.Response, error) {
	for {
		select {
		case res := <-tx.Responses():
			if !res.IsProvisional() {
				return res, nil
			}
		case <-tx.Done():
			return nil, ErrUnreachable
		case <-ctx.Done():
			tx.Terminate()
			return nil, context.Cause(ctx)
		}
	}
}

// credentialsFor answers the first challenge we can (RFC 8760 section 2.4).
func credentialsFor(req *gosip.Request, res *gosip.Response, r DialRequest) (gosip.Header, error) {
	ask, give := "www-authenticate", "Authorization"
	if res.StatusCode == 407 {
		ask, give = "proxy-authenticate", "Proxy-Authorization"
	}
	for _, v := range values(res, ask, "") {
		c, err := digest.ParseChallenge(v)
		if err != nil {
			continue
		}
		c.Algorithm = strings.ToUpper(c.Algorithm)
		cred, err := digest.Digest(c, digest.Options{
			Method: string(req.Method), URI: req.Recipient.String(), Username: r.User, Password: r.Password,
		})
		if err == nil {
			return gosip.NewHeader(give, cred.String()), nil
		}
	}
	return nil, errors.Join(ErrUnauthorized, &StatusError{Code: res.StatusCode, Reason: res.Reason})
}
