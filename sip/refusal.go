package sip

import (
	"errors"
	"net/netip"
	"strings"
	"time"

	gosip "github.com/emiago/sipgo/sip"

	"legroom/internal/logkey"
)

// Refusal tells of one call that was turned away before it became a leg, in words an operator can act on.
type Refusal struct {
	// Time of the answer.
	Time time.Time
	// Source the call came from.
	Source netip.AddrPort
	// Transport it came over: "udp", "tcp" or "tls".
	Transport string
	// From is the caller, masked.
	From string
	// To is what was called, masked, without a PIN.
	To string
	// Status that was answered.
	Status int
	// Cause of the refusal: one of a few fixed phrases, as for a counter.
	Cause string
	// Rule that decided it, in words: "source 203.0.113.7 is in no allow list and sent no credentials".
	Rule string
	// Fix says what an operator would change to let such a call in.
	Fix string
}

// refusalOf a request that never got a dialog.
func refusalOf(req *gosip.Request, cause error, code int, rule, fix string) Refusal {
	r := Refusal{
		Time: time.Now(), Source: addrOf(req.Source()), Transport: strings.ToLower(req.Transport()),
		To: Mask(unescape(userOf(req.Recipient))), Status: code, Cause: causeWords(cause), Rule: rule, Fix: fix,
	}
	if f := req.From(); f != nil {
		r.From = partyOf(f.DisplayName, f.Address).Masked()
	}
	return r
}

// refused tells of a refused call once, in the log and to the hook.
func (s *Server) refused(r Refusal) {
	if s.told.take(netip.Addr{}, 1, time.Now()) {
		s.log.Info("call refused", logkey.Source, r.Source.String(), logkey.Transport, r.Transport, logkey.From, r.From,
			logkey.To, r.To, logkey.Status, r.Status, logkey.Rule, r.Rule, logkey.Fix, r.Fix)
	} else {
		s.noise.Count("refused", "calls refused, too many to tell each", logkey.Rule, r.Rule)
	}
	if s.cfg.OnRefused != nil {
		s.cfg.OnRefused(r)
	}
}

// causeWords is the innermost cause we know, in words without the package name.
func causeWords(err error) string {
	for _, o := range outcomes() {
		if errors.Is(err, o.cause) {
			return strings.TrimPrefix(o.cause.Error(), "sip: ")
		}
	}
	return "internal error"
}

// fixOf says what an operator can do about a cause.
func fixOf(err error) string {
	for _, f := range []struct {
		cause error
		fix   string
	}{
		{ErrNoCodec, "let the phone offer one of sip.codecs"},
		{ErrSRTPRequired, "switch SRTP on in the phone, or set sip.rtp.sdes or sip.rtp.dtls to optional"},
		{ErrSRTPRefused, "switch that kind of SRTP off in the phone, or set sip.rtp.sdes or sip.rtp.dtls to optional"},
		{ErrAddressFamily, "set sip.rtp.address6, or let the phone use IPv4"},
		{ErrNoAudio, "the phone must offer audio over RTP"},
		{ErrBadSDP, "the phone is faulty, or something on the way changes its messages"},
		{ErrNoMedia, "widen sip.rtp.portMin to sip.rtp.portMax, or end calls"},
		{ErrNotFound, "dial a number that exists, or make a room for it"},
		{ErrEmergency, "use another telephone for emergency calls"},
		{ErrTooManyCalls, "raise sip.limits.dialogs"},
		{ErrDraining, "call again when the gateway is up"},
		{ErrBusy, "call again later"},
		{ErrDeclined, "ask the host"},
	} {
		if errors.Is(err, f.cause) {
			return f.fix
		}
	}
	return "see the log of the gateway"
}
