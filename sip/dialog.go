package sip

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"sync"

	gosip "github.com/emiago/sipgo/sip"

	"legroom/internal/logkey"
	"legroom/media"
)

// state of a dialog.
type state uint8

const (
	// stateIncoming waits for our answer.
	stateIncoming state = iota
	// stateCalling waits for the other side's.
	stateCalling
	// stateUp is answered.
	stateUp
	// stateEnded is over; a BYE may still be under way.
	stateEnded
)

// Dialog is one call (RFC 3261 section 12), placed or taken. Its methods may be called from any goroutine.
type Dialog struct {
	identity
	srv   *Server
	log   *slog.Logger
	ctx   context.Context
	end   context.CancelCauseFunc
	turns turns
	timer sessionTimer

	mu       sync.Mutex
	state    state
	path     path
	invite   *invite
	answered *answered
	offering bool
	media    *MediaSession
	leg      *Leg
}

// identity is what names a dialog and its two ends.
type identity struct {
	id       dialogID
	localTag string
	local    gosip.FromHeader
	remote   gosip.ToHeader
	from, to Party
	called   string
	user     string
	// placed tells that we called.
	placed bool
	// secure tells that it was called by a sips URI.
	secure bool
	// first is the CSeq that began it; seq the last one we used.
	first, seq uint32
	// updates tells that the other side takes UPDATE.
	updates bool
	codecs  []media.CodecName
}

// newIncoming makes the dialog of a call that was just received.
func (s *Server) newIncoming(req *gosip.Request, tx *gosip.ServerTx, target gosip.Uri, user string) *Dialog {
	local := req.To().AsFrom()
	remote := req.From().AsTo()
	d := &Dialog{srv: s}
	d.identity = identity{
		id: idOf(req), localTag: toTag(req), local: local, remote: remote,
		from: partyOf(remote.DisplayName, remote.Address), to: partyOf(local.DisplayName, local.Address),
		called: unescape(userOf(req.Recipient)), user: user, secure: req.Recipient.Scheme == "sips",
		first: cseq(req),
	}
	d.path = path{
		transport: gosip.NetworkToLower(req.Transport()), flow: addrOf(req.Source()),
		target: target, routes: routesOf(req, false),
	}
	d.invite = &invite{req: req, tx: tx}
	d.turns.begin(d.first)
	d.open(stateIncoming)
	d.peerTakes(req)
	return d
}

// open sets what every dialog has.
func (d *Dialog) open(st state) {
	d.state = st
	d.log = d.srv.log.With(logkey.CallID, d.short())
	d.ctx, d.end = context.WithCancelCause(context.Background())
	d.timer.refresh = func() { d.srv.work.start(d.refresh) }
	d.timer.expire = func() { _ = d.Hangup(ErrSessionExpired) }
}

func (d *Dialog) key() dialogID { return d.id }

// short is the Call-ID as it goes into logs and errors: strangers choose it, so not all of it.
func (d *Dialog) short() string {
	const most = 40
	if len(d.id.callID) > most {
		return d.id.callID[:most]
	}
	return d.id.callID
}

// CallID of the call.
func (d *Dialog) CallID() string { return d.id.callID }

// From is the one who calls; for a call placed by us, ourselves.
func (d *Dialog) From() Party { return d.from }

// To is the one who is called, as the To header names it.
func (d *Dialog) To() Party { return d.to }

// Called is the user part of the Request-URI, unescaped: what was dialled. It may carry a PIN: never log it unmasked.
func (d *Dialog) Called() string { return d.called }

// Source is where the call's first message came from, or the address called.
func (d *Dialog) Source() netip.AddrPort {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.path.flow
}

// Transport is "udp", "tcp" or "tls".
func (d *Dialog) Transport() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.path.transport
}

// User is the digest user who placed the call, empty where none was asked.
func (d *Dialog) User() string { return d.user }

// Done is closed when the call has ended.
func (d *Dialog) Done() <-chan struct{} { return d.ctx.Done() }

// Cause tells why the call ended; nil while it lives.
func (d *Dialog) Cause() error { return context.Cause(d.ctx) }

// Hangup ends the call whatever its state: final answer, CANCEL or BYE with StatusOf(cause) as reason. A nil cause is
// the ordinary end, ErrHungUp. It does not wait for the other side, and is idempotent.
func (d *Dialog) Hangup(cause error) error {
	if cause == nil {
		cause = ErrHungUp
	}
	d.mu.Lock()
	was, inv := d.state, d.invite
	d.state = stateEnded
	d.mu.Unlock()
	switch was {
	case stateIncoming:
		d.refuse(inv, cause)
		d.finish(cause)
		d.srv.dialogs.forget(d)
	case stateCalling:
		// Dial sees the end and cancels.
		d.finish(cause)
	case stateUp:
		d.finish(cause)
		if !d.srv.work.start(func(ctx context.Context) { d.bye(ctx, cause) }) {
			d.srv.dialogs.forget(d)
		}
	case stateEnded:
	}
	return nil
}

// finish lets go of everything the call held. It runs once, after the state became stateEnded.
func (d *Dialog) finish(cause error) {
	d.timer.stop()
	d.end(cause)
	d.mu.Lock()
	m, l := d.media, d.leg
	d.mu.Unlock()
	var stats LegStats
	if l != nil {
		stats = l.Stats()
		_ = l.mic.Close()
		l.endPictures()
	}
	if m != nil {
		_ = m.close(cause)
	}
	d.srv.dialogs.ended()
	_, _, q850 := StatusOf(cause)
	if l == nil {
		level := slog.LevelDebug // a refusal has its own line
		if d.placed || errors.Is(cause, ErrCancelled) {
			level = slog.LevelInfo
		}
		d.log.Log(context.Background(), level, "call ended before it was answered", logkey.Reason, cause.Error())
		return
	}
	// The one line at Info is that of whoever has the leg.
	d.log.Debug("call ended", logkey.Reason, cause.Error(), "q850", q850, logkey.Codec, stats.Codec.String(),
		logkey.Security, stats.Security.String(), "in_pkts", stats.PacketsIn, "out_pkts", stats.PacketsOut,
		"lost_pkts", stats.Lost, "jitter_ms", stats.Jitter.Milliseconds())
}

// bye tells the other side that the call is over. Before the ACK of our 200 it may not be sent (RFC 3261 section 15).
func (d *Dialog) bye(ctx context.Context, cause error) {
	defer d.srv.dialogs.forget(d)
	d.mu.Lock()
	a := d.answered
	d.mu.Unlock()
	if a != nil {
		select {
		case <-a.over:
		case <-ctx.Done():
		}
	}
	d.mu.Lock()
	req := d.request(gosip.BYE)
	d.mu.Unlock()
	req.AppendHeader(reasonHeader(cause))
	if _, err := d.srv.roundTrip(ctx, req); err != nil {
		d.log.Info("other side did not answer BYE", logkey.Err, err)
	}
}

// byed takes the other side's BYE.
func (d *Dialog) byed(req *gosip.Request, tx *gosip.ServerTx) {
	d.mu.Lock()
	was, inv := d.state, d.invite
	d.state = stateEnded
	a := d.answered
	d.mu.Unlock()
	d.srv.reply(req, tx, 200, "OK")
	if a != nil {
		// An ACK will not come any more; who waits for it is told when the call is over.
		defer a.done()
	}
	if was == stateEnded {
		return
	}
	if was == stateIncoming {
		d.srv.reply(inv.req, inv.tx, 487, "Request Terminated")
	}
	d.finish(ErrHungUp)
	d.srv.dialogs.forget(d)
}

// request makes the next request of ours in the dialog; body and what is special are the caller's. Called locked.
func (d *Dialog) request(method gosip.RequestMethod) *gosip.Request {
	d.seq++
	return d.requestSeq(method, d.seq)
}

func (d *Dialog) requestSeq(method gosip.RequestMethod, seq uint32) *gosip.Request {
	req := d.path.request(method)
	maxForwards := gosip.MaxForwardsHeader(70)
	callID := gosip.CallIDHeader(d.id.callID)
	local := d.local
	local.Params = local.Params.Clone()
	remote := d.remote
	remote.Params = remote.Params.Clone()
	req.AppendHeader(&maxForwards)
	req.AppendHeader(&local)
	req.AppendHeader(&remote)
	req.AppendHeader(&callID)
	req.AppendHeader(&gosip.CSeqHeader{SeqNo: seq, MethodName: method})
	req.AppendHeader(gosip.NewHeader("User-Agent", d.srv.cfg.UserAgent))
	if method == gosip.INVITE || method == gosip.UPDATE {
		req.AppendHeader(d.contact())
		req.AppendHeader(gosip.NewHeader("Allow", allowed))
		req.AppendHeader(gosip.NewHeader("Supported", extensions))
	}
	req.SetBody(nil)
	return req
}

// contact is ours in this dialog. Called locked, or before anybody else has the dialog.
func (d *Dialog) contact() *gosip.ContactHeader {
	user := ""
	if d.placed {
		user = d.local.Address.User
	}
	return d.srv.contact(d.path.transport, user, d.path.flow.Addr(), d.secure)
}

// peerTakes notes what the other side says it can do.
func (d *Dialog) peerTakes(m gosip.Message) {
	for _, t := range tokens(m, "allow", "") {
		if t == "update" {
			d.updates = true
		}
	}
}

// retarget follows a changed Contact (RFC 3261 section 12.2.2). Called locked.
func (d *Dialog) retarget(m gosip.Message) {
	if u, ok := contactOf(m); ok {
		d.path.target = u
	}
	if src := addrOf(m.Source()); src.IsValid() {
		d.path.flow = src
	}
	d.peerTakes(m)
}

// errIn wraps an error with the operation and the call.
func (d *Dialog) errIn(op string, err error) error {
	return fmt.Errorf("sip: %s call %s: %w", op, d.short(), err)
}
